"""A stack in an account with rules: buckets that are there already, a prefix, a key, a path of roles; and deployed again."""

import json

import pytest

from deployed.samples import people
from deployed.stack import Stack, until

UPLOADS, RESULTS, PREFIX = "their-uploads", "their-results", "team/fanout/"
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

RULES = {
    "UploadBucketName": UPLOADS,
    "ResultsBucketName": RESULTS,
    "ResultsPrefix": PREFIX,
    "ReadKeys": KEY,
    "WriteKey": KEY,
    "RolePath": "/team/",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
    "ReservedConcurrency": "3",
    "Tracing": "yes",
    "RequesterPays": "yes",
    "PlannerMemory": "256",
    "ReducerMemory": "1024",
}


@pytest.fixture
def stack(emulators):
    endpoint, _, payloads = emulators("accounts")
    return Stack(endpoint, payloads)


def record(stack, key, run):
    name = f"{PREFIX}runs/{run}/{key}"
    found = until(name, lambda: name in stack.keys(f"{PREFIX}runs/{run}/") and stack.read(name))
    return json.loads(found)


def test_buckets_that_are_there(stack, built):
    for bucket in (UPLOADS, RESULTS):
        stack.s3.create_bucket(Bucket=bucket)
    stack.s3.put_bucket_notification_configuration(
        Bucket=UPLOADS, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    stack.deploy(built, **RULES)
    assert (stack.uploads, stack.results) == (UPLOADS, RESULTS)
    assert {bucket["Name"] for bucket in stack.s3.list_buckets()["Buckets"]} == {
        UPLOADS,
        RESULTS,
        "artifacts",
        stack.archive,
    }
    stack.upload(f"{PREFIX}datasets/staff.json", json.dumps({"types": "text"}), bucket=RESULTS)
    stack.upload("incoming/staff/january.csv", people(400))
    execution = stack.execution_of("incoming/staff/january.csv")
    summary = stack.succeeded(execution)
    assert summary["report"]["key"].startswith(f"{PREFIX}runs/january-")
    assert record(stack, "report.json", summary["run_id"])["dataset"] == "staff"
    # Planned for as many chunks at once as are reserved.
    plan = json.loads(stack.states.describe_execution(executionArn=execution["executionArn"])["input"])["plan"]
    assert plan["parallelism"] == 3
    assert all(key.startswith(PREFIX) for key in stack.keys(""))
    # Outside the prefix of uploads nothing starts.
    stack.upload("elsewhere/other.csv", people(5))
    failed = stack.run({"bucket": UPLOADS, "key": "elsewhere/gone.csv"}, name="gone")
    assert failed["error"] == "NoSuchObject"
    assert record(stack, "failure.json", "gone")["results"] == {"bucket": RESULTS, "key": f"{PREFIX}runs/gone/"}
    assert stack.executions_of("elsewhere/other.csv") == []


def test_deployed_again_with_the_buckets_that_stayed(stack, built):
    stack.deploy(built)
    stack.upload("incoming/before.csv", people(50))
    before = stack.succeeded(stack.execution_of("incoming/before.csv"))
    stack.s3.put_bucket_notification_configuration(
        Bucket=stack.uploads, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    stack.delete()
    names = {"UploadBucketName": stack.uploads, "ResultsBucketName": stack.results}
    stack.deploy(built, **names)
    assert stack.report(before["run_id"])["records"] == 50, "what was there stays"
    stack.inputs.clear()
    stack.upload("incoming/after.csv", people(60))
    assert stack.succeeded(stack.execution_of("incoming/after.csv"))["records"] == 60
