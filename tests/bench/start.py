#!/usr/bin/env python3
"""Milliseconds from the start of a function's process to its first request for an event, and the sizes of zips.

    tests/bench/start.py target/release     built by Cargo
    tests/bench/start.py target/sam         built by tests/build.sh, as they are deployed
    tests/bench/start.py target/aarch64-unknown-linux-gnu/release --under qemu-aarch64-static --times 1

Plays the runtime API of Lambda on a port of this machine, and starts each function of a folder so often, or those of
them that are there. Prints the median, the least and the greatest time. A file that was read before is in the memory of
this machine: the first start after a deployment reads it from a disk, and takes longer. Compares nothing: there is no
limit at which this fails. Fails where a function makes no request, and where the folder has none.

`--under` starts the functions by another program, for another instruction set. Its times say nothing.
"""

import argparse
import io
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import time
import zipfile

FUNCTIONS = ["planner", "processor", "reducer"]
FIRST = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"
PATIENCE = 60
ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME": "group",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    # As the template sets them, for one function or another.
    "STACK": "stack",
    "REQUESTER_PAYS": "no",
    "UPLOAD_BUCKET": "uploads",
    "UPLOAD_PREFIX": "incoming/",
    "SOURCE_BUCKETS": "",
    "RESULTS_BUCKET": "results",
    "RESULTS_PREFIX": "",
    "PARALLELISM": "1000",
    "PROCESSOR_MEMORY": "1769",
    "ARCHITECTURE": "arm64",
    "RESERVED_CONCURRENCY": "0",
    "PRICES": "",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:stack",
    "NOTIFY_TOPIC": "",
}


def first_poll(command):
    """Starts a function, waits for its first request, and ends it: milliseconds."""
    with socket.create_server(("127.0.0.1", 0)) as api:
        api.settimeout(1)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_"))}
        place = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.getsockname()[1]}"}
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, env=kept | ENVIRONMENT | place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            line = first_line(api, process, begin + PATIENCE)
            took = time.perf_counter() - begin
        finally:
            process.kill()
            said = process.communicate()[0].decode(errors="replace")
    if line != FIRST:
        sys.exit(f"{' '.join(command)}: the first request is {line!r}, not {FIRST!r}; it said: {said[-2000:]}")
    return took * 1e3


def first_line(api, process, end):
    """The first line that a process sends; None where it ends or waits too long before."""
    while process.poll() is None and time.perf_counter() < end:
        try:
            asked, _ = api.accept()
        except TimeoutError:
            continue
        with asked:
            asked.settimeout(PATIENCE)
            return asked.makefile("rb").readline()
    return None


def zip_size(binary):
    """MiB of a function as it is deployed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, "bootstrap")
    return len(made.getvalue()) / (1 << 20)


def built(folder):
    """The functions of a folder by name, as Cargo, cargo-lambda or SAM leave them."""
    for name in FUNCTIONS:
        places = [folder / name, folder / name / "bootstrap", folder / name.capitalize() / "bootstrap"]
        yield from ((name, place) for place in places if place.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="folder of the built functions")
    parser.add_argument("--times", type=int, default=20, help="starts of each function (default: 20)")
    parser.add_argument("--under", help="a program that runs binaries of another instruction set")
    args = parser.parse_args()
    found = list(built(args.folder))
    if not found or args.times < 1:
        sys.exit(f"{args.folder}: none of {', '.join(FUNCTIONS)} is there, or no start is asked for")
    print(f"{os.cpu_count()} cores of {platform.machine()}, {args.times} starts each")
    print(f"{'function':<10} {'median':>9} {'least':>9} {'greatest':>9} {'zip':>10}")
    for name, binary in found:
        command = [args.under, str(binary)] if args.under else [str(binary)]
        times = [first_poll(command) for _ in range(args.times)]
        figures = [statistics.median(times), min(times), max(times)]
        print(f"{name:<10}", *(f"{figure:6.1f} ms" for figure in figures), f"{zip_size(binary):6.2f} MiB", flush=True)


if __name__ == "__main__":
    main()
