#!/usr/bin/env python3
"""joinery-lb between network namespaces (segment.py), with datagrams of several fragments: kernels
cut them, the balancer steers each piece, kernels put them together again. With `fragments: drop`
every piece is a counted drop."""

import json
import socket
import sys

from segment import VIPS, config, expect, hosts, main, play, run, running, spawn, wait_until

PORT = 53
CLIENTS = 16  # addresses of each family
# Not net_af_packet: its sockets have the kernel put IPv4 fragments together first
# (PACKET_FANOUT_FLAG_DEFRAG), and the whole is longer than a frame.
DEVICE = "net_pcap0,iface=eth0,phy_mac=1"
SIZES = (100, 4000)  # bytes; the larger is in three pieces
PIECES = 3
TRIES = 40
ANSWER_S = 0.5  # until a datagram is sent again: the first may wait for a neighbour


def client_addresses(family):
    """The client's, on the segment."""
    text = "198.18.20.{}" if family == socket.AF_INET else "2001:db8:20::{}"
    return [text.format(100 + number) for number in range(1, CLIENTS + 1)]


def family_of(vip):
    """Of an address in text."""
    return socket.AF_INET6 if ":" in vip else socket.AF_INET


def answer(name, vip):
    """Role: answers each datagram with the host's name and as many bytes as came."""
    with socket.socket(family_of(vip), socket.SOCK_DGRAM) as server:
        server.bind((vip, PORT))
        print("listens", flush=True)
        while True:
            data, client = server.recvfrom(65536)
            server.sendto(name.encode().ljust(len(data), b"."), client)


def ask_one(source, vip, size):
    """Who answers a datagram of this size, from a port of its own; the answer is as long."""
    with socket.socket(family_of(vip), socket.SOCK_DGRAM) as client:
        client.bind((source, 0))
        client.connect((vip, PORT))
        client.settimeout(ANSWER_S)
        for _ in range(TRIES):
            client.send(bytes(size))
            try:
                data = client.recv(65536)
            except TimeoutError:
                continue
            return data.rstrip(b".").decode() if len(data) == size else f"{len(data)} bytes"
    return "nobody"


def ask():
    """Role: prints who answers each address of the client, for each size."""
    print(json.dumps({vip: {source: [ask_one(source, vip, size) for size in SIZES]
                            for source in client_addresses(family_of(vip))} for vip in VIPS}))


def send_pieces():
    """Role: sends one large datagram to each VIP and waits for nothing."""
    for vip in VIPS:
        with socket.socket(family_of(vip), socket.SOCK_DGRAM) as client:
            client.bind((client_addresses(family_of(vip))[0], 0))
            client.sendto(bytes(SIZES[-1]), (vip, PORT))


def service(directory, arguments, fragments):
    """segment.config() with the VIPs' service as UDP."""
    text = config(directory, arguments)
    return text.replace("ports: [80]", f"protocol: udp, ports: [{PORT}], fragments: {fragments}")


def check_by_address(balancer):
    """All datagrams arrive, and a client's small and large ones at one backend."""
    answers = json.loads(play("client", "ask"))
    for vip, by_client in answers.items():
        backends = [tuple(names) for names in by_client.values()]
        expect(set(sum(backends, ())) == {"b1", "b2"},
               f"{vip}: both backends answer, and nobody else")
        expect(all(len(set(names)) == 1 for names in backends),
               f"{vip}: each of {len(backends)} clients has one backend, for whole datagrams and "
               f"for {PIECES} pieces")
    drops = balancer.stats()["steer"]["drops"]
    expect(not any(drops.values()), "no decision dropped a packet")


def check_drop(balancer):
    """Pieces are counted and go nowhere."""
    balancer.reload(service(balancer.directory, balancer.arguments, "drop"))
    wait_until(lambda: balancer.stats()["steer"]["version"] == 2, "version 2")
    before = balancer.stats()["steer"]["drops"]["fragment"]
    play("client", "send_pieces")
    wait_until(lambda: balancer.stats()["steer"]["drops"]["fragment"] >= before + 2 * PIECES,
               "all pieces are counted")
    expect(balancer.stats()["steer"]["drops"]["fragment"] == before + 2 * PIECES,
           f"fragments: drop: {2 * PIECES} pieces, {2 * PIECES} counted drops")


def test(arguments):
    """All of it, in order."""
    arguments.device = DEVICE
    with hosts() as directory:
        lines = [f"address add {address}/{24 if '.' in address else 64} dev eth0 "
                 f"{'' if '.' in address else 'nodad'}"
                 for family in (socket.AF_INET, socket.AF_INET6)
                 for address in client_addresses(family)]
        run("ip", "-n", "jd-client", "-batch", "-", text="\n".join(lines) + "\n")
        servers = [spawn(name, "answer", name, vip) for name in ("b1", "b2") for vip in VIPS]
        try:
            with running(directory, arguments,
                         text=service(directory, arguments, "by_address")) as balancer:
                check_by_address(balancer)
                check_drop(balancer)
                balancer.stop()
        finally:
            for server in servers:
                server.kill()
                server.wait()


if __name__ == "__main__":
    sys.exit(main(__doc__, test, {"answer": answer, "ask": ask, "send_pieces": send_pieces}))
