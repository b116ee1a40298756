"""Runs over a small file at several chunk sizes, from one byte on."""

import pathlib

from data.comparison import same_runs
from finished_run import WHOLE, FinishedRun


def same_at_all_sizes(run, note, source: pathlib.Path, dataset: dict | None = None) -> FinishedRun:
    """Runs at all sizes say the same, rejects included; returns the run over the whole file."""
    size = source.stat().st_size
    sizes = (1, 2, 3, 7, 64, 1000) if size < 1000 else (50, 333, 4096) if size < 10_000 else (10_000, 65_536)
    first = run(source, WHOLE, dataset)
    for chunk_size in sizes:
        done = run(source, chunk_size, dataset)
        same_runs(done, first)
        assert done.rejects() == first.rejects(), done.name
        note(f"{done.name}: {done.report['records']} records, {done.report['rejects']} rejects, {done.cut}")
        done.remove()
    return first
