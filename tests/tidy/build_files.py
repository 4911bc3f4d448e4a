"""The cc_library targets of the BUILD files, whose syntax is a part of Python's."""

import ast
import dataclasses
import pathlib

from source_tree import Tree


@dataclasses.dataclass(frozen=True)
class Library:
    headers: frozenset[str]  # from the top of the tree
    sources: frozenset[str]
    test_only: bool


def _strings(node: ast.expr | None, folder: pathlib.PurePosixPath) -> frozenset[str]:
    """The files of a list of literals; what a macro computes stays unknown."""
    if not isinstance(node, ast.List):
        return frozenset()
    names = [item.value for item in node.elts if isinstance(item, ast.Constant)]
    return frozenset((folder / name).as_posix() for name in names)


def libraries(tree: Tree):
    for file in tree.files:
        if file.name != "BUILD":
            continue
        folder = pathlib.PurePosixPath(file.path).parent
        for node in ast.walk(ast.parse(file.text)):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "cc_library":
                continue
            arguments = {keyword.arg: keyword.value for keyword in node.keywords}
            test_only = arguments.get("testonly")
            yield Library(_strings(arguments.get("hdrs"), folder),
                          _strings(arguments.get("srcs"), folder),
                          isinstance(test_only, ast.Constant) and bool(test_only.value))
