"""The store and the command line against an S3 server that nobody here wrote: SeaweedFS.

Ranges, If-Match (412), ranges beyond the end (416), uploads in parts and their abort, and whole runs.
"""

import json
import subprocess

import pytest

from s3.seaweed import BUCKET, WEED, client, environment, put_until_it_answers, serving

KEY = "in/people b+c.csv"
PLACE = f"s3://{BUCKET}/{KEY}"
# Without estimates, which differ between runs within their error.
OUTPUTS = ("--outputs", "exact_profile,rejects")


@pytest.fixture(scope="module")
def people(root):
    return root / "tests/data/people.csv"


@pytest.fixture(scope="module")
def server(people, tmp_path_factory):
    """The server's address, with the file in its bucket."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    with serving(folder) as (url, process):
        put_until_it_answers(client(url), process, folder / "log", KEY, people.read_bytes())
        yield url


@pytest.fixture
def command(fanout, server, tmp_path):
    """Runs the command line against the server: (exit code, output, errors)."""

    def start(*arguments):
        done = subprocess.run(
            [fanout, *arguments], cwd=tmp_path, env=environment(server), capture_output=True, text=True, timeout=300
        )
        return done.returncode, done.stdout, done.stderr

    return start


@pytest.mark.parametrize("chunk_size", ["1000", "20000", "99999999"])
def test_a_run_over_the_object_is_that_over_the_file(command, people, chunk_size):
    status, text, error = command("run", str(people), "--json", *OUTPUTS)
    assert status == 0, error
    expected = json.loads(text)
    status, text, error = command("run", PLACE, "--json", "--chunk-size", chunk_size, *OUTPUTS)
    assert status == 0, error
    report = json.loads(text)
    for field in ("status", "records", "rejects", "columns", "coverage"):
        assert report[field] == expected[field], field


def test_a_plan(command, people):
    status, text, error = command("plan", PLACE, "--json")
    assert status == 0, error
    assert json.loads(text)["object"]["size"] == people.stat().st_size


def test_an_object_that_is_missing(command):
    status, _, error = command("run", f"s3://{BUCKET}/gone.csv")
    assert status == 1 and error.startswith("error: NoSuchObject: "), error


def test_the_store_keeps_its_promises(root, server, note):
    """The promises of every store, held by the same test as those in Rust. It leaves its one object, and no upload."""
    # Selected as in tests/all.sh, so that what was compiled there is used again.
    functions = ",".join(f"fanout-{name}/lambda" for name in ("planner", "processor", "reducer"))
    selected = ["--workspace", "--exclude", "fanout-sql", "--no-default-features", "--features", functions]
    command = ["cargo", "test", "--locked", *selected, "--test", "stores"]
    command += ["--", "--ignored", "--exact", "another_s3_keeps_its_promises"]
    variables = environment(server) | {"FANOUT_TEST_BUCKET": BUCKET}
    done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True)
    assert done.returncode == 0 and "1 passed" in done.stdout, f"{done.stdout}\n{done.stderr}"
    s3 = client(server)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="a/")["Contents"]]
    assert keys == ["a/b c+%.csv"]
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
    note(subprocess.run([WEED, "version"], capture_output=True, text=True).stdout.strip())
