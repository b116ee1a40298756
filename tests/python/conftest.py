"""Fixtures that all tests share: the built binary, a run of it, tools that are installed on demand, and notes.

The binary is FANOUT_BINARY or target/release/fanout. A relative path begins at the root of the repository.
"""

import os
import pathlib
import subprocess

import pytest

# Helpers outside of test files explain a failed assertion as test files do.
pytest.register_assert_rewrite(
    "finished_run", "data.comparison", "data.chunk_sizes", "outputs.engines", "outputs.days", "outputs.browser"
)

from finished_run import FinishedRun, run_fanout  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTE = "note"


def pytest_addoption(parser):
    parser.addoption("--rows", type=int, default=1_000_000, help="records of the large generated file")
    parser.addoption(
        "--built",
        type=pathlib.Path,
        help="folder of packaged functions to deploy instead of those in target/release: target/sam",
    )


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def fanout() -> pathlib.Path:
    """The built command line."""
    binary = ROOT / os.environ.get("FANOUT_BINARY", "target/release/fanout")
    assert binary.is_file(), f"no {binary}: build it with cargo build --release"
    return binary


@pytest.fixture
def run(fanout, tmp_path):
    """Runs fanout in the test's folder: run(source, chunk_size, dataset, outputs, text_size) -> FinishedRun."""

    def start(*arguments, **options) -> FinishedRun:
        return run_fanout(fanout, tmp_path, *arguments, **options)

    return start


@pytest.fixture(scope="session")
def install():
    """Installs a group of tools, where it is missing: install("chromium"). The folder of installed tools."""

    def installed(group: str) -> pathlib.Path:
        done = subprocess.run([ROOT / "tests/tools.sh", group], capture_output=True, text=True)
        assert done.returncode == 0, f"tests/tools.sh {group}: {done.stdout}{done.stderr}"
        return ROOT / "target/tools"

    return installed


@pytest.fixture
def note(record_property):
    """Keeps a line about what was tested; all of them are printed after the last test."""
    return lambda line: record_property(NOTE, line)


def pytest_terminal_summary(terminalreporter):
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    notes = [(report.nodeid, text) for report in reports for name, text in report.user_properties if name == NOTE]
    if notes:
        terminalreporter.section("notes")
    before = None
    for test, text in notes:
        if test != before:
            terminalreporter.line(test)
        before = test
        for line in str(text).splitlines():
            terminalreporter.line(f"    {line}")
