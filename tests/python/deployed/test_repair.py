"""Chunks that begin inside a quoted text of lines like records guess wrong: the state machine's loop mends that."""

import pytest

from deployed.samples import comparable, misleading

# Samples alone would take the lines for records, and their quotes for stray ones.
QUOTED = {"dialect": {"quote": '"'}}
TYPED = "profile,parquet,rejects,jsonl"
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


def late_text():
    """A file of 41 chunks whose samples show whole numbers; a text comes in the last chunk."""
    rows = [f"{n},{n}\n" for n in range(300_000)]
    rows[-8_000] = f"{300_000 - 8_000},unknown\n"
    body = ("id,n\n" + "".join(rows)).encode()
    return body, -(-len(body) // 41)


def test_a_text_in_the_last_chunk_widens_its_column(stack, proxy, locally):
    body, size = late_text()
    key, job = "elsewhere/late-text.csv", {"chunk_size": size, "outputs": TYPED.split(",")}
    stack.upload(key, body)
    # The part of the last chunk is written in the second pass alone: there two calls fail.
    fault = proxy.fail(500, "^runs/late-text/data/part-00040", times=2, method="PUT")
    execution = stack.run(job | {"bucket": stack.uploads, "key": key}, name="late-text")
    stack.succeeded(execution)
    assert fault.seen == 2
    report = stack.report("late-text")
    assert (report["records"], report["rejects"], report["chunks"]) == (300_000, 0, 41)
    (column,) = [column for column in report["columns"] if column["name"] == "n"]
    assert (column["type"], column["origin"]) == ("string", "widened")
    assert (column["widened"]["values"], column["widened"]["first"]["text"]) == (1, "unknown")
    rounds = [name for name in stack.entered(execution["executionArn"]) if name in PROCESS]
    assert rounds == [PROCESS[1]] * 2
    expected, files = locally(body, chunk_size=size, outputs=TYPED)
    assert comparable(report) == comparable(expected)
    assert stack.made("late-text") == files


def test_a_failure_in_the_second_pass_and_a_new_start(stack, proxy, locally):
    body, size = late_text()
    key, job = "elsewhere/late-text-failing.csv", {"chunk_size": size, "outputs": TYPED.split(",")}
    stack.upload(key, body)
    proxy.fail(403, "^runs/late-text-failing/data/part-00040", method="PUT")
    job |= {"bucket": stack.uploads, "key": key}
    execution = stack.run(job, name="late-text-failing")
    assert execution["status"] == "FAILED" and not stack.has_report("late-text-failing")
    proxy.clear()
    stack.succeeded(stack.run(job | {"run_id": "late-text-failing"}))
    expected, files = locally(body, chunk_size=size, outputs=TYPED)
    assert comparable(stack.report("late-text-failing")) == comparable(expected)
    assert stack.made("late-text-failing") == files
