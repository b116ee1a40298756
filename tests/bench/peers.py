#!/usr/bin/env python3
"""MB/s of a profile of people.csv: fanout, Polars, DuckDB and Python's csv module, in one run on one machine.

    tests/bench/peers.py target/release/fanout

All do the same: of seven columns of declared types the count, the nulls, the least and the greatest
value, and of the numeric ones the sum, the mean and the standard deviation. All figures must agree,
or the benchmark ends with exit code 1.

What is timed isn't quite the same, and where it isn't it favours the peers: of them the query alone,
in a process that has done a smaller one; of fanout the process from its start to its end, report and
proof of coverage written. Everybody has one thread to work with and may have others that read, so
each is measured once more with all of its threads on one core. The csv module gets the first 20 MB,
and built-in functions over lists rather than a loop over values.

Needs Python 3.10. Polars and DuckDB are installed into target/peers on first use; nothing else is.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time
from itertools import islice

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target" / "peers"
PACKAGES = ["polars==2.1.0", "duckdb==2.0.0"]
CSV_MODULE_MB = 20
ROW_BYTES = 58
BUDGETS = {"polars": 1.2, "duckdb": 2.0, "csv": 15.0}
TITLES = {
    "fanout": "fanout, whole process",
    "polars": "Polars, streaming engine",
    "duckdb": "DuckDB",
    "csv": f"csv.DictReader, {CSV_MODULE_MB} MB",
}
COLUMNS = {
    "id": "int64",
    "name": "string",
    "age": "int64",
    "latitude": "float64",
    "longitude": "float64",
    "monthly_income": "float64",
    "experienced": "boolean",
}
NUMERIC = [name for name, kind in COLUMNS.items() if kind in ("int64", "float64")]


def figures(name):
    """The figures of a column that everybody computes."""
    return ["count", "nulls", "min", "max"] + (["sum", "mean", "stddev"] if name in NUMERIC else [])


# --- peers: each returns a function that profiles the file once ---------------------------------


def polars_profile(path):
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    types = {"int64": pl.Int64, "float64": pl.Float64, "boolean": pl.Boolean, "string": pl.String}
    functions = {"count": "count", "nulls": "null_count", "min": "min", "max": "max", "sum": "sum", "mean": "mean",
                 "stddev": "std"}
    expressions = [getattr(pl.col(name), functions[figure])().alias(f"{name}.{figure}")
                   for name in COLUMNS for figure in figures(name)]

    def profile():
        schema = {name: types[kind] for name, kind in COLUMNS.items()}
        query = pl.scan_csv(path, schema=schema).select(expressions)
        return query.collect(engine="streaming").row(0, named=True)

    if pl.thread_pool_size() != 1:
        sys.exit(f"Polars has {pl.thread_pool_size()} threads")
    return profile


def duckdb_profile(path):
    import duckdb

    types = {"int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR"}
    functions = {"count": "count({})", "nulls": "count(*) - count({})", "min": "min({})", "max": "max({})",
                 "sum": "sum({})", "mean": "avg({})", "stddev": "stddev_samp({})"}
    select = ", ".join(f'{functions[figure].format(name)} AS "{name}.{figure}"'
                       for name in COLUMNS for figure in figures(name))
    columns = ", ".join(f"'{name}': '{types[kind]}'" for name, kind in COLUMNS.items())
    connection = duckdb.connect(config={"threads": 1})

    def profile():
        cursor = connection.execute(f"SELECT {select} FROM read_csv(?, header = true, auto_detect = false, "
                                    f"delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})", [path])
        return dict(zip((column[0] for column in cursor.description), cursor.fetchone()))

    return profile


def csv_profile(path):
    read = {"int64": int, "float64": float, "boolean": {"true": True, "false": False}.__getitem__, "string": str}

    def profile():
        empty = {"count": 0, "nulls": 0, "least": [], "greatest": [], "sum": 0, "squares": 0}
        found = {name: dict(empty) for name in COLUMNS}
        with open(path, encoding="utf-8", newline="") as text:
            rows = csv.DictReader(text)
            # Lists of some thousand values, and the built-in functions over them: faster than value by value.
            while batch := list(islice(rows, 4096)):
                for name, kind in COLUMNS.items():
                    values = [read[kind](row[name]) for row in batch if row[name]]
                    if values:
                        add(found[name], values, name in NUMERIC)
                    found[name]["nulls"] += len(batch) - len(values)
        return {f"{name}.{figure}": value for name in COLUMNS for figure, value in finished(name, found[name]).items()}

    def add(column, values, numeric):
        column["count"] += len(values)
        column["least"] = [min(column["least"] + [min(values)])]
        column["greatest"] = [max(column["greatest"] + [max(values)])]
        if numeric:
            column["sum"] += sum(values)
            column["squares"] += sum([value * value for value in values])

    def finished(name, column):
        count, total = column["count"], column["sum"]
        variance = (column["squares"] - total * total / count) / (count - 1)
        values = {"count": count, "nulls": column["nulls"], "min": column["least"][0], "max": column["greatest"][0],
                  "sum": total, "mean": total / count, "stddev": math.sqrt(variance)}
        return {figure: values[figure] for figure in figures(name)}

    return profile


PEERS = {"polars": polars_profile, "duckdb": duckdb_profile, "csv": csv_profile}


def peer(name, warm, path):
    """What a peer's process prints: seconds, processor seconds, peak memory, and the figures."""
    profile = PEERS[name]
    profile(warm)()
    query = profile(path)
    clock, cpu = time.perf_counter(), time.process_time()
    found = query()
    seconds, cpu = time.perf_counter() - clock, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory, "figures": found}))


# --- measuring ----------------------------------------------------------------------------------


def one_core():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def measured_peer(python, name, files, pinned):
    warm, path = (files["tiny"], files["small"]) if name == "csv" else (files["small"], files["big"])
    command = [python, __file__, "--peer", name, warm, path]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, preexec_fn=one_core if pinned else None)
    return json.loads(done.stdout)


class Fanout:
    """A run in one chunk, with as many of its threads at work as one chunk keeps busy."""

    def __init__(self, binary, path, pinned=False):
        dataset = WORK / "people.json"
        dataset.write_text(json.dumps({"columns": COLUMNS}))
        self.out = WORK / "runs" / str(time.monotonic_ns())
        self.command = [binary, "run", path, "--dataset", dataset, "--outputs", "exact_profile", "--concurrency", "1",
                        "--chunk-size", str(os.path.getsize(path)), "--quiet", "--out", self.out]
        self.prepare = one_core if pinned else None

    def measured(self):
        """As of `peer`, without the memory."""
        clock = time.perf_counter()
        process = subprocess.Popen(self.command, preexec_fn=self.prepare)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - clock
        process.returncode = os.waitstatus_to_exitcode(status)
        return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "figures": self.figures(process)}

    def memory(self):
        """Peak memory in KiB, of a run of its own. What `wait4` says has that of this process in it."""
        peak = 0
        process = subprocess.Popen(self.command, preexec_fn=self.prepare)
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            name = next(line for line in status.splitlines() if line.startswith("Name:"))
            if "fanout" in name and (line := next((x for x in status.splitlines() if x.startswith("VmHWM:")), None)):
                peak = max(peak, int(line.split()[1]))
            time.sleep(0.005)
        self.figures(process)
        return peak

    def figures(self, process):
        """The report's figures; the run's folder is removed."""
        if process.returncode != 0:
            sys.exit(f"fanout ended with {process.returncode}")
        report = json.loads(next(self.out.glob("*/report.json")).read_text())
        shutil.rmtree(self.out)
        if report["chunks"] != 1 or report["rejects"] != 0:
            sys.exit(f"fanout: {report['chunks']} chunks and {report['rejects']} rejects, expected 1 and 0")
        columns = {column["name"]: column for column in report["columns"]}
        return {f"{name}.{figure}": columns[name][figure] for name in COLUMNS for figure in figures(name)}


def disagreement(found, expected):
    """The first figure that differs by more than 1e-9 of its size; `None` where all agree."""
    for figure, value in expected.items():
        other = found[figure]
        agree = math.isclose(other, value, rel_tol=1e-9) if isinstance(value, float) else other == value
        if not agree:
            return f"{figure} is {other!r}, fanout has {value!r}"
    return None


def print_table(sizes, results):
    """A line for each measurement; the ratio is of MB/s, with the peer measured in the same way."""
    print(f"{'':<34}{'seconds':>9}{'MB/s':>7}{'CPU':>7}{'peak MiB':>10}{'fanout is':>11}{'budget':>9}")
    for pinned in (False, True):
        print("all threads on one core" if pinned else "one thread to work with")
        ours = sizes["big"] / results["fanout", pinned]["seconds"]
        for name, title in TITLES.items():
            result = results[name, pinned]
            speed = sizes["small" if name == "csv" else "big"] / result["seconds"]
            line = f"  {title:<32}{result['seconds']:>9.2f}{speed / 1e6:>7.0f}{result['cpu'] / result['seconds']:>7.0%}"
            line += f"{result['memory'] / 1024:>10.0f}"
            if name in BUDGETS:
                missed = "" if ours / speed >= BUDGETS[name] else "  missed"
                line += f"{ours / speed:>10.2f}x{BUDGETS[name]:>8.1f}x{missed}"
            print(line)
    print("CPU is processor time per second: where a lone thread has far less than 100 %, others had the machine")


def tools():
    """The Python that has the peers."""
    python = WORK / "venv" / "bin" / "python"
    installed = WORK / "installed"
    wanted = "\n".join([sys.version, *PACKAGES])
    if not installed.exists() or installed.read_text() != wanted:
        print(f"installing {' '.join(PACKAGES)} into {WORK.relative_to(ROOT)}")
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", WORK / "venv"], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(pip + PACKAGES, check=True)
        installed.write_text(wanted)
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    parser.add_argument("--megabytes", type=int, default=500, help="size of people.csv")
    parser.add_argument("--passes", type=int, default=3, help="how often each is timed; the best counts")
    parser.add_argument("--keep", action="store_true", help="keep people.csv in target/peers")
    arguments = parser.parse_args()
    python, binary = tools(), arguments.fanout.resolve()
    files = {}
    for name, megabytes in {"big": arguments.megabytes, "small": CSV_MODULE_MB, "tiny": 1}.items():
        files[name] = str(WORK / f"people-{name}.csv")
        rows = megabytes * 1_000_000 // ROW_BYTES
        subprocess.run([binary, "sample", "--rows", str(rows), "--out", files[name]], check=True)
    try:
        measure(python, binary, files, arguments.passes)
    finally:
        shutil.rmtree(WORK / "runs", ignore_errors=True)
        if not arguments.keep:
            for path in files.values():
                os.unlink(path)


def measure(python, binary, files, count):
    """Everybody in turn, some times over, so that a slow minute of the machine is a slow minute for all."""
    passes = {(name, pinned): [] for pinned in (False, True) for name in TITLES}
    for _ in range(count):
        for (name, pinned), done in passes.items():
            if name == "fanout":
                done.append(Fanout(binary, files["big"], pinned).measured())
            else:
                done.append(measured_peer(python, name, files, pinned))
    results = {key: min(done, key=lambda one: one["seconds"]) for key, done in passes.items()}
    for pinned in (False, True):
        results["fanout", pinned]["memory"] = Fanout(binary, files["big"], pinned).memory()
    print(f"people.csv, {os.path.getsize(files['big']) / 1e6:.0f} MB, best of {count}")
    print_table({name: os.path.getsize(path) for name, path in files.items()}, results)
    big, small = results["fanout", False]["figures"], Fanout(binary, files["small"]).measured()["figures"]
    wrong = {TITLES[name]: disagreement(result["figures"], small if name == "csv" else big)
             for (name, _), result in results.items()}
    if any(wrong.values()):
        sys.exit("\n".join(f"{title}: {difference}" for title, difference in wrong.items() if difference))
    print(f"all agree on {len(big)} figures to 1e-9 of their size")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(*sys.argv[2:])
    else:
        main()
