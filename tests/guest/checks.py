"""Named checks that go on after a failure and end with a count."""

import sys
import time


class Checks:
    """Counts what passed and failed, and says each failure at once."""

    def __init__(self):
        self._passed = 0
        self._failed = 0
        self._start = time.monotonic()

    def check(self, name, holds, detail=""):
        """Records one check; detail is shown when it fails."""
        if holds:
            self._passed += 1
        else:
            self._failed += 1
        took = time.monotonic() - self._start
        print(f"{'ok  ' if holds else 'FAIL'} {took:6.1f} s  {name}", flush=True)
        if not holds and detail:
            print("      " + str(detail).rstrip().replace("\n", "\n      "), flush=True)

    def equal(self, name, got, expected):
        """Records whether two values are equal."""
        self.check(name, got == expected, f"expected {expected!r}, got {got!r}")

    def note(self, text):
        """Says something that is not a check: a figure, a heading."""
        print(f"     {time.monotonic() - self._start:6.1f} s  {text}", flush=True)

    def finish(self):
        """Prints the count, for people and for the runner; ends the program."""
        print(f"{self._passed} passed, {self._failed} failed")
        sys.exit(1 if self._failed or not self._passed else 0)
