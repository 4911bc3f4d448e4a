#!/usr/bin/env python3
"""Explicit tokens: scapy sends third ACKs with an explicit MP_CAPABLE (12 bytes) and MP_JOIN SYNs
from the client's namespace; each lands on the backend in its token, as captures before the backends
show. Tokens that name no backend go where the hash says, and are counted."""

import json
import random
from pathlib import Path

from scenario import PORT, random_ids, run_scenario  # first: it finds the testbed
from capture import ACK, TCP_FILTER, Capture
from host import wait_until
from topology import CLIENT_FIRST, CLIENT_SECOND, VIPS

MAX_BACKENDS = 128  # s = 8: explicit tokens have room for more than derived ones
TOKENS_EACH = 4
FIRST_PORT = 20_000
ARRIVAL_S = 15
DEBIAN_PYTHON = "/usr/bin/python3"


def make_orders(pool):
    """For each backend some tokens; for each token an ACK from the first address and a join from
    the second, over both families."""
    dice = random.Random(3)
    orders, port = [], FIRST_PORT
    nonce_bits = 32 - pool.scheme.generation_bits - pool.scheme.id_bits
    for plan in pool.backends:
        for _ in range(TOKENS_EACH):
            token = pool.scheme.token(pool.codepoint, plan.backend_id, dice.getrandbits(nonce_bits))
            for family in (0, 1):
                for kind, source in (("capable_ack", CLIENT_FIRST), ("join_syn", CLIENT_SECOND)):
                    orders.append({"vip": VIPS[family], "source": source[family], "port": port,
                                   "kind": kind, "token": token, "owner": plan.name})
                    port += 1
    return orders


def make_lost_orders(pool):
    """Joins that name no backend: the reserved codepoint, one without a generation, a free ID."""
    reserved = (1 << pool.generation_bits) - 1
    used = {plan.backend_id for plan in pool.backends}
    free = next(i for i in range(1 << pool.scheme.id_bits) if i not in used)
    tokens = [pool.scheme.token(reserved, pool.backends[0].backend_id, 1),
              pool.scheme.token(pool.codepoint + 1, pool.backends[0].backend_id, 1),
              pool.scheme.token(pool.codepoint, free, 1)]
    return [{"vip": VIPS[0], "source": CLIENT_SECOND[0], "port": FIRST_PORT - 1 - i,
             "kind": "join_syn", "token": token} for i, token in enumerate(tokens)]


def send(bed, orders):
    """Through scapy, in the client's namespace."""
    bed.topology.client.run(DEBIAN_PYTHON, str(Path(__file__).with_name("scapy_explicit.py")),
                            text="".join(json.dumps(order) + "\n" for order in orders))


def arrivals(captures):
    """{(client's address, port): [backend, ...]} of what reached the backends' cables."""
    where = {}
    for name, (capture, mac) in captures.items():
        for segment in capture.segments():
            if segment.destination_mac == mac and segment.destination[1] == PORT:
                where.setdefault(segment.source, []).append((name, segment))
    return where


def check_arrivals(checks, orders, where):
    """Each packet came to its owner, and nowhere else."""
    for kind in ("capable_ack", "join_syn"):
        wanted = {(order["source"], order["port"]): order["owner"]
                  for order in orders if order["kind"] == kind}
        got = {key: [name for name, _ in where.get(key, [])] for key in wanted}
        checks.equal(f"{kind}: all {len(wanted)} are on the backend in their token, once each",
                     {key: names for key, names in got.items() if names != [wanted[key]]}, {})
    seen = [segment for found in where.values() for _, segment in found]
    checks.check("the ACKs are as scapy made them: MP_CAPABLE of 12 bytes",
                 all(len(segment.options[0]) == 12 for segment in seen if segment.flags == ACK))


def check_lost(checks, bed, balancer, orders, captures):
    """Tokens that name nobody are counted and still reach one backend."""
    before = balancer.steer()
    send(bed, orders)
    keys = [(order["source"], order["port"]) for order in orders]
    where = wait_until(
        lambda: (found := arrivals(captures)) and all(k in found for k in keys) and found,
        ARRIVAL_S, "joins that name no backend arrive somewhere", 0.2)
    checks.equal("a join that names no backend goes to one by the hash",
                 [len(where[key]) for key in keys], [1] * len(keys))
    after = balancer.steer()
    checks.equal("and is counted as join_unroutable",
                 after["notes"]["join_unroutable"] - before["notes"]["join_unroutable"], len(keys))
    checks.equal("under rule `hash`", after["rules"]["hash"] - before["rules"]["hash"], len(keys))
    checks.equal("and never as a placement", after["rules"]["placement"],
                 before["rules"]["placement"])


def body(bed, checks):
    """The scenario."""
    backends = bed.namespace_backends(random_ids())
    pool = bed.pool(backends, max_backends=MAX_BACKENDS, handshake="explicit", ports=(PORT,))
    balancer = bed.balancer(pool)
    balancer.start()
    captures = {b.plan.name: (Capture(bed.topology.lan, f"port{b.plan.number}", bed.directory,
                                      f"at-{b.plan.name}", TCP_FILTER), b.plan.mac)
                for b in backends}
    orders = make_orders(pool)
    send(bed, orders)
    # The backends' kernels know none of these connections and reset them: that is their business.
    where = wait_until(
        lambda: (found := arrivals(captures)) and len(found) >= len(orders) and found,
        ARRIVAL_S, "all packets arrive", 0.2)
    check_arrivals(checks, orders, where)
    counters = balancer.steer()["rules"]
    checks.equal("rule `handshake` counts the ACKs", counters["handshake"], len(orders) // 2)
    checks.equal("rule `token` counts the joins", counters["token"], len(orders) // 2)
    check_lost(checks, bed, balancer, make_lost_orders(pool), captures)
    balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
