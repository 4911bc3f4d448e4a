#!/usr/bin/env python3
"""Which lines and branches the unit tests run: a table for each directory, and JSON.

Builds every cc_test without optimisation and with gcc's counters (--config=coverage), runs them,
reads the counters with gcov, and fails where a directory has less than 95 % of its lines, or where
wire/, tokenmap/ or lb/steer/ have a branch that no test takes. Branches that only an exception
takes do not count. What cannot be reached by a unit test is listed, with a reason, in
tools/coverage/uncovered.txt; a row there that is no longer needed is a finding too.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "coverage"
COUNTERS = WORK / "counters"
OUTPUTS = ROOT / ".bazel" / "coverage-bin"
EXECUTION_ROOT_DEPTH = 3  # /proc/self/cwd, where Bazel lets gcc believe that it compiles
LIMIT_S = 900  # for one test
EXCLUDES = [r".*_test\.cc", r".*/testing/.*", r".*_benchmark\.cc", r"tests/.*", r"third_party/.*",
            r"external/.*", r"bazel-out/.*"]


@dataclasses.dataclass(frozen=True)
class Test:
    label: str
    arguments: tuple[str, ...]

    @property
    def path(self) -> str:
        return self.label.removeprefix("//").replace(":", "/")


def run(command: list[str], **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=ROOT, check=True, text=True, **options)


def tests() -> list[Test]:
    """Every cc_test that `bazel test //...` would run, with the arguments that it gives."""
    query = "kind(cc_test, //...) except attr(tags, manual, //...)"
    answer = run(["bazel", "query", "--noshow_progress", "--output=xml", query],
                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = []
    for rule in ElementTree.fromstring(answer.stdout).iter("rule"):
        arguments = [item.get("value") for values in rule.findall("list[@name='args']")
                     for item in values]
        label = rule.get("name")
        package = label.removeprefix("//").partition(":")[0]
        found.append(Test(label, tuple(file_of(text, package) for text in arguments)))
    return found


def file_of(argument: str, package: str) -> str:
    """$(location corpus/x) and $(location //a:b), as the path in a test's runfiles."""
    if not argument.startswith("$(location "):
        return argument
    label = argument.removeprefix("$(location ").removesuffix(")")
    if not label.startswith("//"):
        return f"{package}/{label.removeprefix(':')}"
    return label.removeprefix("//").replace(":", "/")


def run_test(test: Test) -> str:
    """Nothing, or what went wrong."""
    program = OUTPUTS / test.path
    log = WORK / "logs" / (test.path.replace("/", "_") + ".log")
    scratch = WORK / "tmp" / test.path.replace("/", "_")
    scratch.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GCOV_PREFIX": str(COUNTERS),
                   "GCOV_PREFIX_STRIP": str(EXECUTION_ROOT_DEPTH),
                   "TEST_TMPDIR": str(scratch), "TEST_SRCDIR": f"{program}.runfiles"}
    with log.open("w") as out:
        try:
            code = subprocess.run([program, *test.arguments], cwd=f"{program}.runfiles/joinery",
                                  env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, timeout=LIMIT_S).returncode
        except subprocess.TimeoutExpired:
            code = -1
    return "" if code == 0 else f"{test.label} failed (exit {code}); see {log}"


def run_tests(wanted: list[Test]) -> list[str]:
    (WORK / "logs").mkdir(parents=True, exist_ok=True)
    run(["rm", "-rf", str(COUNTERS)])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [complaint for complaint in pool.map(run_test, wanted) if complaint]


def pair_notes() -> list[pathlib.Path]:
    """The compiler's notes lie beside the objects, the counters where the tests were told to leave
    them; gcov wants both in one place. Returns the counters."""
    paired = []
    for counters in COUNTERS.rglob("*.gcda"):
        notes = counters.with_suffix(".gcno")
        built = OUTPUTS / notes.relative_to(next(COUNTERS.glob("bazel-out/*/bin")))
        if not built.exists():
            continue  # of a folder that is not asked about
        if not notes.exists():
            notes.symlink_to(built.resolve())
        paired.append(counters)
    return paired


def gcov(counters: pathlib.Path) -> dict:
    answer = run(["gcov", "--json-format", "--stdout", "--branch-probabilities", str(counters)],
                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(answer.stdout)


def read_counters() -> dict[str, list[report.Line]]:
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        merged = report.merge(pool.map(gcov, pair_notes()))
    wanted = {path: lines for path, lines in merged.items()
              if not path.startswith("/") and not any(re.match(p, path) for p in EXCLUDES)}
    return report.lines_of(wanted, ROOT)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run coverage", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, default=WORK / "coverage.json",
                        help="where the figures go (default: %(default)s)")
    parser.add_argument("--read", action="store_true",
                        help="build and run nothing: read the counters that are there")
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)

    if not args.read:
        wanted = tests()
        run(["bazel", "build", "--config=coverage", *(test.label for test in wanted)])
        if complaints := run_tests(wanted):
            print("\n".join(complaints), file=sys.stderr)
            return 1
    rows = report.read_rows(ROOT / "tools" / "coverage" / "uncovered.txt")
    result = report.judge(read_counters(), rows)
    args.json.write_text(json.dumps(result.as_json(), indent=1) + "\n")
    print(result.table())
    for finding in result.findings:
        print(finding)
    print(f"coverage: {len(result.findings)} findings; figures in {args.json}")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
