"""Rules about the documentation: one title, and links that lead somewhere."""

import pathlib
import posixpath
import re

from source_tree import File, Finding, Tree

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^\s*(```|~~~)")


def _prose(file: File):
    """The numbered lines outside of code blocks."""
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`", lambda code: " " * len(code.group()), line), line


def _anchors(file: File) -> set[str]:
    """What `#...` may follow the file's name: its headings, as the usual viewers make them."""
    anchors = set()
    for _, _, line in _prose(file):
        if heading := re.match(r"#+\s+(.*)", line):
            words = re.sub(r"[^\w\- ]", "", heading.group(1).lower())
            anchors.add(words.strip().replace(" ", "-"))
    return anchors


def titles(tree: Tree):
    for file in tree.files:
        if not file.is_doc:
            continue
        found = [number for number, _, line in _prose(file) if line.startswith("# ")]
        if not found or found[0] != 1:
            yield Finding("title", file.path, 1, "does not start with '# Title'")
        for number in found[1:]:
            yield Finding("title", file.path, number, "a second '# Title'")


def links(tree: Tree):
    for file in tree.files:
        if not file.is_doc:
            continue
        folder = pathlib.PurePosixPath(file.path).parent
        for number, text, _ in _prose(file):
            for target in _LINK.findall(text):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                full = posixpath.normpath((folder / path).as_posix()) if path else file.path
                if not tree.has(full):
                    yield Finding("link", file.path, number, f"{target} leads nowhere")
                    continue
                other = tree.find(full)
                if anchor and other and other.is_doc and anchor not in _anchors(other):
                    yield Finding("link", file.path, number, f"no heading for #{anchor}")


RULES = [titles, links]
