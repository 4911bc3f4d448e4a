"""Rules about the text of any file."""

import re

from source_tree import Finding, Tree

MAX_COLUMNS = 100
# Written in two parts, so that this file does not break its own rules.
_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.>/-])/(?:wo" r"rk|ho" r"me|ro" r"ot)/\w|/tmp/(?:ob|s)/")
_LOCK_FILES = {"package-lock.json"}


def columns(tree: Tree):
    for file in tree.files:
        if not file.is_code:
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_COLUMNS and "http" not in line:
                yield Finding("columns", file.path, number,
                              f"{len(line)} columns; allowed {MAX_COLUMNS}")


def white_space(tree: Tree):
    for file in tree.files:
        if not (file.is_code or file.is_doc):
            continue
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip():
                yield Finding("white-space", file.path, number, "blanks at the end of the line")
            if "\t" in line and not file.path.startswith("backend/kmod/module/"):
                yield Finding("white-space", file.path, number, "a tab")
        if file.text and not file.text.endswith("\n"):
            yield Finding("white-space", file.path, len(file.lines), "no line end at the end")


def unfinished(tree: Tree):
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if found := _UNFINISHED.search(line):
                yield Finding("unfinished", file.path, number,
                              f"{found.group(1)}: do it, or open an issue")


def machine_paths(tree: Tree):
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if found := _MACHINE_PATH.search(line):
                yield Finding("machine-path", file.path, number,
                              f"{found.group()}: a path of one machine")
    for path, target in tree.links.items():
        if target.startswith("/"):
            yield Finding("machine-path", path, 1, f"a link to {target}")


def lock_files(tree: Tree):
    """A lock file pins versions and hashes; where they come from is the machine's setting."""
    for file in tree.files:
        if file.name not in _LOCK_FILES:
            continue
        for number, line in enumerate(file.lines, 1):
            if '"resolved"' in line:
                yield Finding("lock-file", file.path, number,
                              "names a registry; npm config: omit-lockfile-registry-resolved")


def shell_safety(tree: Tree):
    for file in tree.files:
        if file.is_shell and "set -euo pipefail" not in file.lines:
            yield Finding("shell", file.path, 1, "no line 'set -euo pipefail'")


RULES = [columns, white_space, unfinished, machine_paths, lock_files, shell_safety]
