#!/usr/bin/env python3
"""Each rule has a small tree that breaks it, and one beside it that does not."""

import dataclasses
import pathlib
import tempfile
import unittest

import tidy
from source_tree import read_tree

# Rules look for these words; in two parts, so that this file is not found itself.
LATER = "TO" "DO"
SKIP = "GTEST_" "SKIP"
HOME = "/ho" "me/"


@dataclasses.dataclass
class Row:
    name: str
    files: dict[str, str]
    found: list[str] = dataclasses.field(default_factory=list)  # "path:line: rule"


def header(body: str = "") -> str:
    return "// What it is.\n#pragma once\n" + body


def function(lines: int) -> str:
    return "int Long(int n) {\n" + "  ++n;\n" * (lines - 3) + "  return n;\n}\n"


ROWS = [
    Row("a tree without fault", {
        "wire/a.h": header('#include "base/b.h"\n'), "wire/a_test.cc": '#include "wire/a.h"\n',
        "base/b.h": header(), "base/b_test.cc": "int x;\n",
        "docs/a.md": "# A\n\n[b](b.md#what-it-is), [out](https://example.org)\n",
        "docs/b.md": "# B\n\n## What it is?\n", "run": "#!/usr/bin/env bash\nset -euo pipefail\n"}),
    Row("long file", {"a/BUILD": "# x\n" * 501}, ["a/BUILD:501: length"]),
    Row("a test may be longer", {"a/a_test.cc": "int x;\n" * 600}),
    Row("long test", {"a/a_test.cc": "int x;\n" * 601}, ["a/a_test.cc:601: length"]),
    Row("long function", {"a/a_test.cc": function(71)}, ["a/a_test.cc:1: function-length"]),
    Row("function just short enough", {"a/a_test.cc": function(70)}),
    Row("long method behind short ones", {
        "a/a_test.cc": "class A {\n  int F() const { return 1; }\n " + function(71) + "};\n"},
        ["a/a_test.cc:3: function-length"]),
    Row("long constructor with initialisers", {
        "a/a_test.cc": "A::A(int b)\n    : b_(b), c_{1} {\n" + "  x();\n" * 68 + "}\n"},
        ["a/a_test.cc:1: function-length"]),
    Row("a long table is no function", {
        "a/a_test.cc": "const Row kRows[] = {\n" + '  {1, "}{", F(2)},\n' * 80 + "};\n"}),
    Row("braces in comments and literals", {
        "a/a_test.cc": "void F() {\n  // {\n  c = '{'; s = \"{\"; /* { */\n}\n" + function(70)}),
    Row("long test case", {
        "a/a_test.cc": "TEST(A, B) {\n" + "  x();\n" * 69 + "}\n"},
        ["a/a_test.cc:1: function-length"]),
    Row("long Python function", {"a.py": "def f():\n" + "    x = 1\n" * 70},
        ["a.py:1: function-length"]),
    Row("long shell function", {
        "a.sh": "#!/bin/bash\nset -euo pipefail\nf() {\n" + "  x\n" * 69 + "}\n"},
        ["a.sh:3: function-length"]),
    Row("wide line", {"a/BUILD": "#" * 101 + "\n"}, ["a/BUILD:1: columns"]),
    Row("a wide address stays whole", {"a/BUILD": "# https://" + "x" * 100 + "\n"}),
    Row("blanks at the end", {"a/BUILD": "# x \n"}, ["a/BUILD:1: white-space"]),
    Row("tab", {"a_test.cc": "\tint x;\n"}, ["a_test.cc:1: white-space"]),
    Row("no line end", {"a/BUILD": "# x"}, ["a/BUILD:1: white-space"]),
    Row("unfinished work", {"a/BUILD": f"# {LATER}: later\n"}, ["a/BUILD:1: unfinished"]),
    Row("path of a machine", {"a/BUILD": f"# see {HOME}joe/x\n"}, ["a/BUILD:1: machine-path"]),
    Row("route, not a path", {"a/BUILD": f"# GET /v1{HOME}x\n"}),
    Row("lock file with a registry", {"a/package-lock.json": '{\n"resolved": "x"\n}\n'},
        ["a/package-lock.json:2: lock-file"]),
    Row("careless script", {"a": "#!/usr/bin/env bash\nset -e\n"}, ["a:1: shell"]),
    Row("header without a comment", {"a.h": "#pragma once\n", "a_test.cc": "int x;\n"},
        ["a.h:1: header"]),
    Row("header without a guard", {"a.h": "// A.\n", "a_test.cc": "int x;\n"}, ["a.h:1: header"]),
    Row("against an arrow", {
        "base/a.h": header('#include "wire/b.h"\n'), "base/a_test.cc": "int x;\n"},
        ["base/a.h:3: layering"]),
    Row("against an arrow inside lb", {
        "lb/steer/a_test.cc": '#include "lb/dpdk/b.h"\n'}, ["lb/steer/a_test.cc:1: layering"]),
    Row("main may include the rooms of lb", {"lb/main.cc": '#include "lb/dpdk/b.h"\n'}),
    Row("into a folder that is none of the house", {
        "lb/main.cc": '#include "elsewhere/b.h"\n'}, ["lb/main.cc:1: layering"]),
    Row("DPDK outside of its room", {"lb/steer/a_test.cc": "#include <rte_mbuf.h>\n"},
        ["lb/steer/a_test.cc:1: dpdk"]),
    Row("DPDK in its room", {"lb/dpdk/a_test.cc": "#include <rte_mbuf.h>\n"}),
    Row("streams of the process", {
        "base/a.cc": "#include <iostream>\n", "base/a_test.cc": "#include <iostream>\n",
        "lb/main.cc": "#include <iostream>\n"}, ["base/a.cc:1: iostream"]),
    Row("global randomness", {"wire/a_test.cc": "int x = std::rand();\n"},
        ["wire/a_test.cc:1: purity"]),
    Row("wall clock", {"tokenmap/a_test.cc": "auto t = system_clock::now();  // now\n"},
        ["tokenmap/a_test.cc:1: purity"]),
    Row("a clock in a comment", {"tokenmap/a_test.cc": "int x;  // never system_clock\n"}),
    Row("skipped test", {"a/a_test.cc": f"{SKIP}();\n"}, ["a/a_test.cc:1: skipped-test"]),
    Row("untested", {"a/a.cc": "int x;\n"}, ["a/a.cc:1: untested"]),
    Row("tested by its header", {
        "a/a.cc": "int x;\n", "a/a.h": header(), "a/b_test.cc": '#include "a/a.h"\n'}),
    Row("tested with its target", {
        "a/BUILD": 'cc_library(name = "a", hdrs = ["a.h"], srcs = ["a.cc", "a_fast.cc"])\n',
        "a/a_fast.cc": "int y;\n",
        "a/a.cc": "int x;\n", "a/a.h": header(), "a/b_test.cc": '#include "a/a.h"\n'}),
    Row("for tests only", {
        "a/BUILD": 'cc_library(name = "a", testonly = True, hdrs = ["a.h"])\n', "a/a.h": header()}),
    Row("page without a title", {"a.md": "Words.\n"}, ["a.md:1: title"]),
    Row("two titles", {"a.md": "# A\n\n```\n# comment\n```\n\n# B\n"}, ["a.md:7: title"]),
    Row("dead link", {"a.md": "# A\n\n[b](b.md)\n"}, ["a.md:3: link"]),
    Row("dead anchor", {"a.md": "# A\n\n[b](#b)\n"}, ["a.md:3: link"]),
    Row("a link in code is none", {"a.md": "# A\n\n`[b](b.md)`\n"}),
    Row("excused", {
        tidy.EXCEPTIONS: "untested | a/* | - | the compiler tests it\n", "a/a.cc": "int x;\n"}),
    Row("excused length", {
        tidy.EXCEPTIONS: "length | a/BUILD | 501 | one table\n", "a/BUILD": "# x\n" * 501}),
    Row("grown over the ratchet", {
        tidy.EXCEPTIONS: "length | a/BUILD | 501 | one table\n", "a/BUILD": "# x\n" * 502},
        ["a/BUILD:501: length", f"{tidy.EXCEPTIONS}:1: exception"]),
    Row("the ratchet follows", {
        tidy.EXCEPTIONS: "length | a/BUILD | 510 | one table\n", "a/BUILD": "# x\n" * 505},
        [f"{tidy.EXCEPTIONS}:1: exception"]),
    Row("exception without need", {tidy.EXCEPTIONS: "\n# why\nshell | a | - | none\n"},
        [f"{tidy.EXCEPTIONS}:3: exception"]),
    Row("exception without a reason", {tidy.EXCEPTIONS: "shell | a | -\n"},
        [f"{tidy.EXCEPTIONS}:1: exception"]),
]


class TidyTest(unittest.TestCase):
    def test_rows(self):
        for row in ROWS:
            with self.subTest(row.name), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                for path, text in row.files.items():
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text)
                found = [f"{f.path}:{f.line}: {f.rule}" for f in tidy.check(read_tree(root))]
                self.assertEqual(found, row.found)

    def test_every_rule_has_a_row(self):
        broken = {found.rsplit(" ", 1)[1] for row in ROWS for found in row.found}
        self.assertLessEqual({"length", "function-length", "columns", "white-space", "unfinished",
                              "machine-path", "lock-file", "shell", "header", "layering", "dpdk",
                              "iostream", "purity", "skipped-test", "untested", "title", "link",
                              "exception"}, broken)

    def test_median(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "main.cc").write_text("int x;\n" * 151)
            found = [f.message for f in tidy.check(read_tree(root))]
            self.assertEqual(found, ["the median file has 151 lines; allowed 150"])

    def test_links_to_other_places(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "out").symlink_to("/somewhere")
            found = [f"{f.path}: {f.rule}" for f in tidy.check(read_tree(root))]
            self.assertEqual(found, ["out: machine-path"])


if __name__ == "__main__":
    unittest.main()
