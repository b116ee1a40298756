"""A generated file of a million records with quotes and line breaks in it: as CSV, in gzip, and as JSON lines.

Chunks of all sizes come to the same, and to what Python's csv module reads from the file.
"""

import csv
import gzip
import json
import shutil
import subprocess
from itertools import islice

import pytest

from data.comparison import same_column, same_columns, same_records, same_runs
from data.reference import PEOPLE, TYPES, Column
from finished_run import WHOLE, run_fanout

PEAK = 64  # MiB of memory, at any size of a chunk
BATCH = 10_000
TYPED = {"columns": PEOPLE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("people")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def rows(request):
    return request.config.getoption("--rows")


@pytest.fixture(scope="module")
def source(fanout, folder, rows):
    file = folder / "people.csv"
    subprocess.run([fanout, "sample", "--rows", str(rows), "--out", file], check=True)
    return file


@pytest.fixture(scope="module")
def whole(fanout, folder, source):
    """The run over the whole file in one chunk, with inferred types."""
    return run_fanout(fanout, folder, source, WHOLE)


@pytest.fixture(scope="module")
def typed(fanout, folder, source):
    """The run with declared types."""
    return run_fanout(fanout, folder, source, 1 << 20, TYPED)


@pytest.mark.parametrize("chunk_size", [8 << 10, 64 << 10, 1 << 20, 16 << 20])
def test_chunks_come_to_the_same_as_the_whole(run, note, source, whole, chunk_size):
    chunked = run(source, chunk_size)
    same_runs(chunked, whole)
    note(f"{chunked.name}: {chunked.cut}")
    chunked.remove()


def test_csv_module_reads_the_same(note, source, rows, whole, typed):
    """One pass over the file: both runs' lines and figures against what the csv module reads."""
    columns = [Column(name, kind) for name, kind in PEOPLE.items()]
    lines, typed_lines = whole.lines(), typed.lines()
    read = 0
    with open(source, encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        assert reader.fieldnames == list(PEOPLE)
        while batch := list(islice(reader, BATCH)):
            texts = [[row[name] for row in batch] for name in PEOPLE]
            for column, column_texts in zip(columns, texts):
                column.add(column_texts)
            values = [map(TYPES[kind][1], column) for kind, column in zip(PEOPLE.values(), texts)]
            values = [dict(zip(PEOPLE, row)) for row in zip(*values)]
            for one, of_run in ((whole, lines), (typed, typed_lines)):
                same_records(one.name, objects(of_run, len(batch)), values, read)
            read += len(batch)
    assert read == rows
    for one in (whole, typed):
        assert (one.report["records"], one.report["rejects"]) == (read, 0), one.name
        same_columns(one, columns)
    assert (next(lines, None), next(typed_lines, None)) == (None, None)
    note(f"{read:,} records, {source.stat().st_size / 1e6:.1f} MB")


def objects(lines, count):
    """The JSON objects of the next lines."""
    batch = list(islice(lines, count))
    return json.loads(f"[{','.join(batch)}]")


def test_gzip_comes_to_the_same_in_bounded_memory(run, note, tmp_path, source, whole):
    """Two members of gzip, as Python writes them: one chunk, and no more memory than the file in chunks."""
    data = source.read_bytes()
    packed = tmp_path / "people.csv.gz"
    packed.write_bytes(gzip.compress(data[: len(data) // 3], 6) + gzip.compress(data[len(data) // 3 :], 6))
    done = run(packed, 1 << 20, text_size=len(data))
    same_runs(done, whole)
    assert (done.report["compression"], done.report["chunks"]) == ("gzip", 1)
    assert done.peak <= PEAK
    note(f"{packed.stat().st_size / 1e6:.1f} MB, {done.peak:.0f} MiB of memory at its peak")
    done.remove()


@pytest.mark.parametrize("dataset", [None, TYPED], ids=["inferred", "declared"])
def test_json_lines_are_read_as_they_were_written(run, note, tmp_path, typed, dataset):
    """JSON lines of a run are read in chunks, and written the same again."""
    source = tmp_path / "people.jsonl"
    with open(source, "wb") as target:
        for key in typed.files("data/*.jsonl"):
            target.write((typed.folder / key).read_bytes())
    done = run(source, 1 << 20, dataset)
    assert done.report["format"] == "json_lines"
    assert done.report["records"] == typed.report["records"]
    assert done.digest() == typed.digest()
    for column, other in zip(done.report["columns"], typed.report["columns"], strict=True):
        same_column(f"{done.name}: as in {typed.name}: column", column | {"origin": other["origin"]}, other, 1e-15)
    note(f"{done.name}: {done.cut}")
    done.remove()
