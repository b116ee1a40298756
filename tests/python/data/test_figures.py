"""Numbers that are hard to add up, declared and inferred: large ones close to each other, and sums that cancel."""

import random

import pytest

from data.comparison import same_columns
from data.reference import Column
from finished_run import WHOLE

SEED = 11
ROWS = 5000
FIGURES = {
    "epoch_nanoseconds": ("int64", lambda pick, _: str(1_700_000_000_000_000_000 + pick.randrange(10**9))),
    "sequential_id": ("int64", lambda _, number: str(1_500_000_000_000_000_000 + number)),
    "around_zero": ("int64", lambda pick, _: str(pick.randrange(-(1 << 63), 1 << 63))),
    "far_from_zero": ("float64", lambda pick, _: repr(1e9 + pick.random())),
    "cancelling": ("float64", lambda pick, number: repr((-1) ** number * 1e15 + pick.random())),
    "seconds": ("float64", lambda pick, _: f"{1_700_000_000 + pick.random():.6f}"),
}
DECLARED = {"columns": {name: kind for name, (kind, _) in FIGURES.items()}}


@pytest.mark.parametrize("dataset", [None, DECLARED], ids=["inferred", "declared"])
@pytest.mark.parametrize("chunk_size", [WHOLE, 4096])
def test_figures_are_those_of_python(run, tmp_path, dataset, chunk_size):
    pick = random.Random(SEED)
    rows = [[make(pick, number) for _, make in FIGURES.values()] for number in range(ROWS)]
    source = tmp_path / "figures.csv"
    source.write_text("".join(",".join(row) + "\n" for row in [FIGURES, *rows]))
    columns = [Column(name, kind) for name, (kind, _) in FIGURES.items()]
    for column, texts in zip(columns, zip(*rows)):
        column.add(texts)
    same_columns(run(source, chunk_size, dataset), columns, 1e-10)
