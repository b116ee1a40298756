#!/usr/bin/env python3
"""Instructions per byte of scan, decode, profile and parquet, held against those in instructions.json.

    tests/bench/instructions.py            prints the differences; exit code 1 beyond 5 % more
    tests/bench/instructions.py --renew    writes the new numbers, after a change that is meant

Valgrind counts them over a file of 1 MB. They are the same on a busy machine, so a regression shows
where a clock would not show it. They depend on the instruction set and on the version of Rust: the
numbers are kept for each instruction set, and are renewed with the compiler. Without Valgrind, or on
an instruction set without numbers, nothing is compared.
"""

import argparse
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NUMBERS = pathlib.Path(__file__).with_suffix(".json")
BUILD = ["cargo", "bench", "--locked", "-p", "fanout-outputs", "--bench", "instructions", "--no-run",
         "--message-format", "json"]
# Work of nothing but the file that all others need.
FILE = "file"
BYTES = 1_000_000
# Tables with random hashes, and sketches that flip coins, change a count by far less.
LIMIT = 0.05


def build():
    """The path of the program that does the work."""
    done = subprocess.run(BUILD, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable"))


def instructions(program, name):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected *: *(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"{name}: {done.stderr}")
    return int(found[1])


def measured(program):
    """Instructions per byte, by the name of the work."""
    names = subprocess.run([program], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    before = instructions(program, FILE)
    return {name: round((instructions(program, name) - before) / BYTES, 2) for name in names if name != FILE}


def differences(found, kept):
    """A line for each piece of work, and those that are over the limit."""
    lines, worse = [f"{'instructions per byte':<26}{'kept':>9}{'now':>9}"], []
    for name in {**kept, **found}:
        before, now = kept.get(name), found.get(name)
        line = f"  {name:<24}" + "".join(f"{'-' if value is None else f'{value:.2f}':>9}" for value in (before, now))
        if before and now:
            change = now / before - 1
            line += f"{change:>+9.1%}"
            if change > LIMIT:
                worse.append(name)
                line += "  worse"
        lines.append(line)
    return lines, worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="write the numbers of this machine's instruction set")
    arguments = parser.parse_args()
    machine = platform.machine()
    kept = json.loads(NUMBERS.read_text()) if NUMBERS.exists() else {}
    if not shutil.which("valgrind"):
        sys.exit("needs Valgrind" if arguments.renew else print("skipped: Valgrind is not on the path"))
    if machine not in kept and not arguments.renew:
        sys.exit(print(f"skipped: {NUMBERS.name} has no numbers for {machine}"))
    found = measured(build())
    lines, worse = differences(found, kept.get(machine, {}))
    print("\n".join(lines))
    if arguments.renew:
        NUMBERS.write_text(json.dumps({**kept, machine: found}, indent=2) + "\n")
    elif worse:
        sys.exit(f"more than {LIMIT:.0%} worse: {', '.join(worse)}; if that is meant, run it with --renew")


if __name__ == "__main__":
    main()
