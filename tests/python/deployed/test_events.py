"""Events come more than once, in any order, and about things that start nothing."""

import itertools
import json
import pathlib
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from deployed.samples import people

EVENTS = pathlib.Path(__file__).parents[3] / "infra/events"


def notification(stack, key, etag, size=100, sequencer="01", bucket=None):
    """What S3 sends for an upload: the sample of infra/events with this object."""
    event = json.loads((EVENTS / "s3-notification.json").read_text())
    found = event["Records"][0]["s3"]
    found["bucket"]["name"] = bucket or stack.uploads
    found["object"] = {"key": urllib.parse.quote_plus(key), "size": size, "eTag": etag, "sequencer": sequencer}
    return event


def bridged(stack, key, etag, size=100, sequencer="01"):
    """What EventBridge tells of an upload."""
    event = json.loads((EVENTS / "eventbridge-object-created.json").read_text())
    event["detail"]["bucket"]["name"] = stack.uploads
    event["detail"]["object"] = {"key": key, "size": size, "etag": etag, "sequencer": sequencer}
    return event


def test_the_same_event_again(stack):
    """Three times at once while S3's own may still be on its way, and once more when the run is over."""
    key = "incoming/again and again.csv"
    event = notification(stack, key, stack.upload(key, people(20, key)))
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: stack.invoke("Planner", event), range(3)))
    execution = stack.execution_of(key)
    stack.succeeded(execution)
    assert {name for answer, _ in answers for name in answer["started"] + answer["existing"]} == {execution["name"]}
    assert sum(len(answer["started"]) for answer, _ in answers) <= 1
    last = {"started": [], "existing": [execution["name"]], "skipped": []}
    assert stack.invoke("Planner", event) == (last, None)
    assert len(stack.executions_of(key)) == 1


def test_both_kinds_of_event_in_either_order(stack):
    for order, kinds in enumerate(itertools.permutations([notification, bridged])):
        key = f"incoming/kinds {order}.csv"
        etag = stack.upload(key, people(20, key))
        name = stack.execution_of(key)["name"]
        for sequencer, kind in enumerate(kinds):
            answer, _ = stack.invoke("Planner", kind(stack, key, etag, sequencer=f"0{sequencer}"))
            assert answer == {"started": [], "existing": [name], "skipped": []}
        assert len(stack.executions_of(key)) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_events_of_two_uploads_of_one_key(stack, order):
    """Whichever comes first and last: each version that was seen has one execution, no version a second one."""
    key = f"incoming/overtaken {order[0]}.csv"
    etags = []
    for version in (1, 2):
        etags.append(stack.upload(key, people(20 * version, key)))
        ends = stack.execution_of(key, count=version)
    assert len({end["name"] for end in ends}) == 2
    reports = {report["object"]["etag"]: report for report in (stack.report(end["name"]) for end in ends)}
    assert [reports[etag]["records"] for etag in etags] == [20, 40]
    for one in order:
        answer, _ = stack.invoke("Planner", notification(stack, key, etags[one], sequencer=f"0{one}"))
        assert (answer["started"], len(answer["existing"])) == ([], 1)
    assert len(stack.executions_of(key)) == 2


def test_what_starts_nothing(stack):
    """None of it is an error either: the fixture sees that the queue of failed uploads stays as it is."""
    body = people(5, "nothing")
    before = set(stack.executions())
    stack.upload("incoming/empty first.csv", b"")
    stack.upload("elsewhere/outside.csv", body)
    stack.upload("incoming", body)
    stack.upload("incoming/in the wrong bucket.csv", body, bucket=stack.results)
    test_event = json.loads((EVENTS / "s3-test-event.json").read_text())
    empty = {"started": [], "existing": []}
    table = [
        (test_event, []),
        (notification(stack, "incoming/empty first.csv", "e", size=0), ["incoming/empty first.csv"]),
        (bridged(stack, "incoming/empty first.csv", "e", size=0), ["incoming/empty first.csv"]),
        (notification(stack, "elsewhere/outside.csv", "e"), ["elsewhere/outside.csv"]),
        (notification(stack, "incoming/x.csv", "e", bucket=stack.results), ["incoming/x.csv"]),
    ]
    for event, skipped in table:
        assert stack.invoke("Planner", event) == (empty | {"skipped": skipped}, None)
    # An upload after all these has its execution, and it is the only new one: what it writes starts none.
    stack.upload("incoming/empty first.csv", body)
    execution = stack.execution_of("incoming/empty first.csv")
    stack.succeeded(execution)
    assert set(stack.executions()) - before == {execution["executionArn"]}


def test_no_function_is_triggered_by_results(stack):
    configured = stack.s3.get_bucket_notification_configuration(Bucket=stack.results)
    assert not {"LambdaFunctionConfigurations", "QueueConfigurations", "TopicConfigurations"} & set(configured)
    assert "EventBridgeConfiguration" not in configured
