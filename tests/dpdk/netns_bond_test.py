#!/usr/bin/env python3
"""joinery-lb on a bond of two interfaces (DPDK's net_bonding, active backup), between network
namespaces (segment.py): forwarding in both families and reloads under load; then the same on two
lcores, for which every member has two queues."""

import json
import sys

from segment import (check_reachability, check_reload, expect, hosts, main, make_cable, ns, run,
                     running)

MEMBERS = {"net_af_packet0": "eth0", "net_af_packet1": "eth1"}
ACTIVE_BACKUP = 1


def sent_by(device):
    """Frames that went out of an interface of the balancer's."""
    [link] = json.loads(run("ip", "-n", ns("lb"), "-stats", "-json", "link", "show", "dev", device))
    return link["stats64"]["tx"]["packets"]


def check_bond(directory, arguments):
    """Real connections over the bond; only the active member sends."""
    before = {device: sent_by(device) for device in MEMBERS.values()}
    with running(directory, arguments) as balancer:
        check_reachability(balancer)
        check_reload(balancer, arguments)
        port = balancer.stats()["ports"]["lan"]
        balancer.stop()
    sent = {device: sent_by(device) - before[device] for device in MEMBERS.values()}
    expect(sent["eth0"] > 0 and port["tx_packets"] > 0,
           f"the bond sent over its active member: {sent}")
    expect(sent["eth1"] < sent["eth0"] / 10, "and not over the other")


def test(arguments):
    """All of it, in order."""
    arguments.device = f"net_bonding0,mode={ACTIVE_BACKUP}" + "".join(
        f",slave={name}" for name in MEMBERS)
    arguments.eal_option = [f"--vdev={name},iface={device}" for name, device in MEMBERS.items()]
    with hosts() as directory:
        make_cable("lb", "eth1")
        for lcores in ([0], [0, 1]):
            arguments.lcores = lcores
            check_bond(directory, arguments)


if __name__ == "__main__":
    sys.exit(main(__doc__, test))
