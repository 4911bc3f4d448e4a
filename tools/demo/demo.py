#!/usr/bin/env python3
"""The demo: real MPTCP clients, real Linux servers, every subflow on the right one, whatever
changes.

Boots three guests with Debian's stock kernel, the joinery_token module and joinery-agent, puts
joinery-control beside them, joinery-lb and a router before them and a client with two addresses
before those. The client opens MPTCP connections, each with a second subflow from its second
address, and keeps all of them in use. Meanwhile the keys are rotated, one backend is drained, and a
third path comes up, over which every connection joins once more. Then the balancer steers by the
5-tuple alone, and nothing is rotated or drained. The figures are the kernels' own counters.
"""

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "testbed"))

# pylint: disable=wrong-import-position
from acts import PORT, Acts  # noqa: E402
from agent import guest_files  # noqa: E402
from backend import FAILURES, side_by_side  # noqa: E402
from control import Settings  # noqa: E402
from managed import Managed  # noqa: E402
from report import (describe_examples, describe_modes, describe_start,  # noqa: E402
                    describe_verdict, describe_world, verdict)
from screen import Screen  # noqa: E402
from testbed import Testbed  # noqa: E402

BACKENDS = 3
GUEST_MIB = 256
MODES = {"joinery": "an MP_JOIN goes where its token says",
         "five_tuple": "every subflow by the hash of its own addresses and ports; no changes"}
DEFAULT_CONNECTIONS = 100
CONNECTION_RANGE = (10, 3000)


def start_world(bed, screen):
    """Guests, control, agents, a balancer: until connections may come."""
    with screen.progress("boot three guests", lambda: "Debian's stock kernel, emulated by QEMU"):
        # The IDs of these plans mean nothing: control draws its own.
        backends = bed.guest_backends(range(BACKENDS), files=guest_files(), memory_mib=GUEST_MIB)
    side_by_side(backends, lambda backend: backend.serve([PORT]))
    world = Managed(bed, backends, settings=Settings(ports=(PORT,), generation_bits=2,
                                                     lease_s=10, retire_hold_s=180))
    with screen.progress("start the control plane",
                         lambda: "control gives out IDs and keys; agents feed joinery_token; "
                                 "joinery-lb follows"):
        world.start()
    return world


def wait_for_return():
    """Until Return is pressed, or the input ends."""
    sys.stdin.readline()


def run_demo(screen, connections, explore):
    """All of it; returns the two modes."""
    with Testbed() as bed:
        try:
            world = start_world(bed, screen)
            balancer = world.balancers[0]
            modes = []
            for steering, how in MODES.items():
                screen.title(f"steering: {steering}  ({how})")
                if steering != balancer.steering:
                    balancer.restart(steering=steering)
                modes.append(Acts(screen, world, connections).run())
                describe_examples(screen, modes[-1])
            describe_modes(screen, modes)
            describe_verdict(screen, modes)
            if explore:
                balancer.restart(steering="joinery")
                describe_world(screen, world)
                wait_for_return()
            world.stop()
        except FAILURES:
            screen.line(bed.evidence())
            raise
    return modes


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="run demo", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures here")
    parser.add_argument("--connections", metavar="N", type=int, default=DEFAULT_CONNECTIONS,
                        help=f"for each way of steering, {CONNECTION_RANGE[0]} to "
                             f"{CONNECTION_RANGE[1]}; {DEFAULT_CONNECTIONS} unless given")
    parser.add_argument("--explore", action="store_true",
                        help="at the end keep it all up, with joinery steering, until Return is "
                             "pressed, and say how to look around")
    arguments = parser.parse_args()
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        parser.error(f"--json {arguments.json}: no such directory")
    if not CONNECTION_RANGE[0] <= arguments.connections <= CONNECTION_RANGE[1]:
        parser.error(f"--connections {arguments.connections}: allowed "
                     f"{CONNECTION_RANGE[0]}..{CONNECTION_RANGE[1]}")
    return arguments


def main():
    """Runs the demo; status 0 when Joinery kept every subflow."""
    arguments = parse_arguments()
    screen = Screen()
    begin = time.monotonic()
    describe_start(screen, arguments.connections)
    try:
        modes = run_demo(screen, arguments.connections, arguments.explore)
    except FAILURES as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit("\ndemo: stopped; everything it made is removed")
    holds, sentence = verdict(modes)
    screen.line(screen.faint(f"  {time.monotonic() - begin:.0f} s in all; everything that the demo "
                             "made is removed"))
    if arguments.json:
        arguments.json.write_text(json.dumps(
            {"holds": holds, "verdict": sentence, "modes": [m.as_dict() for m in modes]},
            indent=2) + "\n", encoding="ascii")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
