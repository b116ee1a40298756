"""Code in Markdown below the comment `<!-- path -->` is an excerpt of that file, as it stands there."""

import re

import pytest

from house.workspace import ROOT, files

EXCERPT = re.compile(r"^<!-- (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXCERPTS = [
    (page, source, code)
    for page in files()
    if page.suffix == ".md"
    for source, code in EXCERPT.findall((ROOT / page).read_text(encoding="utf-8"))
]


def test_there_are_excerpts():
    assert EXCERPTS


@pytest.mark.parametrize("page, source, code", EXCERPTS, ids=[f"{page}-{n}" for n, (page, *_) in enumerate(EXCERPTS)])
def test_an_excerpt_is_in_its_file(page, source, code):
    assert code in (ROOT / source).read_text(encoding="utf-8"), f"{page}: not in {source}"
