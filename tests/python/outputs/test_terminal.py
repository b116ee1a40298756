"""The command line in a terminal of 60, 80 and 200 columns: snapshots, progress, links, an interrupted run.

FANOUT_WRITE=1 writes the snapshots anew.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from outputs.terminal import Terminal

SNAPSHOTS = pathlib.Path(__file__).parent / "snapshots"
WIDTHS = [60, 80, 200]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file of few records, so that estimates are exact; with bad ones, long texts and wide characters."""
    folder = tmp_path_factory.mktemp("terminal")
    lines = ["id,at,price,note,a_name_that_is_longer_than_most,empty"]
    for n in range(1, 121):
        note = ["日本語のテキスト", "some longer text that does not fit", "\"a, b\"", "e\u0301te\u0301"][n % 4]
        lines.append(f"{n},2024-01-{1 + n % 28:02}T12:00:00Z,{n * 166.66:.2f},{note},{'true' if n % 3 else 'false'},")
    lines[20] = "20,2024-01-01T00:00:00Z"
    lines[50] = "50,2024-01-01T00:00:00Z,1.00,x,true,,more"
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def normal(line: str) -> str:
    """A line without what differs from run to run."""
    line = re.sub(r"/\S*/orders\.csv", "/…/orders.csv", line)
    line = re.sub(r"\d+\.\d+ s, [\d.]+ [kMG]?B/s", "0.01 s, 1 MB/s", line)
    return re.sub(r"orders-\d{8}T\d{6}-\d{3}", "orders-20240101T000000-000", line).rstrip()


def predicted(line: str) -> str:
    """A line without predictions: they change with the constants of the model, and their columns with them."""
    if re.search(r"\$\d|─|^on AWS", line):
        line = re.sub(r"\$[\d.]+", "$0.1", re.sub(r"\d+( min \d+)? s,", "1 s,", line))
        line = re.sub("─+", "─", re.sub(" {2,}", "  ", line))
    return normal(line)


def snapshot(name: str, terminal: Terminal) -> None:
    terminal.is_as_stored(SNAPSHOTS / f"{name}-{terminal.columns}.txt", predicted if name == "plan" else normal)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["run", "check", "plan"])
def test_a_table_fits_its_terminal(fanout, folder, columns, command):
    snapshot(command, Terminal(columns, [fanout, command, "orders.csv"], folder))


@pytest.mark.parametrize("columns", WIDTHS)
def test_help_breaks_at_words(fanout, folder, columns):
    """clap wraps at 100 columns at most."""
    snapshot("help", Terminal(columns, [fanout, "run", "--help"], folder))


def test_the_report_is_a_link_on_a_terminal_alone(fanout, folder):
    terminal = Terminal(80, [fanout, "run", "orders.csv"], folder)
    page = next(place for place in terminal.links() if place.endswith("report.html"))
    assert pathlib.Path(page.removeprefix("file://")).is_file()
    piped = subprocess.run([fanout, "run", "orders.csv"], cwd=folder, capture_output=True, text=True)
    assert "\x1b" not in piped.stdout + piped.stderr and "report:  runs/orders-" in piped.stdout


@pytest.fixture(scope="module")
def large(fanout, folder):
    """A file that takes a second or two."""
    subprocess.run([fanout, "sample", "--rows", "1500k", "--out", "large.csv"], cwd=folder, check=True)
    return folder / "large.csv"


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", ["run", "check"])
def test_progress_fits_and_tells_all(fanout, large, columns, command):
    arguments = [fanout, command, large.name, *(["--chunk-size", "1MB"] if command == "run" else [])]
    terminal = Terminal(columns, arguments, large.parent)
    assert terminal.code == 0, terminal.written
    drawn = terminal.drawn()
    assert drawn[0].startswith("large.csv: reading samples"), "progress from the first moment"
    bars = [line for line in drawn if re.search("[█░]", line)]
    assert bars and all(re.fullmatch(r"large\.csv [█░]+ +\d+ %( \d+:\d\d left)?", line) for line in bars), bars
    facts = [line for line in drawn if re.search(r"\d+/\d+ chunks?, ", line)]
    whole = re.compile(r"\d+/\d+ chunks?, [\d.]+( [kM]?B)?/[\d.]+ MB(, [\d,]+ records)?, [\d.]+ [kM]?B/s")
    assert facts and all(whole.fullmatch(line) for line in facts), facts
    if command == "run":
        assert any("records" in line for line in facts)
    assert not any("█" in line for line in terminal.lines()), "nothing of the bar stays"


def test_progress_of_a_sample(fanout, folder):
    terminal = Terminal(60, [fanout, "sample", "--rows", "200k", "--out", "new.csv"], folder)
    facts = [line for line in terminal.drawn() if "records" in line]
    assert facts and all(re.fullmatch(r"[\d,]+ of 200,000 records", line) for line in facts), facts


def test_an_interrupted_run_says_how_to_go_on(fanout, large):
    """The line that it prints goes on, and the whole is that of a run that was not interrupted."""
    folder = large.parent
    command = [fanout, "run", large.name, "--chunk-size", "1MB", "--concurrency", "1"]
    terminal = Terminal(80, command, folder, interrupt_at="2/")
    lines = terminal.lines()
    assert terminal.code == 130, terminal.written
    assert any(re.fullmatch(r"left: \d+ of \d+ chunks in runs/large-\S+, without a report", line) for line in lines), lines
    resume = next(line for line in lines if line.startswith("go on:  ")).removeprefix("go on:  ").split()
    assert resume[:3] == ["fanout", "run", "--resume"] and not (folder / resume[3] / "report.json").exists()
    assert f"remove: rm -r {resume[3]}" in lines
    done = subprocess.run([fanout, *resume[1:], "--json"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    whole = subprocess.run([*command, "--json"], cwd=folder, capture_output=True, text=True, check=True)
    one, other = json.loads(done.stdout), json.loads(whole.stdout)
    for field in ("records", "rejects", "coverage", "chunks"):
        assert one[field] == other[field], field
    assert any(told["what"] == "resumed" for told in one["evidence"])


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sample_leaves_nothing(fanout, folder, by):
    command = [fanout, "sample", "--rows", "50M", "--out", "half.csv"]
    terminal = Terminal(80, command, folder, interrupt_at="of 50,000,000", by=by)
    assert terminal.code == 130 and "nothing is left" in terminal.lines(), terminal.written
    assert not list(folder.glob("half.csv*"))


def test_an_interrupted_pipe_leaves_nothing(fanout, tmp_path):
    """Standard input is stored in a temporary folder, which goes with the program."""
    writer = "import sys, time; sys.stdout.write('a\\n1\\n' * 100000); sys.stdout.flush(); time.sleep(60)"
    source = subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE)
    os.environ["TMPDIR"] = str(tmp_path)
    try:
        terminal = Terminal(80, [fanout, "run", "-"], tmp_path, interrupt_at="storing standard input, ", input=source.stdout)
    finally:
        del os.environ["TMPDIR"]
        source.kill()
        source.wait()
    assert terminal.code == 130 and "nothing is left" in terminal.lines(), terminal.written
    assert list(tmp_path.iterdir()) == []
