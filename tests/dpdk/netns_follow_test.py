#!/usr/bin/env python3
"""joinery-lb that follows control, between network namespaces (segment.py): new views under load, a
control that dies and comes back, a restart from the last good views. No segment is sent twice."""

import json
import sys

from fake_control import FakeControl, load_part, member, scheme_part
from segment import (DEADLINE_S, LOAD_CONNECTIONS, PORT, VIPS, check_reachability, config, expect,
                     hosts, main, retransmissions, running, spawn, wait_until)

CHANGES = 6
LEASE_MS = 1500
MEMBERS = [member(1, "b1", "198.18.20.11"), member(2, "b2", "198.18.20.12")]


def following(directory, arguments, control):
    """The balancer's part of the usual configuration, and control instead of pools."""
    text = config(directory, arguments)
    return (text[:text.index("\npools:")] +
            f"\ncontrol:\n  unix: {control.path}\n  state_dir: {directory}/state\n")


def publish(control, version, state):
    """A scheme part and a load part; b2 is in `state`."""
    at = f"1.{version}"
    # Each version has another key: a rotation, as far as the balancer can tell.
    control.publish("scheme", at, scheme_part(at, MEMBERS, vips=VIPS, ports=(PORT,),
                                              serial=version, key=f"{version:032x}"))
    control.publish("load", at, load_part(at, at, {1: "up", 2: state}))
    return at


def confirmed(at):
    """A report that says that both parts of this position are in force."""
    position = dict(zip(("epoch", "version"), map(int, at.split("."))))
    return lambda r: (r["scheme"]["at"], r["load"], r["ready"]) == (position, position, True)


def all_retransmissions():
    """By host."""
    return {name: retransmissions(name) for name in ("client", "b1", "b2")}


def check_changes(balancer, control):
    """Views change under load, the daemon dies, and comes back."""
    before = all_retransmissions()
    loader = spawn("client", "load")
    for i in range(CHANGES):
        at = publish(control, 2 + i, ("draining", "up")[i % 2])
        control.wait_for(confirmed(at), f"{at} is confirmed")
    expect(True, f"{CHANGES} views came into force under load, each with another key")
    control.stop()
    wait_until(lambda: balancer.stats()["control"]["announce"] == "lower", "the lease has ended")
    control.start()
    at = publish(control, 2 + CHANGES, "up")
    control.wait_for(confirmed(at), f"{at} is confirmed")
    expect(True, "control died for longer than a lease, and came back with another view")
    rounds = json.loads(loader.communicate("stop\n", timeout=DEADLINE_S)[0])["rounds"]
    expect(loader.returncode == 0 and rounds > CHANGES,
           f"load went on through all of it ({rounds} rounds of {LOAD_CONNECTIONS} connections)")
    after = all_retransmissions()
    expect(before == after, f"no segment was sent twice {before if before == after else after}")
    stats = balancer.stats()
    lost = {k: v for k, v in stats["edge_drops"].items()
            if v and k not in ("foreign_mac", "own_frame")}
    expect(not lost, f"no packet was dropped at the edge {lost or ''}")
    expect(not any(stats["steer"]["drops"].values()), "nor by a decision")
    expect("withdraw" not in balancer.said().split("joinery-lb: ready", 1)[1],
           "no VIP was withdrawn")
    return stats["tables"]


def test(arguments):
    """All of it, in order."""
    with hosts() as directory:
        control = FakeControl(f"{directory}/control.sock")
        control.reply = {"lease": True, "lease_ms": LEASE_MS, "behind": False}
        control.start()
        at = publish(control, 1, "up")
        text = following(directory, arguments, control)
        with running(directory, arguments, text=text) as balancer:
            control.wait_for(confirmed(at), "the first view is confirmed")
            check_reachability(balancer)
            tables = check_changes(balancer, control)
            balancer.stop()
        control.stop()
        with running(directory, arguments, text=text) as balancer:
            expect("the last good ones on disk" in balancer.said(), "it starts without control")
            expect(balancer.stats()["tables"] == tables, "by the same tables")
            check_reachability(balancer)
            balancer.stop()


if __name__ == "__main__":
    sys.exit(main(__doc__, test))
