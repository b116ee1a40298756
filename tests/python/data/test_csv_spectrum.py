"""The odd files of csv-spectrum, which come with their answers as JSON: whole and in chunks from one byte on."""

import json

import pytest

from data.chunk_sizes import same_at_all_sizes
from data.comparison import same_records, texts

FILES = [
    "comma_in_quotes",
    "empty",
    "empty_crlf",
    "escaped_quotes",
    "json",
    "location_coordinates",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
]
# Answers that aren't those of their file: what is said there, and what the file has.
NOT_OF_THE_FILE = {"location_coordinates": ("Contact Phone Number", "1234567890", "2095257564")}


@pytest.fixture(scope="module")
def spectrum(install):
    return install("build") / "node_modules/csv-spectrum"


def test_the_list_has_all_files(spectrum):
    assert sorted(path.stem for path in spectrum.glob("csvs/*.csv")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_the_answers(run, note, spectrum, name):
    answer = json.loads((spectrum / "json" / f"{name}.json").read_text(encoding="utf-8"))
    answer = answer if isinstance(answer, list) else [answer]
    if difference := NOT_OF_THE_FILE.get(name):
        column, said, found = difference
        assert answer[0][column] == said
        answer[0][column] = found
    done = same_at_all_sizes(run, note, spectrum / "csvs" / f"{name}.csv", {"types": "text"})
    same_records(done.name, texts(done.records()), answer)
    assert done.report["rejects"] == 0
