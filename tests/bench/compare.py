#!/usr/bin/env python3
"""fanout, Polars, DuckDB, PyArrow and Python's csv module over the same files, in one run on one machine.

    tests/bench/compare.py target/release/fanout           prints tables, and what misses its budget
    tests/bench/compare.py target/release/fanout --write   puts them into docs/performance.md too

Three kinds of files are generated: the seven columns of people.csv, 200 short columns, and long quoted
texts with line breaks. The tasks:

    default         everything that fanout does unless told otherwise: types found, Parquet, a profile with
                    distinct values, quantiles and frequent values; DuckDB copies to Parquet and summarizes
    parquet         the file as Parquet, types found
    exact_profile   count, nulls, least, greatest, sum, mean and deviation of seven declared columns

Everybody has one thread to work with, and a process of its own, from its start to its end; the default run of
fanout is timed with two cores for its one chunk as well. They take turns, several rounds; medians count. A ratio is of CPU seconds, so that a busy machine changes little. Figures and
numbers of rows must agree, or the exit code is 1. A missed budget is told, and is no failure.

Needs Python 3.10 or newer. The peers are installed into target/peers on first use; nothing else is.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

import peers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target" / "peers"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- tests/bench/compare.py -->", "<!-- end -->"
PACKAGES = ["polars==2.1.0", "duckdb==2.0.1", "pyarrow==26.0.1"]
CSV_MODULE_MB = 20
KINDS = {"seven": "seven columns", "wide": "200 short columns", "texts": "long quoted texts"}
TASKS = {
    "default": ("the default run", ["seven", "wide", "texts"]),
    "parquet": ("Parquet alone", ["seven", "wide", "texts"]),
    "exact_profile": ("exact profile, declared types", ["seven"]),
}
TITLES = {"polars": "Polars", "duckdb": "DuckDB", "pyarrow": "PyArrow", "csv": "csv.DictReader"}
# CPU seconds of the peer, divided by those of fanout, at least.
BUDGETS = {("default", "duckdb"): 2.5, ("parquet", "polars"): 1.2, ("exact_profile", "polars"): 1.2,
           ("exact_profile", "csv"): 15.0}


def tools():
    """The Python that has the peers."""
    python, installed = WORK / "venv" / "bin" / "python", WORK / "installed"
    wanted = "\n".join([sys.version, *PACKAGES])
    if not installed.exists() or installed.read_text() != wanted:
        print(f"installing {' '.join(PACKAGES)} into {WORK.relative_to(ROOT)}", flush=True)
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", WORK / "venv"], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(pip + PACKAGES, check=True)
        installed.write_text(wanted)
    return python


class Bench:
    def __init__(self, binary, python, megabytes):
        self.binary, self.python = binary, python
        self.files = {}
        # Bytes of the Parquet files, by the kind of the file that they are made of and the program.
        self.written = {}
        for kind in KINDS:
            self.files[kind] = WORK / f"{kind}.csv"
            if kind == "seven":
                self.sample(self.files[kind], megabytes)
            else:
                self.run([python, peers.__file__, "generate", kind, self.files[kind], megabytes])
        self.files["small"] = WORK / "small.csv"
        self.sample(self.files["small"], CSV_MODULE_MB)

    def sample(self, path, megabytes):
        command = [self.binary, "sample", "--rows", megabytes * 1_000_000 // 58, "--out", path, "--force"]
        if self.run(command) is None:
            sys.exit(f"fanout sample: {self.failure[0]}")

    def run(self, command):
        """Seconds, CPU seconds, and the output of a process; `None` where it fails."""
        # What the process before has left to be written is not this one's work.
        os.sync()
        clock = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output = process.stdout.read()
        failure = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            self.failure = failure.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            return None
        return time.perf_counter() - clock, usage.ru_utime + usage.ru_stime, output

    def file(self, kind, peer):
        return self.files["small" if peer == "csv" else kind]

    def fanout(self, task, path, cores=1):
        """One chunk is the whole file, so that its outputs share the cores."""
        out = WORK / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [self.binary, "run", path, "--concurrency", cores, "--chunk-size", path.stat().st_size, "--quiet",
                   "--out", out]
        if task != "default":
            command += ["--outputs", task]
        if task == "exact_profile":
            dataset = WORK / "dataset.json"
            dataset.write_text(json.dumps({"columns": peers.COLUMNS}))
            command += ["--dataset", dataset]
        done = self.run(command)
        if done is None:
            sys.exit(f"fanout, {task}, {path.name}: {self.failure[0]}")
        if task == "parquet":
            self.written[path.stem, "fanout"] = sum(part.stat().st_size for part in out.glob("*/data/*"))
        report = json.loads(next(out.glob("*/report.json")).read_text())
        if report["rejects"]:
            sys.exit(f"fanout, {task}, {path.name}: {report['rejects']} rejects")
        columns = {column["name"]: column for column in report.get("columns", [])}
        figures = {f"{name}.{figure}": columns[name][figure] for name in peers.COLUMNS
                   for figure in peers.figures(name)} if task == "exact_profile" else report["records"]
        return *done[:2], figures

    def peer(self, task, peer, path):
        """As of `fanout`; of Parquet the figure is the number of rows."""
        out = WORK / "out.parquet"
        out.unlink(missing_ok=True)
        done = self.run([self.python, peers.__file__, task, peer, path, out])
        if done is None:
            return None
        if task == "exact_profile":
            return *done[:2], json.loads(done[2])
        if task == "parquet":
            self.written[path.stem, peer] = out.stat().st_size
        count = f"import pyarrow.parquet as p; print(p.ParquetFile({str(out)!r}).metadata.num_rows)"
        return *done[:2], int(self.run([self.python, "-c", count])[2])


def disagreement(found, expected):
    """The first figure that differs by more than 1e-9 of its size; `None` where all agree."""
    if not isinstance(expected, dict):
        return None if found == expected else f"{found} rows, fanout has {expected}"
    for figure, value in expected.items():
        other = found[figure]
        agree = math.isclose(other, value, rel_tol=1e-9) if isinstance(value, float) else other == value
        if not agree:
            return f"{figure} is {other!r}, fanout has {value!r}"
    return None


def measure(bench, rounds):
    """Everybody in turn, some times over. By task, kind and program: (seconds, CPU seconds, bytes) or `None`."""
    passes, wrong = {}, []
    for number in range(rounds):
        for task, (_, kinds) in TASKS.items():
            for kind in kinds:
                print(f"round {number + 1} of {rounds}: {task}, {KINDS[kind]}", file=sys.stderr, flush=True)
                ours = {path: bench.fanout(task, path) for path in {bench.file(kind, peer) for peer in peers.PEERS[task]}
                        | {bench.files[kind]}}
                passes.setdefault((task, kind, "fanout"), []).append(ours[bench.files[kind]])
                if task == "default":
                    two = bench.fanout(task, bench.files[kind], cores=2)
                    passes.setdefault((task, kind, "two cores"), []).append(two)
                for peer in peers.PEERS[task]:
                    path = bench.file(kind, peer)
                    done = bench.peer(task, peer, path)
                    if done is None:
                        print(f"{TITLES[peer]}, {task}, {KINDS[kind]}: {bench.failure[0]}", file=sys.stderr)
                    elif different := disagreement(done[2], ours[path][2]):
                        wrong.append(f"{TITLES[peer]}, {task}, {KINDS[kind]}: {different}")
                    passes.setdefault((task, kind, peer), []).append(done)
    results = {}
    for (task, kind, program), done in passes.items():
        size = bench.file(kind, program).stat().st_size
        median = [statistics.median(one[index] for one in done) for index in (0, 1)] if None not in done else None
        results[task, kind, program] = median and (*median, size)
    return results, wrong


def tables(results):
    """Lines of Markdown, and lines on what falls short."""
    lines, short = [], []
    for task, (title, kinds) in TASKS.items():
        lines += ["", f"| {title} | program | MB per CPU second | MB per second | CPU time of it / of fanout | budget |",
                  "|---|---|---|---|---|---|"]
        for kind in kinds:
            ours = results[task, kind, "fanout"]
            lines.append(f"| {KINDS[kind]} | fanout | {ours[2] / ours[1] / 1e6:.0f} | {ours[2] / ours[0] / 1e6:.0f} | | |")
            if two := results.get((task, kind, "two cores")):
                lines.append(f"| | fanout, two cores | {two[2] / two[1] / 1e6:.0f} | {two[2] / two[0] / 1e6:.0f} | "
                             f"{two[1] / ours[1]:.2f} | |")
            for peer in peers.PEERS[task]:
                result, budget = results[task, kind, peer], BUDGETS.get((task, peer))
                limit = f"{budget:.1f}" if budget else ""
                if result is None:
                    lines.append(f"| | {TITLES[peer]} | cannot read it | | | |")
                    continue
                ratio = (result[1] / result[2]) / (ours[1] / ours[2])
                if budget and ratio < budget:
                    short.append(f"{title}, {KINDS[kind]}: {ratio:.2f} times {TITLES[peer]}, the budget is {limit}")
                lines.append(f"| | {TITLES[peer]} | {result[2] / result[1] / 1e6:.0f} | {result[2] / result[0] / 1e6:.0f} | "
                             f"{ratio:.2f} | {limit} |")
    return lines, short


def sizes(written):
    """A sentence for each kind of file: the sizes of the Parquet files."""
    lines = []
    for kind, title in KINDS.items():
        ours = written[kind, "fanout"] / 1e6
        peer = [f"{TITLES[peer]} {written[kind, peer] / 1e6:.0f}" for peer in peers.PEERS["parquet"] if (kind, peer) in written]
        lines.append(f"- {title}: fanout {ours:.0f}, {', '.join(peer)}")
    return ["", "The Parquet files have so many MB:", "", *lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    parser.add_argument("--megabytes", type=int, default=240, help="size of each file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--keep", action="store_true", help="keep the files in target/peers")
    arguments = parser.parse_args()
    python, binary = tools(), arguments.fanout.resolve()
    bench = Bench(binary, python, arguments.megabytes)
    try:
        results, wrong = measure(bench, arguments.rounds)
    finally:
        for path in [WORK / "out.parquet", *([] if arguments.keep else bench.files.values())]:
            path.unlink(missing_ok=True)
        shutil.rmtree(WORK / "out", ignore_errors=True)
    version = subprocess.run([binary, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    lines, short = tables(results)
    text = [f"{version}, {', '.join(PACKAGES).replace('==', ' ')}; {platform.machine()}, files of {arguments.megabytes} MB,",
            f"medians of {arguments.rounds} rounds. `csv.DictReader` gets {CSV_MODULE_MB} MB.", *lines,
            *sizes(bench.written), ""]
    text += ["Short of the budget:", "", *(f"- {line}" for line in short)] if short else ["All budgets are met."]
    print("\n".join(text))
    if arguments.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(text) + f"\n\n{END}{after}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
