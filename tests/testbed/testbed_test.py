#!/usr/bin/env python3
"""Proves the testbed without a balancer: the router sends the VIPs to one backend, and each of the
client's MPTCP connections gets a second subflow, over IPv4 and IPv6, to namespaces and guests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "guest"))

# pylint: disable=wrong-import-position,import-error
from backend import FAILURES  # noqa: E402
from checks import Checks  # noqa: E402
from host import run  # noqa: E402
from testbed import PREFIX, Testbed  # noqa: E402
from token_scheme import Scheme, ff1_decrypt, ff1_encrypt  # noqa: E402
from topology import CLIENT_SECOND  # noqa: E402
from traffic import Campaign, vip_targets  # noqa: E402

VECTORS = Path(__file__).resolve().parents[2] / "tokenmap" / "testdata" / "token_vectors.txt"
PORT = 80
CONNECTIONS = 20


def try_backend(checks, bed, backend):
    """Each connection to this backend gets its second subflow from the second address."""
    kind = type(backend).__name__
    backend.serve([PORT])
    bed.route_past_the_balancer(backend)
    campaign = Campaign(bed.topology.client, vip_targets(PORT), connections=CONNECTIONS,
                        log=bed.log_path(f"client-{backend.plan.name}"), fetch_bytes=200_000)
    outcome = campaign.finish()
    checks.equal(f"{kind}: no connection breaks", [c["broken"] for c in outcome.broken], [])
    checks.equal(f"{kind}: all answer from it",
                 outcome.count(backend=backend.plan.name, last_backend=backend.plan.name),
                 CONNECTIONS)
    checks.equal(f"{kind}: half of them over IPv6", outcome.count(family=6), CONNECTIONS // 2)
    checks.equal(f"{kind}: the client's kernel counts the joins", outcome.joined, CONNECTIONS)
    counters = backend.counters()
    checks.equal(f"{kind}: so does the server's", counters["MPTcpExtMPJoinAckRx"], CONNECTIONS)
    checks.equal(f"{kind}: and finds every token", counters["MPTcpExtMPJoinNoTokenFound"], 0)
    checks.equal(f"{kind}: both ends see two subflows",
                 sum(len(c["subflows"]) == 2 and c["server_subflows"] == 2
                     for c in outcome.connections), CONNECTIONS)
    seconds = {c["subflows"][1]["local"].rsplit(":", 1)[0].strip("[]")
               for c in outcome.connections if len(c["subflows"]) == 2}
    checks.equal(f"{kind}: the second subflow comes from the second address", seconds,
                 set(CLIENT_SECOND))


def try_ends(checks):
    """A run that is told to end, or killed, leaves nothing behind."""
    here = Path(__file__)
    for number, cleaner in ((signal.SIGINT, False), (signal.SIGTERM, False),
                            (signal.SIGKILL, True)):
        with subprocess.Popen([sys.executable, "-c", (
                "from testbed import Testbed\nimport time\nwith Testbed() as bed:\n"
                "  bed.namespace_backends([1])[0].serve([80])\n"
                "  print('up', flush=True)\n  time.sleep(60)")], cwd=here.parent,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            ready = child.stdout.readline()
            child.send_signal(number)
            child.wait(30)
        if cleaner:
            run([sys.executable, str(here.parent / "testbed.py"), "clean"])
        name = signal.Signals(number).name
        checks.equal(f"{name}: it was up", ready, "up\n")
        checks.equal(f"{name}: nothing is left", leftovers(child.pid), [])


def leftovers(pid):
    """Namespaces, directories and programs of a run."""
    prefix = f"{PREFIX}{pid}"
    left = [line for line in run(["ip", "netns", "list"]).stdout.split() if prefix in line]
    left += [str(path) for path in Path("/tmp").glob(f"{PREFIX}/{prefix}*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if prefix.encode() in command and process.name != str(os.getpid()):
            left.append(command.decode(errors="replace"))
    return left


def try_twin(checks):
    """The token twin agrees with the vectors that C++ and the kernel module run too."""
    rows = [line.split() for line in VECTORS.read_text(encoding="ascii").splitlines()
            if line.startswith(("plain ", "ff1 "))]
    wrong = []
    for algorithm, r, s, pool, serial, codepoint, key, backend, _, token in rows:
        scheme = Scheme(algorithm, int(pool), int(serial), int(r), int(s), bytes.fromhex(key))
        value = int(token, 16)
        if (scheme.codepoint(value), scheme.backend_ids([value])) != (int(codepoint),
                                                                     [int(backend)]):
            wrong.append(token)
    checks.equal(f"twin: decodes {len(rows)} shared vectors", wrong, [])
    values = list(range(300))
    coded = ff1_encrypt(bytes(range(16)), b"tweak", 9, values)
    checks.equal("twin: FF1 over 9 bits comes back",
                 ff1_decrypt(bytes(range(16)), b"tweak", 9, coded), values)
    checks.equal("twin: and is one to one", len(set(coded)), len(values))


def main():
    """All of it."""
    checks = Checks()
    try:
        try_twin(checks)
        for make in (Testbed.namespace_backends, Testbed.guest_backends):
            with Testbed() as bed:
                try:
                    try_backend(checks, bed, make(bed, [3])[0])
                except FAILURES:
                    print(bed.evidence())
                    raise
        try_ends(checks)
    except FAILURES as error:
        checks.check("the test itself", False, error)
    checks.finish()


if __name__ == "__main__":
    main()
