#!/usr/bin/env python3
"""Instructions per byte of scan, decode, profile and parquet, held against those in instructions.json.

    tests/bench/instructions.py            prints the differences; exit code 1 beyond 5 % more
    tests/bench/instructions.py --renew    writes the new numbers, after a change that is meant

Valgrind counts them over a file of 1 MB. They are the same on a busy machine, so a regression shows
where a clock would not show it. They depend on the instruction set and on the version of Rust: the
numbers are kept for each instruction set, and are renewed with the compiler. Without Valgrind, or on
an instruction set without numbers, nothing is compared. An output may cost no more than 8 % over itself where types
are inferred instead of declared: the decoder looks for more then.
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
# Work of nothing but the file that all others need, and of nothing but the inference that some need.
FILE, INFERENCE = "file", "inference"
BYTES = 1_000_000
# Tables with random hashes, and sketches that flip coins, change a count by far less.
LIMIT = 0.05
# The decoder of an inferred column looks for more than that of a declared one: 2 to 6 % of what an output costs.
INFERRED = 0.08


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
    before = {False: instructions(program, FILE), True: instructions(program, INFERENCE)}
    names = [name for name in names if name not in (FILE, INFERENCE)]
    return {
        name: round((instructions(program, name) - before[name.endswith(", inferred")]) / BYTES, 2) for name in names
    }


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


def dear(found):
    """A sentence for each output that costs more where types are inferred than where they are declared."""
    pairs = [(name, f"{name.removesuffix(', inferred')}, typed") for name in found
             if name.endswith(", inferred") and not name.startswith("decode")]
    assert pairs, "no work with inferred types was counted"
    changes = [(name, typed, found[name] / found[typed] - 1) for name, typed in pairs]
    return [f"{name} is {change:+.1%} of {typed}" for name, typed, change in changes if change > INFERRED]


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
    if costs := dear(found):
        sys.exit("; ".join(costs))
    if arguments.renew:
        NUMBERS.write_text(json.dumps({**kept, machine: found}, indent=2) + "\n")
    elif worse:
        sys.exit(f"more than {LIMIT:.0%} worse: {', '.join(worse)}; if that is meant, run it with --renew")


if __name__ == "__main__":
    main()
