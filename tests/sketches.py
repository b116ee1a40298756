#!/usr/bin/env python3
"""Holds fanout's sketches against the truth, and reads them with the Apache DataSketches library for Python.

    target/tools/venv/bin/python tests/sketches.py target/release/fanout

Two files are processed in chunks of several sizes. What the report estimates must be as close to the values' own figures
as it says; the stored sketches of both runs are merged here and must be as close to the figures of both files together;
and a sketch that the other library makes of the same values must be one with ours: the same hashes, nothing counted
twice. Stops at the first difference with exit code 1. Needs what tests/tools.sh installs.
"""

import base64
import bisect
import datetime
import json
import random
from collections import Counter

import datasketches

from checks import WHOLE, WORK, Difference, Run, main, same

SEED = 20261125
TYPES = {"id": "int64", "price": "decimal(10,2)", "share": "float64", "day": "date", "at": "timestamp", "city": "string"}
EPOCH = datetime.date(1970, 1, 1)
CHUNKS = (WHOLE, 300_000, 20_000)
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


def write(path, first, last):
    """The file, and each column's values as the sketches see them."""
    columns = [[] for _ in TYPES]
    with open(path, "w", encoding="utf-8", newline="") as text:
        text.write(",".join(TYPES) + "\n")
        for row in rows(first, last):
            text.write(",".join(f'"{field}"' if "," in field else field for field in row) + "\n")
            for column, field in zip(columns, row):
                column.append(field)
    return dict(zip(TYPES, columns))


def number(kind, text):
    """A value as a number in its order."""
    if kind == "date":
        return (datetime.date.fromisoformat(str(text)) - EPOCH).days
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp() * 1e6
    return float(text)


def close(what, found, expected, error):
    if abs(found - expected) > error:
        raise Difference(f"{what}: {found}, expected {expected} ± {error:.6g}")


def check_report(run, texts):
    """What the report estimates, against the values."""
    for column in run.report["columns"]:
        name, kind, estimates = column["name"], TYPES[column["name"]], column["estimates"]
        what, values = f"{run.name}: {name}", texts[name]
        truth, distinct = len(set(values)), estimates["distinct"]
        close(f"{what}: distinct", distinct["estimate"], truth, truth * DISTINCT_ERROR)
        same(f"{what}: the bounds hold it", distinct["lower"] <= distinct["estimate"] <= distinct["upper"], True)
        counts = Counter(values)
        for frequent in estimates.get("frequent", []):
            inside = frequent["at_least"] <= counts[frequent["value"]] <= frequent["at_most"]
            same(f"{what}: {frequent} holds {counts[frequent['value']]}", inside, True)
        if kind == "string":
            same(f"{what}: most frequent", [one["value"] for one in estimates["frequent"][:2]], ["Köln", "Paris, France"])
            lengths = [len(value) for value in values]
            same(f"{what}: lengths", (column["lengths"]["min"], column["lengths"]["max"]), (min(lengths), max(lengths)))
            close(f"{what}: mean length", column["lengths"]["mean"], sum(lengths) / len(lengths), 1e-9)
            continue
        ordered = sorted(number(kind, value) for value in values)
        close(f"{what}: rank error", estimates["rank_error"], 0.0133, 0.0002)
        same(f"{what}: ranks", [one["rank"] for one in estimates["quantiles"]], [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
        for one in estimates["quantiles"]:
            check_rank(f"{what}: quantile {one['rank']}", ordered, number(kind, one["value"]), one["rank"])
        check_histogram(what, kind, ordered, estimates["histogram"])


def check_rank(what, ordered, value, rank):
    """The value stands, among all, where its rank says: equal ones cover a stretch."""
    low, high = bisect.bisect_left(ordered, value) / len(ordered), bisect.bisect_right(ordered, value) / len(ordered)
    close(what, min(max(rank, low), high), rank, RANK_ERROR)


def check_histogram(what, kind, ordered, bins):
    same(f"{what}: bins have all values", sum(one["count"] for one in bins), len(ordered))
    same(f"{what}: bins", 1 < len(bins) <= 20, True)
    for one, following in zip(bins, bins[1:]):
        same(f"{what}: a bin begins where the one before ends", following["from"], one["to"])
    counted = 0
    for one in bins[:-1]:
        counted += one["count"]
        # A bound that was rounded for the report may stand on the other side of a value.
        below = bisect.bisect_left(ordered, number(kind, one["to"]))
        close(f"{what}: values below {one['to']}", counted / len(ordered), below / len(ordered), RANK_ERROR)


def stored(run):
    found = json.loads((run.folder / "merged/profile/sketches.json").read_text())["columns"]
    same(f"{run.name}: stored types", {one["name"]: one["type"] for one in found}, TYPES)
    return {one["name"]: {name: text if name == "sizes" else base64.b64decode(text) for name, text in one["sketches"].items()}
            for one in found}


def check_merged(runs, texts):
    """The stored sketches of several runs, merged by the other library, against all values; and against its own."""
    sketches = [stored(run) for run in runs]
    for name, kind in TYPES.items():
        what, values = f"merged: {name}", [value for one in texts for value in one[name]]
        union = datasketches.hll_union(12)
        own = datasketches.hll_sketch(12)
        for one in sketches:
            union.update(datasketches.hll_sketch.deserialize(one[name]["hll"]))
        for value in set(values):
            own.update(int(number(kind, value)) if kind in ("int64", "date", "timestamp")
                       else float(value) if kind == "float64" else value)
        truth = len(set(values))
        close(f"{what}: distinct", union.get_estimate(), truth, truth * DISTINCT_ERROR)
        before = union.get_composite_estimate() if hasattr(union, "get_composite_estimate") else union.get_estimate()
        union.update(own)
        after = union.get_composite_estimate() if hasattr(union, "get_composite_estimate") else union.get_estimate()
        close(f"{what}: the other library's sketch adds nothing", after, before, before * 1e-9)
        frequent = datasketches.frequent_strings_sketch(7)
        for one in sketches:
            frequent.merge(datasketches.frequent_strings_sketch.deserialize(one[name]["frequent_strings"]))
        same(f"{what}: values that are counted", frequent.total_weight, len(values))
        counts = Counter(values)
        for value, _, lower, upper in frequent.get_frequent_items(datasketches.frequent_items_error_type.NO_FALSE_POSITIVES):
            same(f"{what}: {value} holds {counts[value]}", lower <= counts[value] <= upper, True)
        if kind == "string":
            continue
        quantiles = datasketches.kll_doubles_sketch(200)
        kll = {"date": "kll_dates", "timestamp": "kll_timestamps"}.get(kind, "kll_numbers")
        for one in sketches:
            quantiles.merge(datasketches.kll_doubles_sketch.deserialize(one[name][kll]))
        same(f"{what}: values of the quantiles", quantiles.n, len(values))
        ordered = sorted(number(kind, value) for value in values)
        for rank in (0.05, 0.5, 0.95):
            check_rank(f"{what}: quantile {rank}", ordered, quantiles.get_quantile(rank), rank)


def checks(binary, _):
    print(f"seed {SEED}")
    runs, texts = [], []
    for file, (first, last) in {"monday.csv": (0, 60_000), "tuesday.csv": (40_000, 90_000)}.items():
        texts.append(write(WORK / file, first, last))
        whole = None
        for chunk_size in CHUNKS:
            run = Run(binary, WORK / file, chunk_size, {"columns": TYPES}, outputs="profile")
            check_report(run, texts[-1])
            whole = whole or run
            for column, other in zip(run.report["columns"], whole.report["columns"]):
                same(f"{run.name}: distinct as of the whole", column["estimates"]["distinct"], other["estimates"]["distinct"])
            print(f"  {run.name}: distinct, quantiles, bins, frequent values and lengths as close as they say")
        runs.append(run)
    check_merged(runs, texts)
    print("  both days' stored sketches, merged by the library for Python: as close, and of the same hashes")


if __name__ == "__main__":
    main(__doc__, checks)
