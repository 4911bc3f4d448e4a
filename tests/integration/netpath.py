#!/usr/bin/env python3
"""The path emulator with real kernels at both ends: delay, rate, loss and queue are what was asked
for, and the same seed loses the same packets."""

import json
import re

from scenario import run_scenario
from host import wait_until
from need import our_program

DEVICE = "path"
ADDRESSES = ("198.18.7.1", "198.18.7.2")
READY_S = 10
DELAY_MS = 20
RATE_MBIT = 20
LOSS_PERCENT = 10
PINGS = 300
IPERF_S = 3
IPERF_DEADLINE_S = 30
SEEDS = (5, 5, 6)


class Path:
    """joinery-netpath between two hosts."""

    def __init__(self, bed, hosts, name, *options):
        self._process = hosts[0].spawn(
            [our_program("joinery-netpath"), DEVICE, f"{hosts[1].netns}/{DEVICE}", *options],
            bed.log_path(f"netpath-{name}"))
        self._process.wait_for_output("ready", READY_S)
        for host, address in zip(hosts, ADDRESSES):
            # No packet but the test's own, or the seed would not tell what is lost.
            host.sysctl({f"net.ipv6.conf.{DEVICE}.disable_ipv6": 1})
            host.ip(f"address add {address}/24 dev {DEVICE}", f"link set dev {DEVICE} up")

    def stop(self):
        """(exit status, the counters of both directions)."""
        status = self._process.stop()
        return status, json.loads(self._process.output().splitlines()[-1])


def ping(host, count):
    """(answers, the shortest round trip in ms)."""
    said = host.run("ping", "-q", "-i", "0.002", "-W", "1", "-c", str(count), ADDRESSES[1],
                    check=False).stdout
    answers = int(re.search(r"(\d+) received", said).group(1))
    shortest = re.search(r"= ([\d.]+)/", said)
    return answers, float(shortest.group(1)) if shortest else None


def try_delay(bed, checks, hosts):
    """A round trip takes the delays of both directions."""
    path = Path(bed, hosts, "delay", "--delay-ms", f"{DELAY_MS},{DELAY_MS / 2}")
    answers, shortest = ping(hosts[0], PINGS)
    checks.check("without loss every ping is answered", answers == PINGS, answers)
    checks.between("round trip, ms", shortest, 1.5 * DELAY_MS, 2.5 * DELAY_MS)
    status, counters = path.stop()
    checks.check("SIGTERM ends it with status 0", status == 0, status)
    for direction in ("a_to_b", "b_to_a"):
        checks.check(f"{direction}: all delivered",
                     counters[direction]["delivered"] == PINGS, counters[direction])


def try_rate(bed, checks, hosts):
    """TCP fills the rate and not more; what the queue does not hold is dropped."""
    path = Path(bed, hosts, "rate", "--rate-mbit", str(RATE_MBIT), "--queue", "20")
    server = hosts[1].spawn(["iperf3", "-s", "-1", "--forceflush"], bed.log_path("iperf3"))
    server.wait_for_output("Server listening", READY_S)
    said = hosts[0].run("iperf3", "-c", ADDRESSES[1], "-t", str(IPERF_S), "-J",
                        deadline_s=IPERF_DEADLINE_S).stdout
    mbit = json.loads(said)["end"]["sum_received"]["bits_per_second"] / 1e6
    checks.between("goodput, Mbit/s", mbit, 0.5 * RATE_MBIT, RATE_MBIT)
    wait_until(lambda: server.poll() is not None, READY_S, "iperf3's server ends")
    _, counters = path.stop()
    checks.check("the queue overflowed", counters["a_to_b"]["overflowed"] > 0, counters)
    checks.check("nothing was lost otherwise", counters["a_to_b"]["lost"] == 0, counters)


def try_loss(bed, checks, hosts):
    """The same seed loses the same packets."""
    lost = []
    for number, seed in enumerate(SEEDS):
        path = Path(bed, hosts, f"loss-{number}", "--loss-percent", str(LOSS_PERCENT), "--seed",
                    str(seed))
        answers, _ = ping(hosts[0], PINGS)
        _, counters = path.stop()
        lost.append((counters["a_to_b"]["lost"], counters["b_to_a"]["lost"]))
        checks.check(f"seed {seed}: what is missing was lost, run {number}",
                     answers == PINGS - sum(lost[-1]), (answers, lost[-1]))
        checks.between(f"seed {seed}: lost of {PINGS}, run {number}", lost[-1][0],
                       PINGS * LOSS_PERCENT // 200, PINGS * LOSS_PERCENT // 50)
    checks.check("the same seed loses the same packets", lost[0] == lost[1], lost)


def scenario(bed, checks):
    """One path after the other between the same two hosts."""
    hosts = [bed.topology.host("path-a"), bed.topology.host("path-b")]
    try_delay(bed, checks, hosts)
    try_rate(bed, checks, hosts)
    try_loss(bed, checks, hosts)


if __name__ == "__main__":
    run_scenario(scenario)
