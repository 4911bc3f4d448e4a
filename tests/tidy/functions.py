"""Where functions begin and end, well enough to count their lines."""

import ast
import re

from source_tree import File

_CONTAINER = re.compile(r"^(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:inline\s+)?"
                        r"(?:namespace|class|struct|union|enum|extern)\b")
_NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"' + r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    r"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
    re.DOTALL | re.MULTILINE)


def blank_noise(text: str) -> str:
    """The text with comments, literals and preprocessor lines blanked; lines stay lines."""
    return _NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _is_function(header: str) -> bool:
    """Whether `header {` opens a function, in a place where a function may stand."""
    if "(" not in header or header.endswith(("=", "(", ",")):
        return False
    if _CONTAINER.match(header) and not header.endswith(")"):
        return False
    # `const Row kRows[] = f({` and the like open a value.
    before_parenthesis = header.split("(", 1)[0]
    return "=" not in before_parenthesis or "operator" in before_parenthesis


def _name(header: str) -> str:
    found = re.search(r"([~\w:]+|operator\s*\S+?)\s*\(", header)
    return found.group(1) if found else "?"


def _initialises_member(header: str, before_brace: str) -> bool:
    """`A::A(int b) : b_{` and not the body's brace, which stands behind a blank."""
    return bool(re.search(r"\)[\w\s]*:(?!:)", header)) and not before_brace.isspace()


def _c_functions(file: File):
    text = blank_noise(file.text)
    stack = []  # for each open brace: (is function, header, its first line, where to go on)
    start = 0  # of the header that the next brace would belong to
    inside = 0  # functions that are open
    for match in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:", text):
        at, mark = match.start(), match.group()
        go_on = match.end()
        if mark == "{":
            header = " ".join(text[start:at].split())
            member = _initialises_member(header, text[at - 1:at])
            opens = inside == 0 and not member and _is_function(header)
            first = start + len(text[start:at]) - len(text[start:at].lstrip())
            stack.append((opens, header, text.count("\n", 0, first) + 1, start if member else None))
            inside += opens
        elif mark == "}" and stack:
            opened, header, line, resume = stack.pop()
            inside -= opened
            if opened:
                yield _name(header), line, text.count("\n", 0, at) + 1
            go_on = go_on if resume is None else resume
        start = go_on


def _python_functions(file: File):
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno


def _shell_functions(file: File):
    open_name, open_line = "", 0
    for number, line in enumerate(file.lines, 1):
        opened = re.match(r"(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]\s*(?:#.*)?$", line)
        if opened and not open_name:
            open_name, open_line = opened.group(1), number
        elif open_name and re.match(r"[})]", line):
            yield open_name, open_line, number
            open_name = ""


def functions(file: File):
    """(name, first line, last line) of each function; those inside others are theirs."""
    if file.is_c_like:
        yield from _c_functions(file)
    elif file.is_python:
        yield from _python_functions(file)
    elif file.is_shell:
        yield from _shell_functions(file)
