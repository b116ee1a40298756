"""Links in Markdown that stay in the repository lead to a file that is there, and to a heading that it has."""

import re
import urllib.parse

import pytest

from house.workspace import ROOT, files

PAGES = [path for path in files() if path.suffix == ".md"]
FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*?$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINED = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)
HTML = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")


def links(text):
    """The targets of all links outside of code."""
    text = CODE.sub("``", FENCE.sub("", text))
    return [target for pattern in (INLINE, DEFINED, HTML) for target in pattern.findall(text)]


def anchors(text):
    """The names of a page's headings, as hosts of repositories make them."""
    text = FENCE.sub("", text)
    found = set(ANCHOR.findall(text))
    for heading in HEADING.findall(text):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        again = sum(1 for one in found if re.fullmatch(re.escape(name) + r"(-\d+)?", one))
        found.add(f"{name}-{again}" if name in found else name)
    return found


def fault(page, target):
    """The reason why a link leads nowhere, or None."""
    parts = urllib.parse.urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    path = (ROOT / page).parent / urllib.parse.unquote(parts.path) if parts.path else ROOT / page
    path = path.resolve()
    if not path.is_relative_to(ROOT) or path.is_relative_to(ROOT / "target"):
        return "is outside of the repository"
    if not path.exists():
        return "is not there"
    if not parts.fragment:
        return None
    if path.suffix == ".md":
        return None if parts.fragment in anchors(path.read_text(encoding="utf-8")) else "has no such heading"
    line = re.fullmatch(r"L(\d+)(?:-L(\d+))?", parts.fragment)
    last = int(line[2] or line[1]) if line else 0
    return None if 0 < last <= len(path.read_text(encoding="utf-8").splitlines()) else "has no such line"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_resolve(page):
    found = links((ROOT / page).read_text(encoding="utf-8"))
    faults = {target: reason for target in found if (reason := fault(page, target))}
    assert faults == {}


def test_links_and_headings_are_found():
    text = "# A `b` (c)\n[x](y.md#z) [d]: no\n```sh\n[not](this)\n# nor this\n```\n`[nor](that)`\n# A b c\n[e]: f/g \n"
    text += '<img src="h.png">\n'
    assert links(text) == ["y.md#z", "f/g", "h.png"]
    assert anchors(text) == {"a-b-c", "a-b-c-1"}
    assert fault(PAGES[0], "no-such-file.md") and fault(PAGES[0], "#no-such-heading")
