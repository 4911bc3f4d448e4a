#!/usr/bin/env python3
"""The kernel module in a guest with Debian's stock kernel: what it promises, and what it refuses.

All connections stay on the guest's loopback interface; the guest has no network card.
"""

import dataclasses
import re
import struct
import sys
import time

from guest import GuestError
from module_guest import MODULE, ROOT, run

sys.path.append(str(ROOT / "tests" / "testbed"))

from token_scheme import Scheme  # noqa: E402

DEVICE = "/dev/joinery_token"
PROGRAMS = {"/m/joinery-kmod": "//backend/kmod/loader:joinery-kmod",
            "/m/mptcp_pairs": "//tests/guest:mptcp_pairs"}
# On one CPU: when the ACK with a SYN cookie and the first data are on two, the stock kernel breaks
# one connection in some thousands, with and without the module.
PAIRS = "taskset 1 /m/mptcp_pairs"
CONNECTIONS = 500
POOL_DEADLINE_S = 120
JOIN_DEADLINE_MS = 5000
SECOND = "127.0.0.2"  # any address of 127.0.0.0/8 is there
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
OTHER_KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d7781")

# struct joinery_token_scheme of backend/kmod/joinery_token_abi.h.
ABI = struct.Struct("=IHHIHBBQBB6s16s")
ABI_FIELDS = {"magic": 0x4a544b4e, "schema": 1, "command": 1, "pool": 1, "backend": 5,
              "algorithm": 1, "generation_bits": 2, "serial": 1, "id_bits": 4, "codepoint": 0,
              "reserved": bytes(6), "key": KEY}
ZERO = {"pool": 0, "backend": 0, "algorithm": 0, "generation_bits": 0, "serial": 0, "id_bits": 0,
        "key": bytes(16)}


def abi(**changes):
    """The bytes of a scheme that is valid but for the changes."""
    return ABI.pack(*{**ABI_FIELDS, **changes}.values())


REFUSED_WRITES = {
    "one byte short": abi()[:-1],
    "one byte long": abi() + b"\0",
    "two schemes at once": abi() * 2,
    "magic": abi(magic=0x4a544b4f),
    "schema 0": abi(schema=0),
    "schema 2": abi(schema=2),
    "command 2": abi(command=2),
    "algorithm 2": abi(algorithm=2),
    "r = 1": abi(generation_bits=1),
    "r = 4": abi(generation_bits=4),
    "s = 0": abi(id_bits=0, backend=0),
    "r + s = 13": abi(id_bits=11),
    "reserved codepoint": abi(codepoint=3),
    "codepoint beyond r": abi(codepoint=4),
    "ID of s + 1 bits": abi(backend=16),
    "a reserved byte": abi(reserved=b"\0\0\0\0\0\1"),
    "plain with a key": abi(algorithm=0),
    "clear with a pool": abi(**{**ZERO, "command": 0, "pool": 1}),
    "clear with a key": abi(**{**ZERO, "command": 0, "key": KEY}),
}


@dataclasses.dataclass(frozen=True)
class Issuer:
    """What the module is told: a scheme, its active generation's codepoint, the own ID."""

    scheme: Scheme
    codepoint: int
    backend: int

    def issued(self, tokens):
        """The tokens that name this backend under this generation, as a set."""
        mine = [token for token in tokens if self.scheme.codepoint(token) == self.codepoint]
        ids = self.scheme.backend_ids(mine)
        return {token for token, identity in zip(mine, ids) if identity == self.backend}


class Module:
    """The module in the guest, by its loader and its device."""

    def __init__(self, guest):
        self.guest = guest

    def load(self):
        """Loads it with the kernel's own layout and the self test."""
        self.guest.check(f"/m/joinery-kmod load --module {MODULE} --selftest")

    def unload(self):
        """Unloads it."""
        self.guest.check("/m/joinery-kmod unload")

    def status(self):
        """The lines of its status as a dictionary; numbers as integers."""
        pairs = (line.split(" ", 1) for line in
                 self.guest.check("/m/joinery-kmod status").splitlines())
        return {name: int(value) if value.isdigit() else value for name, value in pairs}

    def set_scheme(self, issuer):
        """Sets a scheme through the loader."""
        scheme = issuer.scheme
        self.guest.put(scheme.key.hex().encode() + b"\n", "/key", 0o600)
        self.guest.check(
            f"/m/joinery-kmod scheme --pool {scheme.pool_id} --id {issuer.backend} "
            f"--r {scheme.generation_bits} --s {scheme.id_bits} --serial {scheme.serial} "
            f"--codepoint {issuer.codepoint} --algorithm {scheme.algorithm} --key-file /key")

    def wait_keys(self, count):
        """Waits until the pool has this many keys; returns its status."""
        deadline = time.monotonic() + POOL_DEADLINE_S
        while True:
            status = self.status()
            if status["keys"] >= count:
                return status
            if time.monotonic() > deadline:
                raise GuestError(f"{status['keys']} of {count} keys after {POOL_DEADLINE_S} s")

    def write(self, content):
        """Writes bytes to the device in one write; returns dd's status."""
        self.guest.put(content, "/request")
        return self.guest.run(f"dd if=/request of={DEVICE} bs=4096 count=1 conv=notrunc")[0]


class Connections:
    """What mptcp_pairs said."""

    def __init__(self, text):
        found = re.findall(r"^token (\w+) subflows (\d+)$", text, re.MULTILINE)
        self.tokens = [int(token, 16) for token, _ in found]
        self.joined = sum(subflows != "0" for _, subflows in found)
        self.plain = text.count("plain TCP")
        rate = re.search(r"^rate (\d+) ", text, re.MULTILINE)
        self.rate = int(rate.group(1)) if rate else 0

    def reserved(self, r):
        """How many tokens have the codepoint of all ones."""
        return sum(token >> (32 - r) == (1 << r) - 1 for token in self.tokens)


def connect(guest, count, address="127.0.0.1", join_ms=0):
    """Opens MPTCP connections in the guest and returns what became of them.

    With join_ms each waits so long for a subflow from a second address."""
    if not join_ms:
        return Connections(guest.check(f"{PAIRS} {count} {address}"))
    guest.check(f"ip mptcp limits set subflow 2; ip mptcp endpoint add {SECOND} dev lo subflow")
    connections = Connections(guest.check(f"{PAIRS} {count} {address} {join_ms}"))
    guest.check("ip mptcp endpoint flush")
    return connections


def start_load(guest):
    """Connections without end in the background, into a file."""
    guest.check(": > /tmp/load; /m/mptcp_pairs 1000000 >> /tmp/load 2>&1 & echo $! > /tmp/load.pid")
    wait_load(guest, 20)


def load_lines(guest):
    """How many connections the background load has made, as far as it has been written."""
    return int(guest.check("wc -l < /tmp/load"))


def wait_load(guest, more):
    """Waits until the background load has made that many more connections."""
    goal = load_lines(guest) + more
    deadline = time.monotonic() + POOL_DEADLINE_S
    while load_lines(guest) < goal:
        if time.monotonic() > deadline:
            raise GuestError("the background load does not go on: " + guest.check("tail /tmp/load"))


def stop_load(guest):
    """Ends the background load; returns what it did and whether it ran until now."""
    alive = guest.run("kill $(cat /tmp/load.pid)")[0] == 0
    return Connections(guest.check("cat /tmp/load")), alive


def try_refusals(checks, guest, layout):
    """Loads that must fail, each with its reason in the kernel's log."""
    def insmod(parameters):
        status = guest.run(f"insmod {MODULE} {parameters}")[0]
        return status, guest.check("dmesg | grep 'joinery_token: refused' | tail -n 1")

    def with_changes(**changes):
        return " ".join(f"{name}={value}" for name, value in {**layout, **changes}.items())

    rows = {
        "without offsets": ("", "key_offset=0"),
        "without the key's offset": (with_changes(key_offset=0), "key_offset=0"),
        "offset inside the public structure": (with_changes(key_offset=8), "key_offset=8"),
        "offset not aligned": (with_changes(token_offset=329), "token_offset=329"),
        "offset too large": (with_changes(idsn_offset=4096), "idsn_offset=4096"),
        "equal offsets": (with_changes(key_offset=layout["idsn_offset"]), "equal"),
        "flag's bit too large": (with_changes(join_bit=99999), "join_bit"),
    }
    for name, (parameters, reason) in rows.items():
        status, said = insmod(parameters)
        checks.check(f"refuses to load: {name}", status != 0 and reason in said,
                     f"status {status}, log: {said}")
    checks.check("refused loads leave nothing", guest.run(f"test -e {DEVICE}")[0] != 0)


def try_wrong_layout(checks, guest, layout):
    """Offsets that look right and are not: seen before anything is written."""
    wrong = {**layout, "key_offset": layout["token_offset"] + 8}
    guest.check(f"insmod {MODULE} " + " ".join(f"{k}={v}" for k, v in wrong.items()))
    connections = connect(guest, 20)
    status = Module(guest).status()
    checks.equal("a plausible wrong offset: connections go on", len(connections.tokens), 20)
    checks.equal("  and every one is counted as layout_mismatch", status["layout_mismatch"], 20)
    checks.equal("  and no key was given out", status["reserved_no_scheme"], 0)
    Module(guest).unload()


def try_no_scheme(checks, guest, module):
    """Before a scheme: the reserved codepoint and the C flag."""
    connections = connect(guest, 50)
    checks.equal("no scheme: every token has the reserved codepoint", connections.reserved(3), 50)
    checks.equal("  counted", module.status()["reserved_no_scheme"], 50)
    checks.equal("  the C flag keeps clients from joining",
                 connect(guest, 3, join_ms=300).joined, 0)


def try_scheme(checks, guest, module, issuer, count, address="127.0.0.1", join_ms=0):
    """All of `count` connections name the backend."""
    before = module.wait_keys(count)
    connections = connect(guest, count, address, join_ms)
    after = module.status()
    used = (after["used_syn"] + after["used_syn_cookie"]
            - before["used_syn"] - before["used_syn_cookie"])
    scheme = issuer.scheme
    what = f"{scheme.algorithm} r={scheme.generation_bits} s={scheme.id_bits}, {address}"
    checks.equal(f"{what}: different tokens that name the backend",
                 f"{len(issuer.issued(connections.tokens))} of {len(connections.tokens)}",
                 f"{count} of {count}")
    checks.equal("  each from a key of its own", used, count)
    if join_ms:
        checks.equal("  every one has a joined subflow", connections.joined, count)
    return before, after


def try_syncookies(checks, guest, module, issuer):
    """The same with SYN cookies off, allowed and always."""
    for cookies in (0, 1, 2):
        guest.check(f"sysctl -q -w net.ipv4.tcp_syncookies={cookies}")
        checks.note(f"net.ipv4.tcp_syncookies={cookies}")
        before, after = try_scheme(checks, guest, module, issuer, CONNECTIONS)
        by_cookie = CONNECTIONS if cookies == 2 else 0
        checks.equal("  by SYN cookie, and keys of cookie ACKs left alone",
                     (after["used_syn_cookie"] - before["used_syn_cookie"],
                      after["cookie_ack_skipped"] - before["cookie_ack_skipped"]),
                     (by_cookie, by_cookie))
        try_scheme(checks, guest, module, issuer, 50, "::1")
        try_scheme(checks, guest, module, issuer, 20, join_ms=JOIN_DEADLINE_MS)
    guest.check("sysctl -q -w net.ipv4.tcp_syncookies=1")


def try_traced(checks, guest, module, issuer):
    """A return probe on the function that the module probes hides who called it."""
    trace = "/sys/kernel/tracing"
    guest.check(f"mount -t tracefs tracefs {trace}; cd {trace}; "
                "echo 'r:traced mptcp_crypto_key_sha' > kprobe_events; "
                "echo 1 > events/kprobes/traced/enable")
    try_scheme(checks, guest, module, issuer, 20)
    guest.check("sysctl -q -w net.ipv4.tcp_syncookies=2")
    before = module.status()
    connections = connect(guest, 20)
    after = module.status()
    checks.equal("  traced, by SYN cookie: connections go on", len(connections.tokens), 20)
    checks.equal("  with the kernel's own keys, counted",
                 after["unknown_caller"] - before["unknown_caller"], 40)  # SYN/ACK and ACK
    guest.check(f"sysctl -q -w net.ipv4.tcp_syncookies=1; cd {trace}; "
                "echo 0 > events/kprobes/traced/enable; echo > kprobe_events")


def try_writes(checks, guest, module):
    """Writes that must be refused, as a whole."""
    before = module.status()
    for name, content in REFUSED_WRITES.items():
        checks.check(f"refuses to write: {name}", module.write(content) != 0)
    after = module.status()
    checks.equal("  counted", after["writes_refused"] - before["writes_refused"],
                 len(REFUSED_WRITES))
    fields = ("scheme", "algorithm", "backend", "codepoint", "serial", "keys_flushed")
    checks.equal("  and the scheme stays", [after[f] for f in fields], [before[f] for f in fields])
    checks.equal("the device's mode", guest.check(f"stat -c %a {DEVICE}"), "600\n")
    text = guest.check(f"cat {DEVICE}")
    checks.check("its text has no key", KEY.hex() not in text and OTHER_KEY.hex() not in text)


def try_serials(checks, module, restore):
    """A codepoint gets another key only with a greater serial."""
    incarnation = module.status()["incarnation"]
    rows = [("serial 5", abi(pool=9, serial=5), True),
            ("the same again", abi(pool=9, serial=5), True),
            ("another key under the same serial", abi(pool=9, serial=5, key=OTHER_KEY), False),
            ("a lower serial", abi(pool=9, serial=4), False),
            ("a lower serial under another codepoint", abi(pool=9, serial=4, codepoint=1), True),
            ("back to the first", abi(pool=9, serial=5), True),
            ("another key under a greater serial", abi(pool=9, serial=6, key=OTHER_KEY), True),
            ("the serial before it", abi(pool=9, serial=5), False)]
    for name, content, taken in rows:
        checks.equal(f"{'takes' if taken else 'refuses'} {name}", module.write(content) == 0, taken)
    status = module.status()
    checks.equal("  what was taken last is in force", (status["pool"], status["serial"]), (9, 6))
    module.guest.check("/m/joinery-kmod clear")
    checks.check("  also after a clear", module.write(abi(pool=9, serial=5)) != 0)
    checks.equal("the incarnation stays", module.status()["incarnation"], incarnation)
    module.unload()
    module.load()
    checks.check("  and is another after a load", module.status()["incarnation"] != incarnation)
    checks.check("  which forgets serials", module.write(abi(pool=9, serial=5)) == 0)
    module.set_scheme(restore)


def try_switch(checks, guest, module, old, new):
    """Another scheme, then none, while connections come in one after the other.

    One connection may be under way when a change returns; none after it may show the old state."""
    module.set_scheme(old)
    module.wait_keys(2000)
    start_load(guest)
    changed = load_lines(guest)
    module.set_scheme(new)
    switched = load_lines(guest) + 1
    wait_load(guest, 100)
    guest.check("/m/joinery-kmod clear")
    cleared = load_lines(guest) + 1
    wait_load(guest, 50)
    connections, alive = stop_load(guest)
    checks.check("connections go on while the scheme changes", alive and not connections.plain)
    by_old, by_new = old.issued(connections.tokens), new.issued(connections.tokens)
    kinds = ["old" if token in by_old else "new" if token in by_new else
             "reserved" if token >> 30 == 3 else "random" for token in connections.tokens]
    checks.equal("  before the change all name the old backend", set(kinds[:changed]), {"old"})
    after = kinds[switched:cleared - 1]
    checks.check(f"  after it {after.count('new')} name the new one, the others none",
                 "new" in after and set(after) <= {"new", "reserved"}, after)
    checks.equal("  without a scheme none names a backend", set(kinds[cleared:]), {"reserved"})


def note_rates(checks, guest, module, issuer):
    """Connections a second with a full pool, so that nothing fills it, and without the module."""
    before = module.status()
    module.set_scheme(issuer)
    after = module.wait_keys(before["keys_max"])
    tries, keys = (after[name] - before[name] for name in ("tries", "keys_filled"))
    with_pool = connect(guest, CONNECTIONS).rate
    module.unload()
    without = connect(guest, CONNECTIONS).rate
    checks.note(f"{without} connections/s without the module, {with_pool} with a full pool "
                f"(interpreted processor); {tries / keys:.0f} tries a key")
    module.load()


def try_unload(checks, guest, module, issuer):
    """Loads and unloads while connections come in."""
    start_load(guest)
    for _ in range(3):
        module.unload()
        wait_load(guest, 20)
        module.load()
        module.set_scheme(issuer)
        wait_load(guest, 20)
    module.unload()
    wait_load(guest, 20)
    connections, alive = stop_load(guest)
    checks.check("three loads and four unloads under load: connections go on",
                 alive and not connections.plain and len(connections.tokens) > 100)


def try_all(checks, guest):
    """The whole life of a module."""
    module = Module(guest)
    module.load()
    parameters = guest.check("cd /sys/module/joinery_token/parameters; grep . *_offset join_bit")
    layout = {name: int(value) for name, value in
              (line.split(":") for line in parameters.splitlines())}
    checks.equal("loads with the layout of the kernel's BTF", sorted(layout),
                 ["idsn_offset", "join_bit", "key_offset", "token_offset"])
    checks.note(f"it is {layout}")
    checks.check("the vectors hold in the kernel",
                 "vectors hold" in guest.check("dmesg | grep 'joinery_token: self test'"))
    module.unload()
    try_refusals(checks, guest, layout)
    try_wrong_layout(checks, guest, layout)
    module.load()
    try_no_scheme(checks, guest, module)

    first = Issuer(Scheme("ff1", pool_id=1, serial=1, generation_bits=2, id_bits=4, key=KEY),
                   codepoint=0, backend=5)
    second = Issuer(Scheme("ff1", pool_id=1, serial=2, generation_bits=2, id_bits=4,
                           key=OTHER_KEY), codepoint=1, backend=9)
    wide = Issuer(Scheme("plain", pool_id=7, serial=3, generation_bits=3, id_bits=9,
                         key=bytes(16)), codepoint=6, backend=300)
    module.set_scheme(first)
    try_syncookies(checks, guest, module, first)
    try_traced(checks, guest, module, first)
    try_writes(checks, guest, module)
    try_serials(checks, module, first)
    module.set_scheme(wide)
    try_scheme(checks, guest, module, wide, 20)
    try_switch(checks, guest, module, first, second)
    note_rates(checks, guest, module, first)
    try_unload(checks, guest, module, second)
    counters = guest.check("nstat -az MPTcpExtMPJoinAckHMacFailure MPTcpExtMPJoinNoTokenFound")
    checks.equal("no join failed by its HMAC or its token",
                 re.findall(r"^MPTcpExtMPJoin\w+ +(\d+)", counters, re.MULTILINE), ["0", "0"])
    trouble = guest.run("dmesg | grep -E 'BUG|WARNING|Oops|Call Trace|refcount'")[1]
    checks.equal("the kernel's log has no trouble", trouble, "")


if __name__ == "__main__":
    run("kmod", __doc__, PROGRAMS, try_all)
