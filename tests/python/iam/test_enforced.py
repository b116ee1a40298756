"""The functions work with the roles that the template makes, and with less they don't: LocalEmu evaluates each request.

The functions run as they are built, with a role's credentials, against S3, Step Functions and SNS. What AWS does with a
role on a function's behalf is called with the role directly.

Some things it doesn't evaluate, so that test_policies.py alone holds them: s3:ListBucket, by which a missing object is
told from a refused one; s3:GetObjectVersion, which it takes for GetObject; deliveries of logs. S3 there asks no KMS: the
calls that S3 makes with a role are made by the test, as AWS documents them.
"""

import json
import re

import pytest
from botocore.exceptions import ClientError

from iam import template
from iam.account import MACHINE, RESULTS, SOURCES, UPLOADS, client

NOT_EVALUATED = {"s3:ListBucket", "s3:GetObjectVersion"}


ROWS = b"id,name\n" + b"".join(b"%d,name of %d\n" % (n, n) for n in range(300))
WIDE = b",".join(b"a long name of column %d" % n for n in range(9000)) + b"\n" + b",".join(b"%d" % n for n in range(9000)) + b"\n"


def plan(account, name, body, bucket=UPLOADS, **job):
    account.put(bucket, f"elsewhere/{name}.csv", body)
    job = {"bucket": bucket, "key": f"elsewhere/{name}.csv"} | job
    return account.run("Planner", {"job": job, "execution": name})


def upload(account):
    """Of a folder with a dataset; its execution is started."""
    account.put(RESULTS, "datasets/staff.json", {"types": "text"})
    account.put(UPLOADS, "incoming/staff/x.csv", ROWS)
    found = {"bucket": {"name": UPLOADS}, "object": {"key": "incoming/staff/x.csv", "size": len(ROWS)}}
    answer = account.run("Planner", {"Records": [{"s3": found}]})
    assert len(answer["started"] + answer["existing"]) == 1


def many_chunks(account):
    assert "manifest" in plan(account, "many", ROWS, chunk_size=50, run_id="many")


def concurrency(account):
    """Where it is refused the run is planned all the same; the concurrency is then not known."""
    found = plan(account, "wide-map", ROWS, chunk_size=50, run_id="wide-map")["concurrency"]
    assert found.get("available") == 1000, found


def source(account):
    plan(account, "source", ROWS, bucket=SOURCES)


def event_put(account):
    detail = {"Source": "x", "DetailType": "x", "Detail": "{}", "EventBusName": "default"}
    account.call("PlannerRole", "events", "put_events", Entries=[detail])


def logs(function):
    def call(account):
        place = dict(logGroupName=f"{function}Logs", logStreamName="s")
        account.call(f"{function}Role", "logs", "create_log_stream", **place)
        line = {"timestamp": 1, "message": "x"}
        account.call(f"{function}Role", "logs", "put_log_events", **place, logEvents=[line])

    return call


def process(account, made, index=0, **more):
    chunk = made["chunks"][index]
    return account.run("Processor", {"plan": {k: v for k, v in made.items() if k != "chunks"} | more, "chunk": chunk})


def fixed(account, name, make):
    """A plan that is made once, with all rights."""
    plans = account.__dict__.setdefault("plans", {})
    if name not in plans:
        plans[name] = make()
    return plans[name]


def chunk(account):
    process(account, fixed(account, "few", lambda: plan(account, "few", ROWS, chunk_size=3000)))


def chunk_of_a_source(account):
    process(account, fixed(account, "of-source", lambda: plan(account, "of-source", ROWS, bucket=SOURCES)))


def chunk_of_a_wide_plan(account):
    made = fixed(account, "wide", lambda: plan(account, "wide", WIDE))
    assert "body" in made
    process(account, made)


def repaired_chunk(account):
    """Its earlier result lists a part that is not written again."""
    made = fixed(account, "few", lambda: plan(account, "few", ROWS, chunk_size=3000))
    key = f"{made['results']['key']}results/00000.json"
    result = account.get(key)
    result["parts"] = [{"output": "jsonl", "key": "data/gone.jsonl", "records": 1, "bytes": 1}]
    account.put(RESULTS, key, result)
    process(account, made, round=1)


def aborted_part(account):
    place = dict(Bucket=RESULTS, Key="runs/few/data/part-00000.parquet", UploadId="upload")
    account.call("ProcessorRole", "s3", "abort_multipart_upload", **place)


def done(account, name, body, **job):
    def make():
        made = plan(account, name, body, **job)
        for index in range(len(made["chunks"])):
            process(account, made, index)
        return made

    return fixed(account, f"done-{name}", make)


def reduced(account):
    made = done(account, "reduced", ROWS)
    answer = account.run("Reducer", {"plan": made, "started_at": "2026-01-01T00:00:00Z"})
    assert answer["report"]["records"] == 300


def reduced_without_records(account):
    made = done(account, "empty", b"id,name\n1,2,3\n", dataset={"header": {}, "max_reject_ratio": 1})
    account.run("Reducer", {"plan": made, "started_at": "2026-01-01T00:00:00Z"})


def reduced_wide(account):
    made = done(account, "reduced-wide", WIDE)
    account.run("Reducer", {"plan": made, "started_at": "2026-01-01T00:00:00Z"})


def repairs(account):
    """No chunk has a result: they go to a manifest of the next round."""
    made = fixed(account, "lost", lambda: plan(account, "lost", ROWS, chunk_size=50))
    answer = account.run("Reducer", {"plan": made, "started_at": "2026-01-01T00:00:00Z"})
    assert answer["plan"]["round"] == 1


def failure(account):
    made = fixed(account, "failed", lambda: plan(account, "failed", ROWS, chunk_size=3000))
    account.put(RESULTS, f"{made['results']['key']}failed/00001.json", {"code": "AccessDenied", "message": "chunk 1: no"})
    detail = {"name": "failed", "status": "FAILED", "error": "AccessDenied", "cause": "no", "input": "{}"}
    event = {"detail-type": "Step Functions Execution Status Change", "time": "2026-01-01T00:00:00Z", "detail": detail}
    answer = account.run("Reducer", event)
    assert [one["index"] for one in answer["failed_chunks"]] == [1]


def query(account):
    """Its groups are too many for the chunk's result: they are a part, of which the reducer makes the query's."""
    made = done(account, "query", ROWS, query="SELECT id, name, count(*) AS n FROM records GROUP BY 1, 2")
    account.run("Reducer", {"plan": made, "started_at": "2026-01-01T00:00:00Z"})
    place = dict(Bucket=RESULTS, Key="runs/query/sql/result.parquet", UploadId="upload")
    account.call("ReducerRole", "s3", "abort_multipart_upload", **place)


def event_kept(account):
    place = f"{account.endpoint}/{template.ACCOUNT}/FailedUploads"
    account.call("ReducerRole", "sqs", "send_message", QueueUrl=place, MessageBody="x")


def invoked(account):
    for function in sorted(template.FUNCTIONS):
        account.call("StateMachineRole", "lambda", "invoke", FunctionName=template.arn(function), Payload=b"{}")


def children(account):
    call = account.call
    call("StateMachineRole", "stepfunctions", "start_execution", stateMachineArn=MACHINE, input="{}")
    execution = MACHINE.replace("stateMachine", "execution") + ":x"
    call("StateMachineRole", "stepfunctions", "describe_execution", executionArn=execution)
    call("StateMachineRole", "stepfunctions", "redrive_execution", executionArn=execution.replace(":fanout:", ":fanout/chunks:"))


def map_files(account):
    account.put(RESULTS, "runs/x/manifest/0.jsonl", {})
    place = dict(Bucket=RESULTS, Key="runs/x/map/a/manifest.json")
    call = account.call
    call("StateMachineRole", "s3", "get_object", Bucket=RESULTS, Key="runs/x/manifest/0.jsonl")
    call("StateMachineRole", "s3", "put_object", **place, Body=b"{}")
    call("StateMachineRole", "s3", "get_object", **place)
    call("StateMachineRole", "s3", "list_parts", **place, UploadId="upload")
    call("StateMachineRole", "s3", "abort_multipart_upload", **place, UploadId="upload")


S3 = f"s3.{template.REGION}.amazonaws.com"
BUCKET_OF_RESULTS = f"arn:aws:s3:::{RESULTS}"


def key(account, role, operation, arn, of, via=S3):
    """What S3 asks of KMS for an object: `of` is its bucket, where that has a Bucket Key, or the object."""
    more = {"KeySpec": "AES_256"} if operation == "generate_data_key" else {"CiphertextBlob": b"x"}
    account.call(role, "kms", operation, via=via, KeyId=arn, EncryptionContext={"aws:s3:arn": of}, **more)


def keys(role, reads):
    def call(account):
        for of in (BUCKET_OF_RESULTS, f"{BUCKET_OF_RESULTS}/runs/x/report.json"):
            key(account, role, "generate_data_key", template.WRITE_KEY, of)
            key(account, role, "decrypt", template.WRITE_KEY, of)
        if reads:
            key(account, role, "decrypt", template.READ_KEY, f"arn:aws:s3:::{SOURCES}/x.csv")

    return call


WORK = {
    "PlannerRole": [upload, many_chunks, concurrency, source, event_put, logs("Planner"), keys("PlannerRole", True)],
    "ProcessorRole": [chunk, chunk_of_a_source, chunk_of_a_wide_plan, repaired_chunk, aborted_part, logs("Processor"), keys("ProcessorRole", True)],
    "ReducerRole": [
        *(reduced, reduced_without_records, reduced_wide, query, repairs, failure, event_kept),
        logs("Reducer"),
        keys("ReducerRole", False),
    ],
    "StateMachineRole": [invoked, children, map_files, keys("StateMachineRole", False)],
}


@pytest.mark.parametrize("role", WORK)
def test_with_its_role_everything_works_and_with_less_something_fails(account, role, note):
    statements = template.statements(role)
    account.allow(role, statements)
    for work in WORK[role]:
        work(account)
    unused = []
    for index, statement in enumerate(statements):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if set(actions) <= NOT_EVALUATED or statement["Sid"] == "DeliverLogs":
            continue
        account.allow(role, statements[:index] + statements[index + 1 :])
        if not any(fails(work, account) for work in WORK[role]):
            unused.append(statement["Sid"])
    account.allow(role, statements)
    assert unused == [], "granted, and used by nothing"
    note(f"{role}: {len(statements)} statements")


def test_a_planner_that_may_not_ask_for_the_concurrency_plans(account):
    statements = template.statements("PlannerRole")
    account.allow("PlannerRole", [one for one in statements if one["Sid"] != "ReadConcurrency"])
    found = plan(account, "not-asked", ROWS, chunk_size=50)["concurrency"]
    account.allow("PlannerRole", statements)
    assert found.keys() == {"wanted", "unknown"}
    assert re.fullmatch(r"lambda:GetAccountSettings: AccessDenied(Exception)?", found["unknown"]), found


def fails(work, account):
    try:
        work(account)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("role", WORK)
def test_keys_work_through_s3_for_the_results_alone(account, role):
    elsewhere = f"arn:aws:s3:::{UPLOADS}/x"
    table = [
        ("without S3", "decrypt", template.WRITE_KEY, BUCKET_OF_RESULTS, None),
        ("through another service", "decrypt", template.WRITE_KEY, BUCKET_OF_RESULTS, "secretsmanager.us-east-1.amazonaws.com"),
        ("for another bucket", "generate_data_key", template.WRITE_KEY, elsewhere, S3),
        ("a bucket of a longer name", "generate_data_key", template.WRITE_KEY, f"{BUCKET_OF_RESULTS}-of-others/x", S3),
        ("what is read is not encrypted", "generate_data_key", template.READ_KEY, elsewhere, S3),
        ("a key of others", "decrypt", template.WRITE_KEY.replace("of-results", "of-others"), BUCKET_OF_RESULTS, S3),
    ]
    for case, operation, arn, of, via in table:
        with pytest.raises(AssertionError, match="AccessDenied"):
            key(account, role, operation, arn, of, via)
            pytest.fail(case)


def test_the_buckets_refuse_plain_http(account):
    """By their policies, whatever a role allows. LocalEmu is asked by HTTP."""
    for bucket, logical in ((UPLOADS, "UploadBucketPolicy"), (RESULTS, "ResultsBucketPolicy")):
        document = json.dumps(template.TEMPLATE["Resources"][logical]["Properties"]["PolicyDocument"], default=str)
        (denied,) = json.loads(document)["Statement"]
        denied["Resource"] = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        account.put(bucket, "runs/x/results/00000.json", {})
        account.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]}))
        reader = client("s3", account.endpoint, account.credentials["ProcessorRole"])
        with pytest.raises(ClientError, match="AccessDenied"):
            reader.get_object(Bucket=bucket, Key="runs/x/results/00000.json")
        account.s3.delete_bucket_policy(Bucket=bucket)
        reader.get_object(Bucket=bucket, Key="runs/x/results/00000.json")
