"""The examples of functions/outputs/README.md as they stand, built in a copy of the sources, and run.

The report of the small one, and the rows that the other one wrote to an SQLite database, are held against the records
that Python's csv module reads: in one chunk, in many whose guesses are wrong and repaired, and run again over the same
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

import pytest

PAGE = "functions/outputs/README.md"


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def copy(root):
    """The sources without what is built of them; what is unchanged keeps its time, so that Cargo knows it."""
    folder = root / "target/own_outputs"
    shutil.rmtree(folder, ignore_errors=True)
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=root).splitlines():
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def apply_examples(page, copy):
    """Does what the page says: files, lines of the list, commands."""
    folder = copy / "functions/outputs/src"
    names = re.findall(r"[Aa]s\s+`src/(\w+\.rs)`:\s+```rust\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in names] == ["longest.rs", "rows.rs"]
    for name, code in names:
        (folder / name).write_text(code, encoding="utf-8")
    lib = (folder / "lib.rs").read_text(encoding="utf-8")
    for change in re.findall(r"```diff\n(.*?)```", page, re.DOTALL):
        module, known, line = change.splitlines()
        assert known[0] == " " and lib.count(known[1:]) == 1, f"{known[1:]!r} is not in lib.rs"
        lib = lib.replace("mod output;\n", f"{module[1:]}\nmod output;\n").replace(
            known[1:], f"{known[1:]}\n{line[1:]}"
        )
    (folder / "lib.rs").write_text(lib, encoding="utf-8")
    commands = re.findall(r"`(cargo add [^`]*)`", page)
    assert len(commands) == 2
    for command in commands:
        run(*command.split(), cwd=copy)


@pytest.fixture(scope="module")
def built(root, copy):
    """The binary, built as `cargo test --workspace` builds it: with its dependencies, which are there already."""
    apply_examples((root / PAGE).read_text(encoding="utf-8"), copy)
    command = ["cargo", "test", "--workspace", "--test", "cli", "--no-run"]
    binary = root / "target/debug/fanout"
    before = binary.read_bytes() if binary.exists() else None
    try:
        run(*command, cwd=copy, env=os.environ | {"CARGO_TARGET_DIR": str(root / "target")})
        return shutil.copy2(binary, copy / "fanout")
    finally:
        # The binary of the sources as they are goes back to its place.
        if before is not None:
            binary.write_bytes(before)


def people(rows):
    """Records with line breaks in them, one of which has lines that look like records."""
    inside = "".join(f"{n},text,{n}\n" for n in range(20_000))
    lines = [f'{n},"Person, {n}\nof row {n}",{n}\n' for n in range(rows)]
    lines[rows // 2] = f'{rows // 2},"{inside}",x\n'
    return "id,name,pay\n" + "".join(lines)


def test_each_row_once_and_the_longest_record(built, note, tmp_path):
    csv.field_size_limit(1 << 30)
    text = people(2000)
    whole, cut = tmp_path / "whole.db", tmp_path / "cut.db"
    check(built, tmp_path, text, 1 << 40, whole)
    repaired = check(built, tmp_path, text, 16 << 10, cut)
    assert repaired > 0, "no guess was wrong: the file misleads no more"
    check(built, tmp_path, text, 16 << 10, cut)
    # Other records at the same places: what the chunks had before is gone.
    check(built, tmp_path, people(2000).replace("Person, 7", "Nobody, 7"), 16 << 10, cut)
    note(f"{repaired} chunks repaired")


def check(binary, folder, text, chunk_size, database):
    """One run against what the csv module reads; the number of repaired chunks."""
    (folder / "file.csv").write_text(text, encoding="utf-8", newline="")
    command = [binary, "run", "file.csv", "--json", "--outputs", "longest,rows", "--chunk-size", chunk_size]
    report = json.loads(run(*command, cwd=folder, env=os.environ | {"ROWS_DATABASE": str(database)}))
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT offset, record FROM rows ORDER BY offset").fetchall()
    read = [next(csv.reader(io.StringIO(record.decode(), newline=""))) for _, record in rows]
    assert len(read) == len(expected) and all(one == other for one, other in zip(read, expected)), "rows"
    data = text.encode()
    assert all(data[offset : offset + len(record)] == record for offset, record in rows), "offsets"
    sections = {output["name"]: (output["records"], output.get("section")) for output in report["outputs"]}
    offset, record = max(rows, key=lambda row: (len(row[1]), -row[0]))
    assert sections["longest"] == (len(expected), {"bytes": len(record), "offset": offset})
    assert sections["rows"] == (len(expected), None)
    page = pathlib.Path(folder, report["results"]["bucket"], report["results"]["key"], "report.html").read_text("utf-8")
    assert "<h2><bdi>longest</bdi></h2>" in page and f"{len(record):,}" in page, "its section of the page"
    return report["coverage"]["repaired"]
