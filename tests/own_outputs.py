#!/usr/bin/env python3
"""Takes the examples of functions/outputs/README.md as they stand, builds them in a copy of the sources, and runs them.

    tests/own_outputs.py

What the small one reports, and the rows that the other one wrote to an SQLite database, are held against the records that
Python's csv module reads: in one chunk, in many whose guesses are wrong and repaired, and run again over the same
database. Compiled dependencies are shared with `cargo test --workspace`.
"""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "own_outputs"
PAGE = "functions/outputs/README.md"
BINARY = ROOT / "target/debug/fanout"


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    return done.stdout


def copy():
    """The sources as they are here, without what is built of them; what is unchanged keeps its time."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines()
    shutil.rmtree(COPY, ignore_errors=True)
    for name in listed:
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def apply_examples():
    """Does what the page says: files, lines of the list, commands."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    folder = COPY / "functions/outputs/src"
    names = re.findall(r"[Aa]s\s+`src/(\w+\.rs)`:\s+```rust\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in names] == ["longest.rs", "rows.rs"], names
    for name, code in names:
        (folder / name).write_text(code, encoding="utf-8")
    lib = (folder / "lib.rs").read_text(encoding="utf-8")
    for change in re.findall(r"```diff\n(.*?)```", page, re.DOTALL):
        module, known, line = change.splitlines()
        assert known[0] == " " and lib.count(known[1:]) == 1, f"{known[1:]!r} is not in lib.rs"
        lib = lib.replace("mod output;\n", f"{module[1:]}\nmod output;\n").replace(known[1:], f"{known[1:]}\n{line[1:]}")
    (folder / "lib.rs").write_text(lib, encoding="utf-8")
    commands = re.findall(r"`(cargo add [^`]*)`", page)
    assert len(commands) == 2, commands
    for command in commands:
        run(*command.split(), cwd=COPY)


def build():
    """The binary, built as `cargo test --workspace` builds it: with its dependencies, which are there already."""
    command = ["cargo", "test", "--workspace", "--test", "cli", "--no-run"]
    before = BINARY.read_bytes() if BINARY.exists() else None
    try:
        run(*command, cwd=COPY, env=os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target")})
        return shutil.copy2(BINARY, COPY / "fanout")
    finally:
        # The binary of the sources as they are goes back to its place.
        if before is not None:
            BINARY.write_bytes(before)


def people(rows):
    """Records with line breaks in them, one of which has lines that look like records."""
    inside = "".join(f"{n},text,{n}\n" for n in range(20_000))
    lines = [f'{n},"Person, {n}\nof row {n}",{n}\n' for n in range(rows)]
    lines[rows // 2] = f'{rows // 2},"{inside}",x\n'
    return "id,name,pay\n" + "".join(lines)


def check(binary, folder, text, chunk_size, database):
    """One run against what the csv module reads."""
    (folder / "file.csv").write_text(text, encoding="utf-8", newline="")
    command = [binary, "run", "file.csv", "--json", "--outputs", "longest,rows", "--chunk-size", chunk_size]
    report = json.loads(run(*command, cwd=folder, env=os.environ | {"ROWS_DATABASE": str(database)}))
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT offset, record FROM rows ORDER BY offset").fetchall()
    assert [next(csv.reader(io.StringIO(record.decode(), newline=""))) for _, record in rows] == expected, "rows"
    data = text.encode()
    assert all(data[offset : offset + len(record)] == record for offset, record in rows), "offsets"
    sections = {output["name"]: (output["records"], output.get("section")) for output in report["outputs"]}
    offset, record = max(rows, key=lambda row: (len(row[1]), -row[0]))
    assert sections["longest"] == (len(expected), {"bytes": len(record), "offset": offset}), sections
    assert sections["rows"] == (len(expected), None), sections
    page = pathlib.Path(report["results"]["bucket"], report["results"]["key"], "report.html").read_text(encoding="utf-8")
    assert "<h2><bdi>longest</bdi></h2>" in page and f"{len(record):,}" in page, "its section of the page"
    coverage = report["coverage"]
    print(f"  {report['chunks']} chunks, {coverage['repaired']} repaired: {len(rows)} rows, each once; the longest record")
    return coverage["repaired"]


def main():
    clock = time.monotonic()
    csv.field_size_limit(1 << 30)
    copy()
    apply_examples()
    built = build()
    print(f"the examples of {PAGE} are built, {time.monotonic() - clock:.0f} s")
    folder = COPY / "runs"
    folder.mkdir()
    text = people(2000)
    whole, cut = folder / "whole.db", folder / "cut.db"
    check(built, folder, text, 1 << 40, whole)
    assert check(built, folder, text, 16 << 10, cut) > 0, "no guess was wrong: the file misleads no more"
    check(built, folder, text, 16 << 10, cut)
    # Other records at the same places: what the chunks had before is gone.
    check(built, folder, people(2000).replace("Person, 7", "Nobody, 7"), 16 << 10, cut)
    shutil.rmtree(COPY)
    print(f"no difference, {time.monotonic() - clock:.0f} s")


if __name__ == "__main__":
    main()
