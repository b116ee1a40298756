"""LocalEmu, started once, with an account for all tests."""

import os
import pathlib
import subprocess
import urllib.request

import pytest

from deployed.stack import until
from free_ports import free_ports
from iam.account import Account

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session")
def endpoint(install, tmp_path_factory):
    tools, folder = install("iam"), tmp_path_factory.mktemp("localemu")
    [port] = free_ports(1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_", "PYTHON"))}
    environment = kept | {
        "IAM_ENFORCEMENT": "1",
        "ROOT_ACCESS_KEYS": "root",
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": "iam,sts,s3,stepfunctions,sqs,sns,events,logs,lambda,kms",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "TMPDIR": str(folder),
        "HOME": str(folder),
    }
    process = subprocess.Popen(
        [tools / "iam/bin/python", HERE / "emulator.py"],
        env=environment,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=open(folder / "log", "wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def answers():
        assert process.poll() is None, (folder / "log").read_text(errors="replace")[-4000:]
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/_localemu/health", timeout=5).status == 200
        except OSError:
            return False

    try:
        until("LocalEmu", answers)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        process.wait(30)


@pytest.fixture(scope="session")
def account(endpoint, root, request):
    """The account; its functions are those of --built, or of a plain `cargo build --release`."""
    packaged = request.config.getoption("--built")

    def binary(function):
        return root / packaged / function / "bootstrap" if packaged else root / "target/release" / function.lower()

    return Account(endpoint, binary)
