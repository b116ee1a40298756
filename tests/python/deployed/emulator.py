"""MiniStack, with what AWS does and it does not: run as a script, it serves until it is told to end.

It ignores a distributed Map's ResultWriter and MaxConcurrencyPath, takes payloads of any size, and does not send the
results of asynchronous invocations to an event bus. All are added here as AWS documents them ("ResultWriter (Map)", "Map state fields", "Step Functions service quotas"), the size with the
quarter left free that the messages leave free. Every state's sizes are written to the file of the environment variable
PAYLOADS, one JSON line each.

It starts a process for each function that runs at the same time, so a Map has fewer at once here than in a region.
Whoever starts this script holds its standard input open: when that closes, the script ends with all it started.
"""

import json
import os
import signal
import sys
import threading
import uuid

import ministack.app
from ministack.services import eventbridge, lambda_svc, s3
from ministack.services import stepfunctions as states

LIMIT = 192 * 1024
AT_ONCE = 8
APPLIED_AFTER_THE_MAP = ("ResultSelector", "ResultPath", "OutputPath")

payloads = open(os.environ["PAYLOADS"], "a", buffering=1)
lock = threading.Lock()


def main():
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    states._run_distributed_map = distributed_map(states._run_distributed_map)
    states._call_lambda = bounded_call(states._call_lambda)
    lambda_svc._route_async_failure = to_event_bus(lambda_svc._route_async_failure)
    for handler in ("_execute_task", "_execute_map", "_execute_choice"):
        setattr(states, handler, bounded_state(getattr(states, handler)))
    ministack.app.main()


def end_with_the_starter():
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


def note(ctx, state, direction, value):
    size = len(json.dumps(value))
    with lock:
        # A child of a Map has its parent's context.
        payloads.write(json.dumps([ctx["Execution"]["Id"], state, direction, size]) + "\n")
    check(f"{direction} of {state}", size)


def check(what, size):
    if size > LIMIT:
        raise states._ExecutionError("States.DataLimitExceeded", f"{what}: {size} bytes, at most {LIMIT} are possible")


def bounded_state(handler):
    def run(state, given, *rest):
        ctx = rest[-1]
        name = ctx["State"]["Name"]
        note(ctx, name, "input", given)
        output, following = handler(state, given, *rest)
        note(ctx, name, "output", output)
        return output, following

    return run


def bounded_call(call):
    def run(function, event):
        check(f"request to {function}", len(json.dumps(event)))
        answer = call(function, event)
        check(f"answer of {function}", len(json.dumps(answer)))
        return answer

    return run


def to_event_bus(stock):
    """A destination that is an event bus (AWS: "Capturing records of Lambda asynchronous invocations")."""

    def route(target, function, event, result):
        if ":event-bus/" not in target:
            return stock(target, function, event, result)
        arn = lambda_svc._functions[function]["config"]["FunctionArn"]
        body = result.get("body")
        detail = {
            "version": "1.0",
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "functionError": result.get("function_error") or "Unhandled"},
            "responsePayload": body if isinstance(body, dict) else {},
        }
        entry = {
            "Source": "lambda",
            "DetailType": "Lambda Function Invocation Result - Failure",
            "Detail": json.dumps(detail),
            "EventBusName": target,
            "Resources": [f"{arn}:$LATEST", target],
        }
        eventbridge._put_events({"Entries": [entry]})

    return route


def distributed_map(stock):
    def run(state, raw, effective, processor, execution, ctx):
        if "ResultWriter" not in state:
            return stock(state, raw, effective, processor, execution, ctx)
        inner = {name: value for name, value in state.items() if name not in APPLIED_AFTER_THE_MAP}
        wanted = states._resolve_path(inner.pop("MaxConcurrencyPath"), raw)
        inner["MaxConcurrency"] = min(wanted, AT_ONCE)
        before = set(states._map_runs)
        try:
            _, following = stock(inner, raw, effective, processor, execution, ctx)
        except states._ExecutionError:
            if map_runs(execution, before):
                write_results(state["ResultWriter"], map_runs(execution, before)[0], effective, ctx)
            raise
        written = write_results(state["ResultWriter"], map_runs(execution, before)[0], effective, ctx)
        selected = states._apply_result_selector(state, written)
        output = states._apply_result_path(state, raw, selected)
        return states._apply_output_path(state, output, ctx), following

    return run


def map_runs(execution, before):
    """Map Runs of the execution that were not there before; none where the items could not be read."""
    runs = states._map_runs.items()
    return [arn for arn, run in runs if arn not in before and run["executionArn"] == execution["executionArn"]]


def write_results(writer, map_run, effective, ctx):
    """Files of what succeeded and what failed, and the manifest that lists them: also when the Map fails."""
    place = states._resolve_params_obj(writer["Parameters"], effective, ctx)
    prefix = f"{place['Prefix'].rstrip('/')}/{map_run.rsplit(':', 1)[1]}"
    form = writer.get("WriterConfig", {})
    lines = form.get("OutputType", "JSON") == "JSONL"
    compact = form.get("Transformation", "NONE") == "COMPACT"
    if not compact and form.get("Transformation", "NONE") != "NONE":
        raise states._ExecutionError("States.Runtime", "this emulator writes results as NONE or COMPACT")
    children = [child for child in states._executions.values() if child.get("mapRunArn") == map_run]
    files = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status in ("SUCCEEDED", "FAILED"):
        short = compact and status == "SUCCEEDED"  # what failed is always written in full
        found = [json.loads(c["output"]) if short else record(c) for c in children if c["status"] == status]
        if found:
            text = "".join(json.dumps(one) + "\n" for one in found) if lines else json.dumps(found)
            key = f"{prefix}/{status}_0.{'jsonl' if lines else 'json'}"
            files[status].append({"Key": key, "Size": put(place["Bucket"], key, text)})
    manifest = {"DestinationBucket": place["Bucket"], "MapRunArn": map_run, "ResultFiles": files}
    put(place["Bucket"], f"{prefix}/manifest.json", json.dumps(manifest))
    return {
        "MapRunArn": map_run,
        "ResultWriterDetails": {"Bucket": place["Bucket"], "Key": f"{prefix}/manifest.json"},
    }


def record(child):
    ended = {name: child.get(name.lower()) for name in ("Output", "Error", "Cause") if child.get(name.lower())}
    return {
        "ExecutionArn": child["executionArn"],
        "Name": child["name"],
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StartDate": str(child["startDate"]),
        "StopDate": str(child["stopDate"]),
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "RedriveCount": 0,
        **ended,
    }


def put(bucket, key, text):
    body = text.encode()
    status, _, answer = s3._put_object(bucket, key, body, {})
    if status >= 300:
        raise states._ExecutionError("States.ResultWriterFailed", f"{status} {answer!r}")
    return len(body)


if __name__ == "__main__":
    main()
