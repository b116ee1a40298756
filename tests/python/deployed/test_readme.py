"""The commands of README and of docs/deploy.md, as they stand and in their order, in an emulator of their own."""

import json
import os
import pathlib
import platform
import re
import stat
import subprocess

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).parents[3]
TOOLS = ROOT / "target/tools"
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"

# Stand-ins of commands: the build was done before, for this machine's instruction set; the emulator has no redrive.
SHIMS = {
    "sam": f"""
        case $1 in
            build) exit 0 ;;
            deploy) set -- "$@" --template-file {{built}}/template.yaml --config-file {ROOT}/samconfig.toml \\
                --parameter-overrides Architecture={ARCHITECTURE} ;;
        esac
        exec {TOOLS}/build/bin/sam "$@"
    """,
    "fanout": """
        if [ "$1" = redrive ]; then exit 0; fi
        exec {fanout} "$@"
    """,
    "aws": f"""
        # Its own default wins over the variable.
        if [ "$1" = sqs ]; then set -- "$@" --endpoint-url "$AWS_ENDPOINT_URL"; fi
        exec {TOOLS}/cli/bin/aws "$@"
    """,
}

# Steps in their order, by a text that one block has and no other. A block may have several of them.
STEPS = {
    "deploy": "sam deploy",
    "names": "describe-stacks",
    "upload": 'incoming/people/people.csv"\n',
    "start": "fanout start",
    "result": "fanout watch",
    "redrive": "fanout redrive",
    "change": "cargo lambda deploy",
    "delete": "sam delete",
}


def blocks():
    """The shell blocks of README's section "Deploy it" and of the page that goes on from there, if there is one."""
    section = re.search(r"^## Deploy it$(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    page = ROOT / "docs/deploy.md"
    text = section + (page.read_text() if page.exists() else "")
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    # cargo-lambda builds for this machine.
    return [block.replace(" --arm64", "") for block in found]


@pytest.fixture
def shell(emulators, built, fanout, install, tmp_path):
    """Runs commands one after another in one shell, with what each of them printed."""
    install("build")
    install("cli")
    endpoint = emulators("readme")[0]
    for name, text in SHIMS.items():
        shim = tmp_path / name
        shim.write_text("#!/usr/bin/env bash\n" + text.replace("{built}", str(built)).replace("{fanout}", str(fanout)))
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    environment = {
        "PATH": f"{tmp_path}:{TOOLS}/build/bin:{os.environ['PATH']}",
        # cargo-lambda keeps its linker under it, by whose path Cargo knows what is built.
        "HOME": str(pathlib.Path.home()),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "RUSTUP_HOME": home("RUSTUP_HOME", ".rustup"),
        "CARGO_HOME": home("CARGO_HOME", ".cargo"),
        "CARGO_TARGET_DIR": str(ROOT / "target"),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "SAM_CLI_TELEMETRY": "0",
    }

    def run(commands):
        script = "set -euo pipefail\n" + "\n".join(f"{text}\necho '-- end of block'" for text in commands)
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout.split("-- end of block\n")

    settings = dict(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    s3 = boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}), **settings)
    return run, s3


def home(name, folder):
    return os.environ.get(name, str(pathlib.Path.home() / folder))


def test_every_step_is_there_in_its_order():
    places = {step: [at for at, block in enumerate(blocks()) if text in block] for step, text in STEPS.items()}
    assert [len(found) for found in places.values()] == [1] * len(STEPS), places
    assert sorted(places.values()) == list(places.values())


def test_the_commands(shell):
    run, s3 = shell
    commands = blocks()
    outputs = run(commands)
    printed = {
        step: next(said for block, said in zip(commands, outputs) if text in block) for step, text in STEPS.items()
    }
    assert re.search(r"ResultsBucket\s", printed["deploy"])
    assert re.search(r"^people-\w+ +(running|succeeded) ", printed["upload"], re.MULTILINE), printed["upload"]
    found = printed["result"]
    assert "coverage verified: " in found
    report = json.JSONDecoder().raw_decode(found[found.index("{\n") :])[0]
    assert (report["run_id"], report["records"], report["dataset"]) == ("my-run", 1000, "people")
    assert re.search(r" runs/my-run/data/part-00000.parquet$", found, re.MULTILINE)
    assert s3.list_buckets()["Buckets"] == [] or all("fanout" not in b["Name"] for b in s3.list_buckets()["Buckets"])
