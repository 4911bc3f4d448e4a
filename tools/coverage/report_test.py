#!/usr/bin/env python3
"""What counts as a gap, what excuses it, and what the table says."""

import pathlib
import tempfile
import unittest

import report
from report import Line, Row


def line(number: int, count: int = 1, branches: tuple[int, ...] = (), text: str = "x = 1;") -> Line:
    return Line(number, text, count, list(branches))


def lines(run: int, missed: int) -> list[Line]:
    return [line(n, 1 if n <= run else 0, text=f"line {n};") for n in range(1, run + missed + 1)]


class Judge(unittest.TestCase):
    def findings(self, files, rows=()):
        return report.judge(files, list(rows)).findings

    def test_a_directory_needs_95_percent_of_its_lines(self):
        self.assertEqual(self.findings({"base/a.cc": lines(95, 5)}), [])
        found = self.findings({"base/a.cc": lines(94, 6)})
        self.assertEqual(found[0], "base: 94.0 % of lines, want 95 %; not run:")
        self.assertEqual(found[1], "  base/a.cc:95: line 95;")
        self.assertEqual(len(found), 7)

    def test_files_of_one_directory_count_together(self):
        files = {"base/a.cc": lines(90, 10), "base/b.cc": lines(100, 0)}
        self.assertEqual(self.findings(files), [])

    def test_branches_count_where_all_are_wanted(self):
        files = {"wire/a.cc": [line(1, branches=(3, 0), text="if (x) {")]}
        self.assertEqual(self.findings(files),
                         ["wire/a.cc:1: 1 of 2 branches not taken: if (x) {"])
        for path in ("lb/steer/avx512/a.cc", "tokenmap/a.h"):
            self.assertTrue(self.findings({path: files["wire/a.cc"]}), path)
        for path in ("base/a.cc", "lb/steering/a.cc", "lb/a.cc"):
            self.assertEqual(self.findings({path: files["wire/a.cc"]}), [], path)

    def test_there_a_missed_line_is_a_finding_above_95_percent_too(self):
        self.assertEqual(self.findings({"wire/a.cc": lines(99, 1)}),
                         ["not run: wire/a.cc:100: line 100;"])

    def test_a_row_excuses_its_lines(self):
        files = {"wire/a.cc": [line(1), line(2, 0, text="return false;")]}
        row = Row(3, "wire/*.cc", "return false;", "cannot happen")
        result = report.judge(files, [row])
        self.assertEqual(result.findings, [])
        self.assertEqual(result.folders["wire"].listed, 1)
        self.assertEqual(result.folders["wire"].lines, 1)
        self.assertEqual(self.findings(files, [Row(3, "wire/a.cc", "*", "all of it")]), [])

    def test_a_row_that_excuses_nothing_is_a_finding(self):
        row = Row(7, "wire/a.cc", "x = 1;", "was needed once")
        self.assertEqual(self.findings({"wire/a.cc": [line(1)]}, [row]),
                         ["tools/coverage/uncovered.txt:7: no longer needed: wire/a.cc"])


class Texts(unittest.TestCase):
    def test_table(self):
        result = report.judge({"base/a.cc": [line(1, branches=(1, 0)), line(2)]}, [])
        self.assertEqual(result.table().splitlines()[-1],
                         "| `base` | 2 | 100.0 % | 2 | 50.0 % | 0 |")
        self.assertEqual(result.as_json()["folders"]["base"]["branches_taken"], 1)

    def test_rows_are_read_strictly(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "list.txt"
            path.write_text("# words\n\nwire/a.cc | if (a || b) { | why\n")
            self.assertEqual(report.read_rows(path),
                             [Row(3, "wire/a.cc", "if (a || b) {", "why")])
            path.write_text("wire/a.cc | no reason\n")
            with self.assertRaisesRegex(SystemExit, "list.txt:1: want FILE"):
                report.read_rows(path)

    def test_sums_what_gcov_writes_of_every_object(self):
        def document(count, *branches):
            taken = [{"count": n, "throw": False} for n in branches]
            return {"files": [{"file": "a.cc", "lines": [
                {"line_number": 2, "function_name": "f", "count": count,
                 "branches": [*taken, {"count": 9, "throw": True}]},
                {"line_number": 3, "count": count, "branches": taken}]}]}
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.cc").write_text("{\n  if (x) {\n}\n")
            counts = report.merge([document(4, 4, 0), document(1, 0, 1), document(0)])
            files = report.lines_of(counts, root)
        self.assertEqual(files, {"a.cc": [Line(2, "if (x) {", 5, [4, 1]), Line(3, "}", 5, [])]})

    def test_what_nobody_decided_is_no_branch(self):
        texts = ["bool operator==(const A&, const A&) = default;", "}", "switch (a) {", "if (a) {"]
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.h").write_text("\n".join(texts))
            branches = [{"count": n, "throw": False} for n in (1, 0, 0)]
            document = {"files": [{"file": "a.h", "lines": [
                {"line_number": n, "count": 1, "branches": branches} for n in (1, 2, 3, 4)]}]}
            files = report.lines_of(report.merge([document]), root)
        self.assertEqual([line.missed_branches for line in files["a.h"]], [0, 0, 1, 2])

    def test_functions_of_one_line_are_added(self):
        def line_in(function, *branches):
            return {"line_number": 1, "function_name": function, "count": 1,
                    "branches": [{"count": n, "throw": False} for n in branches]}
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.h").write_text("return a ? b : c;\n")
            document = {"files": [{"file": "a.h", "lines": [line_in("f<int>", 1, 0),
                                                            line_in("f<char>", 0, 1)]}]}
            files = report.lines_of(report.merge([document]), root)
        self.assertEqual(files, {"a.h": [Line(1, "return a ? b : c;", 2, [1, 1])]})


if __name__ == "__main__":
    unittest.main()
