#!/usr/bin/env python3
"""Reads the Parquet that fanout writes with DuckDB and PyArrow, beside their own reading of the CSV.

    target/tools/venv/bin/python tests/parquet.py target/release/fanout

Both engines read the CSV by themselves, with the same types declared; rows, types and sums of the parts must be those.
A file has every type with its extremes, nulls, empty texts and line breaks, in chunks of several sizes; another one is
larger than a row group. Stops at the first difference with exit code 1. Needs what tests/tools.sh installs.
"""

import json
import random
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from checks import WHOLE, WORK, Run, main, same
from real_data import PEOPLE

# Column: fanout's type, DuckDB's of the CSV, DuckDB's of the Parquet, PyArrow's of the CSV, PyArrow's of the Parquet.
# A time without a zone is UTC for fanout: both engines read such a text as a local time of nowhere.
TYPES = {
    "id": ("int64", "BIGINT", "BIGINT", "int64", "int64"),
    "small": ("decimal(10,2)", "DECIMAL(10,2)", "DECIMAL(10,2)", "decimal128(10, 2)", "decimal128(10, 2)"),
    "large": ("decimal(38,10)", "DECIMAL(38,10)", "DECIMAL(38,10)", "decimal128(38, 10)", "decimal128(38, 10)"),
    "share": ("float64", "DOUBLE", "DOUBLE", "double", "double"),
    "ok": ("boolean", "BOOLEAN", "BOOLEAN", "bool", "bool"),
    "day": ("date", "DATE", "DATE", "date32[day]", "date32[day]"),
    "zoned": ("timestamp", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]"),
    "local": ("timestamp", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "timestamp[us]", "timestamp[us, tz=UTC]"),
    "note": ("string", "VARCHAR", "VARCHAR", "string", "string"),
    "free. \"text\"": (None, "VARCHAR", "VARCHAR", "string", "string"),
}
NOT_NULL = "id"
RECORDS = 20_000
PEAK = 256  # MiB of memory, at any size of a chunk
SEED = 20261125


def every_type(path):
    """A file with every type: extremes first, then chance; one value in eight is missing."""
    chance = random.Random(SEED)
    values = {
        "id": lambda n: [str(-(2**63)), str(2**63 - 1), "0"][n] if n < 3 else str(n),
        "small": lambda n: ["99999999.99", "-99999999.99", "0.05"][n] if n < 3 else f"{chance.randint(-9999, 9999)}.5",
        "large": lambda n: ("9" * 28 + "." + "9" * 10) if n == 0 else f"{chance.randint(-10**22, 10**22)}.{n % 10**9:09}1",
        "share": lambda n: ["1.7976931348623157e308", "-5e-324", "0.1"][n] if n < 3 else repr(chance.gauss(0, 1e6)),
        "ok": lambda n: chance.choice(("true", "false")),
        "day": lambda n: ["1969-12-31", "0001-01-01", "2400-02-29"][n] if n < 3 else f"20{n % 100:02}-0{n % 9 + 1}-1{n % 10}",
        "zoned": lambda n: f"20{n % 100:02}-01-01T00:{n % 60:02}:00.{n % 10**6:06}{chance.choice(('Z', '+01:00', '-09:30'))}",
        "local": lambda n: f"19{n % 100:02}-06-30 23:59:{n % 60:02}.{n % 1000:03}",
        "note": lambda n: chance.choice(("", "plain", "with, comma", 'a "quote"', "two\nlines", "größe 数据")),
        "free. \"text\"": lambda n: chance.choice(("", "007", "2024-01-01", "x\r\ny")),
    }
    same("types and values", list(values), list(TYPES))
    with open(path, "w", encoding="utf-8", newline="") as text:
        text.write(",".join('"' + name.replace('"', '""') + '"' for name in TYPES) + "\n")
        for n in range(RECORDS):
            fields = []
            for name, value in values.items():
                if name != NOT_NULL and chance.random() < 0.125:
                    fields.append("")
                else:
                    found = value(n)
                    plain = found and not any(character in found for character in ',"\n\r ')
                    fields.append(found if plain else '"' + found.replace('"', '""') + '"')
            text.write(",".join(fields) + "\n")


def dataset(types):
    columns = {name: kind for name, (kind, *_) in types.items() if kind}
    return {"columns": columns | ({NOT_NULL: {"type": "int64", "nullable": False}} if NOT_NULL in columns else {})}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Duck:
    """DuckDB, in UTC."""

    name = "DuckDB"

    def __init__(self):
        self.database = duckdb.connect()
        self.database.execute("SET TimeZone = 'UTC'")

    def compare(self, run, source, types, files):
        declared = ", ".join(f"'{name}': '{kinds[1]}'".replace('"', '"') for name, kinds in types.items())
        self.database.execute(
            f"CREATE OR REPLACE TABLE csv AS SELECT * FROM read_csv('{source}', header = true, quote = '\"', "
            f"escape = '\"', delim = ',', allow_quoted_nulls = false, columns = {{{declared}}})"
        )
        listed = ", ".join(f"'{file}'" for file in files)
        self.database.execute(f"CREATE OR REPLACE TABLE parts AS SELECT * FROM read_parquet([{listed}])")
        described = self.database.execute("DESCRIBE parts").fetchall()
        same(f"{run}: types", [row[:2] for row in described], [(name, kinds[2]) for name, kinds in types.items()])
        for name, kinds in types.items():
            if kinds[1] == "TIMESTAMP":
                self.database.execute(f"ALTER TABLE csv ALTER {quoted(name)} TYPE TIMESTAMPTZ")
        for table, other in (("csv", "parts"), ("parts", "csv")):
            extra = self.database.execute(f"FROM {table} EXCEPT ALL FROM {other} LIMIT 3").fetchall()
            same(f"{run}: rows of {table} that {other} has not", extra, [])
        sums = ", ".join(f"sum({quoted(n)})" for n, k in types.items() if k[0] and k[0].startswith(("int", "dec")))
        found = [self.database.execute(f"SELECT count(*), {sums} FROM {table}").fetchone() for table in ("parts", "csv")]
        same(f"{run}: count and sums", *found)
        return found[0][0]


class Arrow:
    """PyArrow."""

    name = "PyArrow"

    def compare(self, run, source, types, files):
        kinds = {
            "int64": pa.int64(), "double": pa.float64(), "bool": pa.bool_(), "date32[day]": pa.date32(),
            "string": pa.string(), "timestamp[us]": pa.timestamp("us"), "timestamp[us, tz=UTC]": pa.timestamp("us", "UTC"),
            "decimal128(10, 2)": pa.decimal128(10, 2), "decimal128(38, 10)": pa.decimal128(38, 10),
        }
        expected = pyarrow.csv.read_csv(
            source,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: kinds[names[3]] for name, names in types.items()},
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            ),
        )
        found = pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])
        same(f"{run}: types", [(field.name, str(field.type)) for field in found.schema],
             [(name, names[4]) for name, names in types.items()])
        for at, (name, names) in enumerate(types.items()):
            column = expected.column(at)
            if names[3] != names[4]:
                column = column.cast(kinds[names[4]])
            if not found.column(at).equals(column):
                pairs = zip(found.column(at).to_pylist(), column.to_pylist())
                row, pair = next((row, pair) for row, pair in enumerate(pairs) if pair[0] != pair[1])
                same(f"{run}: row {row}, column {name}", *pair)
            # Sums of doubles depend on how the engine cuts the column; the rows are equal.
            if names[3] in ("int64", "decimal128(10, 2)"):
                same(f"{run}: sum of {name}", pc.sum(found.column(at)), pc.sum(column))
        return found.num_rows


def check_footers(run, types, files):
    """What every part says of itself: schema, compression, extremes and nulls of each column, bounded row groups."""
    groups = 0
    for file in files:
        footer = pq.read_metadata(file)
        same(f"{run}: columns of {file.name}", [column.name for column in footer.schema], list(types))
        same(f"{run}: nullable", [column.max_definition_level for column in footer.schema],
             [0 if name == NOT_NULL else 1 for name in types])
        for group in (footer.row_group(index) for index in range(footer.num_row_groups)):
            groups += 1
            same(f"{run}: row group of at most 40 MB", group.total_byte_size <= 40_000_000, True)
            for column in (group.column(index) for index in range(group.num_columns)):
                same(f"{run}: compression", column.compression, "SNAPPY")
                same(f"{run}: statistics of {column.path_in_schema}", column.is_stats_set, True)
                same(f"{run}: nulls of {column.path_in_schema} are counted", column.statistics.has_null_count, True)
    return groups


def parts(run):
    """The parts in the order of the list that the reducer writes; a reader takes them from there."""
    listed = json.loads((run.folder / "parts.json").read_text()).get("parquet", [])
    return [run.folder / part["key"] for part in listed]


def check(binary, source, types, chunk_sizes):
    engines = [Duck(), Arrow()]
    for chunk_size in chunk_sizes:
        run = Run(binary, source, chunk_size, dataset(types), outputs="parquet")
        same(f"{run.name}: rejects", run.report["rejects"], 0)
        files = parts(run)
        groups = check_footers(run.name, types, files)
        for engine in engines:
            rows = engine.compare(f"{run.name}: {engine.name}", source, types, files)
            same(f"{run.name}: {engine.name}: rows", rows, run.report["records"])
        print(f"  {run.name}: {rows:,} rows in {len(files)} parts and {groups} row groups: rows, types and sums of both")
        run.remove()
    return run.peak


def large(binary):
    """One chunk of several row groups, in bounded memory."""
    source = WORK / "people.csv"
    subprocess.run([binary, "sample", "--rows", "2500000", "--out", source], check=True)
    names = {"int64": ("BIGINT", "int64"), "string": ("VARCHAR", "string"), "float64": ("DOUBLE", "double"),
             "boolean": ("BOOLEAN", "bool")}
    types = {name: (kind, names[kind][0], names[kind][0], names[kind][1], names[kind][1]) for name, kind in PEOPLE.items()}
    peak = check(binary, source, types, [WHOLE])
    print(f"  {peak:.0f} MiB of memory at its peak")
    same(f"peak below {PEAK} MiB", peak < PEAK, True)


def nothing(binary):
    """A run without a record has no part, and says so."""
    source = WORK / "empty.csv"
    source.write_text("a,b\n")
    run = Run(binary, source, WHOLE, outputs="parquet")
    same(f"{run.name}: parts", (parts(run), run.files("data/*")), ([], []))


def checks(binary, _):
    source = WORK / "types.csv"
    every_type(source)
    print(f"types.csv: {RECORDS:,} records, seed {SEED}")
    check(binary, source, TYPES, [WHOLE, 100_000, 9_999])
    nothing(binary)
    large(binary)


if __name__ == "__main__":
    main(__doc__, checks)
