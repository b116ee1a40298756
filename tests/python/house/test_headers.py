"""Every Rust source opens with a `//!` header: what is in the file, its rule and its limits."""

from house.workspace import ROOT, files

# Patterns of the folders whose sources are read by people who look for a place to change.
SOURCES = ("functions/*/src", "cli/src", "examples/*/src", "tests/rust", "tests/s3server", "tests/fuzz")


def test_every_source_opens_with_a_header():
    sources = [path for path in files() if path.suffix == ".rs" and is_below(path)]
    assert len(sources) > 100, "the patterns find too little"
    assert [str(path) for path in sources if not opens_with_header(path)] == []


def is_below(path):
    return any(parent.match(pattern) for parent in path.parents for pattern in SOURCES)


def opens_with_header(path):
    """True where the first line has a sentence after `//!`."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return text.startswith("//! ") and bool(text.partition("\n")[0][4:].strip())
