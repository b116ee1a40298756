"""Functions with SQL, deployed: jobs and datasets with a query, more than 40 chunks, faults of the reducer."""

import json

import pytest

from deployed.samples import even
from deployed.stack import Stack

# The numbers of `even` have leading zeros, so that they are texts.
QUERY = (
    "SELECT CAST(id AS BIGINT) % 3 AS k, count(*) AS n, sum(CAST(n AS BIGINT)) AS s, count(DISTINCT id) AS d "
    "FROM records GROUP BY 1 ORDER BY 1"
)


@pytest.fixture(scope="module")
def started(emulators):
    return emulators("query")


@pytest.fixture(scope="module")
def sql(started, built):
    endpoint, _, payloads = started
    stack = Stack(endpoint, payloads)
    stack.deploy(built)
    return stack


def whole(body):
    """The fields of each record; the last one may be cut, and is refused then."""
    rows = [line.split(",") for line in body.decode().splitlines()[1:]]
    return [row for row in rows if len(row) == 2 and all(row)]


def expected(body):
    """The rows of QUERY."""
    ids = [(int(first), int(second)) for first, second in whole(body)]
    groups = {k: [row for row in ids if row[0] % 3 == k] for k in range(3)}
    return [
        {"k": k, "n": len(found), "s": sum(n for _, n in found), "d": len({first for first, _ in found})}
        for k, found in groups.items()
    ]


def result(stack, run_id, end="jsonl"):
    return [json.loads(line) for line in stack.read(f"runs/{run_id}/sql/result.{end}").splitlines()]


@pytest.mark.parametrize("chunks", [3, 41])
def test_an_aggregate_of_a_job(sql, chunks):
    body, size = even(chunks)
    key = f"elsewhere/aggregate-{chunks}.csv"
    sql.upload(key, body)
    job = {"bucket": sql.uploads, "key": key, "chunk_size": size, "query": QUERY}
    job["outputs"] = [{"name": "sql", "format": "jsonl"}]
    sql.succeeded(sql.run(job, name=f"aggregate-{chunks}"))
    report = sql.report(f"aggregate-{chunks}")
    assert report["chunks"] == chunks
    assert result(sql, f"aggregate-{chunks}") == expected(body)
    (output,) = report["outputs"]
    assert (output["section"]["rows_out"], output["parts"]) == (3, 1)


def test_a_filter_leaves_parts_in_chunk_order(sql):
    body, size = even(5)
    sql.upload("elsewhere/filter.csv", body)
    job = {"bucket": sql.uploads, "key": "elsewhere/filter.csv", "chunk_size": size}
    job |= {"query": "SELECT id FROM S3Object s WHERE CAST(s.id AS INT) % 2 = 0", "outputs": [{"name": "sql", "format": "csv"}]}
    sql.succeeded(sql.run(job, name="filter"))
    parts = [part["key"] for part in json.loads(sql.read("runs/filter/parts.json"))["sql"]]
    found = [line for part in parts for line in sql.read(f"runs/filter/{part}").decode().splitlines()[1:]]
    assert len(parts) == 5 and found == [id for id, _ in whole(body) if int(id) % 2 == 0]


def test_an_upload_whose_dataset_has_a_query(sql):
    dataset = {"query": QUERY, "outputs": [{"name": "sql", "format": "jsonl"}]}
    sql.upload("datasets/totals.json", json.dumps(dataset), bucket=sql.results)
    body, _ = even(2)
    sql.upload("incoming/totals/january.csv", body)
    execution = sql.execution_of("incoming/totals/january.csv")
    sql.succeeded(execution)
    assert result(sql, execution["name"]) == expected(body)


def test_a_reducer_that_failed_runs_again(sql, started):
    """The parts of the chunks are still there. The emulator has no redrive: the reducer is called as one would."""
    _, proxy, _ = started
    body, size = even(4)
    sql.upload("elsewhere/redriven.csv", body)
    job = {"bucket": sql.uploads, "key": "elsewhere/redriven.csv", "chunk_size": size, "query": QUERY}
    job["outputs"] = [{"name": "sql", "format": "jsonl"}]
    proxy.fail(403, "^runs/redriven/sql/result", method="PUT")
    execution = sql.run(job, name="redriven")
    assert (execution["status"], execution["error"]) == ("FAILED", "AccessDenied")
    proxy.clear()
    request = {"plan": sql.plan(job, "redriven"), "started_at": "2024-01-01T00:00:00Z"}
    answer, error = sql.invoke("Reducer", request)
    assert error is None and answer["report"]["status"].startswith("succeeded"), error or answer
    assert result(sql, "redriven") == expected(body)


@pytest.mark.parametrize(
    "query, code, text",
    [
        ("SELECT nr FROM records", "InvalidQuery", 'there is no column "nr"'),
        ("SELECT 1 / (length(id) - 7) FROM records", "QueryFailed", "chunk 0: query: the record at byte 5: division by zero"),
    ],
)
def test_a_query_that_fails_ends_the_run(sql, query, code, text):
    body, size = even(2)
    sql.upload(f"elsewhere/{code}.csv", body)
    execution = sql.run({"bucket": sql.uploads, "key": f"elsewhere/{code}.csv", "chunk_size": size, "query": query})
    assert (execution["status"], execution["error"]) == ("FAILED", code)
    assert text in json.loads(execution["cause"])["errorMessage"]
