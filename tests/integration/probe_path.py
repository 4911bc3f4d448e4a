#!/usr/bin/env python3
"""Health checks on the path of client traffic: joinery-probe connects to the VIPs through a TUN
device, brings each packet to the backend as a balancer would, and the backend answers straight. A
backend that only misses a VIP, a listener or MPTCP is found out, which a check of its own address
would not see."""

import ctypes
import socket
import struct
import threading

from scenario import PORT, run_scenario
from host import run, wait_until
from need import our_program
from topology import LAN_ROUTER, VIPS, address_lines, default_lines, lan_addresses

DEVICE = "joinery-check"
TABLE = 201
PROBER = 40  # host of the LAN
SOURCES = ("198.18.77.0/24", "2001:db8:77::/64")
UP, DOWN = 0, 1
TUNNEL_PROTOCOLS = {"ipip": 4, "gue": 17}
GUE_PORT = 6080
OUTER_IPV4 = 20
PLAIN_PORT = 8080
ANSWER_S = 10
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None)


def prober_host(bed):
    """A host of the LAN whose routes lead what comes from the source addresses into the device,
    as docs/operations.md says."""
    host = bed.topology.host("prober")
    bed.topology.plug(host, PROBER)
    host.ip("link set dev eth0 up", *address_lines("eth0", lan_addresses(PROBER)),
            *default_lines(lan_addresses(LAN_ROUTER)),
            f"tuntap add dev {DEVICE} mode tun", f"link set dev {DEVICE} up",
            f"route add local {SOURCES[0]} dev lo", f"rule add from {SOURCES[0]} lookup {TABLE}",
            f"route add default dev {DEVICE} table {TABLE}")
    host.ip(f"route add local {SOURCES[1]} dev lo", f"rule add from {SOURCES[1]} lookup {TABLE}",
            f"route add default dev {DEVICE} table {TABLE}", family=6)
    for source, gateway in zip(SOURCES, lan_addresses(PROBER)):
        bed.topology.router.ip(f"route add {source} via {gateway}")
    return host


def probe(host, backend, vip, check, *, port=PORT, encap="l2", options=()):
    """(exit status, what it said)."""
    done = run(host.enter() + [
        our_program("joinery-probe"), "--device", DEVICE, "--source", SOURCES[0], "--source",
        SOURCES[1], "--backend", backend, "--encap", encap, "--vip", vip, "--port", str(port),
        "--check", check, *options], check=False)
    return done.returncode, done.stdout + done.stderr


def expect(checks, name, answer, status, words):
    """Up or down, and why."""
    checks.check(name, answer[0] == status and words in answer[1], answer)


def http_server(bed, backend):
    """A web server without MPTCP on every address of the backend."""
    process = backend.host.spawn(
        ["python3", "-u", "-m", "http.server", str(PLAIN_PORT), "--bind", "::"],
        bed.log_path(f"{backend.plan.name}-http"))
    process.wait_for_output("Serving HTTP", ANSWER_S)


def try_checks(checks, host, backend):
    """Every check, both families, up and down."""
    address = backend.plan.address
    for vip in VIPS:
        expect(checks, f"tcp to {vip}", probe(host, address, vip, "tcp"), UP, "connected")
        expect(checks, f"mptcp to {vip}", probe(host, address, vip, "mptcp"), UP, "token")
        expect(checks, f"tcp to a closed port of {vip}",
               probe(host, address, vip, "tcp", port=81), DOWN, "refused")
        expect(checks, f"mptcp to a closed port of {vip}",
               probe(host, address, vip, "mptcp", port=81), DOWN, "nothing listens")
        expect(checks, f"http to {vip}", probe(host, address, vip, "http", port=PLAIN_PORT), UP,
               "HTTP status 200")
        expect(checks, f"http to {vip}: the body is looked at",
               probe(host, address, vip, "http", port=PLAIN_PORT,
                     options=["--body", "no such words"]), DOWN, "does not hold")
        expect(checks, f"http to {vip}: the status is looked at",
               probe(host, address, vip, "http", port=PLAIN_PORT,
                     options=["--path", "/nowhere"]), DOWN, "HTTP status 404")
        expect(checks, f"a plain TCP listener of {vip} speaks no MPTCP",
               probe(host, address, vip, "mptcp", port=PLAIN_PORT), DOWN, "plain TCP")


def raw_socket_in(host, protocol):
    """A socket that sees the packets of an IP protocol which reach a host: a socket belongs to the
    namespace that its thread was in."""
    made = []

    def make():
        with open(f"/run/netns/{host.netns}", encoding="ascii") as namespace:
            if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                return
        made.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def outer_packet(backend, host, encap):
    """What arrives at the backend when a check goes through a tunnel."""
    caught = []
    listener = raw_socket_in(backend.host, TUNNEL_PROTOCOLS[encap])
    listener.settimeout(ANSWER_S)

    def catch():
        try:
            caught.append(listener.recv(65536))
        except socket.timeout:
            pass

    thread = threading.Thread(target=catch)
    thread.start()
    probe(host, lan_addresses(backend.plan.number)[0], VIPS[0], "mptcp", encap=encap,
          options=["--timeout-ms", "200"])
    thread.join()
    listener.close()
    return caught[0] if caught else b""


def try_tunnels(checks, host, backend):
    """The outer headers are a balancer's: this kernel has no tunnel devices to take them off, so
    the packet itself is looked at."""
    for encap in TUNNEL_PROTOCOLS:
        packet = outer_packet(backend, host, encap)
        inner = packet[OUTER_IPV4:]
        if encap == "gue" and len(inner) >= 8:
            checks.equal("gue: to the tunnel's port", struct.unpack(">H", inner[2:4])[0], GUE_PORT)
            inner = inner[8:]
        checks.equal(f"{encap}: the inner packet is for the VIP", inner[16:20],
                     socket.inet_aton(VIPS[0]))


def body(bed, checks):
    """The scenario."""
    backend = bed.namespace_backends([7])[0]
    backend.serve([PORT])
    http_server(bed, backend)
    host = prober_host(bed)
    wait_until(lambda: probe(host, backend.plan.address, VIPS[0], "tcp")[0] == UP, ANSWER_S,
               "the path works")
    try_checks(checks, host, backend)
    try_tunnels(checks, host, backend)
    backend.host.ip(f"address delete {VIPS[0]}/32 dev lo")
    expect(checks, "a backend without the VIP is down",
           probe(host, backend.plan.address, VIPS[0], "tcp"), DOWN, "")
    expect(checks, "its other VIP is up", probe(host, backend.plan.address, VIPS[1], "tcp"), UP, "")
    expect(checks, "a backend that is not there is down",
           probe(host, lan_addresses(99)[0], VIPS[1], "tcp"), DOWN, "")


if __name__ == "__main__":
    run_scenario(body)
