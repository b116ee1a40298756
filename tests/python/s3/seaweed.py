"""SeaweedFS as an S3 server: an S3 server of other people, on the loopback interface alone. Needs no account."""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from free_ports import free_ports

WEED = pathlib.Path(sys.prefix) / "bin/weed"
BUCKET = "bucket"
SECONDS = 60


@contextlib.contextmanager
def serving(folder: pathlib.Path):
    """The address of a server that stores into the folder, and the process, which has perhaps not begun to answer."""
    master, volume, filer, s3 = free_ports(4)
    command = [WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}"]
    command += [f"-volume.port={volume}", "-filer", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=10"]
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment(None))
    try:
        yield f"http://127.0.0.1:{s3}", server
    finally:
        # Nothing of it is kept; ended in order, it waits for half a minute.
        server.kill()
        server.wait(30)


def environment(url: str | None) -> dict[str, str]:
    """Without what AWS's variables of this shell may say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
    return kept | keys | ({"AWS_ENDPOINT_URL": url} if url else {})


def client(url: str):
    settings = dict(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="secret")
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    return boto3.client("s3", endpoint_url=url, config=config, **settings)


def put_until_it_answers(s3, server: subprocess.Popen, log: pathlib.Path, key: str, body: bytes) -> None:
    """Puts an object. The server listens before it can store anything."""
    end = time.monotonic() + SECONDS
    while True:
        said = log.read_text(errors="replace")[-3000:]
        assert server.poll() is None, f"the server ended: {said}"
        try:
            if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
                s3.create_bucket(Bucket=BUCKET)
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)
            return
        except (BotoCoreError, ClientError) as error:
            assert time.monotonic() < end, f"no answer in {SECONDS} s: {error}: {said}"
            time.sleep(0.2)
