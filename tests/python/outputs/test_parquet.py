"""Parquet parts, read by DuckDB and PyArrow beside their own reading of the CSV, with the same types declared.

One file has every type with its extremes, nulls, empty texts and line breaks, in chunks of several sizes; another one
is larger than a row group.
"""

import random
import subprocess

import pyarrow.parquet as pq
import pytest

from data.reference import PEOPLE
from finished_run import WHOLE
from outputs.engines import Arrow, Duck, Kind

# A time without a zone is UTC for fanout: both engines read such a text as a local time of nowhere.
KINDS = {
    "id": Kind("int64", "BIGINT", "BIGINT", "int64", "int64"),
    "small": Kind("decimal(10,2)", "DECIMAL(10,2)", "DECIMAL(10,2)", "decimal128(10, 2)", "decimal128(10, 2)"),
    "large": Kind("decimal(38,10)", "DECIMAL(38,10)", "DECIMAL(38,10)", "decimal128(38, 10)", "decimal128(38, 10)"),
    "share": Kind("float64", "DOUBLE", "DOUBLE", "double", "double"),
    "ok": Kind("boolean", "BOOLEAN", "BOOLEAN", "bool", "bool"),
    "day": Kind("date", "DATE", "DATE", "date32[day]", "date32[day]"),
    "zoned": Kind(
        "timestamp", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]"
    ),
    "local": Kind("timestamp", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "timestamp[us]", "timestamp[us, tz=UTC]"),
    "note": Kind("string", "VARCHAR", "VARCHAR", "string", "string"),
    'free. "text"': Kind(None, "VARCHAR", "VARCHAR", "string", "string"),
}
OF_PEOPLE = {
    "int64": Kind("int64", "BIGINT", "BIGINT", "int64", "int64"),
    "string": Kind("string", "VARCHAR", "VARCHAR", "string", "string"),
    "float64": Kind("float64", "DOUBLE", "DOUBLE", "double", "double"),
    "boolean": Kind("boolean", "BOOLEAN", "BOOLEAN", "bool", "bool"),
}
NOT_NULL = "id"
RECORDS = 20_000
LARGE = 2_500_000  # records that are more than one row group
PEAK = 256  # MiB of memory, at any size of a chunk
SEED = 20261125


def values(chance):
    """By column: the text of its value in record n. Extremes come first, then chance."""

    def zoned(n):
        zone = chance.choice(("Z", "+01:00", "-09:30"))
        return f"20{n % 100:02}-01-01T00:{n % 60:02}:00.{n % 10**6:06}{zone}"

    def day(n):
        return ["1969-12-31", "0001-01-01", "2400-02-29"][n] if n < 3 else f"20{n % 100:02}-0{n % 9 + 1}-1{n % 10}"

    return {
        "id": lambda n: [str(-(2**63)), str(2**63 - 1), "0"][n] if n < 3 else str(n),
        "small": lambda n: ["99999999.99", "-99999999.99", "0.05"][n] if n < 3 else f"{chance.randint(-9999, 9999)}.5",
        "large": lambda n: (
            "9" * 28 + "." + "9" * 10 if n == 0 else f"{chance.randint(-(10**22), 10**22)}.{n % 10**9:09}1"
        ),
        "share": lambda n: ["1.7976931348623157e308", "-5e-324", "0.1"][n] if n < 3 else repr(chance.gauss(0, 1e6)),
        "ok": lambda n: chance.choice(("true", "false")),
        "day": day,
        "zoned": zoned,
        "local": lambda n: f"19{n % 100:02}-06-30 23:59:{n % 60:02}.{n % 1000:03}",
        "note": lambda n: chance.choice(("", "plain", "with, comma", 'a "quote"', "two\nlines", "größe 数据")),
        'free. "text"': lambda n: chance.choice(("", "007", "2024-01-01", "x\r\ny")),
    }


def write_every_type(path):
    """Writes a file with every type; one value in eight is missing."""
    chance = random.Random(SEED)
    columns = values(chance)
    assert list(columns) == list(KINDS)
    with open(path, "w", encoding="utf-8", newline="") as text:
        text.write(",".join(quoted(name) for name in KINDS) + "\n")
        for n in range(RECORDS):
            text.write(",".join(field(chance, name, value, n) for name, value in columns.items()) + "\n")


def field(chance, name, value, n):
    if name != NOT_NULL and chance.random() < 0.125:
        return ""
    found = value(n)
    plain = found and not any(character in found for character in ',"\n\r ')
    return found if plain else quoted(found)


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def dataset(kinds):
    columns = {name: kind.declared for name, kind in kinds.items() if kind.declared}
    return {"columns": columns | ({NOT_NULL: {"type": "int64", "nullable": False}} if NOT_NULL in columns else {})}


@pytest.fixture(scope="module")
def every_type(tmp_path_factory):
    file = tmp_path_factory.mktemp("parquet") / "types.csv"
    write_every_type(file)
    return file


@pytest.mark.parametrize("chunk_size", [WHOLE, 100_000, 9_999])
def test_every_type(run, note, every_type, chunk_size):
    check(run, note, every_type, KINDS, chunk_size)


def test_a_chunk_of_several_row_groups_in_bounded_memory(run, note, fanout, tmp_path):
    source = tmp_path / "people.csv"
    subprocess.run([fanout, "sample", "--rows", str(LARGE), "--out", source], check=True)
    done, groups = check(run, note, source, {name: OF_PEOPLE[kind] for name, kind in PEOPLE.items()}, WHOLE)
    assert groups > 1
    assert done.peak < PEAK
    note(f"{done.peak:.0f} MiB of memory at its peak")


def check(run, note, source, kinds, chunk_size):
    """One run whose parts both engines read as they read the CSV; the run, and the number of its row groups."""
    done = run(source, chunk_size, dataset(kinds), outputs="parquet")
    assert done.report["rejects"] == 0
    files = [done.folder / part["key"] for part in done.parts("parquet")]
    groups = sum(check_footer(pq.read_metadata(file), list(kinds)) for file in files)
    for engine in (Duck(), Arrow()):
        assert engine.compare(source, kinds, files) == done.report["records"]
    note(f"{done.name}: {done.report['records']:,} rows in {len(files)} parts and {groups} row groups")
    return done, groups


def check_footer(footer, names):
    """Schema, compression, extremes and nulls of each column, bounded row groups; the number of these."""
    assert [column.name for column in footer.schema] == names
    levels = [column.max_definition_level for column in footer.schema]
    assert levels == [0 if name == NOT_NULL else 1 for name in names]
    for number, group in enumerate(footer.row_group(index) for index in range(footer.num_row_groups)):
        assert group.num_rows <= 122_880 and group.total_byte_size <= 40_000_000
        columns = [group.column(index) for index in range(group.num_columns)]
        tried = number % 8 == 0
        if tried:
            # Compression that took less than a twentieth off waits until the next of every eight row groups.
            sizes = [(column.total_compressed_size, column.total_uncompressed_size) for column in columns]
            in_vain = [size > before - before // 20 for size, before in sizes]
        for column, hardly in zip(columns, in_vain):
            assert column.compression == ("UNCOMPRESSED" if hardly and not tried else "SNAPPY")
            assert column.is_stats_set and column.statistics.has_null_count, column.path_in_schema
    return footer.num_row_groups
