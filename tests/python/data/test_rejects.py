"""Records to refuse: each one byte for byte with its reason, at each chunk size; every byte is accounted for."""

import csv
import io
import random
from collections import Counter
from itertools import zip_longest

import pytest

from data.comparison import same_bytes, same_columns, same_records, same_runs
from data.reference import TYPES, Column, fits
from finished_run import WHOLE

HEADER = b"\xef\xbb\xbfid,name,,name,score\r\n"
NAMES = ["id", "name", "column_3", "name_4", "score"]
DECLARED = {"id": {"type": "int64", "nullable": False}, "name": "string", "score": "float64"}
# What Python's csv module reads: bytes after a closing quote are data, and blanks are no part of a number.
DATASET = {"columns": DECLARED, "encoding": "utf-8", "dialect": {"quotes": "lenient", "trim": False}}

GOOD = [
    b"%d,plain,x,y,1.5",
    b'%d,"comma, inside",x,y,-0.25',
    b'%d,"%d,a,b,c,1\n%d,d,e,f,2\nand a last line",x,"y",3e2',
    b'%d,"doubled ""quotes"",","x\r\ny",y,4',
    b'%d,"quoted"and more,x,in "the" field,5',
    "%d,Zoë,x,ü,6".encode(),
    b"-%d,no score,,y,",
    b"%d,,x,,7",
    b"%d.0,a whole number,x,y,1",
]
BAD = {
    "field_count": [b"%d,too,few,1", b'%d,"too\nmany",x,y,1,2', b"%d", b'""', b" ", b",,,,,,", b"%d,x,y,z,1,"],
    "invalid_value": [
        b"%d.5,bad int,x,y,1",
        b"99999999999999999999,%d,x,y,1",
        b"%d ,space,x,y,1",
        b'"a%d",int,x,y,1',
        b"%d,bad score,x,y,1.5.1",
        b'%d,"bad\nscore",x,y,nan',
        b"%d,bad score,x,y,1e999",
    ],
    "missing_value": [b",no id %d,x,y,1", b'"",no id %d,x,y,1'],
    "invalid_utf8": [b"%d,\xff,x,y,1", b'%d,"cut \xe2\x82\n",x,y,1', b"%d,x,y,\xc3,1", b"%d,\xed\xa0\x80,x,y,1"],
    "nul": [b"%d,a\0b,x,y,1", b'%d,x,"\0\n\0",y,1', b"%d,x,y,\0,1"],
}
BLANK = [b"\n", b"\r\n", b"\n\n\r\n"]


class Expected:
    """The records of the generated file: accepted, refused, and blank lines."""

    def __init__(self):
        self.data = generated()
        self.accepted, self.refused, self.blank = [], [], []
        for record in raw_records(self.data):
            fault = record["fault"]
            kind = self.accepted if fault is None else self.blank if fault[0] == "blank" else self.refused
            kind.append(record)


def generated():
    """Good and bad records and blank lines in no order, LF and CRLF mixed, the last record without either.

    One record is longer than what a chunk sees of those after it, and within its quotes lies what looks like records: a
    chunk that begins there can't know better, until coverage shows it.
    """
    pick = random.Random(7)
    pieces = []
    for number in range(1, 4001):
        if number == 2000:
            pieces.append(b'2000,long,x,"\n' + b"1,not,a,record,1\n" * 3000 + b'",1\n')
        if pick.random() < 0.05:
            pieces.append(pick.choice(BLANK))
        bad = pick.random() < 0.2
        record = pick.choice(pick.choice(list(BAD.values())) if bad else GOOD)
        pieces.append(record.replace(b"%d", b"%d" % number))
        pieces.append(pick.choice([b"\n", b"\r\n"]))
    return b"".join(pieces) + b"4001,the last,x,y,1"


def raw_records(data):
    """Offset, bytes, fields, and reason and column at fault (or None) of each record, and of each blank line.

    The csv module takes lines and says how many it has taken: those are the record's bytes. It gets them as Latin-1,
    which loses no byte, with NUL replaced, which older versions refuse.
    """
    lines = io.BytesIO(data).readlines()
    reader = csv.reader(line.decode("latin-1").replace("\0", "\ue000") for line in lines)
    offset, taken = len(HEADER), 0
    for row in reader:
        raw = b"".join(lines[taken : reader.line_num])
        fields = [field.replace("\ue000", "\0").encode("latin-1") for field in row]
        fault = verdict(raw, fields) if row else ("blank", None)
        yield {"offset": offset, "raw": raw, "fields": fields, "fault": fault}
        taken = reader.line_num
        offset += len(raw)


def verdict(raw, fields):
    """The reason to refuse the record, and the column at fault."""
    if len(fields) != len(NAMES):
        return "field_count", None
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "invalid_utf8", None
    if b"\0" in raw:
        return "nul", None
    for name, field in zip(NAMES, fields):
        kind, nullable = declared(name)
        if not field and not nullable:
            return "missing_value", name
        if field and not fits(kind, field.decode()):
            return "invalid_value", name
    return None


def declared(name):
    rule = DECLARED.get(name, "string")
    return (rule, True) if isinstance(rule, str) else (rule["type"], rule["nullable"])


def typed_record(record):
    """The JSON object of an accepted record: null for an empty field."""
    values = {}
    for name, field in zip(NAMES, record["fields"]):
        kind, _ = declared(name)
        values[name] = TYPES[kind][1](field.decode()) if field else None
    return values


def columns(expected):
    for index, name in enumerate(NAMES):
        column = Column(name, declared(name)[0])
        column.add(record["fields"][index].decode() for record in expected.accepted)
        column.invalid = sum(record["fault"][1] == name for record in expected.refused)
        yield column


@pytest.fixture(scope="module")
def expected():
    return Expected()


def test_every_kind_of_fault_is_in_the_file(expected):
    assert {record["fault"][0] for record in expected.refused} == set(BAD)
    assert expected.accepted and expected.blank


@pytest.mark.parametrize("chunk_size", [WHOLE, 4096, 512, 100])
def test_refused_records(run, note, tmp_path, expected, chunk_size):
    source = tmp_path / "rejects.csv"
    source.write_bytes(HEADER + expected.data)
    done = run(source, chunk_size, DATASET)
    check(done, expected)
    if chunk_size != WHOLE:
        same_runs(done, run(source, WHOLE, DATASET))
    note(f"{done.name}: {done.cut}, {len(expected.accepted)} records, {len(expected.refused)} refused")


def check(done, expected):
    """The refused records in their order with their places and reasons, the accepted ones, and the sum of all bytes."""
    refused = expected.refused
    assert done.data_start == len(HEADER)
    assert (done.report["records"], done.report["rejects"]) == (len(expected.accepted), len(refused))
    raw, lines = done.rejects()
    for line, record in zip_longest(lines, refused):
        found = line and (line["offset"], line["length"], line["reason"], line["column"])
        assert found == (record and (record["offset"], len(record["raw"]), *record["fault"]))
    same_bytes("the refused records", raw, b"".join(record["raw"] for record in refused))
    reasons = next(output for output in done.report["outputs"] if output["name"] == "rejects")["section"]["reasons"]
    assert reasons == dict(Counter(record["fault"][0] for record in refused))
    same_records(done.name, done.records(), [typed_record(record) for record in expected.accepted])
    # What was accepted is known by its values; its bytes and the refused ones leave nothing over.
    size = len(raw) + sum(len(record["raw"]) for record in expected.accepted + expected.blank)
    assert size == len(expected.data)
    assert done.report["coverage"]["end"] - done.data_start == len(expected.data)
    same_columns(done, columns(expected))
