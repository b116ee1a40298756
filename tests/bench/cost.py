#!/usr/bin/env python3
"""The constants of the cost model, measured, and the model held against runs.

    tests/bench/cost.py target/release/fanout           prints both; fails where they are too far apart
    tests/bench/cost.py target/release/fanout --write   writes the constants into functions/core/speed.json,
                                                        and the curve of `fanout plan` into docs/performance.md

Three kinds of files are generated, those of compare.py. Each output runs over each of them, with declared types,
with inferred ones and with texts, alone and together, on one thread; CPU seconds of the process count. The least
of some rounds is taken, as others on the machine can only add to it. From them come, for each output, the
nanoseconds for a byte, for a typed value and for a text. An hour in which this machine is faster does not make AWS's
processors faster: what is written keeps the pace of the constants that the binary was built with, by reading alone.
--as-measured does not, for a change of reading itself.

Then `fanout plan` predicts each of these runs. A machine is slower or faster than the one of the constants: its
factor is the median of measured by predicted. Where a run differs from its prediction, times the factor, by more
than a quarter, the exit code is 1; a difference of less than half a nanosecond a byte is none, as the network takes
25 times as long for a byte. After --write, build again before the next check.

Needs what compare.py needs.
"""

import argparse
import bz2
import datetime
import gzip
import json
import lzma
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import zipfile

import compare
import peers

ROOT = compare.ROOT
WORK = compare.WORK
SPEED = ROOT / "functions" / "core" / "speed.json"
BEGIN = "<!-- tests/bench/cost.py -->"
OUTPUTS = ["profile", "exact_profile", "parquet", "jsonl"]
RUNS = {"read": ["rejects"], **{name: [name] for name in OUTPUTS}, "default": ["profile", "parquet", "rejects"]}
TYPINGS = ["declared", "inferred", "text"]
WIDE = ["int64", "float64", "string", "boolean"]
COLUMNS = {
    "seven": peers.COLUMNS,
    "wide": {f"column_{index}": WIDE[index % 4] for index in range(200)},
    "texts": {"id": "int64", "title": "string", "body": "string", "day": "date", "score": "float64"},
}
COMPRESSED_MB = 40
QUARTER = 0.25
# Nanoseconds a byte.
SLIGHT = 0.5


class Runs:
    """Runs of fanout, and what its plan predicts of them."""

    def __init__(self, binary, python, megabytes):
        self.bench = compare.Bench(binary, python, megabytes)
        self.binary = binary
        plain = self.bench.files["plain"] = WORK / "plain.csv"
        self.bench.sample(plain, COMPRESSED_MB)
        data = plain.read_bytes()
        self.compressed = {}
        for name, suffix, pack in [("gzip", "csv.gz", lambda data: gzip.compress(data, 6)),
                                   ("xz", "csv.xz", lzma.compress),
                                   ("bzip2", "csv.bz2", bz2.compress)]:
            self.compressed[name] = WORK / f"plain.{suffix}"
            self.compressed[name].write_bytes(pack(data))
        self.compressed["zip"] = WORK / "plain.csv.zip"
        with zipfile.ZipFile(self.compressed["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("plain.csv", data)
        self.compressed["zstd"] = WORK / "plain.csv.zst"
        code = ("import pyarrow as pa, sys; data = open(sys.argv[1], 'rb').read(); "
                "pa.CompressedOutputStream(sys.argv[2], 'zstd').write(data)")
        self.bench.run([python, "-c", code, plain, self.compressed["zstd"]])

    def arguments(self, kind, typing, outputs):
        dataset = WORK / f"{kind}-{typing}.json"
        rule = {"declared": {"columns": COLUMNS.get(kind, {})}, "inferred": {}, "text": {"types": "text"}}[typing]
        dataset.write_text(json.dumps(rule))
        return ["--dataset", dataset, "--outputs", ",".join(outputs)]

    def plan(self, path, arguments):
        """The work of a byte that the plan predicts, and the CPU seconds of planning."""
        _, seconds, text = self.done([self.binary, "plan", path, "--json", *arguments])
        return json.loads(text)["estimate"]["work"], seconds

    def run(self, path, arguments, text_bytes):
        """Nanoseconds of a core for a byte of text, bytes of parts for one, and the report's time for one."""
        out = WORK / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [self.binary, "run", path, "--concurrency", 1, "--chunk-size", 1 << 40, "--quiet", "--out", out]
        _, seconds, _ = self.done(command + arguments)
        report = json.loads(next(out.glob("*/report.json")).read_text())
        parts = sum(path.stat().st_size for path in out.glob("*/data/*"))
        compute = sum(chunk["compute_ms"] for chunk in report.get("timeline", []))
        return seconds * 1e9 / text_bytes, parts / text_bytes, compute * 1e6 / text_bytes, report["records"]

    def done(self, command):
        done = self.bench.run(command)
        if done is None:
            sys.exit(f"{' '.join(map(str, command))}: {self.bench.failure[0]}")
        return done


def measure(runs, rounds):
    """For each kind, typing and run: the least nanoseconds a byte, without planning, and other facts."""
    found = {}
    for number in range(rounds):
        for kind, columns in COLUMNS.items():
            path = runs.bench.files[kind]
            size = path.stat().st_size
            print(f"round {number + 1} of {rounds}: {compare.KINDS[kind]}", file=sys.stderr, flush=True)
            for typing in TYPINGS:
                for name, outputs in RUNS.items():
                    arguments = runs.arguments(kind, typing, outputs)
                    work, planning = runs.plan(path, arguments)
                    nanoseconds, written, compute, records = runs.run(path, arguments, size)
                    one = found.setdefault((kind, typing, name), {"predicted": work["cpu_ns"], "run": [], "plan": [], "compute": []})
                    one["run"].append(nanoseconds)
                    one["plan"].append(planning * 1e9 / size)
                    one["compute"].append(compute)
                    one["written"] = written
                    texts = sum(of == "string" or typing == "text" for of in columns.values())
                    one["values"] = (1.0, (len(columns) - texts) * records / size, texts * records / size)
    for one in found.values():
        # The least of differences would be that with the slowest planning.
        one["ns"], one["compute"] = min(one["run"]) - min(one["plan"]), min(one["compute"])
    return found


def measure_compression(runs, rounds):
    """Nanoseconds for a byte of text that decompression takes, by its name."""
    path = runs.bench.files["plain"]
    size = path.stat().st_size
    arguments = runs.arguments("seven", "text", ["rejects"])
    least = lambda path: min(runs.run(path, arguments, size)[0] for _ in range(rounds))
    plain = least(path)
    return {name: max(least(path) - plain, 0.1) for name, path in runs.compressed.items()}


def fitted(cases):
    """Rates of which none is negative, for the least squares of the differences by the measured values."""
    rates = [0.0, 0.0, 0.0]
    for _ in range(20_000):
        for index in range(3):
            above = below = 0.0
            for values, measured, total in cases:
                rest = measured - sum(rates[other] * values[other] for other in range(3) if other != index)
                above += rest * values[index] / total**2
                below += values[index] ** 2 / total**2
            rates[index] = max(0.0, above / below)
    return dict(zip(["byte", "typed", "text"], (round(rate, 2) for rate in rates)))


def constants(found, compression, pace):
    """The file of constants, where a nanosecond of this machine is `pace` of theirs."""
    found = {case: one | {"ns": one["ns"] * pace} for case, one in found.items()}
    compression = {name: round(nanoseconds * pace, 2) for name, nanoseconds in compression.items()}

    def cases(name):
        for (kind, typing, run), one in found.items():
            if run == name:
                read = 0.0 if name == "read" else found[kind, typing, "read"]["ns"]
                yield one["values"], max(one["ns"] - read, 0.0), one["ns"]
    outputs = {}
    for name in OUTPUTS:
        outputs[name] = fitted(list(cases(name)))
        written = statistics.mean(one["written"] for (_, typing, run), one in found.items() if run == name)
        if written > 0:
            outputs[name]["written"] = round(written, 2)
    outputs["rejects"] = {"byte": 0, "typed": 0, "text": 0}
    measured = f"{datetime.date.today()}, {platform.machine()}"
    return {"measured": measured, "read": fitted(list(cases("read"))), "outputs": outputs, "compression": compression}


def check(found):
    """Lines of a table, and of what is too far from its prediction."""
    factor = statistics.median(one["ns"] / one["predicted"] for one in found.values())
    lines = ["| file | types | outputs | CPU ns/byte | predicted | measured / predicted | report's ns/byte |", "|---|---|---|---|---|---|---|"]
    wrong = []
    for (kind, typing, name), one in found.items():
        ratio = one["ns"] / one["predicted"]
        lines.append(f"| {compare.KINDS[kind]} | {typing} | {name} | {one['ns']:.1f} | {one['predicted']:.1f} | {ratio:.2f} | "
                     f"{one['compute']:.1f} |")
        if abs(ratio / factor - 1) > QUARTER and abs(one["ns"] - one["predicted"] * factor) > SLIGHT:
            wrong.append(f"{compare.KINDS[kind]}, {typing}, {name}: {ratio / factor:.2f} times the prediction")
    lines += ["", f"This machine takes {factor:.2f} times the time of the constants."]
    return lines, wrong


def pace(found):
    """Predicted by measured time of reading alone."""
    return statistics.median(one["predicted"] / one["ns"] for (_, _, name), one in found.items() if name == "read")


def curve(binary, path):
    """What `fanout plan` says of a file."""
    text = subprocess.run([binary, "plan", path], stdout=subprocess.PIPE, check=True, text=True).stdout
    return text.split("\n\n")[-1].rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    parser.add_argument("--megabytes", type=int, default=120, help="size of each file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the least counts")
    parser.add_argument("--write", action="store_true", help="write the constants and the curve")
    parser.add_argument("--as-measured", action="store_true", help="do not keep the pace of the constants so far")
    arguments = parser.parse_args()
    python, binary = compare.tools(), arguments.fanout.resolve()
    runs = Runs(binary, python, arguments.megabytes)
    try:
        found = measure(runs, arguments.rounds)
        kept = 1.0 if arguments.as_measured else pace(found)
        made = constants(found, measure_compression(runs, arguments.rounds), kept)
        lines, wrong = check(found)
        page = curve(binary, runs.bench.files["seven"])
    finally:
        for path in [*runs.bench.files.values(), *runs.compressed.values(), *WORK.glob("*-*.json")]:
            path.unlink(missing_ok=True)
        shutil.rmtree(WORK / "out", ignore_errors=True)
    text = json.dumps(made, indent=2)
    print("\n".join(lines), text, page, sep="\n\n")
    if arguments.write:
        SPEED.write_text(text + "\n")
        before, _, rest = compare.PAGE.read_text().partition(BEGIN)
        after = rest.partition(compare.END)[2]
        compare.PAGE.write_text(f"{before}{BEGIN}\n\n```text\n{page}\n```\n\n{compare.END}{after}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
