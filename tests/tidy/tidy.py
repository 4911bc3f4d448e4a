#!/usr/bin/env python3
"""Checks the house rules of docs/style.md over the whole tree; prints each break with its place.

exceptions.txt holds what may break them and why. It is a ratchet: a length in it may only shrink,
and an exception that is no longer needed is a finding too.
"""

import dataclasses
import fnmatch
import pathlib
import sys

import code_rules
import doc_rules
import text_rules
from source_tree import Finding, Tree, read_tree

EXCEPTIONS = "tests/tidy/exceptions.txt"
RULES = [*text_rules.RULES, *code_rules.RULES, *doc_rules.RULES]


@dataclasses.dataclass
class Exemption:
    """One line of exceptions.txt: `rule | path | limit or - | reason`."""

    line: int
    rule: str
    path: str  # may hold * and ?
    limit: int | None
    reason: str
    largest: int | None = None  # measure that it excused
    used: bool = False

    def excuses(self, finding: Finding) -> bool:
        if finding.rule != self.rule or not fnmatch.fnmatchcase(finding.path, self.path):
            return False
        if finding.measure is not None and (self.limit is None or finding.measure > self.limit):
            return False
        self.used = True
        self.largest = max(finding.measure or 0, self.largest or 0)
        return True


def read_exemptions(tree: Tree) -> tuple[list[Exemption], list[Finding]]:
    exemptions, findings = [], []
    file = tree.find(EXCEPTIONS)
    for number, line in enumerate(file.lines if file else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4 or not all(parts) or not (parts[2] == "-" or parts[2].isdigit()):
            findings.append(Finding("exception", EXCEPTIONS, number,
                                    "expected: rule | path | limit or - | reason"))
            continue
        limit = None if parts[2] == "-" else int(parts[2])
        exemptions.append(Exemption(number, parts[0], parts[1], limit, parts[3]))
    return exemptions, findings


def stale(exemptions: list[Exemption]) -> list[Finding]:
    findings = []
    for exemption in exemptions:
        if not exemption.used:
            findings.append(Finding("exception", EXCEPTIONS, exemption.line,
                                    f"{exemption.rule} {exemption.path} needs no exception"))
        elif exemption.limit is not None and exemption.largest < exemption.limit:
            findings.append(Finding("exception", EXCEPTIONS, exemption.line,
                                    f"it shrank: lower {exemption.limit} to {exemption.largest}"))
    return findings


def check(tree: Tree) -> list[Finding]:
    exemptions, findings = read_exemptions(tree)
    for rule in RULES:
        for finding in rule(tree):
            if not any([exemption.excuses(finding) for exemption in exemptions]):
                findings.append(finding)
    return sorted(findings + stale(exemptions), key=lambda f: (f.path, f.line, f.rule))


def main() -> int:
    root = pathlib.Path(__file__).resolve().parents[2]
    tree = read_tree(root)
    findings = check(tree)
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}")
    print(f"tidy: {len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
