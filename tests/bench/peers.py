"""What the peers of compare.py do: one task over one file, in a process of its own, on one thread.

    python peers.py TASK PEER FILE OUT      prints the figures of a profile, as JSON, where the task is one
    python peers.py generate KIND FILE MB   writes a file of this kind

Needs the packages that compare.py installs.
"""

import csv
import json
import math
import os
import sys
from itertools import islice

COLUMNS = {
    "id": "int64",
    "name": "string",
    "age": "int64",
    "latitude": "float64",
    "longitude": "float64",
    "monthly_income": "float64",
    "experienced": "boolean",
}
NUMERIC = [name for name, kind in COLUMNS.items() if kind in ("int64", "float64")]


def figures(name):
    """The figures of a column that everybody computes."""
    return ["count", "nulls", "min", "max"] + (["sum", "mean", "stddev"] if name in NUMERIC else [])


# --- a profile of the seven declared columns -----------------------------------------------------


def polars_profile(path, _out):
    import polars as pl

    types = {"int64": pl.Int64, "float64": pl.Float64, "boolean": pl.Boolean, "string": pl.String}
    functions = {"count": "count", "nulls": "null_count", "min": "min", "max": "max", "sum": "sum", "mean": "mean",
                 "stddev": "std"}
    expressions = [getattr(pl.col(name), functions[figure])().alias(f"{name}.{figure}")
                   for name in COLUMNS for figure in figures(name)]
    query = pl.scan_csv(path, schema={name: types[kind] for name, kind in COLUMNS.items()}).select(expressions)
    return query.collect(engine="streaming").row(0, named=True)


def duckdb_profile(path, _out):
    types = {"int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR"}
    functions = {"count": "count({})", "nulls": "count(*) - count({})", "min": "min({})", "max": "max({})",
                 "sum": "sum({})", "mean": "avg({})", "stddev": "stddev_samp({})"}
    select = ", ".join(f'{functions[figure].format(name)} AS "{name}.{figure}"'
                       for name in COLUMNS for figure in figures(name))
    columns = ", ".join(f"'{name}': '{types[kind]}'" for name, kind in COLUMNS.items())
    cursor = duckdb_on_one_thread().execute(
        f"SELECT {select} FROM read_csv(?, header = true, auto_detect = false, "
        f"delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})", [path])
    return dict(zip((column[0] for column in cursor.description), cursor.fetchone()))


def csv_profile(path, _out):
    read = {"int64": int, "float64": float, "boolean": {"true": True, "false": False}.__getitem__, "string": str}
    empty = {"count": 0, "nulls": 0, "least": [], "greatest": [], "sum": 0, "squares": 0}
    found = {name: dict(empty) for name in COLUMNS}
    with open(path, encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        # Lists of some thousand values, and the built-in functions over them: faster than value by value.
        while batch := list(islice(rows, 4096)):
            for name, kind in COLUMNS.items():
                values = [read[kind](row[name]) for row in batch if row[name]]
                if values:
                    add(found[name], values, name in NUMERIC)
                found[name]["nulls"] += len(batch) - len(values)
    return {f"{name}.{figure}": value for name in COLUMNS for figure, value in finished(name, found[name]).items()}


def add(column, values, numeric):
    column["count"] += len(values)
    column["least"] = [min(column["least"] + [min(values)])]
    column["greatest"] = [max(column["greatest"] + [max(values)])]
    if numeric:
        column["sum"] += sum(values)
        column["squares"] += sum([value * value for value in values])


def finished(name, column):
    count, total = column["count"], column["sum"]
    variance = (column["squares"] - total * total / count) / (count - 1)
    values = {"count": count, "nulls": column["nulls"], "min": column["least"][0], "max": column["greatest"][0],
              "sum": total, "mean": total / count, "stddev": math.sqrt(variance)}
    return {figure: values[figure] for figure in figures(name)}


# --- Parquet, and Parquet with a summary, of columns whose types are found ----------------------


def duckdb_on_one_thread():
    import duckdb

    return duckdb.connect(config={"threads": 1})


def polars_parquet(path, out):
    import polars as pl

    pl.scan_csv(path).sink_parquet(out, compression="snappy", engine="streaming")


def duckdb_parquet(path, out):
    duckdb_on_one_thread().execute(f"COPY (FROM read_csv(?)) TO '{out}' (FORMAT parquet)", [path])


def pyarrow_parquet(path, out):
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    pa.set_cpu_count(1)
    options = pa.csv.ReadOptions(use_threads=False, block_size=1 << 20)
    with pa.csv.open_csv(path, options, pa.csv.ParseOptions(newlines_in_values=True)) as reader:
        with pa.parquet.ParquetWriter(out, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)


def duckdb_default(path, out):
    """COPY and SUMMARIZE, each over the file: DuckDB has no way to do both in one pass but to keep a table."""
    connection = duckdb_on_one_thread()
    connection.execute(f"COPY (FROM read_csv(?)) TO '{out}' (FORMAT parquet)", [path])
    connection.execute("SUMMARIZE FROM read_csv(?)", [path]).fetchall()


PEERS = {
    "default": {"duckdb": duckdb_default},
    "parquet": {"polars": polars_parquet, "duckdb": duckdb_parquet, "pyarrow": pyarrow_parquet},
    "exact_profile": {"polars": polars_profile, "duckdb": duckdb_profile, "csv": csv_profile},
}


# --- files ---------------------------------------------------------------------------------------


def generate(kind, path, megabytes):
    """Writes rows until the file has so many MB; the same rows in every run of one version of Polars."""
    part, rows = {"wide": (wide, 20_000), "texts": (texts, 20_000)}[kind]
    with open(path, "wb") as file:
        first = 0
        while file.tell() < megabytes * 1_000_000:
            part(first, first + rows).write_csv(file, include_header=first == 0)
            first += rows


def wide(first, last):
    """200 short columns: numbers, decimals, words and flags, one value in twenty empty."""
    import polars as pl

    row = pl.int_range(first, last, dtype=pl.UInt64, eager=False)
    words = pl.Series([f"word {n}" for n in range(50)])
    columns = []
    for index in range(200):
        draw = row.hash(seed=index)
        value = [
            draw % 1000,
            (draw % 100_000).cast(pl.Int64).cast(pl.Float64) / 100,
            pl.lit(words).gather((draw % 50).cast(pl.Int64)),
            draw % 2 == 0,
        ][index % 4]
        columns.append(pl.when(row.hash(seed=1000 + index) % 20 > 0).then(value).alias(f"column_{index}"))
    return pl.select(columns)


def texts(first, last):
    """Articles: long texts in quotes, with line breaks, commas and doubled quotes."""
    import polars as pl

    row = pl.int_range(first, last, dtype=pl.UInt64, eager=False)
    pieces = ["the river", "of \"all\" things,", "a machine\n", "slowly", "größer", "and then", "in spring.\n\n", "—",
              "seven", "mountains and", "no one", "listened;", "under the", "bridge,", "again", "tomorrow"]
    def text(seed, count):
        words = [pl.lit(pl.Series(pieces)).gather((row.hash(seed=seed + n) % len(pieces)).cast(pl.Int64))
                 for n in range(count)]
        return pl.concat_str(words, separator=" ")
    return pl.select(
        row.alias("id"),
        text(1, 6).alias("title"),
        text(100, 70).alias("body"),
        (pl.date(2020, 1, 1) + pl.duration(days=(row.hash(seed=7) % 2000).cast(pl.Int64))).alias("day"),
        ((row.hash(seed=8) % 500).cast(pl.Int64).cast(pl.Float64) / 100).alias("score"),
    )


if __name__ == "__main__":
    os.environ["POLARS_MAX_THREADS"] = "1"
    if sys.argv[1] == "generate":
        generate(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        task, peer, path, out = sys.argv[1:]
        print(json.dumps(PEERS[task][peer](path, out)))
