"""Comparisons of runs with each other and with the reference. They stop at the first difference, which they show."""

import math
from collections.abc import Iterable
from itertools import chain, zip_longest

from data.reference import Column
from finished_run import FinishedRun


def same_runs(run: FinishedRun, first: FinishedRun) -> None:
    """Two runs of one file differ in nothing that is about the data."""
    what = f"{run.name}: as in {first.name}"
    for field in ("records", "rejects"):
        assert run.report[field] == first.report[field], f"{what}: {field}"
    assert run.data_start == first.data_start, what
    assert run.digest() == first.digest(), f"{what}: hash of the JSON lines"
    same_columns_of_runs(run, first)


def same_columns_of_runs(run: FinishedRun, first: FinishedRun) -> None:
    """All figures of all columns are the same; sums of floats may differ in their last bit."""
    for column, other in zip_longest(run.report["columns"], first.report["columns"]):
        same_column(f"{run.name}: as in {first.name}: column", column, other, 1e-15)


def same_column(what: str, found: dict | None, expected: dict | None, tolerance: float) -> None:
    """All figures the same, in type too; sums of floats, means and deviations within the tolerance of their size."""
    what = f"{what} {expected and expected['name']!r}"
    assert found is not None and expected is not None, f"{what}: {found} and {expected}"
    assert sorted(found) == sorted(expected), what
    for key, value in expected.items():
        if isinstance(value, float) and key in ("sum", "mean", "stddev") and isinstance(found[key], float):
            if math.isclose(found[key], value, rel_tol=tolerance):
                continue
        assert (found[key], type(found[key])) == (value, type(value)), f"{what}: {key}"


def same_columns(run: FinishedRun, columns: Iterable[Column], tolerance: float = 1e-12) -> None:
    """The report's columns have the figures of the reference."""
    # Derived from the others, of the text alone, or the origin of the type.
    besides = ("null_share", "lengths", "origin", "sampled", "widened")
    for found, column in zip_longest(run.report["columns"], columns):
        found = found and {name: value for name, value in found.items() if name not in besides}
        same_column(f"{run.name}: column", found, column and column.report(), tolerance)


def same_records(what: str, found: list[dict], expected: list[dict], first: int = 0) -> None:
    """The same objects, names in the same order, values of the same types. `first` is the number of the first one."""
    if alike(found, expected):
        return
    for number, (left, right) in enumerate(zip_longest(found, expected, fillvalue={}), first + 1):
        assert left == right, f"{what}: record {number}"
        assert shape([left]) == shape([right]), f"{what}: names and types of record {number}"


def texts(records: list[dict]) -> list[dict]:
    """The records with an empty text for null: where all columns are text, readers do not tell them apart."""
    return [{name: "" if value is None else value for name, value in record.items()} for record in records]


def alike(found: list[dict], expected: list[dict]) -> bool:
    # Objects are equal with their names in another order, and 1, 1.0 and True are.
    return found == expected and shape(found) == shape(expected)


def shape(records: list[dict]) -> tuple:
    """The names in their order, and the types that each one's values have."""
    names = set(map(tuple, records))
    return names, [{type(record.get(name)) for record in records} for name in chain.from_iterable(names)]


def same_bytes(what: str, found: bytes, expected: bytes) -> None:
    """The same bytes; of a difference only its first place is shown."""
    if found != expected:
        at = next(
            (at for at, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]), min(len(found), len(expected))
        )
        around = slice(max(at - 20, 0), at + 20)
        assert (len(found), found[around]) == (len(expected), expected[around]), f"{what}: from byte {at} on"
