#!/usr/bin/env python3
"""Compares what fanout makes of other projects' collections of odd CSV with what they must come to.

    tests/odd_csv.py target/release/fanout

The files of csv-spectrum come with their answers as JSON. Those of the csv crate, which Cargo.lock
pins, are read with Python's csv module in the dialect of each. Each file is processed whole and in
chunks of several sizes, the small ones from one byte on.

Stops at the first difference with exit code 1. Takes seconds. Needs Python 3.10 and what
tests/tools.sh installs, which it runs.
"""

import csv
import json
import pathlib
import subprocess

from checks import ROOT, WHOLE, Run, main, same
from real_data import column_names, same_records, same_runs

# Answers that aren't those of their file: what is said there, and what the file has.
NOT_OF_THE_FILE = {
    "location_coordinates": ("Contact Phone Number", "1234567890", "2095257564"),
}

# Files of the csv crate that aren't in the default dialect, or have records to refuse.
STRANGE = {"delimiter": ";", "escape": "\\", "comment": "#"}
DIALECTS = {
    "smallpop-colon.csv": {"dialect": {"delimiter": ":"}},
    "smallpop-no-headers.csv": {"header": {"match": "none", "expect": ["city", "region", "country", "population"]}},
    "strange.csv": {"dialect": STRANGE, "header": {"match": "none", "expect": ["name", "year"]}},
    "game.csv": {"header": {"match": "none", "expect": list("abcdef")}},
}


def runs(binary, source, dataset=None):
    """One run for each chunk size; all must say the same, and the first is returned."""
    size = source.stat().st_size
    sizes = (1, 2, 3, 7, 64, 1000) if size < 1000 else (50, 333, 4096) if size < 10_000 else (10_000, 65_536)
    first = Run(binary, source, WHOLE, dataset)
    repaired = []
    for chunk_size in sizes:
        run = Run(binary, source, chunk_size, dataset)
        same_runs(run, first)
        same(f"{run.name}: hash of the JSON lines", run.digest(), first.digest())
        same(f"{run.name}: refused records", run.rejects(), first.rejects())
        repaired.append(str(run.report["coverage"]["repaired"]))
        run.remove()
    print(f"  {source.name:<25} {size:>8} {first.report['records']:>8} {first.report['rejects']:>7}  "
          f"{'/'.join(map(str, sizes)):<16} {'/'.join(repaired)}")
    return first


def heading(text):
    print(f"{text}\n  {'name':<25} {'bytes':>8} {'records':>8} {'rejects':>7}  {'chunk sizes':<16} repaired")


def spectrum(binary):
    folder = ROOT / "target/tools/node_modules/csv-spectrum"
    files = sorted(folder.glob("csvs/*.csv"))
    same("csv-spectrum: files", len(files), 12)
    heading(f"csv-spectrum: {len(files)} files")
    for source in files:
        answer = json.loads((folder / "json" / f"{source.stem}.json").read_text(encoding="utf-8"))
        answer = answer if isinstance(answer, list) else [answer]
        if difference := NOT_OF_THE_FILE.get(source.stem):
            name, said, found = difference
            same(f"{source.name}: {name} in the answer", answer[0][name], said)
            answer[0][name] = found
            print(f"  {source.stem}: the answer has {said} as {name}, the file {found}")
        run = runs(binary, source)
        same_records(run, 0, [json.loads(line) for line in run.lines()], answer)
        same(f"{run.name}: rejects", run.report["rejects"], 0)
        run.remove()


def csv_crate(binary):
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    manifest = next(package["manifest_path"] for package in metadata["packages"] if package["name"] == "csv")
    files = sorted(pathlib.Path(manifest).parent.glob("examples/data/**/*.csv"))
    same("csv crate: files", len(files), 11)
    heading(f"csv crate: {len(files)} files")
    for source in files:
        dataset = DIALECTS.get(source.name)
        names, rows, refused = reference(source, dataset or {})
        run = runs(binary, source, dataset)
        same(f"{run.name}: rejects", run.report["rejects"], refused)
        found = [json.loads(line) for line in run.lines()]
        same_records(run, 0, found, [dict(zip(names, row)) for row in rows])
        run.remove()


def reference(source, dataset):
    """The columns' names, the rows that are accepted, and how many are not."""
    dialect, header = dataset.get("dialect", {}), dataset.get("header", {})
    # A byte that isn't UTF-8 becomes a surrogate, which no text has.
    with open(source, encoding="utf-8", errors="surrogateescape", newline="") as text:
        lines = (line for line in text if not line.startswith(dialect.get("comment", "\0")))
        rows = csv.reader(lines, delimiter=dialect.get("delimiter", ","), escapechar=dialect.get("escape"))
        names = header.get("expect") or column_names(next(rows))
        rows = [row for row in rows if row]
    good = [row for row in rows if len(row) == len(names) and all(map(is_utf8, row))]
    return names, good, len(rows) - len(good)


def is_utf8(text):
    return not any("\ud800" <= character <= "\udfff" for character in text)


def checks(binary, _):
    spectrum(binary)
    csv_crate(binary)


if __name__ == "__main__":
    main(__doc__, checks)
