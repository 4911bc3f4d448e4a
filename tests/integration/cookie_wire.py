#!/usr/bin/env python3
"""The timestamp cookie between real kernels: a server whose packets the tc programs code, a router,
a client. Transfers both ways, IPv4 and IPv6, TCP and MPTCP, arrive whole; every packet that the
server sends names it, as a twin in Python reads it from a capture; neither kernel drops a segment
for its timestamps or its checksum. The server's device hands over GSO super-packets and checksums
that the router has to complete, or the server makes both itself. SYN cookies (tcp_syncookies 0, 1,
2) keep the window scale. The epoch steps and the programs are replaced under a running transfer."""

import argparse
import hashlib
import json
import os
import secrets
import signal
import socket
import struct
import sys
import threading
from pathlib import Path

# First: it finds the testbed.
from scenario import ScenarioChecks
from capture import ETHERTYPES, Capture, read_pcap
from cookie_twin import Epoch, vector_mismatches
from host import Host, TestbedError, clean, link, parse_counters, run
from need import NeedError, debian_program, need_root, our_program
from topology import VIPS, address_lines, default_lines

PREFIX = "joinery-tb"
PORT = 80
BACKEND, ID_BITS = 77, 8
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
IPPROTO_MPTCP = 262
PROTOCOLS = {"TCP": socket.IPPROTO_TCP, "MPTCP": IPPROTO_MPTCP}
BYTES = 4_000_000
SHORT = 40  # connections of each run that only says hello
DEADLINE_S = 60
HEADER_BYTES = 14 + 40 + 60  # Ethernet, IPv6, TCP with all its options
TCP_INFO_OPTIONS, TCP_INFO_BYTES = 5, 104  # tcpi_options of linux/tcp.h
OPTION_TIMESTAMPS, OPTION_WSCALE = 1, 4
BAD = ("TcpExtPAWSActive", "TcpExtPAWSEstab", "TcpExtPAWSOldAck", "TcpExtTSEcrRejected",
       "TcpExtPAWSTimewait", "TcpInCsumErrors")


# ---- roles, each a process in its namespace

def receive(connection, count):
    """So many bytes."""
    data = bytearray()
    while len(data) < count:
        part = connection.recv(min(1 << 20, count - len(data)))
        if not part:
            raise OSError(f"closed after {len(data)} of {count} bytes")
        data += part
    return bytes(data)


def view(connection):
    """What this end's kernel holds: (timestamps are in use, the window is scaled, by how many bits
    the peer scales its own, and by how many we do)."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    options, scales = info[TCP_INFO_OPTIONS], info[TCP_INFO_OPTIONS + 1]
    return [bool(options & OPTION_TIMESTAMPS), bool(options & OPTION_WSCALE),
            scales & 15, scales >> 4]


def serve_one(connection):
    """Upload and download at once; the answer has the digest of what came, and the view from
    here."""
    with connection:
        connection.settimeout(DEADLINE_S)
        up, down = struct.unpack("!II", receive(connection, 8))
        sender = threading.Thread(target=connection.sendall, args=(bytes(down),))
        sender.start()
        digest = hashlib.sha256(receive(connection, up)).hexdigest()
        sender.join()
        answer = json.dumps([digest, view(connection)]).encode()
        connection.sendall(struct.pack("!I", len(answer)) + answer)


def server(protocol):
    """Role: serves until it is stopped."""
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, PROTOCOLS[protocol])
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", PORT))
    listener.listen(128)
    print("serves", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_one, args=(connection,), daemon=True).start()


def ask(address, protocol, up, down):
    """One connection; returns what is wrong with it, or nothing."""
    family = FAMILIES[6 if ":" in address else 4]
    data = secrets.token_bytes(up)
    with socket.socket(family, socket.SOCK_STREAM, PROTOCOLS[protocol]) as connection:
        connection.settimeout(DEADLINE_S)
        connection.connect((address, PORT))
        sender = threading.Thread(
            target=connection.sendall, args=(struct.pack("!II", up, down) + data,))
        sender.start()
        whole = receive(connection, down) == bytes(down)
        sender.join()
        length, = struct.unpack("!I", receive(connection, 4))
        digest, theirs = json.loads(receive(connection, length))
        ours = view(connection)
    if not whole or digest != hashlib.sha256(data).hexdigest():
        return "other bytes arrived"
    # Each end knows both scales, of which the SYN cookie's ACK returns the client's.
    if ours[:2] != [True, True] or theirs != [True, True, ours[3], ours[2]]:
        return f"the server sees {theirs}, the client {ours}"
    return ""


def client(address, protocol, count, up, down):
    """Role: `count` connections, one after the other; prints what was wrong with each."""
    wrong = []
    for _ in range(count):
        try:
            wrong.append(ask(address, protocol, up, down))
        except OSError as error:
            wrong.append(str(error))
    print(json.dumps([text for text in wrong if text]))


# ---- the world

class World:
    """Client, router, server; the VIPs are on the server's lo."""

    def __init__(self, directory):
        self.prefix, self.directory = f"{PREFIX}{os.getpid()}", directory
        self.hosts = []
        self.client, self.router, self.server = (self._host(role)
                                                 for role in ("client", "router", "server"))
        link(self.client, "eth0", self.router, "a")
        link(self.router, "b", self.server, "eth0")
        for host, device, number, last in ((self.client, "eth0", 1, 2), (self.router, "a", 1, 1),
                                           (self.router, "b", 2, 1), (self.server, "eth0", 2, 2)):
            host.ip(*address_lines(device, (f"198.18.{number}.{last}",
                                            f"2001:db8:{number}::{last}")))
        self.router.sysctl({"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1})
        for host, number in ((self.client, 1), (self.server, 2)):
            host.ip(*default_lines((f"198.18.{number}.1", f"2001:db8:{number}::1")))
        self.server.ip(*address_lines("lo", VIPS, (32, 128)))
        self.router.ip(f"route add {VIPS[0]} via 198.18.2.2",
                       f"route add {VIPS[1]} via 2001:db8:2::2")
        self.keys = {serial: secrets.token_bytes(16) for serial in (9, 10)}

    def _host(self, role):
        self.hosts.append(Host(self.prefix, role))
        return self.hosts[-1]

    def offloads(self, state):
        """Whether the server leaves segmentation and checksums to those behind it."""
        self.server.run("ethtool", "-K", "eth0", "tx", state, "tso", state, "gso", state)

    def cookie(self, *arguments):
        """cookie-attach on the server; returns its counters."""
        done = self.server.run(our_program("cookie-attach"), "--pins", f"{self.directory}/bpf",
                               "--device", "eth0", *arguments)
        return json.loads(done.stdout) if done.stdout else {}

    def attach(self, writing, live):
        """Loads, tells and attaches the programs, as a new process each time."""
        epochs = [word for serial in live
                  for word in ("--epoch", f"{serial}={self.keys[serial].hex()}")]
        vips = [word for vip in VIPS for word in ("--vip", vip)]
        return self.cookie(*vips, "--port", str(PORT), "--id", str(BACKEND), *epochs,
                           "--writing", str(writing))

    def bad(self):
        """The counters that must not rise, of both kernels."""
        found = {}
        for host in (self.client, self.server):
            snmp = parse_counters(host.run("cat", "/proc/net/snmp").stdout)
            counters = {**host.counters(), **snmp}
            found |= {f"{host.role} {name}": counters[name] for name in BAD if counters.get(name)}
        return found

    def role(self, host, *arguments):
        """The command line of a role here."""
        return host.enter() + [sys.executable, __file__, *map(str, arguments)]

    def serve(self, protocol):
        """Starts the server."""
        process = self.server.spawn([sys.executable, __file__, "server", protocol],
                                    f"{self.directory}/server-{protocol}.log")
        process.wait_for_output("serves", 10)
        return process

    def ask(self, address, protocol, count, up, down):
        """What was wrong with so many connections."""
        done = run(self.role(self.client, "client", address, protocol, count, up, down),
                   deadline_s=2 * DEADLINE_S)
        return json.loads(done.stdout)

    def close(self):
        """Removes all."""
        for host in reversed(self.hosts):
            host.close()


def timestamps(frame):
    """(flow as the twin wants it, TSval) of a TCP frame from the VIPs, or None."""
    packet = frame[14:]
    if ETHERTYPES.get(int.from_bytes(frame[12:14], "big")) == 4:
        tcp, family = packet[(packet[0] & 15) * 4:], socket.AF_INET
        source, destination = packet[12:16], packet[16:20]
    else:
        tcp, family = packet[40:], socket.AF_INET6
        source, destination = packet[8:24], packet[24:40]
    vip, peer = (socket.inet_ntop(family, address) for address in (source, destination))
    if vip not in VIPS:
        return None
    vip_port, port = struct.unpack_from("!HH", tcp)
    options = tcp[20:(tcp[12] >> 4) * 4]
    while options and options[0] != 0:
        if options[0] == 1:
            options = options[1:]
        elif options[0] == 8:
            return (peer, port, vip, vip_port), int.from_bytes(options[2:6], "big")
        else:
            options = options[options[1]:]
    return None


class Reader:
    """Which backend the packets of a capture name; caches, since many of a flow share a value."""

    def __init__(self, keys):
        self._epochs = [Epoch(ID_BITS, serial, key) for serial, key in keys.items()]
        self._known = {}
        self.by_epoch = {epoch.serial: 0 for epoch in self._epochs}

    def foreign(self, path):
        """(coded packets, values that name another backend or none)."""
        count, wrong = 0, []
        for flow, value in filter(None, map(timestamps, read_pcap(path))):
            count += 1
            if (flow, value) not in self._known:
                self._known[flow, value] = self._read(flow, value)
            serial = self._known[flow, value]
            if serial is None:
                wrong.append((flow, hex(value)))
            else:
                self.by_epoch[serial] += 1
        return count, wrong

    def _read(self, flow, value):
        return next((epoch.serial for epoch in self._epochs
                     if epoch.decode(flow, value) == BACKEND), None)


# ---- the scenario

def transfers(world, checks):
    """All protocols and families, by either way of making segments and checksums."""
    for offloads in ("on", "off"):
        world.offloads(offloads)
        for protocol in PROTOCOLS:
            service = world.serve(protocol)
            for vip in VIPS:
                checks.equal(f"{protocol} to {vip}, offloads {offloads}: all bytes, both ways",
                             world.ask(vip, protocol, 3, BYTES, BYTES), [])
            service.stop()


def syn_cookies(world, checks):
    """Short connections, with SYN cookies off, as needed and always."""
    service = world.serve("MPTCP")
    for mode in (0, 1, 2):
        world.server.sysctl({"net.ipv4.tcp_syncookies": mode})
        before = world.cookie("--count")
        for vip in VIPS:
            checks.equal(f"tcp_syncookies={mode}: {SHORT} connections to {vip}, window scale kept",
                         world.ask(vip, "MPTCP", SHORT, 1000, 1000), [])
        returned = world.cookie("--count")["ingress_returned"] - before["ingress_returned"]
        checks.check(f"tcp_syncookies={mode}: listeners got SYN bits only where SYN cookies are",
                     returned >= 2 * SHORT if mode == 2 else returned == 0, f"{returned} times")
    world.server.sysctl({"net.ipv4.tcp_syncookies": 1})
    service.stop()


def next_epoch(world, checks):
    """A restart of the loading process and an epoch step, while bytes flow."""
    service = world.serve("TCP")
    asked = []
    running = [threading.Thread(target=lambda vip=vip: asked.extend(
        world.ask(vip, "TCP", 6, 5 * BYTES, 5 * BYTES))) for vip in VIPS]
    for thread in running:
        thread.start()
    world.attach(writing=9, live=(9, 10))
    world.attach(writing=10, live=(9, 10))
    under_way = sum(thread.is_alive() for thread in running)
    for thread in running:
        thread.join()
    checks.equal("the epoch steps while both transfers are under way", under_way, 2)
    checks.equal("transfers over a restart and an epoch step: all bytes", asked, [])
    service.stop()


def scenario(world, checks):
    """The whole of it."""
    checks.equal("the twin in Python meets the shared vectors", vector_mismatches(), [])
    checks.equal("nothing is counted before", sum(world.attach(writing=9, live=(9,)).values()), 0)
    capture = Capture(world.client, "eth0", world.directory, "client", frame_bytes=HEADER_BYTES)
    transfers(world, checks)
    syn_cookies(world, checks)
    next_epoch(world, checks)
    capture.stop()
    reader = Reader(world.keys)
    count, wrong = reader.foreign(capture.path)
    checks.check(f"all packets from the VIPs name the backend: {count}",
                 count > 10_000 and not wrong, wrong[:5])
    checks.check(f"under both epochs: {reader.by_epoch}", all(reader.by_epoch.values()))
    checks.equal("nothing was dropped for its timestamps or checksum", world.bad(), {})
    counts = world.cookie("--count")
    checks.note(f"counted by the programs: {counts}")
    checks.equal("no segment was malformed, no change refused",
                 [name for name, value in counts.items()
                  if value and name.endswith(("bad_options", "failed", "no_epoch"))], [])
    world.cookie("--detach")
    checks.equal("detached", world.server.run("tc", "filter", "show", "dev", "eth0", "egress")
                 .stdout, "")


def run_in_world():
    """Makes and removes what the scenario needs."""
    checks = ScenarioChecks()
    base = Path("/tmp") / f"{PREFIX}{os.getpid()}"
    pins = base / "bpf"
    world = None
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # On one CPU, since veth queues a packet on the CPU that sends it: a sender that moves overtakes
    # itself, and the receiver's PAWS drops for it, with and without cookies.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        need_root()
        for program in ("ip", "nsenter", "sysctl", "ethtool", "dumpcap"):
            debian_program(program)
        pins.mkdir(parents=True, mode=0o700)
        run(["mount", "-t", "bpf", "bpf", str(pins)])
        world = World(str(base))
        scenario(world, checks)
    except (TestbedError, NeedError, OSError, ValueError) as error:
        checks.check("the scenario itself", False, f"{type(error).__name__}: {error}")
    finally:
        if world is not None:
            world.close()
        clean(f"{PREFIX}{os.getpid()}")  # of a world that was not finished
        run(["umount", str(pins)], check=False)
        if checks.all_hold:
            run(["rm", "-rf", "--one-file-system", str(base)], check=False)
    checks.finish()


def main():
    """The command line: a role, or nothing for the scenario."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    roles = parser.add_subparsers(dest="role")
    for name in ("server", "client"):
        role = roles.add_parser(name)
        if name == "client":
            role.add_argument("address")
        role.add_argument("protocol", choices=PROTOCOLS)
        if name == "client":
            for number in ("count", "up", "down"):
                role.add_argument(number, type=int)
    args = parser.parse_args()
    if args.role == "server":
        server(args.protocol)
    elif args.role == "client":
        client(args.address, args.protocol, args.count, args.up, args.down)
    else:
        run_in_world()


if __name__ == "__main__":
    main()
