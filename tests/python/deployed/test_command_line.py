"""The command line over the deployed stack: runs started, followed, listed, tuned, tried again, cleaned up."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from deployed.proxy import Fault
from deployed.samples import even, people
from deployed.stack import NAME, until

ENDPOINT = "AWS_ENDPOINT_URL"


@pytest.fixture
def job(stack):
    """Puts an object of few chunks, or of many, and returns its place and the options for that many chunks."""

    def put(name, chunks=3):
        body, size = even(chunks, name)
        stack.upload(f"elsewhere/{name}.csv", body)
        return [f"s3://{stack.uploads}/elsewhere/{name}.csv", "--name", name, "--chunk-size", str(size)]

    return put


def slowly(proxy, key, seconds, chunk=None):
    """Each read of the object takes its time."""
    return proxy.add(Fault("GET", re.escape(key), None, lambda request: time.sleep(seconds), chunk))


@pytest.mark.parametrize("chunks", [3, 60])
def test_start_and_watch(stack, cli, job, chunks):
    """Within the execution, and as children of it."""
    name = f"started-{chunks}"
    started = cli("start", *job(name, chunks))
    assert started.stdout == f"{name}\n"
    assert started.stderr == f"follow it: fanout watch {name}\n"
    watched = cli("watch", name)
    report = stack.report(name)
    first, counts, coverage, *_ = watched.stdout.splitlines()
    assert first == f"{status(report)}: s3://{stack.uploads}/elsewhere/{name}.csv, {size(report)}"
    assert counts.startswith(f"{report['records']:,} records, {report['rejects']} reject")
    assert f", {chunks} chunks, " in counts
    assert coverage.startswith("coverage verified: ")
    assert "concurrent" not in watched.stdout, "the account has enough"
    assert watched.stdout.splitlines()[-2:] == [
        f"results: s3://{stack.results}/runs/{name}/",
        f"report:  fanout report {name} --open",
    ]
    again = cli("watch", f"arn:aws:states:us-east-1:123456789012:execution:{NAME}:{name}")
    assert again.stdout == watched.stdout, "of a run that has ended, at once"


def test_a_map_that_is_wider_than_the_account(stack, proxy, cli, job):
    """It is told while the run goes on, in its report and on its page; other functions have all but 50 invocations."""
    stack.functions.put_function_concurrency(FunctionName=stack.names["Reducer"], ReservedConcurrentExecutions=950)
    try:
        slowly(proxy, "elsewhere/too-wide.csv", 0.3)
        watched = cli("start", *job("too-wide", 60), "--watch")
    finally:
        stack.functions.delete_function_concurrency(FunctionName=stack.names["Reducer"])
    told = "the Map is 60 chunks wide, but the account has 50 concurrent invocations of Lambda for them: "
    assert " ".join(watched.stderr.split()).count(told) == 1
    assert " ".join(watched.stdout.split()).count(told) == 1
    assert stack.report("too-wide")["concurrency"] == {"wanted": 60, "available": 50}
    assert told[1:] in stack.read("runs/too-wide/report.html").decode()


def status(report):
    return report["status"].replace("_", " ")


def size(report):
    size = report["object"]["size"]
    return f"{size / 1000:.1f} kB" if size > 999 else f"{size} B"


def test_json_has_the_report_alone(stack, cli, job):
    printed = cli("start", *job("as-json"), "--watch", "--json")
    assert (json.loads(printed.stdout), printed.stderr) == (stack.report("as-json"), "")
    started = json.loads(cli("start", *job("as-json-2"), "--json").stdout)
    assert started == {"run": "as-json-2", "execution": stack.machine.replace(":stateMachine:", ":execution:") + ":as-json-2"}
    stack.ended(started["execution"])


def test_strict_tells_rejects(stack, cli):
    stack.upload("elsewhere/strict.csv", people(20) + b"1,2,3,4\n")
    place = f"s3://{stack.uploads}/elsewhere/strict.csv"
    assert "1 record was refused" in cli("start", place, "--name", "strict", "--watch", "--strict", code=3).stdout
    assert cli("watch", "strict", "--strict", code=3).stdout == cli("report", "strict").stdout


def test_options_of_a_job_reach_the_planner(stack, cli):
    stack.upload("elsewhere/options.csv", b"1;2\n3;4\n")
    place = f"s3://{stack.uploads}/elsewhere/options.csv"
    words = ["--delimiter", ";", "--no-header", "--types", "text", "--outputs", "profile"]
    printed = json.loads(cli("start", place, "--watch", "--json", *words).stdout)
    assert [column["name"] for column in printed["columns"]] == ["column_1", "column_2"]
    assert ([output["name"] for output in printed["outputs"]], printed["records"]) == (["profile"], 2)
    assert re.fullmatch(r"options-\d{8}T\d{6}-\d{3}", printed["run_id"])
    options = json.dumps([{"name": "parquet", "compression": "brotli"}])
    refused = cli("start", place, "--watch", "--outputs", options, code=2).stderr
    assert "output parquet: " in refused and "brotli" in refused, "the output itself was asked"


@pytest.mark.parametrize("chunks", [3, 60])
def test_a_failing_chunk(stack, proxy, cli, job, chunks):
    """Its code is the run's, with what the log says, and the next step."""
    name = f"failing-{chunks}"
    words = job(name, chunks)
    proxy.fail(403, rf"elsewhere/{name}\.csv", chunk={"start": 2 * 173 + len(f"id,{name}\n")})
    failed = cli("start", *words, "--watch", code=1)
    assert failed.stdout == ""
    lines = failed.stderr.splitlines()
    assert lines[0] == f"started {name}"
    (told,) = [line for line in lines if line.startswith("failed: ")]
    assert told.startswith("failed: AccessDenied: chunk 2: ")
    assert lines[-1].startswith(f"error: AccessDenied: run {name} failed: chunk 2: ")
    assert lines[-1].endswith(f"; remove the fault, then run `fanout redrive {name}`")
    assert ("1 of 60 chunks failed" in lines[-1]) == (chunks == 60)
    error = json.loads(cli("report", name, "--json", code=1).stderr)["error"]
    assert (error["code"], error["message"][:40]) == ("AccessDenied", lines[-1].removeprefix("error: AccessDenied: ")[:40])


def test_an_object_that_is_refused(stack, cli):
    stack.upload("elsewhere/refused-by-hand.csv", b"")
    place = f"s3://{stack.uploads}/elsewhere/refused-by-hand.csv"
    failed = cli("start", place, "--name", "refused-by-hand", "--watch", code=1)
    assert "error: EmptyObject: run refused-by-hand failed: " in failed.stderr
    assert "a redrive would fail the same: correct the object or the job" in failed.stderr
    again = cli("redrive", "refused-by-hand", code=1)
    assert again.stderr.startswith("error: WrongState: refused-by-hand: it refused its object or its job (EmptyObject)")


def test_ctrl_c_leaves_the_run_alone(stack, proxy, fanout, environment, cli, job, tmp_path):
    name = "interrupted"
    place, *words = job(name)
    slow = slowly(proxy, f"elsewhere/{name}.csv", 3)
    command = [fanout, "start", place, *words, "--watch"]
    watching = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until("a read", lambda: slow.seen)
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=30)
    assert (watching.returncode, out) == (130, "")
    execution = f"arn:aws:states:us-east-1:123456789012:execution:{NAME}:{name}"
    assert err.splitlines()[-4:] == [
        "interrupted",
        "the run goes on, and is not changed by this",
        f"follow: fanout watch {name}",
        f"stop:   aws stepfunctions stop-execution --execution-arn {execution}",
    ]
    proxy.clear()
    assert cli("watch", name).stdout.startswith(f"{status(stack.report(name))}: ")


def test_list(stack, cli, job):
    for name in ("listed-1", "listed-2"):
        cli("start", *job(name), "--watch")
    stack.upload("elsewhere/listed-empty.csv", b"")
    cli("start", f"s3://{stack.uploads}/elsewhere/listed-empty.csv", "--name", "listed-3", "--watch", code=1)
    runs = json.loads(cli("list", "--json", "--limit", "3").stdout)
    assert [run["name"] for run in runs] == ["listed-3", "listed-2", "listed-1"]
    assert [run["status"] for run in runs] == ["failed", "succeeded", "succeeded"]
    assert [run["records"] for run in runs] == [None] + [stack.report(f"listed-{n}")["records"] for n in (2, 1)]
    assert runs[1]["object"] == {"bucket": stack.uploads, "key": "elsewhere/listed-2.csv"}
    assert (runs[0]["code"], "code" in runs[1]) == ("EmptyObject", False)
    failed = json.loads(cli("list", "--json", "--status", "failed", "--limit", "1").stdout)
    assert failed == runs[:1]
    table = cli("list", "--limit", "3").stdout.splitlines()
    assert table[0].split()[:2] == ["name", "status"] and table[2].split()[:2] == ["listed-3", "EmptyObject"]
    assert table[3].endswith("/elsewhere/listed-2.csv")
    by_machine = cli("list", "--limit", "3", "--state-machine", stack.machine).stdout
    assert by_machine.splitlines() == table


def test_a_report_is_saved_and_opened(stack, cli, job, tmp_path):
    cli("start", *job("reported"), "--watch")
    page = stack.read("runs/reported/report.html")
    cli("report", "reported", "--save", "page.html")
    assert (tmp_path / "page.html").read_bytes() == page
    there = cli("report", "reported", "--save", "page.html", code=1)
    assert "it is there already; --force replaces it" in there.stderr
    cli("report", "reported", "--save", "page.html", "--force")
    cli("report", "reported", "--save", "saved.json")
    assert json.loads((tmp_path / "saved.json").read_text()) == stack.report("reported")
    opener = tmp_path / "xdg-open"
    opener.write_text('#!/bin/sh\ncp "$1" opened.html\n')
    opener.chmod(0o755)
    cli("report", "reported", "--open", PATH=f"{tmp_path}:{os.environ['PATH']}", TMPDIR=str(tmp_path))
    assert (tmp_path / "opened.html").read_bytes() == page
    gone = cli("report", "reported", "--open", code=2, PATH="", TMPDIR=str(tmp_path))
    assert "xdg-open" in gone.stderr and "the page is " in gone.stderr


def test_the_page_of_a_failure_is_saved(stack, cli, tmp_path):
    """Where there is one: it comes some seconds after the end."""
    stack.upload("elsewhere/failed-page.csv", b"")
    place = f"s3://{stack.uploads}/elsewhere/failed-page.csv"
    cli("start", place, "--name", "failed-page", "--watch", code=1)
    for name in ("failure.html", "failure.json"):
        stack.s3.put_object(Bucket=stack.results, Key=f"runs/failed-page/{name}", Body=name.encode())
    told = cli("report", "failed-page", "--save", "page.html", code=1).stderr
    assert f"s3://{stack.results}/runs/failed-page/failure.html says more" in told
    cli("report", "failed-page", "--save", "page.json", code=1)
    assert [(tmp_path / name).read_text() for name in ("page.html", "page.json")] == ["failure.html", "failure.json"]


def test_a_report_outlives_its_execution(stack, cli, job):
    """Step Functions forgets an execution; the report stays."""
    cli("start", *job("outlived"), "--watch")
    report = stack.read("runs/outlived/report.json")
    stack.s3.put_object(Bucket=stack.results, Key="runs/of-last-year/report.json", Body=report)
    assert cli("report", "of-last-year", "--json").stdout == cli("report", "outlived", "--json").stdout


def test_logs(stack, cli, job):
    """Lines of all functions with the run's name, in the order of time, by chunk where asked for."""
    cli("start", *job("logged"), "--watch")
    now = int(time.time() * 1000)
    lines = {
        "ProcessorLogs": [
            {"level": "INFO", "fields": {"message": "a part is written"}, "span": {"run": "logged", "chunk": 1}},
            {"level": "WARN", "message": "a GET is resumed", "run": "logged", "chunk": 2, "code": "StoreUnavailable"},
            {"level": "WARN", "message": "of another run", "run": "other", "chunk": 2},
        ],
        "ReducerLogs": [{"level": "INFO", "message": "a report is written", "run": "logged"}],
    }
    for at, (resource, messages) in enumerate(lines.items()):
        stack.log(resource, [(now + 10 * at + n, json.dumps(message)) for n, message in enumerate(messages)])
    printed = cli("logs", "logged").stdout.splitlines()
    of_test = [line.split(" ", 1)[1] for line in printed if "logged" in line][-3:]
    assert of_test == [
        "processor INFO a part is written chunk=1 run=logged",
        "processor WARN a GET is resumed chunk=2 code=StoreUnavailable run=logged",
        "reducer INFO a report is written run=logged",
    ]
    of_chunk = json.loads(cli("logs", "logged", "--chunk", "2", "--json").stdout)
    assert [(line["message"], line["code"]) for line in of_chunk if "code" in line] == [("a GET is resumed", "StoreUnavailable")]
    assert not any(line["message"] == "a part is written" for line in of_chunk)


def test_tune(stack, proxy, cli, job):
    name = "tuned"
    slowly(proxy, f"elsewhere/{name}.csv", 0.3)
    cli("start", *job(name, 80))
    arn = f"arn:aws:states:us-east-1:123456789012:execution:{NAME}:{name}"
    (run,) = until("a Map Run", lambda: stack.states.list_map_runs(executionArn=arn)["mapRuns"])
    tuned = json.loads(cli("tune", name, "--concurrency", "5", "--json").stdout)
    assert tuned == {"run": name, "concurrency": 5, "before": 8}
    assert stack.states.describe_map_run(mapRunArn=run["mapRunArn"])["maxConcurrency"] == 5
    proxy.clear()
    stack.ended(arn)
    ended = cli("tune", name, "--concurrency", "5", code=1)
    assert ended.stderr.startswith(f"error: WrongState: {name}: no chunks of it are being processed")
    cli("tune", name, "--concurrency", "0", code=2)


def test_datasets(stack, cli, tmp_path):
    dataset = {"header": {"expect": ["id", "name", "pay"]}, "columns": {"pay": "decimal(10,2)"}}
    (tmp_path / "staff.json").write_text(json.dumps(dataset))
    pushed = cli("datasets", "push", "staff.json")
    assert pushed.stdout == f"staff: s3://{stack.results}/datasets/staff.json\n"
    cli("datasets", "push", "staff.json", "--name", "staff-2")
    assert cli("datasets", "push", "staff.json", code=1).stderr.startswith("error: ResultsUnwritable: s3://")
    cli("datasets", "push", "staff.json", "--force")
    names = [found["name"] for found in json.loads(cli("datasets", "list", "--json").stdout)]
    assert {"staff", "staff-2"} <= set(names) and names == sorted(names)
    assert re.search(r"^staff-2 +\d+ B$", cli("datasets", "list").stdout, re.MULTILINE)
    stack.upload("elsewhere/staff.csv", people(10))
    place = f"s3://{stack.uploads}/elsewhere/staff.csv"
    printed = json.loads(cli("start", place, "--dataset", "staff", "--watch", "--json").stdout)
    assert (printed["dataset"], printed["columns"][2]["type"]) == ("staff", "decimal(10,2)")
    (tmp_path / "wrong.json").write_text('{"colour": 1}')
    assert "unknown field `colour`" in cli("datasets", "push", "wrong.json", code=2).stderr


def test_clean(stack, cli, job):
    """What is listed is removed, and nothing else."""
    cli("start", *job("cleaned"), "--watch")
    keys = stack.keys("runs/cleaned/")
    assert cli("clean", "--older-than", "1d").stdout == "no runs are that old\n"
    # A run is as old as the newest of its objects, to the second.
    newest = max(map(stack.changed, keys))
    until("another second", lambda: time.time() - newest > 1.5)
    listed = cli("clean", "--older-than", "0h").stdout.splitlines()
    assert any(line.startswith("cleaned: 20") and f" {len(keys)} objects, " in line for line in listed), (listed, keys)
    assert listed[-1].endswith("; nothing is removed without --delete") and stack.keys("runs/cleaned/") == keys
    datasets = stack.keys("datasets/")
    removed = json.loads(cli("clean", "--older-than", "0h", "--delete", "--json").stdout)
    assert removed["deleted"] and "cleaned" in [run["name"] for run in removed["runs"]]
    assert removed["objects"] == sum(run["objects"] for run in removed["runs"])
    assert stack.keys("runs/cleaned/") == [] and stack.keys("datasets/") == datasets


def test_what_is_not_there_is_told_with_what_is(stack, cli, job, environment):
    cli("start", *job("there"), "--watch")
    table = [
        (["list", "--stack", "other"], "NoSuchStack", f"there is no stack other in us-east-1; --stack can be {NAME}"),
        (["watch", "gone"], "NoSuchRun", f"there is no run gone of {NAME}; the newest are there, "),
        (["report", "gone"], "NoSuchRun", "`fanout list` has more"),
        (["redrive", "there"], "WrongState", "there: it has succeeded: fanout report there"),
        (["tune", "there", "--concurrency", "9"], "WrongState", "at most 40 chunks, which all run at once"),
    ]
    for words, code, says in table:
        error = json.loads(cli(*words, "--json", code=1).stderr)["error"]
        assert error["code"] == code and says in error["message"], error
    used = json.loads(cli("start", *job("there"), "--json", code=2).stderr)["error"]
    assert used["code"] == "InvalidJob" and "give another one" in used["message"]
    unreachable = cli("list", code=1, **{ENDPOINT: "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"})
    assert unreachable.stderr.startswith("error: StoreUnavailable: cloudformation:DescribeStacks: ")
    nobody = {name: "" for name in environment if name.startswith("AWS_") and name != ENDPOINT}
    unknown = cli("list", code=1, HOME="/nowhere", AWS_EC2_METADATA_DISABLED="true", **{n: v for n, v in nobody.items() if "METADATA" not in n})
    assert unknown.stderr.startswith("error: NotConfigured: ")


def test_run_names_start(stack, cli, emulator):
    stack.upload("elsewhere/here.csv", people(5))
    place = f"s3://{stack.uploads}/elsewhere/here.csv"
    told = cli("run", place).stderr
    assert f"{place} is read to this machine; `fanout start {place}` processes it where it is" in told
    assert "read to this machine" not in cli("run", place, "--quiet").stderr
