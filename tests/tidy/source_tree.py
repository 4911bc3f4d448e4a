"""The files of the source tree, as the rules see them."""

import dataclasses
import functools
import os
import pathlib
import subprocess

SKIPPED_FOLDERS = {".git", ".bazel", ".cache", "node_modules", "__pycache__"}
CPP_SUFFIXES = {".cc", ".h"}
C_SUFFIXES = {".c"}
PYTHON_SUFFIXES = {".py"}
SHELL_SUFFIXES = {".sh"}
BAZEL_NAMES = {"BUILD", "WORKSPACE"}
BAZEL_SUFFIXES = {".bzl", ".bazel"}


@dataclasses.dataclass(frozen=True)
class Finding:
    """A rule broken at a place; `measure` is the figure where the rule has a limit."""

    rule: str
    path: str
    line: int
    message: str
    measure: int | None = None


@dataclasses.dataclass(frozen=True)
class File:
    path: str  # from the top of the tree, with /
    text: str

    @functools.cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def suffix(self) -> str:
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def name(self) -> str:
        return pathlib.PurePosixPath(self.path).name

    @property
    def is_cpp(self) -> bool:
        return self.suffix in CPP_SUFFIXES

    @property
    def is_c_like(self) -> bool:
        return self.suffix in CPP_SUFFIXES | C_SUFFIXES

    @property
    def is_python(self) -> bool:
        return self.suffix in PYTHON_SUFFIXES or self._interpreter() == "python3"

    @property
    def is_shell(self) -> bool:
        return self.suffix in SHELL_SUFFIXES or self._interpreter() in {"bash", "sh"}

    @property
    def is_bazel(self) -> bool:
        return self.name in BAZEL_NAMES or self.suffix in BAZEL_SUFFIXES

    @property
    def is_code(self) -> bool:
        return self.is_c_like or self.is_python or self.is_shell or self.is_bazel

    @property
    def is_doc(self) -> bool:
        return self.suffix == ".md"

    @property
    def is_test(self) -> bool:
        stem = pathlib.PurePosixPath(self.path).stem
        return stem.endswith(("_test", "_fuzz")) or self.path.startswith("tests/")

    def _interpreter(self) -> str:
        if self.suffix or not self.text.startswith("#!"):
            return ""
        return self.lines[0].replace("/", " ").split()[-1]


@dataclasses.dataclass(frozen=True)
class Tree:
    root: pathlib.Path
    files: list[File]
    links: dict[str, str]  # symbolic links: path, where to

    def find(self, path: str) -> File | None:
        return next((file for file in self.files if file.path == path), None)

    def has(self, path: str) -> bool:
        return (self.root / path).exists()


def _paths(root: pathlib.Path) -> list[str]:
    """What git tracks; every file where there is no git, as in an unpacked release."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], check=True,
                                capture_output=True, text=True).stdout
        return sorted(path for path in listed.split("\0") if path)
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
        here = pathlib.Path(folder).relative_to(root)
        found += [(here / name).as_posix() for name in names]
    return sorted(found)


def read_tree(root: pathlib.Path) -> Tree:
    files, links = [], {}
    for path in _paths(root):
        full = root / path
        if full.is_symlink():
            links[path] = os.readlink(full)
        elif full.is_file():
            content = full.read_bytes()
            if b"\0" not in content:  # binary files have no lines
                files.append(File(path, content.decode("utf-8", errors="replace")))
    return Tree(root, files, links)
