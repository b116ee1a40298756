"""The command line of a query: what goes where, exit codes, memory, and what a run leaves."""

import csv
import io
import json
import resource
import subprocess

import duckdb
import pytest

TOP = "SELECT age, count(*) AS people FROM records GROUP BY age ORDER BY people DESC, age LIMIT 3"


@pytest.fixture
def people(tmp_path, root):
    return root / "tests/data/people.csv"


@pytest.fixture
def ask(fanout, tmp_path):
    def asked(*arguments, code=0):
        done = subprocess.run([fanout, "query", *map(str, arguments)], cwd=tmp_path, capture_output=True)
        assert done.returncode == code, done.stderr.decode()
        return done

    return asked


def test_a_table_fits_the_terminal(ask, people):
    found = ask(people, "SELECT * FROM records").stdout.decode()
    assert max(map(len, found.splitlines())) <= 120
    assert found.splitlines()[-1] == "1,000 rows of 1,000 records, the first 100 are shown: --format csv prints all"


def test_formats_have_all_rows(ask, people, tmp_path):
    query = "SELECT id, name FROM records WHERE id <= 500 ORDER BY id"
    with people.open(newline="") as file:
        rows = [(int(row["id"]), row["name"] or None) for row in csv.DictReader(file)]
    expected = sorted(row for row in rows if row[0] <= 500)
    assert len(expected) > 100
    out = ask(people, query, "--format", "csv", "--quiet").stdout.decode()
    assert [(int(row["id"]), row["name"] or None) for row in csv.DictReader(io.StringIO(out))] == expected
    out = ask(people, query, "--format", "jsonl").stdout
    assert [tuple(json.loads(line).values()) for line in out.splitlines()] == expected
    for name in ("rows.parquet", "rows.csv"):
        ask(people, query, "--out", name, "--chunk-size", 4096)
        found = duckdb.connect().sql(f"SELECT * FROM '{tmp_path / name}'").fetchall()
        assert [(id, name or None) for id, name in found] == expected


def test_a_file_is_not_replaced(ask, people, tmp_path):
    (tmp_path / "rows.csv").write_text("mine")
    assert b"--force" in ask(people, TOP, "--out", "rows.csv", code=1).stderr
    assert (tmp_path / "rows.csv").read_text() == "mine"
    ask(people, TOP, "--out", "rows.csv", "--force")
    assert (tmp_path / "rows.csv").read_text().startswith("age,people\n")


def test_a_query_in_a_file(ask, people, tmp_path):
    (tmp_path / "top.sql").write_text(TOP + "\n")
    assert ask(people, "@top.sql", "--format", "csv").stdout == ask(people, TOP, "--format", "csv").stdout


@pytest.mark.parametrize(
    "query, code, error",
    [
        ("SELECT nme FROM records", 2, 'InvalidQuery: query: there is no column "nme", did you mean "name"?'),
        ("SELECT id FROM records WHERE", 2, "InvalidQuery: query: Expected"),
        ("SELECT * FROM read_parquet('/etc/passwd')", 2, "table function"),
        ("SELECT id / (id - id) FROM records", 1, "QueryFailed: chunk 0: query: the record at byte"),
    ],
)
def test_errors(ask, people, query, code, error):
    assert error in ask(people, query, code=code).stderr.decode()


def test_refused_records_are_told(ask, tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3\n5,6\n")
    done = ask("bad.csv", "SELECT sum(a) AS s FROM records", "--format", "csv")
    assert done.stdout == b"s\n6\n" and b"1 record refused" in done.stderr
    ask("bad.csv", "SELECT sum(a) AS s FROM records", "--strict", code=3)


def test_types_that_later_values_widen(ask, tmp_path):
    """The samples see integers alone; the query is planned again with what all values are."""
    middle = "".join(f"{n},{n}\n" for n in range(400_000))
    (tmp_path / "wide.csv").write_text("id,x\n" + middle[:2_000_000] + "7,1.5\n" + middle)
    query = "SELECT count(*) AS n, max(x) AS m, sum(x) AS s FROM records"
    found = json.loads(ask("wide.csv", query, "--format", "jsonl", "--chunk-size", 500_000, "--quiet").stdout)
    read = f"read_csv('{tmp_path / 'wide.csv'}', types = {{'x': 'DOUBLE'}})"
    (expected,) = duckdb.connect().sql(f"SELECT count(*), max(x), sum(x) FROM {read}").fetchall()
    assert (found["n"], found["m"], found["s"]) == expected


def test_a_run_with_a_query_in_its_dataset(fanout, people, tmp_path):
    dataset = {"query": TOP, "outputs": [{"name": "sql", "format": "csv"}, "rejects"]}
    (tmp_path / "dataset.json").write_text(json.dumps(dataset))
    command = [fanout, "run", people, "--dataset", "dataset.json", "--json", "--chunk-size", "4096"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    folder = tmp_path / "runs" / report["run_id"]
    rows = (folder / "sql/result.csv").read_text().splitlines()
    assert rows[0] == "age,people" and len(rows) == 4
    section = next(output for output in report["outputs"] if output["name"] == "sql")["section"]
    assert [",".join(row) for row in section["rows"]] == rows[1:]
    assert section["columns"] == [{"name": "age", "type": "int64"}, {"name": "people", "type": "int64"}]
    assert (section["rows_in"], section["rows_out"]) == (1000, 3)
    page = (folder / "report.html").read_text()
    assert "GROUP BY age" in page
    assert [part["key"] for part in json.loads((folder / "parts.json").read_text())["sql"]] == ["sql/result.csv"]


GROUPS = 1_000_000
PEAK = 900  # MiB


def test_memory_of_a_million_groups(fanout, tmp_path):
    """One chunk at once: its plan is bounded, and so is the one over all parts."""
    with open(tmp_path / "groups.csv", "w") as file:
        file.write("id,text\n")
        file.writelines(f"{n},text of the group {n}\n" for n in range(GROUPS))
    query = "SELECT count(*) AS n, max(c) AS m FROM (SELECT id, text, count(*) AS c FROM records GROUP BY id, text) t"
    command = [fanout, "query", "groups.csv", query, "--format", "jsonl", "--quiet", "--concurrency", "1"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (PEAK << 20, PEAK << 20))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"n": GROUPS, "m": 1}
