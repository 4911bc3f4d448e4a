#!/usr/bin/env python3
"""Measures how fast Joinery steers, beside a plain packet swap in the same run.

The middle: parse, decide and rewrite, alone, over packets in memory. The whole path: joinery-lb
beside dpdk-testpmd on the same virtual ports. Control: what its watchers cost, how soon they
know, and what a change takes in a balancer. docs/benchmarks.md says what the figures mean.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

import cases
import control
import farm
import figure
import programs
import whole_path

DOCS = programs.ROOT / "docs" / "benchmarks"
CORE = 1  # the middle is pinned to it
ENOUGH_QUIET, RETRIES = 20, 2  # a case with fewer quiet pairs is measured again, so often


def machine() -> dict:
    info = pathlib.Path("/proc/cpuinfo").read_text()

    def value(key: str) -> str:
        return next((row.split(":", 1)[1].strip() for row in info.splitlines()
                     if row.startswith(key)), "")
    flags = set(value("flags").split())
    return {"cpu": value("model name"), "cores": os.cpu_count(), "kernel": platform.release(),
            "flags": sorted(flags & {"aes", "avx2", "avx512f", "avx512vbmi", "vaes", "sha_ni"}),
            "compiler": subprocess.run(["g++", "--version"], capture_output=True,
                                       text=True).stdout.split("\n", 1)[0]}


def measure_case(middle: pathlib.Path, case: cases.Case, seconds: float, probe: int | None) -> dict:
    config = farm.write(programs.CACHE / "farms", case.backends, farm.Port(), case.encap,
                        cookies=case.kind == "cookie")
    reference = [] if probe is None else ["--reference-probe", str(probe)]
    printed = programs.run(
        ["taskset", "-c", str(CORE), str(middle), "--config", str(config), "--kind", case.kind,
         "--family", str(case.family), "--packets", str(case.packets), "--engine", case.engine,
         "--seconds", str(seconds), *reference], limit_s=120 + seconds)
    return json.loads(printed) | {"case": case.name, "backends": case.backends,
                                  "encap": case.encap, "goal_ns": case.goal_ns}


def measure_middle(middle: pathlib.Path, chosen: list[cases.Case], seconds: float) -> list[dict]:
    print(f"\nthe middle: ns a packet (median of quiet windows, quartiles)\n"
          f"{'case':<30} {'ns':>7} {'quartiles':>15} {'swap':>7} {'ratio':>6} {'goal':>5} "
          f"{'quiet':>9}", flush=True)
    results, probe = [], None
    for case in chosen:
        row = measure_case(middle, case, seconds, probe)
        for _ in range(RETRIES):
            if row["quiet_pairs"] >= ENOUGH_QUIET:
                break
            row = measure_case(middle, case, seconds, probe)
        probe = row["quickest_probe"]
        results.append(row)
        ns = row["ns"]
        print(f"{case.name:<30} {ns['median']:>7.1f} {ns['low']:>7.1f}-{ns['high']:<7.1f} "
              f"{row['swap_ns']['median']:>7.1f} {row['ratio']['median']:>6.2f} "
              f"{case.goal_ns or '':>5} {row['quiet_pairs']:>4}/{row['pairs']:<4}", flush=True)
    return results


def draw(report: dict) -> str:
    panels = []
    if report["middle"]:
        panels.append(("the middle: parse, decide, rewrite", "ns/packet", [
            {"label": row["case"], **row["ns"], "yardstick": row["swap_ns"]["median"],
             "goal": row["goal_ns"]} for row in report["middle"]]))
    if report["whole_path"]:
        panels.append(("the whole path, one core, net_pcap", "Mpps", [
            {"label": f"{row['program']}, {row['pages']} pages, {row['kind']}", **row["mpps"],
             "yardstick": None, "goal": None} for row in report["whole_path"]]))
    title = f"{report['machine']['cpu']}, {report['commit']}, {report['date']}"
    return figure.draw(title, panels)


def keep(report: dict) -> None:
    """Adds a line to the history and redraws the figure that docs/benchmarks.md shows."""
    DOCS.mkdir(parents=True, exist_ok=True)
    brief = {"date": report["date"], "commit": report["commit"], "cpu": report["machine"]["cpu"],
             "control": report["control"],
             "middle_ns": {row["case"]: row["ns"] for row in report["middle"]},
             "whole_path_mpps": {f"{row['program']}-{row['pages']}-{row['kind']}": row["mpps"]
                                 for row in report["whole_path"]}}
    with (DOCS / "history.jsonl").open("a") as out:
        out.write(json.dumps(brief) + "\n")
    (DOCS / "figure.svg").write_text(draw(report))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="few cases, short windows")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="cases of the middle whose name holds NAME, 'whole-path' or "
                             "'control'; may be given again")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write the report there")
    parser.add_argument("--keep", action="store_true",
                        help="add the report to docs/benchmarks/history.jsonl; redraw the figure")
    parser.add_argument("--programs", type=pathlib.Path, metavar="DIR",
                        help="where the programs are built already, like .bazel/bin")
    args = parser.parse_args()

    middle_names = [name for name in args.only if name not in ("whole-path", "control")]
    with_whole_path = not args.only or "whole-path" in args.only
    with_control = not args.only or "control" in args.only
    with_middle = not args.only or bool(middle_names)
    wanted = [programs.MIDDLE] + ([programs.BALANCER] if with_whole_path else [])
    wanted += [name for name in control.PROGRAMS if with_control and name not in wanted]
    paths = programs.prepare(wanted, args.programs)
    report = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "commit": programs.commit(), "machine": machine(), "middle": [], "whole_path": [],
              "control": {}}
    print(f"{report['machine']['cpu']}, {report['machine']['cores']} cores; {report['commit']}")
    if with_middle:
        report["middle"] = measure_middle(paths[programs.MIDDLE],
                                          cases.chosen(args.short, middle_names),
                                          seconds=0.5 if args.short else 3)
    if with_whole_path:
        report["whole_path"] = whole_path.measure(paths, short=args.short)
    if with_control:
        report["control"] = control.measure(paths, short=args.short)

    programs.CACHE.mkdir(parents=True, exist_ok=True)
    (programs.CACHE / "figure.svg").write_text(draw(report))
    (args.json or programs.CACHE / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    if args.keep:
        keep(report)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except programs.Failure as error:
        sys.exit(programs.fail(error))
