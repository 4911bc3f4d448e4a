#!/usr/bin/env python3
"""The whole control plane under live traffic: control, two balancers that follow it, agents with
the kernel module in guests, and clients with two paths. Keys are rotated, a backend is drained,
control dies for ten lease times, an agent dies, a balancer dies; backends leave, come, come back.
Tokens of every generation find their backend, no connection breaks, and the only subflows that are
lost are joined ones that were in the cache of the balancer that died: they are counted."""

import time

# First: it finds the testbed.
from scenario import PORT, run_scenario
import agent as agent_module
import control_members
from capture import SYN_FILTER, Capture, endpoint
from churn import Churn, Held, check_kept, check_landed
from control import Settings
from control_world import World
from host import wait_until
from topology import LAN_BALANCERS, lan_mac
from traffic import growth

HELD = 48
ROTATIONS = 3
LEASES_WITHOUT_CONTROL = 10
NEW_CONNECTIONS = 24
LATE_S = 20
CAPTURE_S = 15
DEAD_S = 20


def try_rotations(checks, world):
    """Three rotations, one right after the other."""
    control = world.control
    with Churn(world.bed, "rotate") as churn:
        for turn in range(1, ROTATIONS + 1):
            begin = time.monotonic()
            said = control.ctl("rotate", "web", "--wait")[1]
            control.wait_encoding(world.names())
            checks.equal(f"rotation {turn}: the generation is active", control.active_serial(),
                         1 + turn)
            checks.note(f"{said.strip().splitlines()[-1]}; every backend encodes under it after "
                        f"{time.monotonic() - begin:.1f} s")
            churn.wait_more(8)
    check_landed(checks, "rotations", control, churn.lines)
    checks.equal("rotations: the generation of the held connections drains",
                 control.generations()[1], "draining")


def try_late_joins(checks, world, connections):
    """The client gets a third address: each held connection opens one subflow more, with a token of
    a generation that was rotated away three times."""
    topology = world.bed.topology
    before = topology.client.counters()
    topology.add_third_addresses()
    wait_until(lambda: growth(before, topology.client.counters())["MPTcpExtMPJoinSynAckRx"]
               >= connections, LATE_S, "late joins complete")
    grown = growth(before, topology.client.counters())
    checks.equal("late joins: tried and completed, with tokens of an old generation",
                 (grown["MPTcpExtMPJoinSynTx"], grown["MPTcpExtMPJoinSynAckRx"]),
                 (connections, connections))
    topology.remove_third_addresses()


def try_drain(checks, world, connections):
    """Nothing new comes to it, all that it has goes on, joins included."""
    control, drained = world.control, "web2"
    said = control.ctl("backends", "drain", f"web/{drained}")[1]
    checks.note(said.strip())
    world.wait_balancers(drained, "draining")
    with Churn(world.bed, "drain") as churn:
        churn.wait_more(NEW_CONNECTIONS)
    check_landed(checks, "drain", control, churn.lines)
    checks.equal("drain: it gets no new connection",
                 sum(line["backend"] == drained for line in churn.lines), 0)
    checks.check("drain: control counts those that are left",
                 control.backend(drained)["agent"]["connections"] > 0)
    try_late_joins(checks, world, connections)
    control.ctl("backends", "undrain", f"web/{drained}")
    world.wait_balancers(drained, "up")


def try_outage(checks, world):
    """Control dies and is dead for ten lease times."""
    control, lease_s = world.control, world.control.settings.lease_s
    serial = control.active_serial()
    control.kill()
    begin = time.monotonic()
    with Churn(world.bed, "outage") as churn:
        for balancer in world.balancers:
            wait_until(lambda b=balancer: b.follows()["announce"] == "lower",
                       2 * lease_s + DEAD_S, f"{balancer.name} has no lease")
        wait_until(lambda: time.monotonic() - begin > LEASES_WITHOUT_CONTROL * lease_s,
                   LEASES_WITHOUT_CONTROL * lease_s + 1, "ten lease times")
        checks.equal("outage: after ten lease times the balancers announce at lower preference",
                     [b.follows()["announce"] for b in world.balancers], ["lower", "lower"])
        control.start()
        world.wait_settled()
    check_landed(checks, "outage", control, churn.lines, least=NEW_CONNECTIONS)
    checks.equal("outage: the generation is what it was", control.active_serial(), serial)
    checks.equal("outage: and nobody had to be named absent", control.status()["waiting"], False)


def try_agent(checks, world):
    """An agent dies; its backend goes on under the old generation until it is back."""
    control, name = world.control, "web1"
    agent = world.agents[name]
    serial = control.active_serial()
    agent.kill()
    with Churn(world.bed, "agent") as churn:
        control.ctl("rotate", "web", "--wait")
        control.wait_encoding([other for other in world.names() if other != name])
        churn.wait_more(NEW_CONNECTIONS)
        checks.equal("agent: without it the module goes on under the old generation",
                     agent.module()["serial"], str(serial))
        checks.equal("agent: which is not retired before it has reported",
                     control.generations()[serial], "draining")
        agent.start()
        control.wait_encoding(world.names())
        churn.wait_more(8)
    check_landed(checks, "agent", control, churn.lines, least=NEW_CONNECTIONS)


def try_balancer(checks, world):
    """A balancer dies; the router sends all to the other, and later to both again. What it had in
    its cache is gone: joined subflows, whose packets carry no token, go by the hash then."""
    first, second = world.balancers
    topology = world.bed.topology
    capture = Capture(topology.router, "lan", world.bed.directory, "joins", SYN_FILTER)
    held = Held(world.bed, "balancer", HELD)
    try:
        # Of each connection two SYNs, on their way to either balancer.
        through_first = joined_through(capture.wait_for(2 * HELD, CAPTURE_S),
                                       lan_mac(LAN_BALANCERS[0]))
        checks.check("balancer: both have some of the joined subflows",
                     0 < len(through_first) < HELD, len(through_first))
        world.keep_counters(first)
        with Churn(world.bed, "balancer") as churn:
            first.kill()
            topology.route_vips(second.addresses)
            churn.wait_more(NEW_CONNECTIONS)
            first.launch()
            first.wait_forwarding()
            wait_until(lambda: first.follows()["lease"], DEAD_S, "it holds a lease")
            topology.route_vips(first.addresses, second.addresses)
            churn.wait_more(8)
        checks.equal("balancer: no new connection broke",
                     [line["broken"] for line in churn.lines if line["broken"]], [])
        world.settled_tables(checks, "balancer: back, it has the tables of the other")
        check_lost(checks, held.finish(), through_first)
    finally:
        held.stop()


def check_lost(checks, outcome, through_first):
    """Only joined subflows of the balancer that died."""
    checks.equal("balancer: no held connection broke",
                 [c["broken"] for c in outcome.broken], [])
    checks.equal("balancer: no first subflow was lost",
                 [endpoint for endpoint, first in outcome.lost if first], [])
    joined = {endpoint for endpoint, first in outcome.lost if not first}
    checks.equal("balancer: lost were only joined subflows that came through it",
                 sorted(joined - through_first), [])
    checks.note(f"balancer: {outcome.total} connections with a joined subflow each, "
                f"{len(through_first)} of these through the balancer that died, "
                f"{len(joined)} lost with its cache")


def joined_through(syns, balancer_mac):
    """The client's endpoints whose MP_JOIN came to this balancer."""
    return {endpoint(*syn.source) for syn in syns
            if syn.join_token is not None and syn.destination_mac == balancer_mac}


def try_one_pool(checks, world):
    """What happens while the same connections are in use from the beginning to the end."""
    held = Held(world.bed, "all", HELD)
    try:
        try_rotations(checks, world)
        try_drain(checks, world, HELD)
        try_outage(checks, world)
        try_agent(checks, world)
        check_kept(checks, "held through all of it", held.finish())
    finally:
        held.stop()
    world.control.wait(lambda pool: len(pool["generations"]) == 1,
                       "the generations of ended connections retire")
    checks.check("held: when they ended, the old generations retired", True)


def body(bed, checks):
    """All of it, on guests that boot once. The balancer dies last: of connections that lose a
    subflow with it, servers keep an end for as long as TCP repeats a FIN, and a backend that leaves
    would wait for that."""
    world = World(bed, settings=Settings(ports=(PORT,)), files=agent_module.guest_files())
    world.start()
    checks.note("all is up")
    try_one_pool(checks, world)
    control_members.run(checks, world)
    try_balancer(checks, world)
    world.check_tokens(checks)
    world.stop()


if __name__ == "__main__":
    run_scenario(body)
