"""From counted lines and branches to a table and findings. Pure, so that report_test.py needs no
build."""

import collections
import dataclasses
import fnmatch
import pathlib
import re

MIN_LINES_PERCENT = 95
ALL_BRANCHES = ("wire", "tokenmap", "lb/steer")  # and what is below them


@dataclasses.dataclass
class Line:
    number: int
    text: str
    count: int
    branches: list[int]  # how often each was taken

    @property
    def missed(self) -> bool:
        return self.count == 0

    @property
    def missed_branches(self) -> int:
        return sum(1 for count in self.branches if count == 0)


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of uncovered.txt: lines of `pattern` whose code is `code` (or any, for *)."""

    place: int  # line of the list
    pattern: str
    code: str
    reason: str

    def matches(self, path: str, line: Line) -> bool:
        return fnmatch.fnmatch(path, self.pattern) and self.code in ("*", line.text)


def read_rows(path: pathlib.Path) -> list[Row]:
    rows = []
    for place, text in enumerate(path.read_text().splitlines(), start=1):
        if not text or text.startswith("#"):
            continue
        parts = [part.strip() for part in text.split(" | ")]
        if len(parts) != 3 or not all(parts):
            raise SystemExit(f"{path}:{place}: want FILE | CODE | REASON")
        rows.append(Row(place, *parts))
    return rows


# path -> line -> function -> (how often it ran, how often each of its branches was taken). A line
# of a template or of a constructor belongs to several functions.
Counts = dict[str, dict[int, dict[str, tuple[int, list[int]]]]]


def add(a: list[int], b: list[int]) -> list[int]:
    """Sums, branch by branch; of two that do not match the longer one."""
    if len(a) != len(b):
        return max(a, b, key=len)
    return [x + y for x, y in zip(a, b)]


def merge(documents) -> Counts:
    """What gcov's JSON documents, one for each object, say of each line. Branches that only an
    exception takes are left out."""
    merged: Counts = collections.defaultdict(lambda: collections.defaultdict(dict))
    for document in documents:
        for file in document["files"]:
            for line in file["lines"]:
                functions = merged[file["file"]][line["line_number"]]
                name = line.get("function_name", "")
                branches = [branch["count"] for branch in line["branches"] if not branch["throw"]]
                count, before = functions.get(name, (0, [0] * len(branches)))
                functions[name] = (count + line["count"], add(before, branches))
    return merged


# No decision of the author's: braces, what the compiler does at the end of a scope, and comparisons
# that it writes itself.
NO_DECISION = re.compile(r"[\s{}();,]*(else)?[\s{]*(//.*)?|.* = default;")


def lines_of(counts: Counts, root: pathlib.Path) -> dict[str, list[Line]]:
    files = {}
    for path, numbers in counts.items():
        source = (root / path).read_text().splitlines()
        files[path] = []
        for number, functions in sorted(numbers.items()):
            text = source[number - 1].strip()
            branches: list[int] = []
            for _, taken in functions.values():
                branches = add(branches, taken) if branches else taken
            if len(branches) < 2 or NO_DECISION.fullmatch(text):
                branches = []
            if text.startswith("switch (") and 0 in branches:
                branches.remove(0)  # a switch without `default` has one all the same
            files[path].append(Line(number, text, sum(n for n, _ in functions.values()), branches))
    return files


@dataclasses.dataclass
class Sums:
    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_taken: int = 0
    listed: int = 0  # lines that uncovered.txt excuses: in none of the others

    def add(self, line: Line) -> None:
        self.lines += 1
        self.lines_run += not line.missed
        self.branches += len(line.branches)
        self.branches_taken += len(line.branches) - line.missed_branches


def percent(part: int, whole: int) -> float:
    return 100.0 if whole == 0 else 100.0 * part / whole


def needs_all_branches(folder: str) -> bool:
    return any(folder == room or folder.startswith(room + "/") for room in ALL_BRANCHES)


@dataclasses.dataclass
class Result:
    folders: dict[str, Sums]
    findings: list[str]

    def as_json(self) -> dict:
        return {"folders": {name: dataclasses.asdict(sums) for name, sums in self.folders.items()},
                "findings": self.findings}

    def table(self) -> str:
        rows = ["| directory | lines | run | branches | taken | listed |",
                "|---|---|---|---|---|---|"]
        for name, sums in sorted(self.folders.items()):
            rows.append(f"| `{name}` | {sums.lines} | {percent(sums.lines_run, sums.lines):.1f} % "
                        f"| {sums.branches} | {percent(sums.branches_taken, sums.branches):.1f} % "
                        f"| {sums.listed} |")
        return "\n".join(rows)


def judge(files: dict[str, list[Line]], rows: list[Row]) -> Result:
    folders: dict[str, Sums] = collections.defaultdict(Sums)
    findings = []
    used = set()
    missing = collections.defaultdict(list)
    for path, lines in sorted(files.items()):
        folder = str(pathlib.PurePosixPath(path).parent)
        for line in lines:
            excuse = next((row for row in rows if row.matches(path, line)), None)
            gap = line.missed or (needs_all_branches(folder) and line.missed_branches)
            if excuse and gap:
                used.add(excuse)
                folders[folder].listed += 1
                continue
            folders[folder].add(line)
            if line.missed:
                missing[folder].append(f"  {path}:{line.number}: {line.text}")
            elif gap:
                findings.append(f"{path}:{line.number}: {line.missed_branches} of "
                                f"{len(line.branches)} branches not taken: {line.text}")
    for folder, sums in sorted(folders.items()):
        share = percent(sums.lines_run, sums.lines)
        if share < MIN_LINES_PERCENT:
            findings.append(f"{folder}: {share:.1f} % of lines, want {MIN_LINES_PERCENT} %; "
                            "not run:")
            findings += missing[folder]
        elif needs_all_branches(folder):
            findings += [f"not run: {text.strip()}" for text in missing[folder]]
    findings += [f"tools/coverage/uncovered.txt:{row.place}: no longer needed: {row.pattern}"
                 for row in rows if row not in used]
    return Result(dict(folders), findings)
