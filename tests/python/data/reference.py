"""The figures of a report and the types of columns, computed in plain Python: nothing of fanout is used.

Records come from the csv module, sums from math.fsum and from integers of any size.
"""

import csv
import datetime
import math
import pathlib
import re
from array import array
from collections.abc import Iterable
from fractions import Fraction

# The columns of the files that `fanout sample` generates.
PEOPLE = {
    "id": "int64",
    "name": "string",
    "age": "int64",
    "latitude": "float64",
    "longitude": "float64",
    "monthly_income": "float64",
    "experienced": "boolean",
}

# By declared type: the type in JSON, a reader of its texts, and the form of its texts.
TYPES = {
    # A whole number may have a fraction of zeros, as writers of JSON have it.
    "int64": (int, lambda text: int(text.partition(".")[0]), re.compile(r"[+-]?[0-9]+(\.0*)?")),
    "float64": (float, float, re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")),
    "boolean": (bool, lambda text: text.lower() == "true", re.compile(r"true|false", re.IGNORECASE)),
    "string": (str, str, re.compile(r".*", re.DOTALL)),
}

# An undeclared value as a program would write it.
USUAL = re.compile(r"-?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\.[0-9]+)([eE][+-]?[0-9]+)?|true|false", re.IGNORECASE)


class Column:
    """One column's figures as the report has them."""

    def __init__(self, name: str, kind: str):
        self.name, self.kind = name, kind
        self.count, self.nulls, self.invalid = 0, 0, 0
        self.extremes = []
        self.numbers = array({"int64": "q", "float64": "d", "boolean": "b"}.get(kind, "b"))

    def add(self, texts: Iterable[str]) -> None:
        """Takes the texts of some records; an empty one is null."""
        texts = list(texts)
        present = [text for text in texts if text]
        self.count += len(present)
        self.nulls += len(texts) - len(present)
        if self.kind in ("int64", "float64", "boolean"):
            self.numbers.extend(map(TYPES[self.kind][1], present))
        elif present:
            self.extremes = [min(self.extremes[:1] + present), max(self.extremes[1:] + present)]

    def report(self) -> dict:
        column = {"name": self.name, "type": self.kind, "count": self.count, "nulls": self.nulls}
        column |= {"invalid": self.invalid, "min": None, "max": None, "sum": None, "mean": None, "stddev": None}
        if self.extremes:
            column["min"], column["max"] = (text[:64] for text in self.extremes)
        if self.numbers:
            python = TYPES[self.kind][0]
            column["min"], column["max"] = python(min(self.numbers)), python(max(self.numbers))
            column["sum"], column["mean"], column["stddev"] = moments(self.numbers)
            if self.kind == "int64" and not fits("int64", str(column["sum"])):
                column["sum"] = float(column["sum"])
        return column


def moments(numbers: array) -> tuple:
    """Sum, mean, and standard deviation of the sample, exact for integers and nearly so for floats."""
    count = len(numbers)
    if numbers.typecode != "d":
        total = sum(numbers)
        spread = Fraction(count * sum(number * number for number in numbers) - total * total, count * (count - 1) or 1)
        return total, float(Fraction(total, count)), math.sqrt(spread) if count > 1 else None
    total = math.fsum(numbers)
    mean = total / count
    # The second term is what the rounding of the mean adds to the first.
    spread = math.fsum((number - mean) ** 2 for number in numbers)
    spread -= math.fsum(number - mean for number in numbers) ** 2 / count
    return total, mean, math.sqrt(spread / (count - 1)) if count > 1 else None


def fits(kind: str, text: str) -> bool:
    """True for a text that is a value of a declared type."""
    python, read, pattern = TYPES[kind]
    if not pattern.fullmatch(text):
        return False
    if python is int:
        return -(1 << 63) <= read(text) < 1 << 63
    return python is not float or math.isfinite(read(text))


def observed_type(texts: list[str]) -> str:
    """The type that fits all texts of an undeclared column."""
    present = [text for text in texts if text]
    if present and all(map(USUAL.fullmatch, present)):
        kinds = ("int64", "float64", "boolean")
        return next((kind for kind in kinds if all(fits(kind, text) for text in present)), "string")
    return "date" if present and all(map(is_date, present)) else "string"


def is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def column_names(header: list[str]) -> list[str]:
    """The names of columns: an empty one becomes `column_<number>`, a repeated one gets `_<number>`."""
    taken, names = set(header), []
    for number, name in enumerate(header, 1):
        if not name or name in names:
            stem = name or "column"
            while f"{stem}_{number}" in taken:
                number += 1
            name = f"{stem}_{number}"
            taken.add(name)
        names.append(name)
    return names


def dict_rows(source: pathlib.Path) -> tuple[list[str], list[dict], int]:
    """The columns' names, the rows of csv.DictReader that have as many fields, and the number of other rows."""
    with open(source, encoding="utf-8-sig", newline="") as text:
        names = column_names(next(csv.reader(text)))
        rows = list(csv.DictReader(text, fieldnames=names))
    fitting = [row for row in rows if None not in row and None not in row.values()]
    return names, fitting, len(rows) - len(fitting)
