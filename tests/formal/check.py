#!/usr/bin/env python3
"""Checks rotation.pml with spin: as it is no state breaks it, without each rule some state does."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).with_name("rotation.pml")
RULES = ["FORGETFUL", "NOT_ALL_LEASED", "NO_BARRIER", "NOT_FLUSHED", "NOT_ZERO"]
DEPTH = 3_000_000  # steps of one search path; fewer than this are reached
LIMIT_S = 300


def search(rule: str | None) -> tuple[int, int]:
    """Errors and states of one search, with one rule left out."""
    with tempfile.TemporaryDirectory() as folder:
        left_out = [f"-D{rule}"] if rule else []
        subprocess.run(["spin", "-a", *left_out, MODEL], cwd=folder, check=True)
        subprocess.run(["gcc", "-O2", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], cwd=folder,
                       check=True)
        found = subprocess.run(["./pan", f"-m{DEPTH}", "-w24"], cwd=folder, check=True,
                               capture_output=True, text=True, timeout=LIMIT_S).stdout
    if "max search depth too small" in found:
        raise RuntimeError("the search was cut short: raise DEPTH")
    errors = re.search(r"errors: (\d+)", found)
    states = re.search(r"(\d+) states, stored", found)
    return int(errors.group(1)), int(states.group(1))


def main() -> int:
    if not shutil.which("spin"):
        print("check: spin is missing: apt-get install spin", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1
    failed = 0
    for rule in [None, *RULES]:
        errors, states = search(rule)
        good = (errors == 0) == (rule is None)
        failed += not good
        name = f"without the rule {rule}" if rule else "as it is"
        word = "ok  " if good else "FAIL"
        print(f"{word} {name}: {errors} errors in {states} states", flush=True)
    print(f"{1 + len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
