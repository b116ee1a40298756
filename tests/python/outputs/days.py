"""Files of two days that share some records, and the truth about their values, which the tests of sketches need."""

import bisect
import datetime
import pathlib
import random

SEED = 20261125
TYPES = {
    "id": "int64",
    "price": "decimal(10,2)",
    "share": "float64",
    "day": "date",
    "at": "timestamp",
    "city": "string",
}
EPOCH = datetime.date(1970, 1, 1)
DISTINCT_ERROR = 0.0325  # two standard deviations at 4,096 registers
RANK_ERROR = 0.0134 * 1.5  # the sketch's own, which one quantile in a hundred may exceed: here one in some thousands


def rows(first, last):
    chance = random.Random(SEED)
    for n in range(first, last):
        price = f"{chance.lognormvariate(3, 1):.2f}"
        day = (datetime.date(2020, 1, 1) + datetime.timedelta(n * 7 % 2000)).isoformat()
        at = f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:00:00Z"
        city = "Köln" if n % 3 == 0 else "Paris, France" if n % 7 == 0 else f"town {n}"
        yield str(n), price, repr(chance.gauss(0, 100)), day, at, city


def write(path: pathlib.Path, first: int, last: int) -> dict[str, list[str]]:
    """Writes the file; returns each column's values as the sketches see them."""
    columns = [[] for _ in TYPES]
    with open(path, "w", encoding="utf-8", newline="") as text:
        text.write(",".join(TYPES) + "\n")
        for row in rows(first, last):
            text.write(",".join(f'"{field}"' if "," in field else field for field in row) + "\n")
            for column, field in zip(columns, row):
                column.append(field)
    return dict(zip(TYPES, columns))


def number(kind: str, text) -> float:
    """A value as a number in its order."""
    if kind == "date":
        return (datetime.date.fromisoformat(str(text)) - EPOCH).days
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp() * 1e6
    return float(text)


def check_close(what: str, found: float, expected: float, error: float) -> None:
    assert abs(found - expected) <= error, f"{what}: {found}, expected {expected} ± {error:.6g}"


def check_rank(what: str, ordered: list[float], value: float, rank: float) -> None:
    """The value stands, among all, where its rank says: equal ones cover a stretch."""
    low, high = bisect.bisect_left(ordered, value) / len(ordered), bisect.bisect_right(ordered, value) / len(ordered)
    check_close(what, min(max(rank, low), high), rank, RANK_ERROR)
