"""Generated records in the shape of ClickBench's table of hits, as CSV, in gzip and as JSON lines, and as a table of DuckDB.

Texts have quotes, delimiters and line breaks in them; null and the empty text are different.
"""

import gzip
import json
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

# By column: its type in a dataset and in DuckDB.
COLUMNS = {
    "WatchID": ("int64", "BIGINT"),
    "Title": ("string", "VARCHAR"),
    "EventTime": ("timestamp", "TIMESTAMP"),
    "EventDate": ("date", "DATE"),
    "CounterID": ("int64", "BIGINT"),
    "ClientIP": ("int64", "BIGINT"),
    "RegionID": ("int64", "BIGINT"),
    "UserID": ("int64", "BIGINT"),
    "URL": ("string", "VARCHAR"),
    "Referer": ("string", "VARCHAR"),
    "IsRefresh": ("int64", "BIGINT"),
    "ResolutionWidth": ("int64", "BIGINT"),
    "MobilePhone": ("int64", "BIGINT"),
    "MobilePhoneModel": ("string", "VARCHAR"),
    "TraficSourceID": ("int64", "BIGINT"),
    "SearchEngineID": ("int64", "BIGINT"),
    "SearchPhrase": ("string", "VARCHAR"),
    "AdvEngineID": ("int64", "BIGINT"),
    "DontCountHits": ("int64", "BIGINT"),
    "Load": ("float64", "DOUBLE"),
    "Price": ("decimal(12,2)", "DECIMAL(12,2)"),
    "Paid": ("boolean", "BOOLEAN"),
}
DATASET = {"header": {"expect": list(COLUMNS)}, "columns": {name: kind for name, (kind, _) in COLUMNS.items()}}

TEXTS = ["", "a", "Karelia", "best, \"quoted\" price", "two\nlines", "naïve Москва", "weather 100%", "O'Neil", None]
URLS = ["https://example.com/", "http://www.google.com/?q=1", "https://news.example.org/a/b?x=1&y=2", None]


def records(number: int, seed: int = 1) -> list[tuple]:
    """So many records."""
    draw = random.Random(seed)
    return [record(draw, index) for index in range(number)]


def record(draw: random.Random, index: int) -> tuple:
    day = date(2013, 7, 1) + timedelta(days=draw.randrange(31))
    moment = datetime(day.year, day.month, day.day, draw.randrange(24), draw.randrange(60), draw.randrange(60))
    maybe = lambda value: None if draw.random() < 0.1 else value
    return (
        draw.randrange(-(2**62), 2**62),
        draw.choice(TEXTS),
        maybe(moment),
        day,
        draw.choice([62, 62, 34, 7]),
        draw.randrange(20),
        maybe(draw.randrange(6)),
        draw.choice([435090932899640449, *range(12)]),
        draw.choice(URLS),
        draw.choice([*URLS, "https://www.google.com/search"]),
        draw.randrange(2),
        maybe(draw.choice([1024, 1366, 1920])),
        draw.randrange(3),
        draw.choice(["", "iPad", "iPhone", None]),
        draw.randrange(-1, 7),
        draw.randrange(4),
        draw.choice(TEXTS),
        draw.choice([0, 0, 0, 2, 3]),
        draw.randrange(2),
        maybe(round(draw.uniform(-5, 5), 3)),
        maybe(Decimal(draw.randrange(-100_000, 100_000)).scaleb(-2)),
        maybe(draw.random() < 0.5),
    )


def as_csv(rows: list[tuple]) -> bytes:
    """The records as CSV: null is an empty field, and the empty text one in quotes."""
    lines = [",".join(COLUMNS), *(",".join(map(field, row)) for row in rows)]
    return "".join(line + "\n" for line in lines).encode()


def field(value) -> str:
    if value is None:
        return ""
    text = spelled(value)
    return '"' + text.replace('"', '""') + '"' if text == "" or set(text) & set('",\n') else text


def as_lines(rows: list[tuple]) -> bytes:
    """The records as JSON lines."""
    plain = lambda value: value if isinstance(value, bool | int | float | None) else spelled(value)
    lines = (json.dumps(dict(zip(COLUMNS, map(plain, row)))) for row in rows)
    return "".join(line + "\n" for line in lines).encode()


def as_gzip(rows: list[tuple]) -> bytes:
    """The records as CSV in gzip."""
    return gzip.compress(as_csv(rows))


def spelled(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def into(database, rows: list[tuple]):
    """Makes the table records of DuckDB."""
    columns = ", ".join(f'"{name}" {kind}' for name, (_, kind) in COLUMNS.items())
    database.execute(f"CREATE OR REPLACE TABLE records ({columns})")
    database.executemany(f"INSERT INTO records VALUES ({', '.join('?' * len(COLUMNS))})", rows)
