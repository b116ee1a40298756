"""Few chunks run within the execution, many in children of it; nothing that is passed on grows with their number."""

import json

import pytest

from deployed.samples import comparable, even

LIMIT = 192 * 1024  # three quarters of what Step Functions takes: see emulator.py
FEW, MANY = "Process the chunks at once", "Process the chunks of the manifest"


@pytest.mark.parametrize("chunks, state", [(1, FEW), (40, FEW), (41, MANY), (2000, MANY)])
def test_chunks(stack, locally, chunks, state):
    body, size = even(chunks)
    key, run_id = f"elsewhere/{chunks}-chunks.csv", f"chunks-{chunks}"
    stack.upload(key, body)
    job = {"bucket": stack.uploads, "key": key, "chunk_size": size, "outputs": ["profile"]}
    execution = stack.run(job, name=run_id)
    stack.succeeded(execution)
    arn = execution["executionArn"]
    assert [name for name in stack.entered(arn) if name.startswith("Process")] == [state]
    report = stack.report(run_id)
    assert report["chunks"] == chunks
    assert comparable(report) == comparable(locally(body, chunk_size=size, outputs="profile")[0])
    payloads = stack.payloads(arn)
    tasks = [direction for name, direction, _ in payloads if name.startswith("Process the chunk") and name != state]
    assert sorted(tasks) == ["input"] * chunks + ["output"] * chunks
    assert max(size for _, _, size in payloads) < LIMIT
    if state == MANY:
        # A chunk's numbers have a few more digits, that is all.
        assert max(size for _, _, size in payloads) < 2048
        assert written_by_the_map(stack, run_id) == chunks


def written_by_the_map(stack, run_id):
    """Lines in the files that the Map's manifest lists; each names a result that is there."""
    (manifest,) = [key for key in stack.keys(f"runs/{run_id}/map/") if key.endswith("/manifest.json")]
    files = json.loads(stack.read(manifest))["ResultFiles"]
    assert not files["FAILED"] and not files["PENDING"]
    lines = [json.loads(line) for one in files["SUCCEEDED"] for line in stack.read(one["Key"]).splitlines()]
    assert {line["result"] for line in lines} == set(stack.keys(f"runs/{run_id}/results/"))
    return len(lines)


def test_a_hundred_thousand_chunks_computed(stack):
    """Every payload of a run is the plan, and with it a chunk, a time, or the place of a result."""
    plans = {}
    for chunks in (41, 100_000):
        body, size = even(chunks)
        stack.upload(f"elsewhere/{chunks}-planned.csv", body)
        job = {"bucket": stack.uploads, "key": f"elsewhere/{chunks}-planned.csv", "chunk_size": size}
        plans[chunks] = plan = stack.plan(job, f"planned-{chunks}")
        assert plan["chunk_count"] == chunks and "chunks" not in plan
        lines = stack.read(plan["manifest"]["key"]).splitlines()
        assert len(lines) == chunks
        chunk = json.loads(lines[-1]) | {"first_record": plan["object"]["size"]}
        passed_on = {"plan": plan, "chunk": chunk, "started_at": "2026-01-01T00:00:00.000000Z"}
        assert len(json.dumps(passed_on)) < 2048 < LIMIT
    small, large = (len(json.dumps(plan)) for plan in plans.values())
    # Numbers are longer, those of the evidence and of the estimate too.
    assert large - small < 256
