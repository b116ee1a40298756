"""The accuracy of detection beside that of other readers: delimiter and quote of annotated files, in a table.

The other readers are DuckDB's sniff_csv, at its most lenient, and the csv module's Sniffer. Files of one column have no
delimiter, and are left out.
"""

import csv
import importlib.util
import json
import pathlib
import subprocess
from dataclasses import dataclass

import duckdb
import pytest

from data.polluted import faulty_rows, kinds

FILES = pathlib.Path(__file__).parents[2] / "data/files"
VEGA = pathlib.Path(importlib.util.find_spec("vega_datasets").origin).parent / "_data"
LENIENT = "SELECT Delimiter, Quote FROM sniff_csv(?, strict_mode = false, ignore_errors = true, null_padding = true)"
FAULTS = ["a delimiter more", "a delimiter less", "a stray quote", "other delimiters"]


@dataclass
class Annotated:
    path: pathlib.Path
    delimiter: str
    quote: str  # nothing where there is none
    encoding: str = "utf-8"

    def is_right(self, found: tuple[str, str] | None) -> bool:
        """The delimiter is right, and the quote where the file has any."""
        if found is None or found[0] != self.delimiter:
            return False
        text = self.path.read_text(encoding=self.encoding, errors="replace")
        return found[1] == self.quote or not any(quote in text for quote in (self.quote or '"', found[1] or '"'))


def folder(path: pathlib.Path) -> list[Annotated]:
    """The files of a folder with annotations.json."""
    notes = json.loads((path / "annotations.json").read_text(encoding="utf-8"))
    tables = {name: note for name, note in notes.items() if note.get("delimiter") and note.get("columns") != 1}
    return [
        Annotated(path / name, note["delimiter"], note.get("quote", '"').strip(), note.get("encoding") or "utf-8")
        for name, note in tables.items()
    ]


def polluted(folder: pathlib.Path) -> list[Annotated]:
    """A plain table with one fault after the other: all kinds, and each faulty line once."""
    made = [kind for kind in kinds() if kind.text] + [kind for fault in FAULTS for _, kind in faulty_rows(fault)[::5]]
    for number, kind in enumerate(made):
        (folder / f"{number:04}.csv").write_bytes(kind.text.encode())
    return [Annotated(folder / f"{number:04}.csv", kind.delimiter, kind.quote) for number, kind in enumerate(made)]


def by_fanout(fanout: pathlib.Path, file: Annotated) -> tuple[str, str] | None:
    done = subprocess.run([fanout, "plan", file.path, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    dialect = json.loads(done.stdout)["dataset"]["dialect"]
    return dialect["delimiter"], dialect.get("quote", '"') or ""


def by_duckdb(file: Annotated) -> tuple[str, str] | None:
    try:
        found = duckdb.execute(LENIENT, [str(file.path)]).fetchone()
    except duckdb.Error:
        return None
    return found[0], found[1].strip("\0")


def by_csv_module(file: Annotated) -> tuple[str, str] | None:
    text = file.path.read_bytes()[: 1 << 16].decode(file.encoding, errors="replace")
    try:
        found = csv.Sniffer().sniff(text)
    except csv.Error:
        return None
    return found.delimiter, found.quotechar or ""


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> dict[str, list[Annotated]]:
    folders = [path.parent for path in sorted(FILES.glob("*/annotations.json"))]
    return {
        **{path.name: folder(path) for path in folders},
        "vega_datasets": [Annotated(path, ",", '"') for path in sorted(VEGA.glob("*.csv"))],
        "polluted": polluted(tmp_path_factory.mktemp("polluted")),
    }


def test_delimiter_and_quote_are_right_as_often_as_those_of_others(fanout, sets, note):
    readers = {"fanout": lambda file: by_fanout(fanout, file), "DuckDB": by_duckdb, "csv.Sniffer": by_csv_module}
    note(f"{'right of':<16} {'files':>6}" + "".join(f"{name:>14}" for name in readers))
    for name, files in sets.items():
        wrong = {reader: [file for file in files if not file.is_right(read(file))] for reader, read in readers.items()}
        right = {reader: len(files) - len(found) for reader, found in wrong.items()}
        shares = "".join(f"{found:>5} {found / len(files):>8.1%}" for found in right.values())
        note(f"{name:<16} {len(files):>6}{shares}")
        assert files and not wrong["fanout"], f"{name}: {[file.path.name for file in wrong['fanout']]}"
