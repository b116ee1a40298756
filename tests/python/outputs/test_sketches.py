"""Sketches against the truth: estimates in reports, and stored sketches that Apache DataSketches for Python merges.

Two files are processed in chunks of several sizes. The report's estimates must be as close to the values' own figures
as it says. The stored sketches of both runs are merged here and must be as close to the figures of both files together.
A sketch that the other library makes of the same values must be one with ours: the same hashes, nothing counted twice.
"""

import base64
import bisect
import json
from collections import Counter

import datasketches
import pytest

from finished_run import WHOLE, run_fanout
from outputs.days import DISTINCT_ERROR, RANK_ERROR, TYPES, check_close, check_rank, number, write

DAYS = {"monday": (0, 60_000), "tuesday": (40_000, 90_000)}
CHUNKS = (WHOLE, 300_000, 20_000)
RANKS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sketches")


@pytest.fixture(scope="module")
def texts(folder):
    """By day: each column's values, which are in a file of the folder."""
    return {day: write(folder / f"{day}.csv", *span) for day, span in DAYS.items()}


@pytest.fixture(scope="module")
def runs(fanout, folder, texts):
    """By day and size of a chunk: the run."""

    def start(day, chunk_size):
        return run_fanout(fanout, folder, folder / f"{day}.csv", chunk_size, {"columns": TYPES}, outputs="profile")

    return {(day, chunk_size): start(day, chunk_size) for day in DAYS for chunk_size in CHUNKS}


@pytest.mark.parametrize("column", TYPES)
@pytest.mark.parametrize("chunk_size", CHUNKS)
@pytest.mark.parametrize("day", DAYS)
def test_report_is_as_close_as_it_says(runs, texts, day, chunk_size, column):
    found = next(one for one in runs[day, chunk_size].report["columns"] if one["name"] == column)
    values, estimates = texts[day][column], found["estimates"]
    truth, distinct = len(set(values)), estimates["distinct"]
    check_close("distinct", distinct["estimate"], truth, truth * DISTINCT_ERROR)
    assert distinct["lower"] <= distinct["estimate"] <= distinct["upper"]
    counts = Counter(values)
    for one in estimates.get("frequent", []):
        assert one["at_least"] <= counts[one["value"]] <= one["at_most"], one
    if TYPES[column] == "string":
        check_text(found, values)
    else:
        check_numbers(found, sorted(number(TYPES[column], value) for value in values))


def check_text(column, values):
    frequent, lengths = column["estimates"]["frequent"], [len(value) for value in values]
    assert [one["value"] for one in frequent[:2]] == ["Köln", "Paris, France"]
    assert (column["lengths"]["min"], column["lengths"]["max"]) == (min(lengths), max(lengths))
    check_close("mean length", column["lengths"]["mean"], sum(lengths) / len(lengths), 1e-9)


def check_numbers(column, ordered):
    kind, estimates = column["type"], column["estimates"]
    check_close("rank error", estimates["rank_error"], 0.0133, 0.0002)
    assert [one["rank"] for one in estimates["quantiles"]] == RANKS
    for one in estimates["quantiles"]:
        check_rank(f"quantile {one['rank']}", ordered, number(kind, one["value"]), one["rank"])
    check_histogram(kind, ordered, estimates["histogram"])


def check_histogram(kind, ordered, bins):
    assert sum(one["count"] for one in bins) == len(ordered)
    assert 1 < len(bins) <= 20
    for one, following in zip(bins, bins[1:]):
        assert following["from"] == one["to"], "a bin begins where the one before ends"
    counted = 0
    for one in bins[:-1]:
        counted += one["count"]
        # A bound that was rounded for the report may stand on the other side of a value.
        below = bisect.bisect_left(ordered, number(kind, one["to"]))
        check_close(f"values below {one['to']}", counted / len(ordered), below / len(ordered), RANK_ERROR)


@pytest.mark.parametrize("day", DAYS)
def test_distinct_values_are_the_same_at_every_chunk_size(runs, day):
    for column in range(len(TYPES)):
        found = [runs[day, size].report["columns"][column]["estimates"]["distinct"] for size in CHUNKS]
        assert found == found[:1] * len(CHUNKS)


@pytest.fixture(scope="module")
def stored(runs):
    """The stored sketches of both days, cut into chunks, by column and name."""
    return [stored_sketches(runs[day, CHUNKS[-1]]) for day in DAYS]


def stored_sketches(run):
    columns = json.loads((run.folder / "merged/profile/sketches.json").read_text())["columns"]
    assert {one["name"]: one["type"] for one in columns} == TYPES
    return {one["name"]: decoded(one["sketches"]) for one in columns}


def decoded(sketches):
    return {name: text if name == "sizes" else base64.b64decode(text) for name, text in sketches.items()}


@pytest.fixture(params=TYPES)
def merged(request, stored, texts):
    """One column: its type, the sketches of both days, and all values."""
    name = request.param
    return TYPES[name], [one[name] for one in stored], [value for day in texts.values() for value in day[name]]


def test_merged_distinct_values(merged):
    """As close as the sketches say, and with the hashes of the other library: its own sketch adds nothing."""
    kind, sketches, values = merged
    union, own = datasketches.hll_union(12), datasketches.hll_sketch(12)
    for one in sketches:
        union.update(datasketches.hll_sketch.deserialize(one["hll"]))
    for value in set(values):
        own.update(as_updated(kind, value))
    truth = len(set(values))
    check_close("distinct", union.get_estimate(), truth, truth * DISTINCT_ERROR)
    before = composite(union)
    union.update(own)
    check_close("with the other library's sketch", composite(union), before, before * 1e-9)


def as_updated(kind, value):
    """The value as the sketch was given it."""
    if kind in ("int64", "date", "timestamp"):
        return int(number(kind, value))
    return float(value) if kind == "float64" else value


def composite(union):
    return union.get_composite_estimate() if hasattr(union, "get_composite_estimate") else union.get_estimate()


def test_merged_frequent_values(merged):
    _, sketches, values = merged
    frequent = datasketches.frequent_strings_sketch(7)
    for one in sketches:
        frequent.merge(datasketches.frequent_strings_sketch.deserialize(one["frequent_strings"]))
    assert frequent.total_weight == len(values)
    counts = Counter(values)
    no_false_positives = datasketches.frequent_items_error_type.NO_FALSE_POSITIVES
    for value, _, lower, upper in frequent.get_frequent_items(no_false_positives):
        assert lower <= counts[value] <= upper, value


def test_merged_quantiles(merged):
    kind, sketches, values = merged
    if kind == "string":
        assert not any(name.startswith("kll") for one in sketches for name in one)
        return
    quantiles = datasketches.kll_doubles_sketch(200)
    kll = {"date": "kll_dates", "timestamp": "kll_timestamps"}.get(kind, "kll_numbers")
    for one in sketches:
        quantiles.merge(datasketches.kll_doubles_sketch.deserialize(one[kll]))
    assert quantiles.n == len(values)
    ordered = sorted(number(kind, value) for value in values)
    for rank in (0.05, 0.5, 0.95):
        check_rank(f"quantile {rank}", ordered, quantiles.get_quantile(rank), rank)
