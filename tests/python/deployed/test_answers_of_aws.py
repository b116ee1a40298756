"""Answers that the emulator does not give: a redrive, refusals, expired credentials, throttles, counts of AWS alone."""

import json

import pytest

from deployed.answers import Answers
from deployed.samples import people
from deployed.stack import NAME

EXPIRED = {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
DENIED = "User: arn:aws:iam::1:user/x is not authorized to perform: states:ListExecutions"


@pytest.fixture
def aws(emulator):
    answers = Answers(emulator[0])
    yield answers
    answers.close()


@pytest.fixture
def ask(cli, aws):
    """Runs the command line against these answers."""
    return lambda *words, code=0: cli(*words, code=code, AWS_ENDPOINT_URL=aws.url)


@pytest.fixture
def failed(stack, proxy, cli):
    """Makes a run that failed for a passing reason; its name."""

    def make(name):
        stack.upload(f"elsewhere/{name}.csv", people(20, name))
        proxy.fail(403, rf"elsewhere/{name}\.csv")
        cli("start", f"s3://{stack.uploads}/elsewhere/{name}.csv", "--name", name, "--watch", code=1)
        proxy.clear()
        return name

    return make


def arn(name):
    return f"arn:aws:states:us-east-1:123456789012:execution:{NAME}:{name}"


def execution(name, **fields):
    """An execution that failed, as AWS describes it."""
    base = {"executionArn": arn(name), "name": name, "status": "FAILED", "startDate": 1.7e9, "stopDate": 1.7e9 + 60}
    return base | {"error": "AccessDenied", "cause": "no", "input": '{"bucket":"b","key":"k.csv"}'} | fields


def test_redrive(ask, aws, failed):
    """The request and its answer; afterwards the run is another one."""
    name = failed("redriven")
    aws.given["RedriveExecution"] = (200, {"redriveDate": 1.7e9})
    done = ask("redrive", name)
    assert (done.stdout, done.stderr) == (f"{name}\n", f"it runs again; follow it: fanout watch {name}\n")
    assert [body for action, body in aws.asked if action == "RedriveExecution"] == [{"executionArn": arn(name)}]
    assert json.loads(ask("redrive", arn(name), "--json").stdout) == {"run": name, "execution": arn(name)}


def test_redrive_and_watch(ask, aws, stack, failed):
    """The run that is redriven is followed from there: here to the end that it has in the meantime."""
    name = failed("redriven-and-watched")
    report = stack.run({"bucket": stack.uploads, "key": f"elsewhere/{name}.csv"}, name="in-its-place")
    output = stack.succeeded(report)

    def redriven(_):
        states = iter([execution(name, status="PENDING_REDRIVE"), execution(name, status="RUNNING")])
        done = execution(name, status="SUCCEEDED", output=json.dumps(output))
        aws.given["DescribeExecution"] = (200, lambda _: next(states, done))
        return {"redriveDate": 1.7e9}

    aws.given["RedriveExecution"] = (200, redriven)
    watched = ask("redrive", name, "--watch", "--json")
    assert json.loads(watched.stdout) == stack.report("in-its-place")


def test_a_run_that_cannot_be_redriven_says_why(ask, aws, failed):
    name = failed("too-old")
    reason = "Execution has exceeded the max redrivable period."
    aws.given["DescribeExecution"] = (200, execution(name, redriveStatus="NOT_REDRIVABLE", redriveStatusReason=reason))
    says = "it cannot be redriven (Execution has exceeded the max redrivable period): start a new run"
    assert ask("redrive", name, code=1).stderr == f"error: WrongState: {name}: {says}\n"
    told = ask("watch", name, code=1).stderr
    # In between stands the place of the failure's page, which comes some seconds after the end.
    assert told.startswith(f"error: AccessDenied: run {name} failed: no; ") and told.endswith(f"; {says}\n")
    assert not [action for action, _ in aws.asked if action == "RedriveExecution"]
    del aws.given["DescribeExecution"]
    aws.given["RedriveExecution"] = (400, {"__type": "ExecutionNotRedrivable", "message": "limit"})
    assert "it cannot be redriven (limit): start a new run" in ask("redrive", name, code=1).stderr


def test_children_that_cannot_be_redriven_are_counted(ask, aws):
    name = "of-many-chunks"
    failure = {"error": "States.ExceedToleratedFailureThreshold", "cause": "limit", "redriveStatus": "REDRIVABLE"}
    child = json.dumps({"errorType": "StoreThrottled", "errorMessage": "chunk 7: slow down"})
    counts = dict(pending=0, running=0, succeeded=990, failed=5, timedOut=2, aborted=3, total=1000, resultsWritten=1000)
    counts |= {"failuresNotRedrivable": 4, "pendingRedrive": 0}
    run = {"mapRunArn": "map", "startDate": 1.7e9, "status": "FAILED", "maxConcurrency": 10, "itemCounts": counts}

    def described(asked):
        child_of_it = {"error": "StoreThrottled", "cause": child}
        return execution(name, **(failure if asked["executionArn"] == arn(name) else child_of_it))

    aws.given |= {
        "DescribeExecution": (200, described),
        "GetExecutionHistory": (200, {"events": []}),
        "ListMapRuns": (200, {"mapRuns": [run]}),
        "DescribeMapRun": (200, run),
        "ListExecutions": (200, {"executions": [{"executionArn": "child", "name": "child"}]}),
    }
    told = ask("report", name, code=1).stderr
    assert told.startswith(f"error: StoreThrottled: run {name} failed: chunk 7: slow down; 10 of 1,000 chunks failed, ")
    assert "4 of them cannot be redriven; remove the fault, then run `fanout redrive" in told


def test_refusals_name_the_next_step(ask, aws, stack):
    xml = "<ErrorResponse><Error><Code>{}</Code><Message>no</Message></Error></ErrorResponse>".format
    gone = {"__type": "StateMachineDoesNotExist", "message": "State Machine Does Not Exist: 'arn'"}
    table = [
        ("ListExecutions", 400, gone, "NoSuchStack", "State Machine Does Not Exist: 'arn'; `aws stepfunctions list-state"),
        ("ListExecutions", 400, EXPIRED, "CredentialsExpired", "sign in again, with `aws sso login` for instance"),
        ("ListExecutions", 400, {"__type": "AccessDeniedException", "message": DENIED}, "AccessDenied", "must allow states:ListExecutions"),
        ("ListExecutions", 400, {"__type": "ThrottlingException", "message": "slow"}, "StoreThrottled", "was throttled"),
        ("ListExecutions", 503, "Service Unavailable", "StoreUnavailable", "HTTP 503 Service Unavailable"),
        ("ListExecutions", 200, "<html>", "StoreUnavailable", "states:ListExecutions: no answer that can be used"),
        ("DescribeStacks", 403, xml("AccessDenied"), "AccessDenied", "must allow cloudformation:DescribeStacks"),
        ("DescribeStacks", 403, xml("ExpiredToken"), "CredentialsExpired", "cloudformation:DescribeStacks"),
        ("DescribeStacks", 200, "no xml", "StoreUnavailable", "cloudformation:DescribeStacks"),
    ]
    for action, status, body, code, says in table:
        aws.given = {action: (status, body)}
        error = json.loads(ask("list", "--json", code=1).stderr)["error"]
        assert error["code"] == code and says in error["message"], error


def test_what_is_throttled_is_asked_again(ask, aws):
    """As often as it takes, up to four times."""
    refusals = iter([1, 2, 3])
    slow = {"__type": "ThrottlingException", "message": "slow"}

    def once_more(_):
        if next(refusals, None) is None:
            del aws.given["ListExecutions"]
            return None
        return slow

    aws.given["ListExecutions"] = (400, once_more)
    assert json.loads(ask("list", "--json").stdout) is not None
    assert len([action for action, _ in aws.asked if action == "ListExecutions"]) == 4


def test_a_watch_outlives_a_trouble(ask, aws, stack, failed):
    """Six refusals are more than one request is tried; the watch goes on."""
    stack.upload("elsewhere/outliving.csv", people(20))
    refusals = iter(range(6))
    slow = {"__type": "ThrottlingException", "message": "slow"}
    aws.given["GetExecutionHistory"] = (400, lambda _: slow if next(refusals, None) is not None else None)
    done = ask("start", f"s3://{stack.uploads}/elsewhere/outliving.csv", "--watch")
    assert done.stdout.startswith("succeeded: ")
    assert "states:GetExecutionHistory was throttled: slow; try again; asking again" in done.stderr
