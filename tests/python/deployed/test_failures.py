"""What goes wrong around a run: passing faults leave no trace, lasting ones end it with a code and without a report."""

import gzip
import json
import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from deployed.samples import HEADER, comparable, people
from deployed.stack import until

# A body of people(400) in few chunks, within the execution, and in many, in children of it.
SIZES = {"few": 1000, "many": 300}
CHUNK = 3  # the one that fails; it is there at either size


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


class Case:
    """An object, the job to process it, and what a run without faults makes of it."""

    def __init__(self, stack, locally, name, size):
        self.stack, self.size, self.name = stack, size, f"{name}-{size}"
        self.key, self.body = f"elsewhere/{self.name}.csv", people(400, self.name)
        stack.upload(self.key, self.body)
        self.job = {"bucket": stack.uploads, "key": self.key, "chunk_size": SIZES[size]}
        self.expected, self.files = locally(self.body, chunk_size=SIZES[size])
        assert (self.expected["chunks"] <= 40) == (size == "few")
        self.plan = stack.plan(self.job, self.name)
        self.chunk = {"start": self.plan["data_start"] + CHUNK * SIZES[size]}

    def equals_a_clean_run(self, run_id, repaired=0):
        report = comparable(self.stack.report(run_id))
        assert report == comparable(self.expected) | {"coverage": self.expected["coverage"] | {"repaired": repaired}}
        assert self.stack.made(run_id) == self.files

    def failed_with(self, execution, code):
        """The execution failed, by this code, and without a report; the error's text, which names the chunk."""
        assert execution["status"] == "FAILED"
        assert not self.stack.has_report(execution["name"])
        of_the_object = code in ("ObjectChanged", "NoSuchObject")
        if self.size == "few" or of_the_object:
            assert execution["error"] == code
            assert (self.stack.entered(execution["executionArn"])[-1] == "Refuse the object") == of_the_object
            return json.loads(execution["cause"])["errorMessage"]
        # The Map ends the run where it can be redriven; the code is the chunk's.
        assert execution["error"] == "States.ExceedToleratedFailureThreshold"
        failed = failures_of_children(self.stack, execution["name"])
        assert failed[CHUNK][0] == code
        return failed[CHUNK][1]


def failures_of_children(stack, run_id):
    """(code, text) by chunk, from where docs/deploy.md says to look."""
    keys = [key for key in stack.keys(f"runs/{run_id}/map/") if "/FAILED_" in key]
    lines = [json.loads(line) for key in keys for line in stack.read(key).splitlines()]
    by_chunk = {json.loads(line["Input"])["chunk"]["index"]: line for line in lines}
    return {index: (line["Error"], json.loads(line["Cause"])["errorMessage"]) for index, line in by_chunk.items()}


PLACES = {
    "the planner reads": lambda case: dict(key=re.escape(case.key)),
    "a chunk is read": lambda case: dict(key=re.escape(case.key), chunk=case.chunk),
    "a part is written": lambda case: dict(key=f"^runs/.*/part-0000{CHUNK}", method="PUT"),
    "a result is written": lambda case: dict(key=f"^runs/.*/results/0000{CHUNK}", method="PUT"),
    "the results are read": lambda case: dict(key=f"^runs/.*/results/0000{CHUNK}"),
    "the report is written": lambda case: dict(key="^runs/.*/report.json", method="PUT"),
}


@pytest.mark.parametrize("place", PLACES)
def test_passing_faults(stack, proxy, locally, size, place):
    """Two calls fail, the third goes through."""
    case = Case(stack, locally, f"passing-{list(PLACES).index(place)}", size)
    fault = proxy.fail({"few": 503, "many": 500}[size], times=2, **PLACES[place](case))
    execution = stack.run(case.job, name=f"{case.name}-run")
    stack.succeeded(execution)
    assert fault.seen == 2
    case.equals_a_clean_run(execution["name"])


@pytest.mark.parametrize(
    "status, code, attempts",
    [(500, "StoreUnavailable", {"few": 6, "many": 6}), (503, "StoreThrottled", {"few": 21, "many": 11})],
)
def test_lasting_faults(stack, proxy, locally, size, status, code, attempts):
    """The chunk is tried as often as the state machine says; a fresh start of the same run then succeeds."""
    case = Case(stack, locally, f"lasting-{status}", size)
    fault = proxy.fail(status, re.escape(case.key), chunk=case.chunk)
    execution = stack.run(case.job, name=f"{case.name}-failing")
    assert f"chunk {CHUNK}: " in case.failed_with(execution, code)
    assert fault.seen == attempts[size]
    proxy.clear()
    again = stack.run(case.job | {"run_id": execution["name"]})
    stack.succeeded(again)
    case.equals_a_clean_run(execution["name"])


def test_a_refusal_is_not_repeated(stack, proxy, locally, size):
    case = Case(stack, locally, "refused", size)
    fault = proxy.fail(403, re.escape(case.key), chunk=case.chunk)
    execution = stack.run(case.job, name=f"{case.name}-run")
    assert f"chunk {CHUNK}: " in case.failed_with(execution, "AccessDenied")
    assert fault.seen == 1


@pytest.mark.parametrize("code", ["ObjectChanged", "NoSuchObject"])
def test_the_object_changes_between_planning_and_processing(stack, proxy, locally, size, code):
    case = Case(stack, locally, f"changing-{code}", size)

    def change():
        if code == "ObjectChanged":
            stack.upload(case.key, people(400, "other"))
        else:
            stack.s3.delete_object(Bucket=stack.uploads, Key=case.key)

    fault = proxy.before_reading(case.chunk, re.escape(case.key), change)
    execution = stack.run(case.job, name=f"{case.name}-run")
    assert fault.seen == 1
    text = case.failed_with(execution, code)
    assert case.key in text and re.match(r"chunk \d+: ", text)


def test_a_stale_plan_is_refused(stack, locally):
    case = Case(stack, locally, "stale", "few")
    stack.upload(case.key, case.body + b"400,x,1.00\n")
    execution = stack.run({"plan": case.plan}, name=f"{case.name}-run")
    assert (execution["status"], execution["error"]) == ("FAILED", "ObjectChanged")
    assert not stack.has_report(case.name)


def test_a_wrong_header_is_refused_before_anything_fans_out(stack):
    dataset = {"header": {"expect": ["id", "name", "salary"]}}
    stack.upload("datasets/strict.json", json.dumps(dataset), bucket=stack.results)
    key = "incoming/strict/other header.csv"
    stack.upload(key, people(5))
    # The upload: no execution, the event and the error in the queue of failed uploads.
    (failed,) = until("the failed upload", stack.take_failed_uploads)
    assert failed["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "incoming/strict/other+header.csv"
    assert failed["responsePayload"]["errorType"] == "HeaderMismatch"
    assert stack.executions_of(key) == []
    # By hand: an execution that says the same.
    execution = stack.run({"bucket": stack.uploads, "key": key, "dataset": "strict"}, name="wrong-header")
    assert (execution["status"], execution["error"]) == ("FAILED", "HeaderMismatch")
    text = json.loads(execution["cause"])["errorMessage"]
    assert text == failed["responsePayload"]["errorMessage"]
    assert all(word in text for word in (key, "salary", "pay"))
    assert stack.entered(execution["executionArn"]) == ["Is it planned?", "Plan the chunks", "Refuse the object"]
    assert {key.split(".")[0] for key in stack.keys("runs/wrong-header/")} <= {"runs/wrong-header/failure"}


def test_other_objects_that_planning_refuses(stack):
    table = [
        ("missing", None, "NoSuchObject"),
        ("empty", b"", "EmptyObject"),
        ("utf-32", HEADER.encode("utf-32"), "UnsupportedEncoding"),
        ("json array", b'[{"id": 1}]', "UnsupportedEncoding"),
        ("truncated gzip", gzip.compress(people(9))[:-30], "CorruptObject"),
    ]
    for name, body, code in table:
        key = f"elsewhere/{name}.csv"
        if body is not None:
            stack.upload(key, body)
        execution = stack.run({"bucket": stack.uploads, "key": key})
        assert (execution["status"], execution["error"]) == ("FAILED", code), name
        assert stack.entered(execution["executionArn"])[-1] == "Refuse the object", name


def test_an_object_whose_samples_would_be_refused_does_not_fan_out(stack):
    stack.upload("elsewhere/refused.csv", b"id,name\n" + b"one,x\n" * 50)
    job = {"bucket": stack.uploads, "key": "elsewhere/refused.csv", "dataset": {"columns": {"id": "int64"}}}
    execution = stack.run(job, name="refused")
    assert (execution["status"], execution["error"]) == ("FAILED", "TooManyRejects")
    text = json.loads(execution["cause"])["errorMessage"]
    assert "50 of 50 records of the samples would be refused" in text and "expected int64, found one" in text
    assert stack.entered(execution["executionArn"])[-1] == "Refuse the object"
    assert {key.split(".")[0] for key in stack.keys("runs/refused/")} <= {"runs/refused/failure"}


def test_a_damaged_object_ends_the_run(stack):
    """Planning sees its first bytes only; the processor reads it to where it is damaged."""
    body = bytearray(gzip.compress(random.Random(5).randbytes(300_000).hex().encode().replace(b"0", b"\n")))
    body[250_000] ^= 1
    stack.upload("elsewhere/damaged.csv.gz", bytes(body))
    execution = stack.run({"bucket": stack.uploads, "key": "elsewhere/damaged.csv.gz"}, name="damaged")
    assert (execution["status"], execution["error"]) == ("FAILED", "CorruptObject")
    assert "the gzip stream is damaged at byte " in json.loads(execution["cause"])["errorMessage"]
    assert stack.entered(execution["executionArn"])[-1] == "Refuse the object"
    assert not stack.has_report("damaged")


def test_doubled_calls_change_nothing(stack, locally, size):
    """Each chunk twice more, at the same time, after the run; then the reducer again."""
    case = Case(stack, locally, "doubled", size)
    stack.succeeded(stack.run({"plan": case.plan}, name=f"{case.name}-run"))
    case.equals_a_clean_run(case.name)
    manifest = case.plan.get("manifest")
    listed = stack.read(manifest["key"]).splitlines() if manifest else []
    chunks = case.plan.get("chunks") or [json.loads(line) for line in listed]
    plan = {name: value for name, value in case.plan.items() if name != "chunks"}
    requests = [{"plan": plan, "chunk": chunk} for chunk in chunks for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda request: stack.invoke("Processor", request), requests))
    assert [error for _, error in answers if error] == []
    reduced, error = stack.invoke("Reducer", {"plan": plan, "started_at": "2026-01-01T00:00:00Z"})
    assert not error and reduced["report"]["records"] == 400
    case.equals_a_clean_run(case.name)


def test_a_lost_result_is_made_again(stack, proxy, locally, size):
    """The store says yes and keeps nothing: coverage misses the chunk, and it is processed again."""
    case = Case(stack, locally, "lost", size)
    fault = proxy.fail(200, f"^runs/.*/results/0000{CHUNK}", method="PUT", times=1)
    execution = stack.run(case.job, name=f"{case.name}-run")
    stack.succeeded(execution)
    assert fault.seen == 1
    case.equals_a_clean_run(execution["name"], repaired=1)


def test_a_manifest_that_is_gone_ends_the_run(stack, locally):
    case = Case(stack, locally, "unlisted", "many")
    stack.s3.delete_object(Bucket=stack.results, Key=case.plan["manifest"]["key"])
    execution = stack.run({"plan": case.plan}, name=f"{case.name}-run")
    assert (execution["status"], execution["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert not stack.has_report(case.name)
