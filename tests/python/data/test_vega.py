"""The CSV files of the vega-datasets package, which other people made: the csv module reads the same from them."""

import importlib.util
import pathlib

import pytest

from data.comparison import same_columns, same_records, same_runs, texts
from data.reference import Column, dict_rows, observed_type
from finished_run import WHOLE

# The package itself would load pandas.
PACKAGE = pathlib.Path(importlib.util.find_spec("vega_datasets").origin).parent
FILES = sorted(PACKAGE.glob("_data/*.csv"))


def test_the_files_are_there():
    assert len(FILES) == 8


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.name)
def test_csv_module_reads_the_same(run, note, source):
    names, rows, ragged = dict_rows(source)
    columns = []
    for name in names:
        values = [row[name] for row in rows]
        columns.append(Column(name, observed_type(values)))
        columns[-1].add(values)
    first = run(source, WHOLE)
    for done in (first, run(source, 4096), run(source, 512)):
        assert (done.report["records"], done.report["rejects"]) == (len(rows), ragged), done.name
        same_numbers(done, columns)
        same_runs(done, first)
        note(f"{done.name}: {done.report['records']} records, {ragged} rejects, {done.cut}")
    as_text = run(source, 4096, {"types": "text"})
    same_records(as_text.name, texts(as_text.records()), rows)


def same_numbers(done, columns):
    """The columns of numbers and booleans have the figures of the reference; of the others the types are tested beside
    those of DuckDB."""
    found = {column["name"]: column for column in done.report["columns"]}
    assert list(found) == [column.name for column in columns]
    numbers = [column for column in columns if column.kind in ("int64", "float64", "boolean")]
    done.report["columns"] = [found[column.name] for column in numbers]
    same_columns(done, numbers)
    done.report["columns"] = list(found.values())
