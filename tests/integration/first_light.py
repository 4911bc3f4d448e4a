#!/usr/bin/env python3
"""The main job: 300 MPTCP connections of a real kernel, half IPv4 and half IPv6, each with a second
subflow, through joinery-lb to three Debian kernels whose tokens carry their backend IDs. All joins
complete on the backend that holds the connection. The control: by the 5-tuple alone about two
thirds of them do not, so this test can fail."""

# First: it finds the testbed.
from scenario import LB_PORT, PORT, WORKERS, counters_of, module_backends, run_scenario, total
from capture import SYN_FILTER, Capture
from traffic import Campaign, growth, vip_targets

CONNECTIONS = 300
FETCH_BYTES = 20_000
CAPTURE_S = 15
# Each of 300 joins is refused with a chance of 2/3: 200, with a standard deviation of 8.2.
REFUSED_SHARE = (0.50, 0.80)
PLACED_SHARE = (0.15, 0.55)  # of one backend of three


def run_campaign(bed, balancer):
    """300 connections; returns (outcome, what the backends' counters grew by, captured SYNs)."""
    before = counters_of(bed.backends)
    capture = Capture(bed.topology.lan, LB_PORT, bed.directory, f"syns-{balancer.steering}",
                      SYN_FILTER)
    outcome = Campaign(bed.topology.client, vip_targets(PORT), connections=CONNECTIONS,
                       workers=WORKERS, fetch_bytes=FETCH_BYTES,
                       log=bed.log_path(f"client-{balancer.steering}")).finish()
    after = counters_of(bed.backends)
    grown = {name: growth(before[name], counters) for name, counters in after.items()}
    # Two SYNs of each connection, each on its way in and on its way out.
    return outcome, grown, capture.settle(4 * CONNECTIONS, CAPTURE_S)


def check_connections(checks, label, outcome):
    """What holds under either way of steering."""
    checks.equal(f"{label}: no connection breaks", [c["broken"] for c in outcome.broken], [])
    checks.equal(f"{label}: half of them are IPv6", outcome.count(family=6), CONNECTIONS // 2)
    checks.equal(f"{label}: both ends say MPTCP", outcome.count(mptcp=True, server_mptcp=True),
                 CONNECTIONS)
    checks.equal(f"{label}: each tries one join", outcome.attempted, CONNECTIONS)


def check_joins(checks, outcome, grown):
    """Every join is where it belongs, by the counters of both ends."""
    checks.equal("joinery: the client's kernel completes every join (MPJoinSynAckRx)",
                 outcome.joined, CONNECTIONS)
    checks.equal("joinery: with valid HMACs (MPJoinSynAckHMacFailure)",
                 outcome.client_counters["MPTcpExtMPJoinSynAckHMacFailure"], 0)
    checks.equal("joinery: both ends have two subflows",
                 sum(sum(s["established"] for s in c["subflows"]) == 2
                     and c["server_subflows"] == 2 for c in outcome.connections), CONNECTIONS)
    checks.equal("joinery: no backend sees a foreign token (MPJoinNoTokenFound)",
                 total(grown, "MPTcpExtMPJoinNoTokenFound"), 0)
    for name, counters in grown.items():
        placed = outcome.count(backend=name)
        checks.equal(f"joinery: {name} completes the joins of its own connections (MPJoinAckRx)",
                     counters["MPTcpExtMPJoinAckRx"], placed)
        checks.between(f"joinery: {name} has a fair share of the connections", placed,
                       PLACED_SHARE[0] * CONNECTIONS, PLACED_SHARE[1] * CONNECTIONS)


def check_tokens(checks, outcome, pool, balancer, syns):
    """The tokens name the backends, and the balancer read them."""
    tokens = [int(c["server_token"], 16) for c in outcome.connections]
    wrong = [f"{token:08x} of {c['backend']}"
             for token, name, c in zip(tokens, pool.backends_of(tokens), outcome.connections)
             if name != c["backend"]]
    checks.equal("joinery: every token carries the ID of the backend that issued it", wrong, [])
    macs = {plan.name: plan.mac for plan in pool.backends}
    joins = [syn for syn in syns if syn.join_token is not None and syn.source_mac not in
             macs.values()]
    sent = [syn for syn in joins if syn.destination_mac in macs.values()]
    owners = pool.backends_of([syn.join_token for syn in sent])
    checks.equal("joinery: on the wire every MP_JOIN goes to the backend in its token",
                 [syn.source for syn, owner in zip(sent, owners)
                  if syn.destination_mac != macs.get(owner)], [])
    checks.check("joinery: all of them were captured",
                 {syn.join_token for syn in sent} == set(tokens),
                 f"{len({syn.join_token for syn in sent})} tokens on the wire")
    counters = balancer.steer()
    checks.equal("joinery: rule `token` counts them", counters["rules"]["token"], len(sent))
    checks.check("joinery: rule `handshake` reads the keys of every third ACK",
                 counters["rules"]["handshake"] >= CONNECTIONS, counters["rules"])
    checks.equal("joinery: none was unroutable", counters["notes"]["join_unroutable"], 0)


def check_control(checks, outcome, grown, balancer):
    """By the 5-tuple about two thirds of the joins come to a backend that does not know them."""
    refused = total(grown, "MPTcpExtMPJoinNoTokenFound")
    checks.between("five_tuple: about two thirds of the joins are refused", refused,
                   REFUSED_SHARE[0] * CONNECTIONS, REFUSED_SHARE[1] * CONNECTIONS)
    checks.equal("five_tuple: the others complete", outcome.joined, CONNECTIONS - refused)
    checks.equal("five_tuple: rule `token` is off", balancer.steer()["rules"]["token"], 0)


def body(bed, checks):
    """The scenario."""
    _, pool = module_backends(bed)
    balancer = bed.balancer(pool)
    balancer.start()
    outcome, grown, syns = run_campaign(bed, balancer)
    check_connections(checks, "joinery", outcome)
    check_joins(checks, outcome, grown)
    check_tokens(checks, outcome, pool, balancer, syns)
    balancer.restart(steering="five_tuple")
    outcome, grown, _ = run_campaign(bed, balancer)
    check_connections(checks, "five_tuple", outcome)
    check_control(checks, outcome, grown, balancer)
    balancer.stop()
    checks.check("joinery-lb prints its counters at exit", "placement" in balancer.said(),
                 balancer.said())


if __name__ == "__main__":
    run_scenario(body)
