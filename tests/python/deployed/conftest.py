"""Deploys the stack once for all tests: the template, the state machine and the bootstraps as they are.

A test names its objects after itself, so that no test sees another one's executions.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import pytest

from deployed.build import plain_build
from deployed.proxy import Proxy
from deployed.stack import Stack, until
from free_ports import free_ports

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session")
def built(request, root, fanout, tmp_path_factory) -> pathlib.Path:
    """A folder as `sam build` leaves it: template.yaml, the state machine, and <function>/bootstrap.

    The bootstraps are those beside the command line, of a plain `cargo build --release`; with --built, the packaged ones
    of that folder.
    """
    packaged = request.config.getoption("--built")
    if packaged is None:
        return plain_build(root, tmp_path_factory.mktemp("built"), beside=fanout)
    folder = root / packaged
    assert (folder / "template.yaml").is_file(), f"{folder}: no template.yaml; build it with tests/build.sh"
    return folder


@pytest.fixture(scope="session")
def emulators(tmp_path_factory):
    """Starts one more emulator: its endpoint, the proxy before its S3, and the file of payload sizes."""
    with contextlib.ExitStack() as running:
        yield lambda name: running.enter_context(serving(tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session")
def emulator(emulators):
    return emulators("emulator")


@pytest.fixture(scope="session")
def deployed(emulator, built):
    endpoint, _, payloads = emulator
    stack = Stack(endpoint, payloads)
    stack.deploy(built)
    return stack


@pytest.fixture
def stack(deployed, emulator):
    """The stack. What a test lets go wrong ends with it, and no upload may have failed without being expected to."""
    _, proxy, _ = emulator
    failed = deployed.failed_uploads()
    yield deployed
    proxy.clear()
    assert deployed.failed_uploads() == failed


@pytest.fixture
def proxy(emulator):
    return emulator[1]


@pytest.fixture
def locally(fanout, tmp_path):
    """What `fanout run` reports and writes for the same bytes: (report, what its outputs wrote by name)."""

    def run(body, **options):
        (tmp_path / "file.csv").write_bytes(body)
        if "dataset" in options:
            (tmp_path / "dataset.json").write_text(json.dumps(options["dataset"]))
            options["dataset"] = str(tmp_path / "dataset.json")
        asked = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
        command = [fanout, "run", "file.csv", "--json", "--out", "out", *asked]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        folder = tmp_path / "out" / report["run_id"]
        files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        own = ("report.json", "report.html", "plan.json", "merged/", "results/", "manifest/", "failed/", "failure.")
        return report, {name: found for name, found in files.items() if not name.startswith(own)}

    return run


@pytest.fixture(scope="session")
def environment(emulator):
    """What a person has in the environment; requests go to the emulator."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ENDPOINT_URL": emulator[0],
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def cli(fanout, environment, tmp_path):
    """Runs the command line: cli("list", code=0, **variables) -> what it printed, with `out` and `err`."""

    def run(*words, code=0, **variables):
        command = [str(word) for word in (fanout, *words)]
        done = subprocess.run(
            command, env=environment | variables, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@contextlib.contextmanager
def serving(folder):
    [port] = free_ports(1)
    endpoint = f"http://127.0.0.1:{port}"
    proxy = Proxy(endpoint)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_"))}
    environment = inherited | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": proxy.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        # One refusal is one failed call: repeating is then the state machine's, which is what is tested here.
        "AWS_MAX_ATTEMPTS": "1",
        "MINISTACK_ACCOUNT_ID": "123456789012",
        # By default it goes by the memory of the machine.
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
        # Waiting before another attempt is shortened, attempts are not fewer.
        "SFN_WAIT_SCALE": "0.001",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.01",
        "PAYLOADS": str(folder / "payloads.jsonl"),
        "TMPDIR": str(folder),
    }
    log = open(folder / "log", "wb")
    command = [sys.executable, str(HERE / "emulator.py")]
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        until("the emulator", lambda: answers(process, endpoint, folder / "log"))
        yield endpoint, proxy, folder / "payloads.jsonl"
    finally:
        process.stdin.close()  # at which it ends, with the functions that it started
        process.wait(30)
        proxy.close()


def answers(process, endpoint, log):
    assert process.poll() is None, log.read_text(errors="replace")[-4000:]
    try:
        return urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5).status == 200
    except OSError:
        return False
