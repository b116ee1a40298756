"""Being told: a run that failed, an upload that was refused and a run that succeeded each have a message, and a record."""

import json

from deployed.samples import people
from deployed.stack import until


def failure(stack, run_id):
    def look():
        key = f"runs/{run_id}/failure.json"
        return stack.read(key) if key in stack.keys(f"runs/{run_id}/") else None

    return json.loads(until(f"the failure of {run_id}", look))


def test_a_failed_run(stack, proxy):
    stack.upload("elsewhere/told.csv", people(400, "told"))
    proxy.fail(403, "^runs/told/results/00002", method="PUT")
    execution = stack.run({"bucket": stack.uploads, "key": "elsewhere/told.csv", "chunk_size": 1000}, name="told")
    assert execution["error"] == "AccessDenied"
    subject, text = stack.notice("run told failed")
    assert subject == "fanout: run told failed: AccessDenied"
    lines = text.splitlines()
    assert lines[0] == "Run told failed in the stack fanout."
    assert f"Where: s3://{stack.uploads}/elsewhere/told.csv, chunk 2" in lines
    assert f"Page:  s3://{stack.results}/runs/told/failure.html" in lines
    assert any(line.startswith("Next:  Give the role") for line in lines)
    assert execution["executionArn"] in lines[-1]
    record = failure(stack, "told")
    assert (record["code"], record["place"], record["status"]) == ("AccessDenied", {"chunk": 2}, "failed")
    assert record["chunks_done"] >= 1 and record["failed_chunks"][0]["index"] == 2
    assert b"Give the role" in stack.read("runs/told/failure.html")


def test_chunks_of_a_distributed_map(stack, proxy):
    """Its own error says that chunks failed, and not why."""
    stack.upload("elsewhere/told-many.csv", people(400, "told-many"))
    proxy.fail(403, "^runs/told-many/results/00003", method="PUT")
    job = {"bucket": stack.uploads, "key": "elsewhere/told-many.csv", "chunk_size": 300}
    execution = stack.run(job, name="told-many")
    assert execution["error"] == "States.ExceedToleratedFailureThreshold"
    assert stack.notice("run told-many failed")[0].endswith(": AccessDenied")
    record = failure(stack, "told-many")
    assert (record["code"], record["place"]) == ("AccessDenied", {"chunk": 3})


def test_a_refused_job(stack):
    stack.upload("elsewhere/told-header.csv", people(5))
    job = {"bucket": stack.uploads, "key": "elsewhere/told-header.csv", "dataset": {"header": {"expect": ["other"]}}}
    stack.run(job, name="told-header")
    assert stack.notice("run told-header failed")[0].endswith(": HeaderMismatch")
    record = failure(stack, "told-header")
    assert "chunks" not in record and record["object"]["key"] == "elsewhere/told-header.csv"


def test_a_refused_upload(stack):
    stack.upload("incoming/told-refused.csv", b"\x89PNG\r\n\x1a\n" + bytes(200))
    subject, text = stack.notice("upload was refused: UnsupportedEncoding")
    assert f"Where: s3://{stack.uploads}/incoming/told-refused.csv" in text.splitlines()
    (message,) = until("the event in the queue", stack.take_failed_uploads)
    assert message["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "incoming/told-refused.csv"
    assert message["responsePayload"]["errorType"] == "UnsupportedEncoding"


def test_an_aborted_run(stack, proxy):
    """It leaves what its chunks have written, and a record; no report."""
    stack.upload("elsewhere/told-aborted.csv", people(400, "told-aborted"))
    slow = proxy.fail(503, "^runs/told-aborted/results/00001", method="PUT")
    job = {"bucket": stack.uploads, "key": "elsewhere/told-aborted.csv", "chunk_size": 1000}
    arn = stack.start(job, name="told-aborted")
    until("a chunk at work", lambda: slow.seen)
    stack.states.stop_execution(executionArn=arn)
    assert stack.ended(arn)["status"] == "ABORTED"
    assert stack.notice("run told-aborted was aborted")[0] == "fanout: run told-aborted was aborted: Aborted"
    assert failure(stack, "told-aborted")["status"] == "aborted"
    assert not stack.has_report("told-aborted")


def test_a_run_that_succeeds_is_told_where_that_is_asked_for(stack):
    stack.upload("elsewhere/told-well.csv", people(5, "told-well"))
    stack.succeeded(stack.run({"bucket": stack.uploads, "key": "elsewhere/told-well.csv"}, name="told-well"))
    subject, text = stack.notice("run told-well finished")
    assert subject == "fanout: run told-well finished, none refused"
    assert f"Page:  s3://{stack.results}/runs/told-well/report.html" in text.splitlines()
    assert not any("failure" in key for key in stack.keys("runs/told-well/"))
