"""An upload, of whatever kind and name, ends in one execution and the report that the command line prints."""

import gzip
import json
import re

import pytest
import sqlglot

from deployed.samples import comparable, people

KEYS = [
    "incoming/plain.csv",
    "incoming/with spaces in it.csv",
    "incoming/a+b.csv",
    "incoming/100%25 and %.csv",
    "incoming/größe ärger 数据.csv",
    "incoming/2026/01/with/slashes.csv",
    "incoming/all + of % thém/a b+c.csv",
    "incoming/no extension",
]


@pytest.mark.parametrize("key", KEYS)
def test_put(stack, locally, key):
    body = people(50, key)
    etag = stack.upload(key, body)
    same_as_local(stack, locally, stack.execution_of(key), key, etag, body)


def test_multipart(stack, locally):
    """Such an upload has an event and an ETag of its own kind."""
    key, body = "incoming/multipart.csv", people(150_000)
    name = dict(Bucket=stack.uploads, Key=key)
    upload = stack.s3.create_multipart_upload(**name)["UploadId"]
    parts = []
    for number, start in enumerate(range(0, len(body), 5 << 20), 1):
        piece = body[start : start + (5 << 20)]
        made = stack.s3.upload_part(**name, UploadId=upload, PartNumber=number, Body=piece)
        parts.append({"PartNumber": number, "ETag": made["ETag"]})
    assert len(parts) > 1
    done = stack.s3.complete_multipart_upload(**name, UploadId=upload, MultipartUpload={"Parts": parts})
    same_as_local(stack, locally, stack.execution_of(key), key, done["ETag"].strip('"'), body)


def test_copy(stack, locally):
    body, key = people(50, "copied"), "incoming/copied.csv"
    etag = stack.upload("elsewhere/original.csv", body)
    source = {"Bucket": stack.uploads, "Key": "elsewhere/original.csv"}
    stack.s3.copy_object(Bucket=stack.uploads, Key=key, CopySource=source)
    same_as_local(stack, locally, stack.execution_of(key), key, etag, body)


def test_the_folder_names_the_dataset(stack, locally):
    dataset = {"columns": {"id": "int64", "pay": "decimal(10,2)"}, "outputs": ["profile", "jsonl"]}
    stack.upload("datasets/staff.json", json.dumps(dataset), bucket=stack.results)
    key, body = "incoming/staff/january.csv", people(50, "staff")
    etag = stack.upload(key, body)
    execution = stack.execution_of(key)
    same_as_local(stack, locally, execution, key, etag, body, name="staff", dataset=dataset)


def test_gzip_is_one_chunk(stack, locally):
    key, body = "incoming/people.csv.gz", gzip.compress(people(5000, "compressed"), mtime=0)
    etag = stack.upload(key, body)
    report = same_as_local(stack, locally, stack.execution_of(key), key, etag, body)
    assert (report["compression"], report["chunks"], report["records"]) == ("gzip", 1, 5000)
    assert report["not_split"].startswith("gzip can only be read from its start")


def test_json_lines(stack, locally):
    lines = [json.dumps({"id": n, "tags": [n, "\n"]}) for n in range(3000)]
    lines[7] = '{"id": 7'
    key, body = "incoming/lines.jsonl", "\r\n".join(lines).encode()
    etag = stack.upload(key, body)
    report = same_as_local(stack, locally, stack.execution_of(key), key, etag, body)
    assert (report["format"], report["records"], report["rejects"]) == ("json_lines", 2999, 1)


def test_semicolons_in_windows_1252(stack, locally):
    """As a German Excel writes it, with a title above the header."""
    lines = ["Bericht für Mai;;", "Ort;Preis;Menge"] + [f"Köln {n};{n},50 €;{n}" for n in range(300)]
    key, body = "incoming/bericht.csv", "\r\n".join(lines).encode("cp1252")
    etag = stack.upload(key, body)
    report = same_as_local(stack, locally, stack.execution_of(key), key, etag, body)
    assert (report["records"], report["rejects"]) == (300, 0)
    assert [column["name"] for column in report["columns"]] == ["Ort", "Preis", "Menge"]
    detected = {one["what"]: one["value"] for one in report["evidence"]}
    assert (detected["encoding"], detected["delimiter"]) == ("windows-1252", "semicolon")
    assert detected["skip_lines"] == "1 line"


def test_utf_16_in_41_chunks(stack, locally):
    """More than an inline Map takes; every second boundary lies within a quoted line break or a pair of surrogates."""
    rows = "".join(f'{n},"Köln\r\n{n} 😀"\r\n' for n in range(400))
    key, body = "elsewhere/utf-16.csv", ("\ufeffid,town\r\n" + rows).encode("utf-16-le")
    size = -(-len(body) // 41) // 2 * 2 + 2
    stack.upload(key, body)
    job = {"bucket": stack.uploads, "key": key, "chunk_size": size, "outputs": ["exact_profile", "rejects", "jsonl"]}
    stack.succeeded(stack.run(job, name="utf-16"))
    report = stack.report("utf-16")
    assert (report["records"], report["rejects"], report["chunks"]) == (400, 0, 41)
    expected, files = locally(body, chunk_size=size, outputs="exact_profile,rejects,jsonl")
    assert comparable(report) == comparable(expected)
    assert stack.made("utf-16") == files


def test_a_table_of_many_columns(stack, locally):
    """Its plan is larger than a state of the state machine may be."""
    header = ",".join(f"a measured value of station {n}" for n in range(9000))
    rows = "".join(",".join(str(n * row) for n in range(9000)) + "\n" for row in range(3))
    key, body = "incoming/wide.csv", f"{header}\n{rows}".encode()
    etag = stack.upload(key, body)
    report = same_as_local(stack, locally, stack.execution_of(key), key, etag, body)
    assert (report["records"], len(report["columns"])) == (3, 9000)


# Each column's name, its values in every record, and its type in Athena.
ATHENA = [
    ("Id", "7", "bigint"),
    ("ID", "x", "string"),
    ("Größe in m`", "0.5", "double"),
    ("day', '", "2024-01-31", "date"),
    ("at;--", "2024-01-31 10:00:00", "timestamp"),
    ("select", "true", "boolean"),
    ("pay", "1.25", "decimal(9,2)"),
    ("-", "a", "string"),
]


def test_the_statement_for_athena_is_one(stack):
    """Read by a parser of Athena's dialect: the columns with their types, and the run's parts."""
    names = ",".join(f'"{name}"' for name, _, _ in ATHENA)
    rows = (",".join(value for _, value, _ in ATHENA) + "\n") * 50
    stack.upload("elsewhere/it's.csv", f"{names}\n{rows}".encode())
    dataset = {"columns": {"pay": "decimal(9,2)"}}
    job = {"bucket": stack.uploads, "key": "elsewhere/it's.csv", "dataset": dataset, "outputs": ["parquet"]}
    stack.succeeded(stack.run(job, name="for-athena"))
    (statement,) = sqlglot.parse(stack.read("runs/for-athena/merged/parquet/athena.sql").decode(), read="athena")
    assert statement.find(sqlglot.exp.ExternalProperty) and statement.kind == "TABLE"
    columns = list(statement.find_all(sqlglot.exp.ColumnDef))
    types = [column.args["kind"].sql(dialect="hive").lower().replace(" ", "") for column in columns]
    assert types == [of_athena for _, _, of_athena in ATHENA]
    found = [column.name for column in columns]
    assert len(set(found)) == len(ATHENA) and all(re.fullmatch("[a-z0-9_]{1,255}", name) for name in found), found
    location = statement.find(sqlglot.exp.LocationProperty).this.this
    assert location == f"s3://{stack.results}/runs/for-athena/data/"
    assert stack.keys("runs/for-athena/data/") == ["runs/for-athena/data/part-00000.parquet"]


def same_as_local(stack, locally, execution, key, etag, body, name=None, **options):
    summary = stack.succeeded(execution)
    report = stack.report(summary["run_id"])
    expected, files = locally(body, **options)
    assert comparable(report) == comparable(expected) | {"dataset": name}
    assert report["object"] == {"bucket": stack.uploads, "key": key, "etag": etag, "size": len(body)}
    assert report["coverage"]["verified"] and report["run_id"] == execution["name"]
    assert stack.made(summary["run_id"]) == files
    place = {"bucket": stack.results, "key": f"runs/{summary['run_id']}/"}
    assert report["results"] == place
    assert summary["report"] == place | {"key": place["key"] + "report.json"}
    shared = ("status", "object", "records", "rejects", "chunks", "coverage", "elapsed_ms")
    assert [summary[field] for field in shared] == [report[field] for field in shared]
    return report
