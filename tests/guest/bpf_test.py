#!/usr/bin/env python3
"""The tc programs of the timestamp cookie in Debian's stock kernel: the tests of tests/bpf, run in
a guest. Its verifier is an older one, and it has no bpf_cast_to_kern_ctx, so a helper of the
kernel's writes the checksums."""

import argparse
import os
import pathlib
import re
import subprocess

from checks import Checks
from guest import Guest, GuestError, NeedError

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ("attach_test", "rewrite_test", "socket_test")
VECTORS = "tokenmap/testdata/cookie_vectors.txt"
TOP = "/top"  # in the guest: as the top of the tree
DEADLINE_S = 240


def try_all(checks, guest):
    """Each test is a check; what it says is shown when it fails."""
    guest.check("mkdir -p /mnt")
    for test in TESTS:
        status, said = guest.run(f"cd {TOP} && ./{test} 2>&1", DEADLINE_S)
        passed = re.search(r"\[  PASSED  \] (\d+) tests?\.", said)
        checks.check(f"{test}: {passed.group(1) if passed else 'not all'} cases",
                     status == 0 and passed, said)
    trouble = guest.run("dmesg | grep -E 'BUG|WARNING|Oops|Call Trace'")[1]
    checks.equal("the kernel's log has no trouble", trouble, "")


def main():
    """Builds, boots, runs."""
    os.environ.setdefault("LC_ALL", "C")
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path,
                        help="directory of the built tests; without it they are built")
    options = parser.parse_args()
    checks = Checks()
    try:
        if options.bin is None:
            subprocess.run(["bazel", "build", *(f"//tests/bpf:{test}" for test in TESTS)],
                           cwd=ROOT, check=True)
            options.bin = ROOT / ".bazel/bin/tests/bpf"
        files = {f"{TOP}/{test}": str(options.bin / test) for test in TESTS}
        files[f"{TOP}/{VECTORS}"] = str(ROOT / VECTORS)
        with Guest("bpf", memory_mib=256, files=files,
                   modules=("sch_ingress", "cls_bpf")) as guest:
            try:
                try_all(checks, guest)
            except GuestError as error:
                checks.check("the test itself", False, f"{error}\n{guest.console()}")
    except (NeedError, subprocess.CalledProcessError) as error:
        checks.check("the test itself", False, error)
    checks.finish()


if __name__ == "__main__":
    main()
