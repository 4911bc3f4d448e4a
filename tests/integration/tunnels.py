#!/usr/bin/env python3
"""Tunnels to real kernels: joinery-lb encapsulates (ipip: 4in4, 6in4, 4in6, 6in6; gue over IPv4
and IPv6), Debian's stock kernel takes the outer headers off with its own devices. MPTCP connections
with joins are answered through each of them, every packet comes out of the device it should, and
packets as long as the tunnel allows get through; a client whose packets are longer hears so from
the balancer."""

from dataclasses import dataclass, replace
from pathlib import Path

from scenario import PORT, WORKERS, counters_of, module_backends, run_scenario, total
from backend import side_by_side
from host import wait_until
from topology import LAN_ROUTER, VIPS, lan_addresses
from traffic import Campaign, growth, vip_targets

BACKENDS = 2
CONNECTIONS = 12
FETCH_BYTES = 20_000
SETTLE_S = 10
MODULES = ("ipip", "sit", "ip6_tunnel", "fou")
DEVICES = ("tun44", "tun64", "tun6")
UDP = ("UdpInDatagrams", "Udp6InDatagrams")
GUE_PORT = 6080
MTU = 1500
IP_BYTES = {4: 20, 6: 40}
TCP_BYTES = 20
TIMESTAMP_BYTES = 12
DEBIAN_PYTHON = "/usr/bin/python3"
ETHTOOL = "/usr/sbin/ethtool"


@dataclass(frozen=True)
class Tunnel:
    """One configuration of the balancer."""
    encap: str
    outer: int  # family of the backends' addresses
    overhead: int  # bytes in front of each packet

    def name(self, inner):
        """For the checks."""
        return f"{self.encap} {inner}in{self.outer}"

    def device(self, inner):
        """Where packets of this family must come out."""
        return "tun6" if self.outer == 6 else f"tun{inner}4"

    def datagrams(self):
        """The counter of the UDP datagrams that carry them, if any."""
        return {"ipip": None, "gue": UDP[self.outer == 6]}[self.encap]

    def segment(self, inner):
        """The largest TCP segment, as the MSS option counts it."""
        return MTU - self.overhead - IP_BYTES[inner] - TCP_BYTES


UNKNOWN = Tunnel("l2", 4, 0)  # to whom segments are as long as on Ethernet
TUNNELS = (Tunnel("ipip", 4, 20), Tunnel("ipip", 6, 40), Tunnel("gue", 4, 28),
           Tunnel("gue", 6, 48))


def open_tunnels(backend):
    """As docs/operations.md has it: devices that take packets from any balancer."""
    ipv4, ipv6 = lan_addresses(backend.plan.number)
    # For the test alone: so that the devices count packets as they were on the wire.
    backend.guest.check(f"{ETHTOOL} -K eth0 gro off")
    # New devices begin with the filter that systemd sets.
    backend.guest.check("sysctl -w net.ipv4.conf.default.rp_filter=2")
    for command in (f"ip link add tun44 type ipip local {ipv4} remote any",
                    f"ip link add tun64 type sit local {ipv4} remote any",
                    f"ip link add tun6 type ip6tnl mode any local {ipv6} remote any",
                    *(f"ip link set {device} up" for device in DEVICES),
                    "sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun44.rp_filter=0 "
                    "net.ipv4.conf.tun6.rp_filter=0",
                    f"ip fou add port {GUE_PORT} gue",
                    f"ip -6 fou add port {GUE_PORT} gue"):
        backend.guest.check(command)


def announce_segment(backend, tunnel):
    """Clients then send no segment that is too long for the tunnel."""
    for inner, gateway in zip(IP_BYTES, lan_addresses(LAN_ROUTER)):
        backend.guest.check(f"ip -{inner} route change default via {gateway} "
                            f"advmss {tunnel.segment(inner)}")


def received(backends):
    """What the devices and UDP of all backends have received: {name: packets}."""
    counts = dict.fromkeys((*DEVICES, *UDP), 0)
    for backend in backends:
        lines = backend.guest.check(
            f"for device in {' '.join(DEVICES)}; do "
            "echo $device $(cat /sys/class/net/$device/statistics/rx_packets); done; "
            f"nstat -asz {' '.join(UDP)} | grep ^Udp")
        for name, count, *_ in map(str.split, lines.splitlines()):
            counts[name] += int(count)
    return counts


def settled(balancer, backends):
    """The same, once all that the balancer has forwarded since its start has come out."""
    def counts_if_all():
        counts = received(backends)
        out = sum(counts[device] for device in DEVICES)
        return counts if out == balancer.steer()["actions"]["forward"] else None
    return wait_until(counts_if_all, SETTLE_S,
                      "all that the balancer forwards comes out of the tunnels", 0.2)


def drops(balancer):
    """Packets that were not forwarded, by reason; those that a bridge floods are not meant."""
    counters = balancer.counters()
    return {reason: count
            for reason, count in {**counters["steer"]["drops"], **counters["edge_drops"]}.items()
            if count and reason not in ("none", "foreign_mac")}


def check_connections(checks, name, outcome, grown):
    """MPTCP works through the tunnel as it does without."""
    checks.equal(f"{name}: all {CONNECTIONS} connections are answered, none breaks",
                 (outcome.count(mptcp=True, server_mptcp=True), outcome.broken), (CONNECTIONS, []))
    checks.equal(f"{name}: all joins complete, by the client's kernel", outcome.joined,
                 CONNECTIONS)
    checks.equal(f"{name}: and by the backends'",
                 (total(grown, "MPTcpExtMPJoinAckRx"), total(grown, "MPTcpExtMPJoinNoTokenFound")),
                 (CONNECTIONS, 0))


def check_way(checks, name, tunnel, inner, packets):
    """All packets came out of the right device, and through UDP only if they should."""
    device = tunnel.device(inner)
    through = packets[device]
    checks.check(f"{name}: {through} packets came out of {device}", through > 6 * CONNECTIONS)
    wanted = {device: through, **({tunnel.datagrams(): through} if tunnel.datagrams() else {})}
    checks.equal(f"{name}: and nowhere else",
                 {counter: count for counter, count in packets.items() if count}, wanted)


def uploaded_segment(bed, inner):
    """The client uploads; returns the bytes of data that a segment of it carries."""
    said = bed.topology.client.run(DEBIAN_PYTHON, str(Path(__file__).with_name("upload.py")),
                                   VIPS[inner == 6], str(PORT))
    return int(said.stdout)


def try_tunnel(bed, checks, balancer, tunnel, inner):
    """One encapsulation and one family of VIP."""
    name = tunnel.name(inner)
    packets, kernels = settled(balancer, bed.backends), counters_of(bed.backends)
    outcome = Campaign(bed.topology.client, vip_targets(PORT, (inner,)), connections=CONNECTIONS,
                       workers=WORKERS, fetch_bytes=FETCH_BYTES,
                       log=bed.log_path(f"client-{name.replace(' ', '-')}")).finish()
    grown = {backend: growth(kernels[backend], counters)
             for backend, counters in counters_of(bed.backends).items()}
    check_connections(checks, name, outcome, grown)
    segment = uploaded_segment(bed, inner)
    checks.equal(f"{name}: an upload in packets of {MTU - tunnel.overhead} bytes gets through",
                 segment, tunnel.segment(inner) - TIMESTAMP_BYTES)
    check_way(checks, name, tunnel, inner, growth(packets, settled(balancer, bed.backends)))
    checks.equal(f"{name}: the balancer drops nothing", drops(balancer), {})


def try_too_big(bed, checks, balancer, tunnel, inner):
    """Where nothing announces a smaller segment, the balancer tells the client what fits."""
    name = f"{tunnel.name(inner)}, no segment announced"
    side_by_side(bed.backends, lambda backend: announce_segment(backend, UNKNOWN))
    before = balancer.counters()
    segment = uploaded_segment(bed, inner)
    checks.equal(f"{name}: an upload gets through, in packets of {MTU - tunnel.overhead} bytes",
                 segment, tunnel.segment(inner) - TIMESTAMP_BYTES)
    after = balancer.counters()
    told = after["too_big_answers"] - before["too_big_answers"]
    dropped = after["steer"]["drops"]["over_mtu"] - before["steer"]["drops"]["over_mtu"]
    checks.check(f"{name}: the balancer answered {told} of {dropped} packets that were too long",
                 0 < told <= dropped)


def body(bed, checks):
    """The scenario."""
    backends, pool = module_backends(bed, count=BACKENDS, modules=MODULES, programs=(ETHTOOL,))
    side_by_side(backends, open_tunnels)
    balancer = None
    for tunnel in TUNNELS:
        side_by_side(backends, lambda backend, to=tunnel: announce_segment(backend, to))
        tunnelled = replace(pool, backends=tuple(
            replace(plan, encap=tunnel.encap, over_ipv6=tunnel.outer == 6)
            for plan in pool.backends))
        if balancer is None:
            balancer = bed.balancer(tunnelled)
            balancer.start()
        else:
            balancer.switch(tunnelled)
        for inner in IP_BYTES:
            try_tunnel(bed, checks, balancer, tunnel, inner)
    for inner in IP_BYTES:
        try_too_big(bed, checks, balancer, TUNNELS[-1], inner)
    balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
