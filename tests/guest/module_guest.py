"""The frame of a test of the kernel module: builds what it needs, boots one guest with it, tries
everything there, and says what held."""

import argparse
import os
import pathlib
import subprocess

from checks import Checks
from guest import Guest, GuestError, NeedError

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = "/m/joinery_token.ko"  # in the guest


def _options(description: str, programs: dict[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bin", type=pathlib.Path,
                        help="Bazel's output with " + " and ".join(programs.values()) +
                             "; without it they are built")
    parser.add_argument("--module", type=pathlib.Path,
                        help="the module; without it backend/kmod/build makes it")
    return parser.parse_args()


def _build(options: argparse.Namespace, programs: dict[str, str]) -> None:
    if options.bin is None:
        subprocess.run(["bazel", "build", *programs.values()], cwd=ROOT, check=True)
        options.bin = ROOT / ".bazel/bin"
    if options.module is None:
        options.module = ROOT / ".cache/kmod/joinery_token.ko"
        subprocess.run([ROOT / "backend/kmod/build", options.module.parent], check=True)


def run(name: str, description: str, programs: dict[str, str], try_all) -> None:
    """The whole of such a test's main. `programs`: paths in the guest and their Bazel labels;
    try_all(checks, guest) does the test. Ends the process with its result."""
    os.environ.setdefault("LC_ALL", "C")
    options = _options(description, programs)
    _build(options, programs)
    files = {MODULE: str(options.module)}
    files |= {path: str(options.bin / label.strip("/").replace(":", "/"))
              for path, label in programs.items()}
    checks = Checks()
    try:
        with Guest(name, memory_mib=256, cpus=2, files=files) as guest:
            try:
                try_all(checks, guest)
            except GuestError as error:
                checks.check("the test itself", False, f"{error}\n{guest.console()}")
    except NeedError as error:
        checks.check("the test itself", False, error)
    checks.finish()
