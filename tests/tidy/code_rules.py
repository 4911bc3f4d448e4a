"""Rules about programs: size, what may be included where, what is tested."""

import pathlib
import re
import statistics

from build_files import libraries
from functions import functions
from source_tree import Finding, Tree

MAX_LINES = 500
MAX_TEST_LINES = 600
MAX_FUNCTION_LINES = 70
MAX_MEDIAN_LINES = 150

# The arrows of docs/architecture.md: what the files of a folder may include. The longest prefix
# counts; a folder may always include itself.
_LB_PURE = ["base", "crypto", "wire", "tokenmap", "settings"]
ARROWS = {
    "base": [],
    "crypto": ["base"],
    "wire": ["base"],
    "tokenmap": ["base", "crypto"],
    "settings": ["base", "crypto", "tokenmap"],
    "api": ["base", "crypto", "tokenmap", "settings"],
    "lb": [*_LB_PURE, "api", "lb"],
    "lb/steer": _LB_PURE,
    "lb/forward": [*_LB_PURE, "lb/steer"],
    "lb/neighbour": ["base", "wire", "settings"],
    "lb/explain": [*_LB_PURE, "api", "lb/steer", "lb/follow"],
    "lb/follow": [*_LB_PURE, "api", "lb/steer"],
    "lb/dpdk": [*_LB_PURE, "api", "lb/steer", "lb/forward", "lb/neighbour", "lb/explain",
                "lb/follow"],
    "control": ["base", "crypto", "tokenmap", "settings", "api"],
    # Checks go the way that client traffic goes, by the balancer's own code.
    "control/health": ["base", "crypto", "tokenmap", "settings", "wire", "lb/steer", "lb/forward"],
    # docs/decisions/0005: joinctl answers from files with the balancer's own decision.
    "control/ctl": ["base", "crypto", "tokenmap", "settings", "api", "control", "lb/explain"],
    "control/daemon": ["base", "crypto", "tokenmap", "settings", "api", "control", "lb/steer"],
    "backend": ["base", "crypto", "tokenmap", "settings", "api"],
    "endpoint": ["base", "crypto", "wire", "tokenmap"],
}
_QUOTED_INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
_PURE = ("wire/", "tokenmap/", "lb/steer/", "lb/follow/", "control/model/")
_BANNED_IN_PURE = {
    re.compile(r"\bs?rand\("): "randomness is passed in (base/random.h)",
    re.compile(r"\bsystem_clock\b"): "time is passed in (base/clock.h)",
}


def file_length(tree: Tree):
    for file in tree.files:
        limit = MAX_TEST_LINES if file.is_test else MAX_LINES
        if file.is_code and len(file.lines) > limit:
            yield Finding("length", file.path, limit + 1,
                          f"{len(file.lines)} lines; allowed {limit}", measure=len(file.lines))


def median_length(tree: Tree):
    lengths = [len(file.lines) for file in tree.files if file.is_cpp and not file.is_test]
    if lengths and (median := statistics.median(lengths)) > MAX_MEDIAN_LINES:
        yield Finding("length", "", 0, f"the median file has {median:.0f} lines; allowed "
                                       f"{MAX_MEDIAN_LINES}")


def function_length(tree: Tree):
    for file in tree.files:
        for name, first, last in functions(file):
            if (count := last - first + 1) > MAX_FUNCTION_LINES:
                yield Finding("function-length", file.path, first,
                              f"{name} has {count} lines; allowed {MAX_FUNCTION_LINES}",
                              measure=count)


def headers(tree: Tree):
    for file in tree.files:
        if file.suffix != ".h" or not file.lines:
            continue
        if not file.lines[0].startswith(("//", "/*")):
            yield Finding("header", file.path, 1, "does not start with what it is")
        if "#pragma once" not in file.lines and not re.search(r"^#ifndef \w+_H", file.text, re.M):
            yield Finding("header", file.path, 1, "no #pragma once")


def _folder_rule(path: str) -> tuple[str, list[str]] | None:
    fitting = [folder for folder in ARROWS if path.startswith(folder + "/")]
    if not fitting:
        return None
    folder = max(fitting, key=len)
    return folder, [*ARROWS[folder], folder]


def _within(folder: str, allowed: list[str]) -> bool:
    return any(folder == one or folder.startswith(one + "/") for one in allowed)


def layering(tree: Tree):
    for file in tree.files:
        rule = _folder_rule(file.path)
        if rule is None or not file.is_c_like:
            continue
        folder, allowed = rule
        for number, line in enumerate(file.lines, 1):
            found = _QUOTED_INCLUDE.match(line)
            if not found or "/" not in found.group(1):
                continue
            target = _folder_rule(found.group(1))
            outside = target is None and not found.group(1).startswith("tests/")
            if outside or target is not None and not _within(target[0], allowed):
                yield Finding("layering", file.path, number,
                              f"{folder} may not include {found.group(1)}")


def includes(tree: Tree):
    for file in tree.files:
        if not file.is_c_like:
            continue
        free = file.is_test or file.path.startswith("tools/") or file.name == "main.cc"
        for number, line in enumerate(file.lines, 1):
            if re.match(r"\s*#\s*include\s*<rte_", line) and not file.path.startswith("lb/dpdk/"):
                yield Finding("dpdk", file.path, number, "DPDK's headers belong to lb/dpdk")
            if re.match(r"\s*#\s*include\s*<iostream>", line) and not free:
                yield Finding("iostream", file.path, number, "take an ostream, or return text")


def purity(tree: Tree):
    for file in tree.files:
        if not file.is_c_like or not file.path.startswith(_PURE):
            continue
        for number, line in enumerate(file.lines, 1):
            code = line.split("//", 1)[0]
            for banned, instead in _BANNED_IN_PURE.items():
                if banned.search(code):
                    yield Finding("purity", file.path, number, instead)


def skipped_tests(tree: Tree):
    banned = re.compile(r"\bGTEST_" r"SKIP\b|\bDISABLED_\w|unittest\." r"skip|pytest\." r"skip")
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if file.is_code and banned.search(line):
                yield Finding("skipped-test", file.path, number,
                              "a need that is missing fails and says how to install it")


def tested(tree: Tree):
    """Each .cc and .h has its _test beside it, or a test includes a header of its target."""
    included = set()
    paths = {file.path for file in tree.files}
    for file in tree.files:
        if file.is_c_like and file.is_test:
            found = (_QUOTED_INCLUDE.match(line) for line in file.lines)
            included |= {match.group(1) for match in found if match}
    covered = set(included)
    for target in libraries(tree):
        if target.test_only or covered & target.headers:
            covered |= target.headers | target.sources
    for file in tree.files:
        if not file.is_cpp or file.is_test or file.name == "main.cc":
            continue
        stem = pathlib.PurePosixPath(file.path).with_suffix("").as_posix()
        if f"{stem}_test.cc" not in paths and not covered & {file.path, f"{stem}.h"}:
            yield Finding("untested", file.path, 1, "no test beside it, and none includes it")


RULES = [file_length, median_length, function_length, headers, layering, includes, purity,
         skipped_tests, tested]
