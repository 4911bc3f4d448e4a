#!/usr/bin/env python3
"""Two balancers with one configuration and nothing between them. The router spreads packets over
both by the 5-tuple, so the two subflows of a connection often come through different balancers: all
joins complete all the same. Then one capture is played to each, from a fresh start: both send every
packet to the same backend, and joinery-pcap, which never ran beside them, says the same. There is
no state to share."""

import json

# First: it finds the testbed.
from scenario import LB_PORT, PORT, WORKERS, counters_of, module_backends, run_scenario, total
from capture import Capture, write_pcap
from host import run, wait_until
from need import our_program
from replay import frames_to, play
from topology import lan_mac
from traffic import Campaign, growth, vip_targets

CONNECTIONS = 100
SETTLE_S = 15
PLAYER = 20  # host number of the replayer on the LAN


def spread(bed, checks, balancers, backends):
    """Real clients through both at once."""
    before = counters_of(backends)
    captures = [Capture(bed.topology.lan, f"port{number}", bed.directory, f"lb-{number}")
                for number in (2, 3)]
    outcome = Campaign(bed.topology.client, vip_targets(PORT), connections=CONNECTIONS,
                       workers=WORKERS, fetch_bytes=20_000, log=bed.log_path("client")).finish()
    for capture in captures:
        capture.stop()
    grown = {name: growth(before[name], after) for name, after in counters_of(backends).items()}
    checks.equal("no connection breaks", [c["broken"] for c in outcome.broken], [])
    checks.equal("all joins complete", outcome.joined, CONNECTIONS)
    checks.equal("no backend sees a foreign token", total(grown, "MPTcpExtMPJoinNoTokenFound"), 0)
    ways = {}  # client's address and port -> balancer
    for name, number, capture in zip(("lb1", "lb2"), (2, 3), captures):
        for segment in capture.segments():
            if segment.is_syn and segment.destination_mac == lan_mac(number):
                ways[segment.source] = name
    apart = sum(len({ways.get(split(s["local"])) for s in c["subflows"]}) == 2
                for c in outcome.connections)
    checks.between("the subflows of many connections came through different balancers", apart,
                   CONNECTIONS // 4, CONNECTIONS)
    for balancer in balancers:
        checks.check(f"{balancer.name} steered joins by their tokens",
                     balancer.steer()["rules"]["token"] > 0)


def split(endpoint):
    """("address", port) of "address:port"."""
    address, port = endpoint.rsplit(":", 1)
    return address.strip("[]"), int(port)


def record(bed, balancers):
    """A capture of a campaign that went through the first balancer alone."""
    bed.topology.route_vips(balancers[0].addresses)
    before = sum(balancers[0].steer()["rules"].values())
    capture = Capture(bed.topology.lan, LB_PORT, bed.directory, "recorded")
    Campaign(bed.topology.client, vip_targets(PORT), connections=CONNECTIONS // 2, workers=WORKERS,
             fetch_bytes=20_000, log=bed.log_path("client-recorded")).finish()
    decided = sum(balancers[0].steer()["rules"].values()) - before
    capture.wait_for(decided, SETTLE_S, lambda s: s.destination_mac == lan_mac(2))
    return frames_to(capture.path, lan_mac(2))


def verdicts(bed, player, balancer, number, frames):
    """Plays the frames to a balancer; [(packet, backend's MAC), ...], in order."""
    capture = Capture(bed.topology.lan, f"port{number}", bed.directory, f"played-{number}")
    before = sum(balancer.steer()["rules"].values())
    play(player, "eth0", lan_mac(number), frames, f"{bed.directory}/{balancer.name}.frames")
    wait_until(lambda: sum(balancer.steer()["rules"].values()) >= before + len(frames), SETTLE_S,
               f"{balancer.name} decides {len(frames)} packets")
    sent = capture.wait_for(len(frames), SETTLE_S, lambda s: s.source_mac == lan_mac(number))
    return [(s.source, s.destination, s.flags, s.options, s.payload, s.destination_mac)
            for s in sent]


def offline_verdicts(bed, balancer, frames):
    """[(rule, backend), ...] by joinery-pcap, from the capture and the balancer's configuration."""
    path = f"{bed.directory}/incoming.pcap"
    write_pcap(path, frames)
    said = run([our_program("joinery-pcap"), path, "--config", balancer.config, "--json"]).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    return [(line["rule"], line["backend"]) for line in lines if "number" in line]


def body(bed, checks):
    """The scenario."""
    backends, pool = module_backends(bed)
    balancers = [bed.balancer(pool, number=number) for number in (2, 3)]
    for balancer in balancers:
        balancer.start()
    checks.check("their configurations differ in their own addresses and names only",
                 balancers[0].yaml().split("pools:")[1] == balancers[1].yaml().split("pools:")[1])
    spread(bed, checks, balancers, backends)

    frames = record(bed, balancers)
    # What the backends answer to the repetition must not come back to the balancers.
    bed.topology.route_vips()
    checks.check("a capture of some hundred packets", len(frames) > 5 * CONNECTIONS, len(frames))
    player = bed.topology.host("player")
    bed.topology.plug(player, PLAYER)
    played = []
    for number, balancer in zip((2, 3), balancers):
        balancer.restart()
        played.append(verdicts(bed, player, balancer, number, frames))
    checks.equal("both send every packet of the capture to the same backend",
                 [a for a, b in zip(*played) if a != b], [])
    checks.equal("by the same rules", balancers[0].steer()["rules"],
                 balancers[1].steer()["rules"])
    checks.equal("and with the same notes", balancers[0].steer()["notes"],
                 balancers[1].steer()["notes"])
    offline = [offline_verdicts(bed, balancer, frames) for balancer in balancers]
    names = {plan.mac: plan.name for plan in pool.backends}
    checks.equal("joinery-pcap says the same with either configuration", offline[0], offline[1])
    checks.equal("and what both did", [name for _, name in offline[0]],
                 [names[packet[-1]] for packet in played[0]])
    for balancer in balancers:
        balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
