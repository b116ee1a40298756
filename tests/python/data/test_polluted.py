"""A plain table written with one fault after the other, without a dataset.

A faulty record is refused. All other records come out as they are, whatever the fault is.
"""

import json
import pathlib
import subprocess
from collections import Counter

import pytest

from data.polluted import HEADER, NAMELESS, ROWS, Kind, faulty_rows, kinds

KINDS = {kind.name: kind for kind in kinds()}


class Read:
    """The outcome of one file: the names, the records' texts, and the refused records by reason; or the error."""

    def __init__(self, folder: pathlib.Path):
        report = json.loads((folder / "report.json").read_text())
        self.names = [column["name"] for column in report["columns"]]
        parts = sorted(folder.glob("data/*.jsonl"))
        records = [json.loads(line) for part in parts for line in part.read_text(encoding="utf-8").splitlines()]
        self.records = [[text or "" for text in record.values()] for record in records]
        refused = [line for part in folder.glob("rejects/*.jsonl") for line in part.read_text().splitlines()]
        self.refused = Counter(json.loads(line)["reason"] for line in refused)
        assert report["coverage"]["verified"] is True
        assert report["rejects"] == len(refused)


@pytest.fixture
def read(fanout, tmp_path):
    """Runs fanout over the files of kinds in one process: their outcomes by name, none of a file that is refused."""

    def start(made: list[Kind]) -> dict[str, Read]:
        files = {}
        for number, kind in enumerate(made):
            files[f"{number:04}.csv"] = kind.name
            (tmp_path / f"{number:04}.csv").write_bytes(kind.text.encode())
        command = [fanout, "run", *sorted(tmp_path.glob("*.csv")), "--quiet", "--out", tmp_path / "runs"]
        command += ["--types", "text", "--outputs", "exact_profile,jsonl,rejects", "--chunk-size", "300"]
        subprocess.run(command, capture_output=True)
        folders = [path.parent for path in (tmp_path / "runs").glob("*/report.json")]
        return {files[f"{folder.name[:4]}.csv"]: Read(folder) for folder in folders}

    return start


@pytest.mark.parametrize("name", KINDS)
def test_kinds(read, name):
    kind = KINDS[name]
    found = read([kind]).get(name)
    if kind.names is None:
        assert found is None
        return
    assert (found.names, found.refused) == (kind.names, kind.refused)
    assert found.records == kind.records


@pytest.mark.parametrize("fault", ["a delimiter more", "a delimiter less", "a stray quote", "other delimiters"])
def test_one_faulty_record_is_refused_and_no_other(read, note, fault):
    made = [kind for line, kind in faulty_rows(fault) if line > 0]
    found = read(made)
    reasons = Counter()
    for kind in made:
        outcome = found[kind.name]
        assert outcome.names == HEADER, kind.name
        assert outcome.records == kind.records, kind.name
        assert outcome.refused.total() == 1, kind.name
        reasons += outcome.refused
    note(f"{fault}: {len(made)} files, refused {dict(reasons)}")


def test_a_faulty_header_loses_no_record(read, note):
    faults = ["a delimiter more", "a delimiter less", "a stray quote", "other delimiters"]
    made = [kind for fault in faults for line, kind in faulty_rows(fault) if line == 0]
    found = read(made)
    for kind in made:
        outcome = found[kind.name]
        assert (outcome.records, outcome.refused) == (ROWS, {}), kind.name
        right = sum(name in HEADER for name in outcome.names)
        assert len(outcome.names) == len(HEADER) and (right >= 4 or outcome.names == NAMELESS), kind.name
        note(f"{kind.name}: {', '.join(outcome.names)}")
