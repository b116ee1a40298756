"""The tests of whole runs are one program, which names its files: one that it does not name would never run."""

import re

from house.workspace import ROOT


def test_the_program_of_the_runs_has_all_files():
    folder = ROOT / "tests/rust/tests"
    named = set(re.findall(r"^mod (\w+);$", (folder / "runs.rs").read_text(), re.MULTILINE))
    there = {path.stem for path in folder.glob("*.rs")} - {"runs"}
    assert len(there) > 15 and named == there
