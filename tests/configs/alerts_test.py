#!/usr/bin/env python3
"""configs/prometheus: promtool takes the rules, and plays a case for each alarm; each alarm says
what it means, stands on metrics that docs/metrics.md lists, and has its row in
docs/operations.md."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).absolute().parents[2]
FOLDER = ROOT / "configs" / "prometheus"


def promtool(*arguments):
    """(status, output); in the folder, since paths in its files are relative."""
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def alarms():
    """{name: the text of its rule}."""
    parts = re.split(r"^      - alert: (\w+)$", (FOLDER / "alerts.yaml").read_text("utf-8"),
                     flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


class Alerts(unittest.TestCase):
    """One check a method."""

    def check(self, status, output):
        """promtool found nothing."""
        self.assertEqual(status, 0, output)

    def test_rules_are_valid(self):
        """And so is the example that loads them."""
        self.check(*promtool("check", "rules", "alerts.yaml"))
        self.check(*promtool("check", "config", "prometheus.example.yaml"))

    def test_cases_hold(self):
        """Each alarm fires when it should, with the words that it should have."""
        self.check(*promtool("test", "rules", "alerts_test.yaml"))

    def test_each_has_a_case(self):
        """In alerts_test.yaml, by name."""
        text = (FOLDER / "alerts_test.yaml").read_text("utf-8")
        cases = re.findall(r"^  - name: (\w+)$", text, re.MULTILINE)
        self.assertEqual(sorted(cases), sorted(alarms()))

    def test_each_says_what_to_know(self):
        """Severity, summary, description, where to read on."""
        for name, rule in alarms().items():
            with self.subTest(name):
                self.assertRegex(rule, r"labels: \{severity: (critical|warning)\}")
                for word in ("summary", "description", "runbook"):
                    self.assertRegex(rule, rf"\n          {word}: \S")

    def test_each_has_its_row_in_the_runbook(self):
        """And the runbook has no other."""
        text = (ROOT / "docs" / "operations.md").read_text("utf-8")
        rows = re.findall(r"^\| `(Joinery\w+)` \| \S", text, re.MULTILINE)
        self.assertEqual(sorted(rows), sorted(alarms()))

    def test_metrics_are_documented(self):
        """So that a renamed metric does not silence its alarm."""
        known = set(re.findall(r"^\| `(joinery_\w+)`",
                               (ROOT / "docs" / "metrics.md").read_text("utf-8"), re.MULTILINE))
        for name, rule in alarms().items():
            with self.subTest(name):
                used = set(re.findall(r"joinery_\w+", rule))
                self.assertEqual(used - known, set())


if __name__ == "__main__":
    unittest.main()
