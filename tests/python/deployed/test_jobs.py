"""Runs started by hand: a job says what to read and how, a finished plan is not made again."""

import json

from deployed.samples import comparable, people

STAFF = {
    "header": {"expect": ["id", "name", "pay"]},
    "columns": {"id": {"type": "int64", "nullable": False}, "pay": "decimal(10,2)"},
    "outputs": ["profile", "rejects"],
}


def test_an_object_that_is_there(stack, locally):
    """The execution's name is the run's id; a job names any object that the stack may read."""
    body = people(50, "job")
    stack.upload("elsewhere/job.csv", body)
    execution = stack.run({"bucket": stack.uploads, "key": "elsewhere/job.csv"}, name="by-hand")
    assert stack.succeeded(execution)["run_id"] == "by-hand"
    expected, files = locally(body)
    assert comparable(stack.report("by-hand")) == comparable(expected)
    assert stack.made("by-hand") == files


def test_dataset_chunk_size_outputs_and_run_id(stack, locally):
    body = people(200, "dataset") + b"not a number,x,1.00\n"
    stack.upload("elsewhere/dataset.csv", body)
    stack.upload("datasets/people.json", json.dumps(STAFF), bucket=stack.results)
    expected, files = locally(body, dataset=STAFF, chunk_size=1000, outputs="profile,rejects,jsonl")
    assert expected["status"] == "succeeded_with_rejects" and expected["chunks"] > 5
    for name, dataset in [("people", "people"), (None, STAFF)]:
        run_id = f"dataset-{name}"
        job = {"bucket": stack.uploads, "key": "elsewhere/dataset.csv", "dataset": dataset, "chunk_size": 1000}
        job |= {"outputs": ["profile", "rejects", "jsonl"], "run_id": run_id, "version": 1, "reader": "range"}
        summary = stack.succeeded(stack.run(job))
        assert summary["run_id"] == run_id
        assert comparable(stack.report(run_id)) == comparable(expected) | {"dataset": name}
        assert stack.made(run_id) == files


def test_a_finished_plan_is_not_made_again(stack):
    """The plan has a chunk size, a column name and a run id that planning the object again would not give."""
    stack.upload("elsewhere/planned.csv", people(100, "planned"))
    job = {"bucket": stack.uploads, "key": "elsewhere/planned.csv", "chunk_size": 777}
    plan = stack.plan(job, "planned-before")
    plan["header"][2] = "salary"
    execution = stack.run({"plan": plan})
    summary = stack.succeeded(execution)
    assert (summary["run_id"], summary["chunks"]) == ("planned-before", plan["chunk_count"])
    assert stack.report("planned-before")["columns"][2]["name"] == "salary"
    assert stack.entered(execution["executionArn"]) == [
        "Is it planned?",
        "Are the chunks few?",
        "Process the chunks at once",
        "Reduce the results",
        "Is the coverage proven?",
        "Return the report",
    ]


def test_an_earlier_version_of_an_object(stack, locally):
    """In a bucket with versions, which the parameter SourceBuckets names."""
    stack.s3.put_bucket_versioning(Bucket=stack.archive, VersioningConfiguration={"Status": "Enabled"})
    bodies = people(50, "first"), people(60, "second")
    put = [stack.s3.put_object(Bucket=stack.archive, Key="versions.csv", Body=body) for body in bodies]
    for made, body, version in zip(put, bodies, (put[0]["VersionId"], None)):
        job = {"bucket": stack.archive, "key": "versions.csv", "chunk_size": 500}
        execution = stack.run(job | ({"version_id": version} if version else {}))
        report = stack.report(stack.succeeded(execution)["run_id"])
        assert comparable(report) == comparable(locally(body, chunk_size=500)[0])
        assert report["object"]["version_id"] == made["VersionId"]
    execution = stack.run({"bucket": stack.archive, "key": "versions.csv", "version_id": "none-such"})
    assert (execution["status"], execution["error"]) == ("FAILED", "NoSuchObject")


def test_a_run_that_has_ended_is_not_run_again(stack):
    """Else its report would stand beside whatever the new one comes to."""
    stack.upload("elsewhere/again.csv", people(5, "again"))
    job = {"bucket": stack.uploads, "key": "elsewhere/again.csv", "run_id": "again"}
    stack.succeeded(stack.run(job))
    report = stack.read("runs/again/report.json")
    execution = stack.run(job)
    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidJob")
    assert "runs/again/report.json" in json.loads(execution["cause"])["errorMessage"]
    assert stack.read("runs/again/report.json") == report


def test_what_is_no_plan_names_its_fault(stack):
    plan = {"chunks": [], "colour": "red"}
    table = [({"plan": 5}, "`plan`", "Plan the chunks"), ({"plan": {}}, "`plan`", "Plan the chunks")]
    table += [({"plan": plan}, "`colour`", "Reduce the results")]
    table += [({"plan": plan | {"chunks": [{}]}}, "`index`", "Process the chunks at once")]
    for given, named, state in table:
        execution = stack.run(given)
        assert (execution["status"], execution["error"]) == ("FAILED", "InvalidJob"), given
        assert named in json.loads(execution["cause"])["errorMessage"], given
        assert stack.entered(execution["executionArn"])[-2:] == [state, "Refuse the object"]


def test_a_job_that_cannot_be_meant_names_its_fault(stack):
    here = {"bucket": stack.uploads, "key": "elsewhere/refused.csv"}
    stack.upload(here["key"], people(5, "refused"))
    table = [
        ({"bucket": stack.uploads, "keys": "x"}, "unknown field `keys`"),
        (here | {"chunk_size": 0}, "chunk_size is 0"),
        (here | {"dataset": "none-such"}, "none-such"),
        (here | {"outputs": ["none-such"]}, "none-such"),
        (here | {"run_id": "../x"}, "../x"),
        ({"bucket": stack.results, "key": "x.csv"}, "neither the upload bucket nor a source bucket"),
    ]
    for job, named in table:
        execution = stack.run(job)
        assert (execution["status"], execution["error"]) == ("FAILED", "InvalidJob"), job
        assert named in json.loads(execution["cause"])["errorMessage"], job
        assert stack.entered(execution["executionArn"])[-2:] == ["Plan the chunks", "Refuse the object"]
