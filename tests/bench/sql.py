#!/usr/bin/env python3
"""Queries of fanout and DuckDB over the same CSV file, in one run on one machine.

    tests/bench/sql.py target/release/fanout           prints a table; the binary has the feature `sql`
    tests/bench/sql.py target/release/fanout --write   puts it into docs/sql.md too

Both have one thread, and a process for each query, from its start to its end; both find the types, and write CSV. They
take turns, several rounds; medians count. The rows must be the same, or the exit code is 1.

Needs Python 3.10 or newer. DuckDB is installed into target/peers on first use.
"""

import argparse
import csv
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from compare import ROOT, WORK, tools

PAGE = ROOT / "docs" / "sql.md"
BEGIN, END = "<!-- tests/bench/sql.py -->", "<!-- end -->"
QUERIES = {
    "filter": "SELECT id, name, monthly_income FROM records WHERE age > 60 AND monthly_income > 9000",
    "filter of text": "SELECT count(*) AS n FROM records WHERE name LIKE '%son%' AND experienced",
    "group by": "SELECT age, experienced, count(*) AS n, avg(monthly_income) AS mean, min(id) AS first FROM records "
    "GROUP BY age, experienced ORDER BY 1, 2",
    "group by text": "SELECT name, count(*) AS n, max(age) AS oldest FROM records GROUP BY name ORDER BY n DESC, 1 LIMIT 20",
    "total": "SELECT count(*) AS n, sum(age) AS ages, max(latitude) AS north FROM records",
}
DUCKDB = """
import sys, duckdb
connection = duckdb.connect(config={"threads": 1})
connection.execute(f"CREATE VIEW records AS FROM read_csv('{sys.argv[1]}')")
connection.execute(f"COPY ({sys.argv[2]}) TO '{sys.argv[3]}' (FORMAT csv, HEADER)")
"""


def timed(command):
    """Seconds and CPU seconds of a process."""
    clock = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit code {process.returncode}: {command}")
    return time.perf_counter() - clock, usage.ru_utime + usage.ru_stime


def rows(path):
    with path.open(newline="") as file:
        return sorted(csv.reader(file))


def agree(ours, theirs):
    """Tells whether two results have the same rows; doubles differ in their last digits."""
    def same(one, other):
        try:
            return one == other or math.isclose(float(one), float(other), rel_tol=1e-9)
        except ValueError:
            return False
    return len(ours) == len(theirs) and all(len(a) == len(b) and all(map(same, a, b)) for a, b in zip(ours, theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    parser.add_argument("--megabytes", type=int, default=240, help="size of the file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    python, binary = tools(), arguments.fanout.resolve()
    path, ours, theirs = WORK / "queried.csv", WORK / "ours.csv", WORK / "theirs.csv"
    subprocess.run([binary, "sample", "--rows", str(arguments.megabytes * 1_000_000 // 58), "--out", path], check=True)
    size, results = path.stat().st_size / 1e6, {name: {"fanout": [], "DuckDB": []} for name in QUERIES}
    try:
        for _ in range(arguments.rounds):
            for name, query in QUERIES.items():
                command = [binary, "query", path, query, "--quiet", "--concurrency", "1", "--force", "--out", ours]
                results[name]["fanout"].append(timed(command))
                results[name]["DuckDB"].append(timed([python, "-c", DUCKDB, path, query, theirs]))
                if not agree(rows(ours), rows(theirs)):
                    sys.exit(f"{name}: DuckDB has other rows")
    finally:
        for file in (path, ours, theirs):
            file.unlink(missing_ok=True)
    lines = ["| query | fanout, MB per CPU second | DuckDB | CPU time of DuckDB / of fanout |", "|---|---|---|---|"]
    for name, found in results.items():
        us, them = (statistics.median(cpu for _, cpu in found[program]) for program in ("fanout", "DuckDB"))
        lines.append(f"| {name} | {size / us:.0f} | {size / them:.0f} | {them / us:.2f} |")
    queries = [f"- {name}: `{query}`" for name, query in QUERIES.items()]
    text = "\n".join([f"{size:.0f} MB of `people.csv`, one thread, {platform.machine()}; medians of {arguments.rounds} rounds:",
                      "", *lines, "", *queries])
    print(text)
    if arguments.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
