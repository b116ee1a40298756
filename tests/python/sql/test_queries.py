"""Each query gives DuckDB's rows: at every size of a chunk, from gzip and from JSON lines."""

import json
import math
import subprocess
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from sql import hits
from sql.queries import IN_DUCKDB, QUERIES

ROWS = 400
FEW = 9
WHOLE = 1 << 40

# By name: the records, how they are written, and the size of a chunk.
SHAPES = {
    "7 bytes": (FEW, hits.as_csv, 7),
    "4 KB": (ROWS, hits.as_csv, 4 << 10),
    "64 KB": (ROWS, hits.as_csv, 64 << 10),
    "whole": (ROWS, hits.as_csv, WHOLE),
    "gzip": (ROWS, hits.as_gzip, WHOLE),
    "JSON lines": (ROWS, hits.as_lines, 16 << 10),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hits")
    (folder / "dataset.json").write_text(json.dumps(hits.DATASET))
    for name, (rows, written, _) in SHAPES.items():
        (folder / name).write_bytes(written(hits.records(rows)))
    return folder


@pytest.fixture(scope="module")
def databases():
    made = {}
    for rows in (FEW, ROWS):
        made[rows] = duckdb.connect()
        hits.into(made[rows], hits.records(rows))
    return made


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_gives_the_rows_of_duckdb(fanout, files, databases, name):
    query = QUERIES[name]
    for shape, (rows, _, chunk_size) in SHAPES.items():
        expected = [plain(row) for row in databases[rows].execute(IN_DUCKDB.get(name, query)).fetchall()]
        found = asked(fanout, files / shape, query, chunk_size, files / "dataset.json")
        if "ORDER BY" not in query and "LIMIT" not in query:
            expected, found = sorted(expected, key=repr), sorted(found, key=repr)
        assert len(found) == len(expected), shape
        for number, (left, right) in enumerate(zip(found, expected)):
            assert same(left, right), f"{shape}, row {number}: {left} instead of {right}"


def asked(fanout, file, query, chunk_size, dataset):
    """The rows that fanout gives."""
    command = [fanout, "query", file, query, "--format", "jsonl", "--quiet", "--chunk-size", str(chunk_size)]
    done = subprocess.run([*command, "--dataset", dataset], capture_output=True, text=True)
    assert done.returncode == 0, f"{file.name}: {done.stderr}"
    return [plain(json.loads(line).values()) for line in done.stdout.splitlines()]


def plain(row) -> list:
    """Values as JSON has them: numbers, texts, true, false and null."""
    return [as_json(value) for value in row]


def as_json(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def same(left: list, right: list) -> bool:
    return len(left) == len(right) and all(map(equal, left, right))


def equal(left, right) -> bool:
    if isinstance(left, str) and isinstance(right, float | int) and not isinstance(right, bool):
        left = float(left)
    numbers = isinstance(left, float | int) and isinstance(right, float | int)
    if numbers and not isinstance(left, bool) and not isinstance(right, bool):
        exact = isinstance(left, int) and isinstance(right, int)
        return left == right if exact else math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return left == right
