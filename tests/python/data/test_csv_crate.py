"""The example files of the csv crate, read with Python's csv module in the dialect of each: whole and in chunks."""

import csv
import json
import pathlib
import subprocess

import pytest

from data.chunk_sizes import same_at_all_sizes
from data.comparison import same_records, texts
from data.reference import column_names

FILES = [
    "game.csv",
    "gtfs-mbta-stop-times.csv",
    "nfl.csv",
    "smallpop-colon.csv",
    "smallpop-no-headers.csv",
    "smallpop.csv",
    "strange.csv",
    "uspop-latin1.csv",
    "uspop-null.csv",
    "uspop.csv",
    "worldcitiespop.csv",
]
# The csv module reads texts.
TEXT = {"types": "text"}
# Files that aren't in the default dialect, or have records to refuse.
STRANGE = {"delimiter": ";", "escape": "\\", "comment": "#"}
DIALECTS = {
    "smallpop-colon.csv": {"dialect": {"delimiter": ":"}},
    "smallpop-no-headers.csv": {"header": {"match": "none", "expect": ["city", "region", "country", "population"]}},
    "strange.csv": {"dialect": STRANGE, "header": {"match": "none", "expect": ["name", "year"]}},
    "uspop-latin1.csv": {"encoding": "windows-1252"},
    "game.csv": {"header": {"match": "none", "expect": list("abcdef")}},
}


@pytest.fixture(scope="module")
def examples(root):
    """The example files of the version that Cargo.lock pins, by name."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=root, capture_output=True, check=True).stdout)
    manifest = next(package["manifest_path"] for package in metadata["packages"] if package["name"] == "csv")
    return {path.name: path for path in pathlib.Path(manifest).parent.glob("examples/data/**/*.csv")}


def test_the_list_has_all_files(examples):
    assert sorted(examples) == FILES


@pytest.mark.parametrize("name", FILES)
def test_csv_module_reads_the_same(run, note, examples, name):
    dataset = DIALECTS.get(name)
    names, rows, refused = reference(examples[name], dataset or {})
    done = same_at_all_sizes(run, note, examples[name], TEXT | (dataset or {}))
    assert done.report["rejects"] == refused
    same_records(done.name, texts(done.records()), [dict(zip(names, row)) for row in rows])


def reference(source, dataset):
    """The columns' names, the rows that are accepted, and the number of those that are not."""
    dialect, header = dataset.get("dialect", {}), dataset.get("header", {})
    # A byte that isn't UTF-8 becomes a surrogate, which no text has.
    encoding = dataset.get("encoding", "utf-8")
    with open(source, encoding=encoding, errors="surrogateescape", newline="") as text:
        lines = (line for line in text if not line.startswith(dialect.get("comment", "\0")))
        rows = csv.reader(lines, delimiter=dialect.get("delimiter", ","), escapechar=dialect.get("escape"))
        names = header.get("expect") or column_names(next(rows))
        rows = [row for row in rows if row]
    good = [row for row in rows if len(row) == len(names) and all(map(is_utf8, row))]
    return names, good, len(rows) - len(good)


def is_utf8(text):
    return not any("\ud800" <= character <= "\udfff" for character in text)
