"""Inferred types and values beside DuckDB's, which looks at the whole file (sample_size=-1), and the tables that engines
make of the parts."""

import csv
import random

import duckdb
import pytest

from data.test_vega import FILES
from finished_run import WHOLE

OUTPUTS = "profile,parquet,rejects,jsonl"
SEED = 20261127

# Types of DuckDB, as fanout names them.
NAMES = {
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "VARCHAR": "string",
}

# Columns whose types differ from DuckDB's, with the reason.
DIFFERENT = {
    ("stocks.csv", "date"): "string",  # Jan 1 2000: DuckDB knows no format with a month's name
}


def described(database, sql):
    return {row[0]: NAMES.get(row[1], row[1]) for row in database.execute(f"DESCRIBE {sql}").fetchall()}


def read_csv(path):
    return f"SELECT * FROM read_csv('{path}', sample_size=-1)"


def view(database, done):
    """Makes the view that the run's own statement makes; its name."""
    database.execute((done.folder / "merged/parquet/duckdb.sql").read_text())
    return f'"{done.report["run_id"]}"'


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.name)
def test_types_are_those_of_duckdb(run, note, source):
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    done = run(source, 4096, outputs=OUTPUTS)
    found = {column["name"]: column["type"] for column in done.report["columns"]}
    assert described(database, f"SELECT * FROM {view(database, done)}") == found
    for name, expected in described(database, read_csv(source)).items():
        if (source.name, name) in DIFFERENT:
            assert (expected, found[name] != expected) == (DIFFERENT[source.name, name], True), name
        else:
            assert found[name] == expected, name
    note(f"{source.name}: {', '.join(found.values())}")


# Columns of a generated file, by their names: a value of row n. Both read their types alike.
COLUMNS = {
    "id": lambda n, chance: str(n),
    "share": lambda n, chance: repr(chance.random()),
    "sparse": lambda n, chance: str(n) if n % 7 == 0 else "",
    "ok": lambda n, chance: chance.choice(["true", "false"]),
    "day": lambda n, chance: f"20{n % 100:02}-0{n % 9 + 1}-1{n % 10}",
    "at": lambda n, chance: f"20{n % 100:02}-06-30 23:{n % 60:02}:{n % 60:02}",
    "text": lambda n, chance: chance.choice(["a", "b c", "é", 'x"y', "two\nlines"]),
    "late text": lambda n, chance: "x" if n == 40_000 else str(n),
    "late fraction": lambda n, chance: "0.5" if n == 40_001 else str(n),
    "late time": lambda n, chance: "2024-01-31 10:00:00" if n == 40_002 else "2024-01-31",
}


@pytest.mark.parametrize("chunk_size", [WHOLE, 1_000_000, 99_999])
def test_values_are_those_of_duckdb(run, note, tmp_path, chunk_size):
    chance = random.Random(SEED)
    source = tmp_path / "generated.csv"
    with open(source, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([value(n, chance) for value in COLUMNS.values()] for n in range(60_000))
    done = run(source, chunk_size, outputs=OUTPUTS)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    parts = f"SELECT * FROM {view(database, done)}"
    expected = read_csv(source)
    assert described(database, parts) == described(database, expected)
    for one, other in ((parts, expected), (expected, parts)):
        assert database.execute(f"({one}) EXCEPT ALL ({other}) LIMIT 3").fetchall() == []
    origins = {column["name"]: column["origin"] for column in done.report["columns"]}
    # The samples do not have their late values.
    assert {name for name, origin in origins.items() if origin == "widened"} == {name for name in COLUMNS if "late" in name}
    note(f"{done.name}: {', '.join(f'{name} {origin}' for name, origin in origins.items())}")


def test_types_of_the_samples_are_told(run, tmp_path):
    """A column of numbers with a few texts in it is not just a string."""
    source = tmp_path / "mixed.csv"
    rows = (f"{n},{n if n % 1000 else 'unknown'},{n}.5\n" for n in range(5000))
    source.write_text("id,amount,share\n" + "".join(rows))
    done = run(source, WHOLE, outputs="profile,rejects")
    columns = {column["name"]: (column["type"], column.get("sampled")) for column in done.report["columns"]}
    mixed = {"int64": 4995, "text": 5}
    assert columns == {"id": ("int64", None), "amount": ("string", mixed), "share": ("float64", None)}
    page = (done.folder / "report.html").read_text()
    assert "of 5,000 values in the samples: 4,995 int64, 5 text" in page


def test_a_run_without_a_record_is_an_empty_table(run, tmp_path):
    source = tmp_path / "empty.csv"
    source.write_text("a,b\n")
    done = run(source, WHOLE, outputs="parquet")
    database = duckdb.connect()
    table = view(database, done)
    assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert list(described(database, f"SELECT * FROM {table}")) == ["a", "b"]
    assert [part["records"] for part in done.parts("parquet")] == [0]
