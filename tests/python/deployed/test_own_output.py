"""The functions of examples/own-output: its template deployed, and a job that names its output."""

import json
import subprocess

import pytest

from deployed.build import plain_build
from deployed.stack import Stack

BUILD = "CARGO_TARGET_DIR=target cargo build --bins --manifest-path examples/own-output/Cargo.toml"


@pytest.fixture(scope="module")
def own(emulators, root, tmp_path_factory):
    script = root / "examples/own-output/template.sh"
    template = subprocess.run([script], capture_output=True, text=True, check=True).stdout
    endpoint, _, payloads = emulators("own-output")
    stack = Stack(endpoint, payloads)
    stack.deploy(plain_build(root, tmp_path_factory.mktemp("own-built"), template, BUILD))
    return stack


def test_the_output_of_another_crate(own, root):
    own.upload("elsewhere/people.csv", (root / "tests/data/people.csv").read_bytes())
    job = {"bucket": own.uploads, "key": "elsewhere/people.csv", "chunk_size": 4096}
    job["outputs"] = ["profile", {"name": "id_range", "column": "id"}]
    own.succeeded(own.run(job, name="own-output"))
    report = own.report("own-output")
    assert report["chunks"] > 10
    profile, id_range = report["outputs"]
    assert (profile["name"], id_range["name"]) == ("profile", "id_range")
    assert id_range["records"] == 1000
    assert id_range["section"] == {"smallest": 1, "largest": 1000}


def test_a_wrong_option_fails_the_run_before_any_chunk(own, root):
    own.upload("elsewhere/refused.csv", (root / "tests/data/people.csv").read_bytes())
    job = {"bucket": own.uploads, "key": "elsewhere/refused.csv"}
    job["outputs"] = [{"name": "id_range", "column": "nr"}]
    execution = own.run(job)
    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidJob")
    assert json.loads(execution["cause"])["errorMessage"] == 'output id_range: there is no column "nr"'
