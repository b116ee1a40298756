"""`fanout watch` and `fanout list` in a terminal of 60 and 80 columns: snapshots, progress, an interruption.

FANOUT_WRITE=1 writes the snapshots anew.
"""

import pathlib
import re
import time

import pytest

from deployed.proxy import Fault
from deployed.samples import people
from deployed.stack import until
from outputs.terminal import Terminal

SNAPSHOTS = pathlib.Path(__file__).parent / "snapshots"
WIDTHS = [60, 80]


@pytest.fixture
def terminal(fanout, environment, tmp_path):
    """Runs the command line in a terminal of so many columns."""
    own = [f"{name}={value}" for name, value in environment.items() if name.startswith("AWS_")]

    def run(columns, *words, **options):
        return Terminal(columns, ["env", *own, fanout, *words], tmp_path, **options)

    return run


@pytest.fixture
def started(stack, cli):
    """Starts a run of 100 records in so many chunks, with one that is refused; its name. Estimates of so few are exact."""

    def start(name, chunks):
        body = people(100) + b"1,2,3,4\n"
        stack.upload(f"elsewhere/{name}.csv", body)
        size = -(-len(body) // chunks)
        cli("start", f"s3://{stack.uploads}/elsewhere/{name}.csv", "--name", name, "--chunk-size", size)
        return name

    return start


def normal(line):
    """A line without what differs from run to run."""
    line = re.sub(r"\d+\.\d+ s, [\d.]+ [kMG]?B/s", "0.01 s, 1 MB/s", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d  \d+\.\d+ s", "2024-01-01 00:00  1.23 s", line)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2024-01-01 00:00", line).rstrip()


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_watch_ends_with_the_table(stack, terminal, started, columns):
    name = started(f"shown-{columns}", 4)
    terminal(columns, "watch", name).is_as_stored(SNAPSHOTS / f"watch-{columns}.txt", normal)


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_list(stack, cli, terminal, started, columns):
    stack.ended(stack.machine.replace(":stateMachine:", ":execution:") + ":" + started(f"listed-at-{columns}", 4))
    stack.upload("elsewhere/nothing.csv", b"")
    place = f"s3://{stack.uploads}/elsewhere/nothing.csv"
    cli("start", place, "--name", f"nothing-{columns}", "--watch", code=1)
    terminal(columns, "list", "--limit", "2").is_as_stored(SNAPSHOTS / f"list-{columns}.txt", normal)


@pytest.mark.parametrize("chunks", [4, 60])
@pytest.mark.parametrize("columns", WIDTHS)
def test_progress_fits_and_tells_all(stack, proxy, terminal, started, columns, chunks):
    """Reads take their time, one more than the other where they are few, so that chunks end between two looks."""
    name = f"progress-{columns}-{chunks}"
    times = iter([0.5, 1.5, 3, 4.5] if chunks == 4 else [0.4] * 60)
    wait = lambda request: time.sleep(next(times, 0) if "If-Match" in request.headers else 0)
    proxy.add(Fault("GET", rf"elsewhere/{name}\.csv", None, wait))
    shown = terminal(columns, "watch", started(name, chunks))
    assert shown.code == 0, shown.written
    drawn = shown.drawn()
    assert drawn[0] == f"{name}.csv: asking AWS"
    assert any(line == f"{name}.csv: planning" for line in drawn) or any("chunks" in line for line in drawn)
    bars = [line for line in drawn if re.search("[█░]", line)]
    assert bars and all(re.fullmatch(rf"{name}\.csv [█░]+ +\d+ %( \d+:\d\d left)?", line) for line in bars), bars
    counts = [line for line in drawn if re.match(r"\d+/\d+ chunks", line)]
    whole = re.compile(rf"\d+/{chunks} chunks(, \d+ running)?")
    assert counts and all(whole.fullmatch(line) for line in counts), counts
    work = [line for line in drawn if re.search(r"B/s", line) and "chunks," not in line]
    amount = r"[\d.]+( k?B)?/[\d.]+ kB"
    told = re.compile(rf"{amount}(, (≈ )?\d+ records?)?, [\d.]+ k?B/s(, (< )?\$[\d.]+)?")
    assert work and all(told.fullmatch(line) for line in work), work
    assert any("records" in line and "$" in line for line in work), work
    assert not any("█" in line for line in shown.lines()), "nothing of the bar stays"


def test_an_interruption_leaves_the_run_alone(stack, proxy, terminal, started):
    name = "interrupted-in-a-terminal"
    proxy.add(Fault("GET", rf"elsewhere/{name}\.csv", None, lambda request: time.sleep(2)))
    shown = terminal(80, "watch", started(name, 4), interrupt_at=name[:20])
    assert shown.code == 130, shown.written
    lines = [line for line in shown.lines() if line]
    assert lines[-4:-1] == ["interrupted", "the run goes on, and is not changed by this", f"follow: fanout watch {name}"]
    proxy.clear()
    until("its end", lambda: stack.has_report(name))
