#!/usr/bin/env python3
"""Builds and runs every test of Joinery, step by step, and ends with the line 'N passed, N failed'.

A step is a command. Its tests are counted from what it reports: the XML files of Bazel's tests, or
the closing line 'N passed, N failed' of a script. A step that fails without saying how many tests
failed counts as one failure, so nothing that goes wrong is left out of the sum.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / ".cache" / "test"
EVENTS = LOGS / "bazel_events.json"
CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
TAIL_LINES = 60
# A script's check, a case of GoogleTest, a target of Bazel.
FAILED_LINE = re.compile(r"^(FAIL |\[  FAILED  \] |//\S+ .*\b(FAILED|TIMEOUT|NO STATUS)\b|ERROR: )")
FAILED_LINES = 20
LINE_CHARACTERS = 300


@dataclasses.dataclass
class Step:
    """One row of the run: `command` from the top of the tree; `what` says it to the reader."""

    name: str
    what: str
    command: list[str]
    limit_s: int
    bazel: bool = False
    long_command: list[str] | None = None  # instead of `command` in a --long run
    long_limit_s: int = 0


@dataclasses.dataclass
class Result:
    passed: int
    failed: int
    seconds: float


def script(path: str, *args: str) -> list[str]:
    return ["python3", path, *args]


# They load BPF programs, so they run as root and outside of the sandbox; //... leaves them out.
BPF_TESTS = [f"//tests/bpf:{name}_test" for name in ("attach", "rewrite", "socket")]

STEPS = [
    Step("unit", "unit, property, vector and differential tests, house rules",
         ["bazel", "test", "--keep_going", f"--build_event_json_file={EVENTS}",
          "//..."], limit_s=2400, bazel=True),
    Step("bpf", "the tc programs of the timestamp cookie, by test runs in the kernel",
         ["bazel", "test", f"--build_event_json_file={EVENTS}", *BPF_TESTS], limit_s=900,
         bazel=True),
    Step("simulator", "20,000 histories of the control plane with faults; broken rules show",
         ["bazel", "run", "//tests/simulator:simulate", "--", "--histories", "20000", "--mutants"],
         limit_s=600,
         long_command=["bazel", "run", "//tests/simulator:simulate", "--", "--histories",
                       "1000000", "--mutants"], long_limit_s=7200),
    Step("formal", "spin: rotation and leases, and each of their rules left out",
         script("tests/formal/check.py"), limit_s=900),
    Step("fuzz", "every parser under libFuzzer for a minute in all", ["tests/fuzz/run", "60"],
         limit_s=900, long_command=["tests/fuzz/run", "7200"], long_limit_s=9000),
    Step("instructions", "instructions a packet in the middle, against the committed count",
         ["tools/bench/instructions"], limit_s=900),
    Step("programs", "build the programs that the steps below run", ["./run", "build"],
         limit_s=1800),
    Step("netns", "joinery-lb between namespaces: forwarding, neighbours, reload, two queues",
         script("tests/dpdk/netns_forward_test.py"), limit_s=300),
    Step("vlan", "joinery-lb on a port with a VLAN tag",
         script("tests/dpdk/netns_vlan_test.py"), limit_s=300),
    Step("bond", "joinery-lb on a bond of two interfaces, one lcore and two",
         script("tests/dpdk/netns_bond_test.py"), limit_s=300),
    Step("user", "joinery-lb without root's rights: forwarding, reload",
         script("tests/dpdk/netns_user_test.py"), limit_s=300),
    Step("follow", "joinery-lb follows control: new views under load, an outage, a restart",
         script("tests/dpdk/netns_follow_test.py"), limit_s=300),
    Step("fragments", "datagrams in pieces through joinery-lb, and kernels put them together",
         script("tests/dpdk/netns_fragments_test.py"), limit_s=300),
    Step("testbed", "the testbed itself: topology, clean-up",
         script("tests/testbed/testbed_test.py"), limit_s=300),
    Step("netpath", "the path emulator: delay, rate, loss by seed",
         script("tests/integration/netpath.py"), limit_s=300),
    Step("guest", "Debian's stock kernel in QEMU and its command channel",
         script("tests/guest/guest_test.py"), limit_s=300),
    Step("kmod", "the kernel module in a guest", script("tests/guest/kmod_test.py"), limit_s=600),
    Step("bpf_guest", "the tc programs of the cookie in Debian's stock kernel",
         script("tests/guest/bpf_test.py"), limit_s=900),
    Step("agent", "joinery-agent in a guest: module, rotation, tokens in use, leases",
         script("tests/guest/agent_test.py"), limit_s=600),
    Step("first_light", "300 MPTCP connections, IPv4 and IPv6, every join on its backend",
         script("tests/integration/first_light.py"), limit_s=600),
    Step("explicit", "explicit tokens land on their backend",
         script("tests/integration/explicit.py"), limit_s=300),
    Step("balancers", "two balancers, one configuration, equal verdicts",
         script("tests/integration/two_balancers.py"), limit_s=300),
    Step("reload", "reloads under load break nothing",
         script("tests/integration/reload_under_load.py"), limit_s=300),
    Step("tunnels", "stock kernels take off what ipip and gue put in front",
         script("tests/integration/tunnels.py"), limit_s=300),
    Step("pmtu", "path MTU discovery through the balancer, quotes long and short",
         script("tests/integration/pmtu.py"), limit_s=300),
    Step("cookie_wire", "the cookie between real kernels: transfers, SYN cookies, an epoch step",
         script("tests/integration/cookie_wire.py"), limit_s=600),
    Step("probe", "health checks on the path of client traffic",
         script("tests/integration/probe_path.py"), limit_s=300),
    Step("health", "control's health checks move new connections, and no old one",
         script("tests/integration/health.py"), limit_s=300),
    Step("prometheus", "Prometheus scrapes control, balancer and agents; alarms come and go",
         script("tests/integration/prometheus.py"), limit_s=600),
    Step("control_plane", "all of Joinery under load: rotations, drain, crashes, membership",
         script("tests/integration/control_plane.py"), limit_s=600),
    Step("applications", "nginx, curl and iperf3 through the balancer",
         script("tests/integration/real_applications.py"), limit_s=300),
]


def bazel_counts(events: pathlib.Path) -> tuple[int, int]:
    """Test cases passed and failed, from the XML reports that a run's build events name."""
    passed = failed = 0
    for line in events.read_text().splitlines() if events.exists() else []:
        for output in json.loads(line).get("testResult", {}).get("testActionOutput", []):
            if output["name"] != "test.xml":
                continue
            report = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
            for case in ElementTree.parse(report).getroot().iter("testcase"):
                bad = case.find("failure") is not None or case.find("error") is not None
                passed, failed = passed + (not bad), failed + bad
    return passed, failed


def script_counts(log: pathlib.Path) -> tuple[int, int]:
    found = CLOSING_LINE.findall(log.read_text(errors="replace"))
    if not found:
        return 0, 0
    return int(found[-1][0]), int(found[-1][1])


def run_step(step: Step, long: bool) -> Result:
    use_long = long and step.long_command is not None
    command = step.long_command if use_long else step.command
    limit_s = step.long_limit_s if use_long else step.limit_s
    log = LOGS / f"{step.name}.log"
    start = time.monotonic()
    with log.open("wb") as out:
        try:
            code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, timeout=limit_s).returncode
        except subprocess.TimeoutExpired:
            out.write(f"\nrun_tests: stopped after its limit of {limit_s} s\n".encode())
            code = -1
    passed, failed = bazel_counts(EVENTS) if step.bazel else script_counts(log)
    if code != 0:
        failed = max(failed, 1)
    return Result(passed, failed, time.monotonic() - start)


def show_failure(step: Step) -> None:
    log = LOGS / f"{step.name}.log"
    lines = log.read_text(errors="replace").splitlines()
    print(f"---- {step.name} failed; the end of {log.relative_to(ROOT)}:")
    # Indented, so that no line of it reads as this run's own closing line.
    print("\n".join("    " + line for line in lines[-TAIL_LINES:]))
    print("----", flush=True)


def failed_lines(step: Step) -> list[str]:
    """What a failed step says of its failures, short: the last lines when it names none."""
    lines = (LOGS / f"{step.name}.log").read_text(errors="replace").splitlines()
    found = [number for number, line in enumerate(lines) if FAILED_LINE.match(line)]
    shown = sorted({*found, *(number + 1 for number in found)} & set(range(len(lines))))
    return [lines[number][:LINE_CHARACTERS] for number in shown[:FAILED_LINES]] or lines[-3:]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="the long proofs too (hours)")
    parser.add_argument("--only", metavar="STEP", action="append", default=[],
                        choices=[step.name for step in STEPS],
                        help="run only this step (may be given again): "
                        + ", ".join(step.name for step in STEPS))
    args = parser.parse_args()
    if os.geteuid() != 0:
        print("run_tests: needs root for network namespaces: sudo ./run test", file=sys.stderr)
        return 1

    LOGS.mkdir(parents=True, exist_ok=True)
    steps = [step for step in STEPS if not args.only or step.name in args.only]
    results: dict[str, Result] = {}
    for step in steps:
        print(f"{step.name:<14} {step.what} ...", flush=True)
        results[step.name] = result = run_step(step, args.long)
        counts = f"{result.passed} passed, {result.failed} failed"
        print(f"{step.name:<14} {counts} in {result.seconds:.0f} s", flush=True)
        if result.failed:
            show_failure(step)

    print("\nwhere the time went:")
    for name, result in sorted(results.items(), key=lambda item: -item[1].seconds):
        print(f"  {name:<14} {result.seconds:6.0f} s")
    bad = [step for step in steps if results[step.name].failed]
    if bad:
        print("\nwhat failed:")
    for step in bad:
        print("\n".join(f"  {step.name:<14} {line}" for line in failed_lines(step)))
    passed = sum(result.passed for result in results.values())
    failed = sum(result.failed for result in results.values())
    if passed == 0:
        failed = max(failed, 1)  # a run without a test is no proof
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
