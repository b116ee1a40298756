"""Files as people send them, without a dataset: what a person sees in each of them, at every chunk size.

tests/data/files/kinds has one kind of trouble a file, tests/data/files/bug-reports those of public bug reports.
"""

import json
import pathlib
import subprocess

import pytest

from data.chunk_sizes import same_at_all_sizes

FILES = pathlib.Path(__file__).parents[2] / "data/files"
KINDS = json.loads((FILES / "kinds/expected.json").read_text(encoding="utf-8"))

# File, records, refused records by their reason, and the first record.
REPORTS = [
    ("stray-quotes-swallow-records.csv", 2000, {}, {"id": 0, "name": "item 0", "n": 0}),
    ("other-delimiter-one-column-no-warning.csv", 2, {}, {"id": 1, "name": "Anna"}),
    ("infer-tie-goes-to-comma.csv", 3, {}, {"column_1": 1001, "column_2": "Anna", "column_3": 1.5}),
    ("infer-ragged-decimal-comma.csv", 98, {"field_count": 2}, {"id": 0, "name": "Kunde 0", "amount": 0.5}),
    ("infer-lossy-float.csv", 3, {}, {"id": 1, "u": "9007199254740993"}),
    ("jsonl-first-line-bad-becomes-csv.jsonl", 2, {"malformed_json": 1}, {"a": 1}),
    ("everything-refused-exit-0.csv", 2, {}, {"id": 1, "name": "Anna", "amount": 1.5}),
    ("bom-inside.csv", 3, {}, {"id": 1.0, "a": "x"}),
    ("infer-cr-with-quoted-lf.csv", 2, {}, {"id": 1, "a": "x\ny"}),
    ("comments-not-inferred.csv", 2, {}, {"id": 1, "a": "x"}),
    ("json-objects-on-one-line.json", 2, {}, {"id": 1}),
    ("trailing-delimiter-on-rows.csv", 2, {}, {"a": 1, "b": 4, "c": 7}),
    ("latin-1.csv", 3, {}, {"id": 1, "name": "Müller"}),
    ("timestamp-9999-12-31.csv", 3, {}, {"id": 1, "valid_to": "9999-12-31T00:00:00Z"}),
    ("leap-second-altered.csv", 1, {}, {"t": "2024-01-01 10:00:60"}),
]

# File, the error's code, and words of the message.
REFUSED = [
    ("tar-gz-read-as-csv.tar.gz", "UnsupportedEncoding", "a tar archive"),
    ("zst-long-window.csv.zst", "", "--long"),
]


def test_all_files_are_tried():
    names = {path.name for path in (FILES / "bug-reports").iterdir()} - {"annotations.json"}
    assert names == {row[0] for row in REPORTS} | {row[0] for row in REFUSED}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kinds(run, note, name):
    expected = KINDS[name]
    done = same_at_all_sizes(run, note, FILES / "kinds" / name)
    records = done.records()
    assert [column["name"] for column in done.report["columns"]] == expected["header"]
    types = {column["name"]: column["type"] for column in done.report["columns"]}
    assert {name: types[name] for name in expected["types"]} == expected["types"]
    assert len(records) == expected["records"]
    for index, row in expected["rows"].items():
        for found, value in zip(records[int(index)].values(), row, strict=True):
            if isinstance(found, list):
                found = json.dumps(found, separators=(",", ":"))
            assert found == value, (name, index)


@pytest.mark.parametrize("name, records, refused, first", REPORTS, ids=[row[0] for row in REPORTS])
def test_bug_reports(run, note, name, records, refused, first):
    done = same_at_all_sizes(run, note, FILES / "bug-reports" / name)
    reasons = [line["reason"] for line in done.rejects()[1]]
    assert {reason: reasons.count(reason) for reason in reasons} == refused
    assert len(done.records()) == records
    assert done.records()[0] == first


@pytest.mark.parametrize("name, code, words", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(fanout, tmp_path, name, code, words):
    command = [fanout, "run", FILES / "bug-reports" / name, "--out", tmp_path / "runs"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"error: {code}" in done.stderr and words in done.stderr, done.stderr
    assert not (tmp_path / "runs").exists()
