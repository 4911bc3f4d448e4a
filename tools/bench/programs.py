"""Builds the programs that the benchmark runs, or finds those that are built already."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"
MIDDLE = "tools/bench/middle"
BALANCER = "lb/joinery-lb"
WATCHERS = "tools/bench/watchers"
CHANGE = "tools/bench/change"
CONTROL = "control/joinery-control"
JOINCTL = "control/ctl/joinctl"


class Failure(Exception):
    """Something is missing or went wrong; the text says what and how to mend it."""


def prepare(names: list[str], directory: pathlib.Path | None) -> dict[str, pathlib.Path]:
    """Paths of the programs named. Without a directory they are built first."""
    if directory is None:
        labels = ["//" + ":".join(name.rsplit("/", 1)) for name in names]
        log = CACHE / "build.log"
        CACHE.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            code = subprocess.run(["bazel", "build", *labels], cwd=ROOT, stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=subprocess.STDOUT).returncode
        if code != 0:
            raise Failure(f"the build failed; all of its output is in {log.relative_to(ROOT)}")
        directory = ROOT / ".bazel" / "bin"
    paths = {name: directory / name for name in names}
    for path in paths.values():
        if not path.exists():
            raise Failure(f"{path} is missing; leave --programs away to build it")
    return paths


def run(command: list[str], limit_s: float) -> str:
    """Standard output of a command that must succeed."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit_s)
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is not installed; ./run setup installs it") from error
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{command[0]} did not end within {limit_s:.0f} s: {command}") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


def commit() -> str:
    """The commit that was measured; '+' when the tree had other changes."""
    def git(*args: str) -> str:
        return subprocess.run(["git", *args], cwd=ROOT, capture_output=True,
                              text=True).stdout.strip()
    return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "-uno")
                                                     else "")


def fail(error: Failure) -> int:
    print(f"bench: {error}", file=sys.stderr)
    return 1
