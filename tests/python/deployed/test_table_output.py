"""The functions of examples/table-output: every record is one item, however often its chunk is processed."""

import collections
import csv
import subprocess

import pytest

from deployed.build import plain_build
from deployed.samples import misleading
from deployed.stack import Stack

BUILD = "CARGO_TARGET_DIR=target cargo build --bins --manifest-path examples/table-output/Cargo.toml"


@pytest.fixture(scope="module")
def own(emulators, root, tmp_path_factory):
    script = root / "examples/table-output/template.sh"
    template = subprocess.run([script], capture_output=True, text=True, check=True).stdout
    endpoint, _, payloads = emulators("table-output")
    stack = Stack(endpoint, payloads)
    stack.deploy(plain_build(root, tmp_path_factory.mktemp("table-built"), template, BUILD))
    return stack


def items(stack, run_id):
    """The items of a run, in the order of chunks and records."""
    pages = stack.tables.get_paginator("scan").paginate(TableName=stack.physical("Table"))
    own = [item for page in pages for item in page["Items"] if item["fanout_chunk"]["S"].startswith(f"{run_id}#")]
    return sorted(own, key=lambda item: (int(item["fanout_chunk"]["S"].split("#")[1]), item["fanout_record"]["S"]))


def people(stack, root):
    """A job over 1,000 records in several chunks."""
    stack.upload("elsewhere/people.csv", (root / "tests/data/people.csv").read_bytes())
    job = {"bucket": stack.uploads, "key": "elsewhere/people.csv", "chunk_size": 4096}
    return job | {"outputs": ["profile", "table"]}


def value(attribute):
    """The value of an attribute: numbers as such, and true and false as the file has them."""
    ((kind, found),) = attribute.items()
    return float(found) if kind == "N" else str(found).lower() if kind == "BOOL" else found


def test_every_record_is_an_item(own, root):
    own.succeeded(own.run(people(own, root), name="records"))
    report = own.report("records")
    assert report["chunks"] > 10
    assert [(output["name"], output["records"]) for output in report["outputs"]] == [("profile", 1000), ("table", 1000)]
    found = items(own, "records")
    with open(root / "tests/data/people.csv", newline="") as file:
        rows = [{name: text for name, text in row.items() if text} for row in csv.DictReader(file)]
    texts = ("name", "experienced")
    expected = [{name: text if name in texts else float(text) for name, text in row.items()} for row in rows]
    keys = ("fanout_chunk", "fanout_record")
    assert [{k: value(v) for k, v in item.items() if k not in keys} for item in found] == expected


def test_a_chunk_that_is_processed_again_has_the_same_items(own, root):
    plan = own.plan(people(own, root), "again")
    chunks = plan.pop("chunks")
    for chunk in chunks:
        assert own.invoke("Processor", {"plan": plan, "chunk": chunk})[1] is None
    first = items(own, "again")
    assert len(first) == 1000
    records = collections.Counter(item["fanout_chunk"]["S"] for item in first)["again#3"]
    left = [{"fanout_chunk": {"S": "again#3"}, "fanout_record": {"S": f"{records + n:012}"}} for n in range(60)]
    for item in left:
        own.tables.put_item(TableName=own.physical("Table"), Item=item)
    assert len(items(own, "again")) == 1060
    for chunk in chunks:
        assert own.invoke("Processor", {"plan": plan, "chunk": chunk})[1] is None
    assert items(own, "again") == first


def test_items_of_wrong_guesses_are_deleted(own):
    own.upload("elsewhere/misleading.csv", misleading(8_000))
    job = {"bucket": own.uploads, "key": "elsewhere/misleading.csv", "chunk_size": 8192, "outputs": ["table"]}
    job["dataset"] = {"dialect": {"quote": '"'}}
    own.succeeded(own.run(job, name="guesses"))
    report = own.report("guesses")
    assert report["records"] == 3 and report["coverage"]["repaired"] >= 1
    assert [item["a"]["N"] for item in items(own, "guesses")] == ["1", "2", "3"]


def test_a_column_with_the_name_of_a_key_is_refused_before_any_chunk(own):
    own.upload("elsewhere/key.csv", b"id,fanout_record\n1,2\n")
    execution = own.run({"bucket": own.uploads, "key": "elsewhere/key.csv", "outputs": ["table"]})
    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidJob")
    assert "has the name of a key of the table" in execution["cause"]
