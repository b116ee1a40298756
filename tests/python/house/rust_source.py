"""Rust sources, as far as sizes need them: lines of code, and functions with their lengths."""

import re
from typing import NamedTuple

# Comments, texts and characters, in which braces and quotes mean nothing. A lifetime is no character.
OPAQUE = re.compile(
    r"""
    (?P<comment> //[^\n]* )
    | (?P<block> /\* )
    | (?:b|c)?r(?P<hashes>\#*)".*?"(?P=hashes)
    | [bc]?"(?:\\.|[^"\\])*"
    | b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F_]+\}|.)|[^'\\\n])'
    """,
    re.VERBOSE | re.DOTALL,
)
FUNCTION = re.compile(r"\bfn\s+(\w+)")
TEST_MODULE = re.compile(r"^#\[cfg\(test\)\]\n(?:#\[[^\n]*\]\n)*mod \w+ \{", re.MULTILINE)


class Function(NamedTuple):
    name: str
    line: int
    lines: int


def plain(source: str) -> str:
    """The source with comments, texts and characters blanked out, line breaks kept."""
    kept, at = [], 0
    while found := OPAQUE.search(source, at):
        end = end_of_block(source, found.start()) if found["block"] else found.end()
        kept += [source[at : found.start()], re.sub(r"[^\n]", " ", source[found.start() : end])]
        at = end
    return "".join(kept) + source[at:]


def end_of_block(source: str, start: int) -> int:
    """The end of a block comment, which may have others within it."""
    depth, at = 0, start
    for mark in re.finditer(r"/\*|\*/", source[start:]):
        depth += 1 if mark[0] == "/*" else -1
        at = start + mark.end()
        if depth == 0:
            return at
    return len(source)


def without_tests(code: str) -> str:
    """Plain code before its module of tests, which is the last thing of a file."""
    found = TEST_MODULE.search(code)
    return code[: found.start()] if found else code


def lines_of_code(code: str) -> int:
    """Lines of plain code that are not blank: no comments, no blank lines."""
    return sum(1 for line in code.splitlines() if line.strip())


def functions(code: str) -> list[Function]:
    """The functions with a body in plain code, and the lines from `fn` to the closing brace."""
    found = []
    for match in FUNCTION.finditer(code):
        begin = body(code, match.end())
        if begin is not None:
            end = closing(code, begin)
            lines = code.count("\n", match.start(), end) + 1
            found.append(Function(match[1], code.count("\n", 0, match.start()) + 1, lines))
    return found


def body(code: str, at: int) -> int | None:
    """The opening brace of the body; None of a declaration without one."""
    depth = 0
    for at in range(at, len(code)):
        if code[at] in "([":
            depth += 1
        elif code[at] in ")]":
            depth -= 1
        elif depth == 0 and code[at] in "{;":
            return at if code[at] == "{" else None
    return None


def closing(code: str, at: int) -> int:
    """The brace that closes the one at this place."""
    depth = 0
    for at in range(at, len(code)):
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        if depth == 0:
            return at
    return len(code) - 1
