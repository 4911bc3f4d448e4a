#!/usr/bin/env python3
"""The demo: real MPTCP clients, real Linux servers, every subflow on the right one.

Boots three guests with Debian's stock kernel and the joinery_token module, puts joinery-lb and a
router before them and a client with two addresses before those, and lets the client open MPTCP
connections, each of which then opens a second subflow from its second address. First the balancer
steers as Joinery does, then by the 5-tuple alone. The figures are the kernels' own counters.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "testbed"))

# pylint: disable=wrong-import-position
import token_module  # noqa: E402
from backend import FAILURES, side_by_side  # noqa: E402
from capture import SYN_FILTER, Capture  # noqa: E402
from figures import measure  # noqa: E402
from report import (describe_examples, describe_modes, describe_start,  # noqa: E402
                    describe_verdict, describe_world, verdict)
from screen import Screen  # noqa: E402
from testbed import Testbed  # noqa: E402
from traffic import Campaign, growth, vip_targets  # noqa: E402

PORT = 80
BACKENDS = 3
MAX_BACKENDS = 8  # of the pool: 4 bits of a token for the ID
WORKERS = 8
FETCH_BYTES = 20_000
CAPTURE_S = 10
MODES = {"joinery": "an MP_JOIN goes where its token says",
         "five_tuple": "every subflow by the hash of its own addresses and ports"}
DEFAULT_CONNECTIONS = 300
CONNECTION_RANGE = (10, 3000)


class Live:
    """Counts the client's lines as they come, for the progress line."""

    def __init__(self, names, total):
        self._total = total
        self._opened = self._joined = self._refused = self._done = 0
        self._placed = dict.fromkeys(names, 0)

    def take(self, line):
        """One line of the client."""
        if line["event"] == "closed":
            self._done += 1
            return
        self._opened += 1
        self._joined += line["join"] == "joined"
        self._refused += line["join"] == "refused"
        if line["backend"] in self._placed:
            self._placed[line["backend"]] += 1

    def __str__(self):
        placed = "  ".join(f"{name} {count}" for name, count in self._placed.items())
        return (f"{self._opened}/{self._total} open  {self._joined} joined  "
                f"{self._refused} refused  {self._done} done  |  {placed}")


def start_backend(backend, pool):
    """With the module and keys, serving."""
    token_module.install(backend, pool)
    backend.serve([PORT])
    token_module.wait_for_keys(backend)


def start_backends(bed, screen):
    """Guests with the module, serving; returns their pool."""
    ids = random.SystemRandom().sample(range(2 * MAX_BACKENDS), BACKENDS)
    with screen.progress("boot three guests", lambda: "Debian's stock kernel, emulated by QEMU"):
        backends = bed.guest_backends(ids, files=token_module.guest_files())
        pool = bed.pool(backends, max_backends=MAX_BACKENDS, ports=(PORT,))
    with screen.progress("load joinery_token", lambda: "server keys whose tokens carry the ID"):
        side_by_side(backends, lambda backend: start_backend(backend, pool))
    return pool


def run_mode(bed, screen, balancer, connections):
    """One campaign under the balancer's way of steering."""
    pool, steering = balancer.pool, balancer.steering
    live = Live([plan.name for plan in pool.backends], connections)
    before = {b.plan.name: b.counters() for b in bed.backends}
    # On the balancer's cable: what it received, and to whom it sent it.
    capture = Capture(bed.topology.lan, "port2", bed.directory, f"syns-{steering}", SYN_FILTER)
    begin = time.monotonic()
    with screen.progress("real clients", lambda: str(live)):
        outcome = Campaign(
            bed.topology.client, vip_targets(PORT), connections=connections, workers=WORKERS,
            fetch_bytes=FETCH_BYTES, log=bed.log_path(f"client-{steering}"),
            on_line=live.take).finish()
    seconds = time.monotonic() - begin
    grown = {b.plan.name: growth(before[b.plan.name], b.counters()) for b in bed.backends}
    # Each SYN is there twice, on its way in and on its way out.
    segments = capture.settle(4 * connections, CAPTURE_S)
    return measure(steering, outcome, grown, pool, segments, balancer.steer()["rules"], seconds)


def wait_for_return():
    """Until Return is pressed, or the input ends."""
    sys.stdin.readline()


def run_demo(screen, connections, explore):
    """All of it; returns the two modes."""
    with Testbed() as bed:
        try:
            pool = start_backends(bed, screen)
            balancer = bed.balancer(pool)
            with screen.progress("start joinery-lb", lambda: "DPDK on af_packet, one core"):
                balancer.start()
            modes = []
            for steering, how in MODES.items():
                screen.title(f"steering: {steering}  ({how})")
                if steering != balancer.steering:
                    balancer.restart(steering=steering)
                modes.append(run_mode(bed, screen, balancer, connections))
                describe_examples(screen, modes[-1])
            describe_modes(screen, modes)
            describe_verdict(screen, modes)
            if explore:
                balancer.restart(steering="joinery")
                describe_world(screen, bed, balancer)
                wait_for_return()
            balancer.stop()
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
