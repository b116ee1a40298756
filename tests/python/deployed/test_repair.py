"""Chunks that begin inside a quoted text of lines like records guess wrong: the state machine's loop mends that."""

import pytest

from deployed.samples import comparable, misleading

# Samples alone would take the lines for records, and their quotes for stray ones.
QUOTED = {"dialect": {"quote": '"'}}
PROCESS = ("Process the chunks at once", "Process the chunks of the manifest")


@pytest.mark.parametrize("lines, chunk_size", [(20_000, 16 << 10), (80_000, 24 << 10)], ids=["few", "many"])
def test_wrong_guesses_are_repaired(stack, locally, lines, chunk_size):
    key, run_id, body = f"elsewhere/misleading-{lines}.csv", f"misleading-{lines}", misleading(lines)
    stack.upload(key, body)
    job = {"bucket": stack.uploads, "key": key, "chunk_size": chunk_size, "outputs": ["profile", "jsonl"]}
    job["dataset"] = QUOTED
    execution = stack.run(job, name=run_id)
    stack.succeeded(execution)
    report = stack.report(run_id)
    assert report["records"] == 3 and report["coverage"]["verified"]
    assert report["coverage"]["repaired"] >= 1
    rounds = [name for name in stack.entered(execution["executionArn"]) if name in PROCESS]
    assert len(rounds) >= 2 and rounds[0] == PROCESS[report["chunks"] > 40]
    expected, files = locally(body, chunk_size=chunk_size, outputs="profile,jsonl", dataset=QUOTED)
    assert comparable(report) == comparable(expected)
    assert stack.made(run_id) == files
