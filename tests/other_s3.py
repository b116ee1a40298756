"""The store and the command line against an S3 server that nobody here wrote: SeaweedFS.

    python tests/other_s3.py target/release/fanout

Ranges, If-Match (412), ranges beyond the end (416), uploads in parts and their abort, and whole runs. tests/tools.sh
installs the server. Needs no account; listens on the loopback interface alone.
"""

import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROOT = pathlib.Path(__file__).parents[1]
WEED = ROOT / "target/tools/venv/bin/weed"
PEOPLE = ROOT / "tests/data/people.csv"
BUCKET = "bucket"
SECONDS = 60
# Without estimates, which differ between runs within their error.
OUTPUTS = ("--outputs", "exact_profile,rejects")


def free_ports(count):
    """Ports that are free, and the ones 10,000 above, which the server takes as well."""
    ports = []
    while len(ports) < count:
        port = random.randrange(20000, 50000)
        try:
            for each in (port, port + 10000):
                with socket.socket() as listener:
                    listener.bind(("127.0.0.1", each))
            ports.append(port)
        except OSError:
            continue
    return ports


def start(folder):
    """The server and its address, when it answers."""
    master, volume, filer, s3 = free_ports(4)
    command = [WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}"]
    command += [f"-volume.port={volume}", "-filer", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=10"]
    log = open(folder / "log", "wb")
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment(None))
    return server, f"http://127.0.0.1:{s3}"


def environment(url):
    """Without what AWS's variables of this shell may say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
    return kept | keys | ({"AWS_ENDPOINT_URL": url} if url else {})


def put_until_it_answers(s3, server):
    """Puts the file. The server listens before it can store anything."""
    end = time.monotonic() + SECONDS
    while True:
        assert server.poll() is None, "the server ended"
        try:
            if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
                s3.create_bucket(Bucket=BUCKET)
            s3.put_object(Bucket=BUCKET, Key="in/people b+c.csv", Body=PEOPLE.read_bytes())
            return
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > end:
                raise AssertionError(f"no answer in {SECONDS} s") from error
            time.sleep(0.2)


def run(fanout, url, folder, *arguments):
    done = subprocess.run(
        [fanout, *arguments], cwd=folder, env=environment(url), capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout, done.stderr


def check_runs(fanout, url, folder):
    """Runs over the server's object are those over the file."""
    _, text, _ = run(fanout, url, folder, "run", str(PEOPLE), "--json", *OUTPUTS)
    expected = json.loads(text)
    place = f"s3://{BUCKET}/in/people b+c.csv"
    for chunk_size in ("1000", "20000", "99999999"):
        status, text, error = run(fanout, url, folder, "run", place, "--json", "--chunk-size", chunk_size, *OUTPUTS)
        assert status == 0, error
        report = json.loads(text)
        for field in ("status", "records", "rejects", "columns", "coverage"):
            assert report[field] == expected[field], (chunk_size, field)
    status, text, error = run(fanout, url, folder, "plan", place, "--json")
    assert status == 0 and json.loads(text)["object"]["size"] == PEOPLE.stat().st_size, error
    status, _, error = run(fanout, url, folder, "run", f"s3://{BUCKET}/gone.csv")
    assert status == 1 and error.startswith("error: NoSuchObject: "), error


def check_store(url):
    """The promises of every store, held by the same test as those here."""
    command = ["cargo", "test", "--workspace", "--locked", "--test", "stores", "--", "--ignored", "--exact"]
    command.append("another_s3_keeps_its_promises")
    variables = environment(url) | {"FANOUT_TEST_BUCKET": BUCKET}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0 and "1 passed" in done.stdout, f"{done.stdout}\n{done.stderr}"


def check_left(s3):
    """What the test of the store leaves: its one object, and no upload."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="a/")["Contents"]]
    assert keys == ["a/b c+%.csv"], keys
    uploads = s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert uploads == [], uploads


def main():
    fanout = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp())
    server, url = start(folder)
    try:
        settings = dict(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="secret")
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
        s3 = boto3.client("s3", endpoint_url=url, config=config, **settings)
        put_until_it_answers(s3, server)
        check_runs(fanout, url, folder)
        check_store(url)
        check_left(s3)
        version = subprocess.run([WEED, "version"], capture_output=True, text=True).stdout.strip()
        print(f"exact over {version}: ranges, conditions, uploads in parts, runs in chunks")
    except BaseException:
        print((folder / "log").read_text(errors="replace")[-3000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
