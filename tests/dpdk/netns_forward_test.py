#!/usr/bin/env python3
"""joinery-lb between network namespaces (segment.py): neighbours, echo, TCP over both families, and
reloads under load; then the same with two lcores, each with a queue of its own."""

import sys

from segment import check_reachability, check_reload, expect, hosts, main, running

TWO_LCORES = [0, 1]


def check_queues(balancer):
    """Flows are spread over the queues: the kernel hashes them (PACKET_FANOUT_HASH)."""
    lcores = balancer.stats()["lcores"]
    expect(len(lcores) == len(TWO_LCORES) and all(lcore["busy_polls"] > 0 for lcore in lcores),
           f"each of {len(TWO_LCORES)} lcores received from its queue")


def test(arguments):
    """All of it, in order."""
    with hosts() as directory:
        with running(directory, arguments) as balancer:
            check_reachability(balancer)
            check_reload(balancer, arguments)
            balancer.stop()
        if arguments.lcores == TWO_LCORES:
            return
        arguments.lcores = TWO_LCORES
        with running(directory, arguments) as balancer:
            check_reachability(balancer)
            check_reload(balancer, arguments)
            check_queues(balancer)
            balancer.stop()


if __name__ == "__main__":
    sys.exit(main(__doc__, test))
