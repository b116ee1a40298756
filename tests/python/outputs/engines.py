"""DuckDB and PyArrow: each reads a CSV by itself, and the Parquet parts; rows, types and sums must be the same."""

import pathlib
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq


class Kind(NamedTuple):
    """One type as fanout declares it (or not), and as each engine has it in the CSV and in the Parquet."""

    declared: str | None
    duck_csv: str
    duck_parquet: str
    arrow_csv: str
    arrow_parquet: str


class Duck:
    """DuckDB, in UTC."""

    def __init__(self):
        self.database = duckdb.connect()
        self.database.execute("SET TimeZone = 'UTC'")

    def compare(self, source: pathlib.Path, kinds: dict[str, Kind], files: list[pathlib.Path]) -> int:
        """The number of rows, which are the same in the CSV and in the parts."""
        self.read(source, kinds, files)
        described = self.database.execute("DESCRIBE parts").fetchall()
        assert [row[:2] for row in described] == [(name, kind.duck_parquet) for name, kind in kinds.items()]
        for name, kind in kinds.items():
            if kind.duck_csv == "TIMESTAMP":
                self.database.execute(f"ALTER TABLE csv ALTER {quoted(name)} TYPE TIMESTAMPTZ")
        for table, other in (("csv", "parts"), ("parts", "csv")):
            extra = self.database.execute(f"FROM {table} EXCEPT ALL FROM {other} LIMIT 3").fetchall()
            assert extra == [], f"rows of {table} that {other} has not"
        exact = [name for name, kind in kinds.items() if (kind.declared or "").startswith(("int", "dec"))]
        sums = ", ".join(f"sum({quoted(name)})" for name in exact)
        parts, csv = (
            self.database.execute(f"SELECT count(*), {sums} FROM {table}").fetchone() for table in ("parts", "csv")
        )
        assert parts == csv, "count and sums"
        return parts[0]

    def read(self, source, kinds, files):
        """Makes the tables csv and parts."""
        declared = ", ".join(f"'{name}': '{kind.duck_csv}'" for name, kind in kinds.items())
        self.database.execute(
            f"CREATE OR REPLACE TABLE csv AS SELECT * FROM read_csv('{source}', header = true, quote = '\"', "
            f"escape = '\"', delim = ',', allow_quoted_nulls = false, columns = {{{declared}}})"
        )
        listed = ", ".join(f"'{file}'" for file in files)
        self.database.execute(f"CREATE OR REPLACE TABLE parts AS SELECT * FROM read_parquet([{listed}])")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


ARROW = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date32[day]": pa.date32(),
    "string": pa.string(),
    "timestamp[us]": pa.timestamp("us"),
    "timestamp[us, tz=UTC]": pa.timestamp("us", "UTC"),
    "decimal128(10, 2)": pa.decimal128(10, 2),
    "decimal128(38, 10)": pa.decimal128(38, 10),
}


class Arrow:
    """PyArrow."""

    def compare(self, source: pathlib.Path, kinds: dict[str, Kind], files: list[pathlib.Path]) -> int:
        """The number of rows, which are the same in the CSV and in the parts."""
        expected = pyarrow.csv.read_csv(
            source,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: ARROW[kind.arrow_csv] for name, kind in kinds.items()},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        found = pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])
        types = [(field.name, str(field.type)) for field in found.schema]
        assert types == [(name, kind.arrow_parquet) for name, kind in kinds.items()]
        for at, (name, kind) in enumerate(kinds.items()):
            column = expected.column(at)
            if kind.arrow_csv != kind.arrow_parquet:
                column = column.cast(ARROW[kind.arrow_parquet])
            if not found.column(at).equals(column):
                pairs = zip(found.column(at).to_pylist(), column.to_pylist(), strict=True)
                row, pair = next((row, pair) for row, pair in enumerate(pairs) if pair[0] != pair[1])
                assert pair[0] == pair[1], f"row {row}, column {name}"
            # Sums of doubles depend on how the engine cuts the column; the rows are equal.
            if kind.arrow_csv in ("int64", "decimal128(10, 2)"):
                assert pc.sum(found.column(at)) == pc.sum(column), f"sum of {name}"
        return found.num_rows
