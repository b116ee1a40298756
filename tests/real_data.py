#!/usr/bin/env python3
"""Compares what fanout makes of files with what Python's csv module reads from them.

    tests/real_data.py target/release/fanout

Four kinds of files: a generated one of a million records with quotes and line breaks in it (as CSV,
in gzip, and as JSON lines), the CSV files of the vega-datasets package, one with records to refuse,
and one of numbers that are hard to add up. Each is processed whole and in chunks of several sizes.
Nothing of fanout is used for the reference but the generated file: records come from `csv`, sums
from `math.fsum` and from integers of any size.

Stops at the first difference with exit code 1, and leaves the files for a look at them. Takes a
minute at most. Needs Python 3.10 and what tests/tools.sh installs, which it runs.
"""

import csv
import datetime
import gzip
import io
import json
import math
import random
import re
import subprocess
from array import array
from collections import Counter
from fractions import Fraction
from itertools import chain, islice, zip_longest

from checks import ROOT, WHOLE, WORK, Difference, Run, main, same

PEAK = 64  # MiB of memory, at any size of a chunk
BATCH = 10_000
PEOPLE = {
    "id": "int64",
    "name": "string",
    "age": "int64",
    "latitude": "float64",
    "longitude": "float64",
    "monthly_income": "float64",
    "experienced": "boolean",
}


def same_runs(run, first):
    """Two runs of one file differ in nothing that is about the data."""
    for what in ("records", "rejects"):
        same(f"{run.name}: {what} as in {first.name}", run.report[what], first.report[what])
    same(f"{run.name}: start of data as in {first.name}", start(run), start(first))
    for column, other in zip_longest(run.report["columns"], first.report["columns"]):
        same_column(f"{run.name}: as in {first.name}: column", column, other, 1e-15)


def start(run):
    return run.report["coverage"]["data_start"]


# --- the reference ------------------------------------------------------------------------------


class Column:
    """One column's figures as the report has them."""

    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.count, self.nulls, self.invalid = 0, 0, 0
        self.extremes = []
        self.numbers = array({"int64": "q", "float64": "d", "boolean": "b"}.get(kind, "b"))

    def add(self, texts):
        """Takes the texts of some records; an empty one is null."""
        present = [text for text in texts if text]
        self.count += len(present)
        self.nulls += len(texts) - len(present)
        if self.kind in ("int64", "float64", "boolean"):
            self.numbers.extend(map(TYPES[self.kind][1], present))
        elif present:
            self.extremes = [min(self.extremes[:1] + present), max(self.extremes[1:] + present)]

    def report(self):
        column = {"name": self.name, "type": self.kind, "count": self.count, "nulls": self.nulls,
                  "invalid": self.invalid, "min": None, "max": None, "sum": None, "mean": None, "stddev": None}
        if self.extremes:
            column["min"], column["max"] = (text[:64] for text in self.extremes)
        if self.numbers:
            python = TYPES[self.kind][0]
            column["min"], column["max"] = python(min(self.numbers)), python(max(self.numbers))
            column["sum"], column["mean"], column["stddev"] = moments(self.numbers)
            if self.kind == "int64" and not fits("int64", str(column["sum"])):
                column["sum"] = float(column["sum"])
        return column


def moments(numbers):
    """Sum, mean, and standard deviation of the sample, exact for integers and nearly so for floats."""
    count = len(numbers)
    if numbers.typecode != "d":
        total = sum(numbers)
        spread = Fraction(count * sum(number * number for number in numbers) - total * total, count * (count - 1) or 1)
        return total, float(Fraction(total, count)), math.sqrt(spread) if count > 1 else None
    total = math.fsum(numbers)
    mean = total / count
    # The second term is what the rounding of the mean adds to the first.
    spread = math.fsum((number - mean) ** 2 for number in numbers)
    spread -= math.fsum(number - mean for number in numbers) ** 2 / count
    return total, mean, math.sqrt(spread / (count - 1)) if count > 1 else None


def same_column(what, found, expected, tolerance):
    """All figures the same, in type too; sums of floats, means and deviations within the tolerance of their size."""
    what = f"{what} {expected and expected['name']!r}"
    same(what, type(found), type(expected))
    same(f"{what}: keys", sorted(found), sorted(expected))
    for key, value in expected.items():
        if isinstance(value, float) and key in ("sum", "mean", "stddev") and isinstance(found[key], float):
            if math.isclose(found[key], value, rel_tol=tolerance):
                continue
        same(f"{what}: {key}", (found[key], type(found[key]).__name__), (value, type(value).__name__))


def same_columns(run, columns, tolerance=1e-12):
    # Derived from the others, or of the text alone.
    besides = ("null_share", "lengths")
    for found, column in zip_longest(run.report["columns"], columns):
        found = found and {name: value for name, value in found.items() if name not in besides}
        same_column(f"{run.name}: column", found, column and column.report(), tolerance)


# What a declared type is in JSON, how its text is read, and how it must look.
TYPES = {
    "int64": (int, int, re.compile(r"[+-]?[0-9]+")),
    "float64": (float, float, re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")),
    "boolean": (bool, lambda text: text.lower() == "true", re.compile(r"true|false", re.IGNORECASE)),
    "string": (str, str, re.compile(r".*", re.DOTALL)),
}


def fits(kind, text):
    python, read, pattern = TYPES[kind]
    if not pattern.fullmatch(text):
        return False
    if python is int:
        return -(1 << 63) <= read(text) < 1 << 63
    return python is not float or math.isfinite(read(text))


def observed_type(texts):
    """The type that fits all texts of an undeclared column, as a program would write its values."""
    present = [text for text in texts if text]
    usual = all(re.fullmatch(r"-?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\.[0-9]+)([eE][+-]?[0-9]+)?|true|false", text,
                             re.IGNORECASE) for text in present)
    if present and usual:
        return next((kind for kind in ("int64", "float64", "boolean") if all(fits(kind, text) for text in present)),
                    "string")
    return "date" if present and all(map(is_date, present)) else "string"


def is_date(text):
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def column_names(header):
    """An empty name becomes `column_<number>`, a repeated one gets `_<number>`."""
    taken, names = set(header), []
    for number, name in enumerate(header, 1):
        if not name or name in names:
            stem = name or "column"
            while f"{stem}_{number}" in taken:
                number += 1
            name = f"{stem}_{number}"
            taken.add(name)
        names.append(name)
    return names


# --- a: a million records -----------------------------------------------------------------------


def people(binary, rows):
    source = WORK / "people.csv"
    subprocess.run([binary, "sample", "--rows", str(rows), "--out", source], check=True)
    megabytes = source.stat().st_size / 1e6
    print(f"people.csv: {rows:,} records, {megabytes:.1f} MB")
    whole = Run(binary, source, WHOLE)
    typed = Run(binary, source, 1 << 20, {"columns": PEOPLE})
    digest = whole.digest()
    for chunk_size in (8 << 10, 64 << 10, 1 << 20, 16 << 20):
        run = Run(binary, source, chunk_size)
        same_runs(run, whole)
        same(f"{run.name}: hash of the JSON lines as in {whole.name}", run.digest(), digest)
        print(f"  {run.name}: {run.report['chunks']} chunks, {run.report['coverage']['repaired']} repaired, "
              f"JSON lines and columns as of the whole file")
        run.remove()
    people_reference(source, rows, whole, typed)
    people_compressed(binary, source, whole)
    people_json_lines(binary, typed)
    whole.remove()
    typed.remove()


def people_compressed(binary, source, whole):
    """Two members of gzip, as Python writes them: the same, and in no more memory than the file in chunks."""
    data = source.read_bytes()
    packed = source.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(data[: len(data) // 3], 6) + gzip.compress(data[len(data) // 3 :], 6))
    run = Run(binary, packed, 1 << 20, text=len(data))
    same_runs(run, whole)
    same(f"{run.name}: hash of the JSON lines as in {whole.name}", run.digest(), whole.digest())
    same(f"{run.name}: compression, chunks", (run.report["compression"], run.report["chunks"]), ("gzip", 1))
    if run.peak > PEAK:
        raise Difference(f"{run.name}: {run.peak:.0f} MiB of memory at its peak, expected at most {PEAK}")
    print(f"  {run.name}: one chunk, {packed.stat().st_size / 1e6:.1f} MB, JSON lines and columns as of the text, "
          f"{run.peak:.0f} MiB of memory at its peak")
    run.remove()
    packed.unlink()


def people_json_lines(binary, typed):
    """What was written as JSON lines is read as such, in chunks, and written the same again."""
    source = WORK / "people.jsonl"
    with open(source, "wb") as target:
        for key in typed.files("data/*.jsonl"):
            target.write((typed.folder / key).read_bytes())
    for dataset in (None, {"columns": PEOPLE}):
        run = Run(binary, source, 1 << 20, dataset)
        same(f"{run.name}: format", run.report["format"], "json_lines")
        same(f"{run.name}: records", run.report["records"], typed.report["records"])
        same(f"{run.name}: hash of the JSON lines as in {typed.name}", run.digest(), typed.digest())
        for column, other in zip_longest(run.report["columns"], typed.report["columns"]):
            same_column(f"{run.name}: as in {typed.name}: column", column, other, 1e-15)
        print(f"  {run.name}: {run.report['chunks']} chunks, JSON lines and columns as of the CSV file")
        run.remove()
    source.unlink()


def people_reference(source, rows, observed, typed):
    """One pass over the file: both runs' lines and figures against what the csv module reads."""
    columns = [Column(name, kind) for name, kind in PEOPLE.items()]
    lines, typed_lines = observed.lines(), typed.lines()
    read = 0
    with open(source, encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        same("people.csv: header", reader.fieldnames, list(PEOPLE))
        while batch := list(islice(reader, BATCH)):
            same_records(observed, read, objects(lines, len(batch)), batch)
            texts = [[row[name] for row in batch] for name in PEOPLE]
            for column, column_texts in zip(columns, texts):
                column.add(column_texts)
            values = [map(TYPES[kind][1], column) for kind, column in zip(PEOPLE.values(), texts)]
            values = [dict(zip(PEOPLE, row)) for row in zip(*values)]
            same_records(typed, read, objects(typed_lines, len(batch)), values)
            read += len(batch)
    same("people.csv: records that csv.DictReader reads", read, rows)
    for run in (observed, typed):
        same(f"{run.name}: records, rejects", (run.report["records"], run.report["rejects"]), (read, 0))
        same_columns(run, columns)
        print(f"  {run.name}: {read:,} JSON objects equal csv.DictReader's rows; count, nulls, min, max, sum, mean and "
              f"stddev of {len(columns)} columns equal Python's")
    same("people.csv: lines beyond the records", (next(lines, None), next(typed_lines, None)), (None, None))


def objects(lines, count):
    """The JSON objects of the next lines."""
    batch = list(islice(lines, count))
    return json.loads(f"[{','.join(batch)}]")


def same_records(run, first, found, expected):
    """The same objects, names in the same order, values of the same types."""
    if not alike(found, expected):
        for number, (left, right) in enumerate(zip_longest(found, expected, fillvalue={}), first + 1):
            if not alike([left], [right]):
                same(f"{run.name}: record {number}", left, right)
                same(f"{run.name}: names and types of record {number}", shape([left]), shape([right]))


def alike(found, expected):
    # Objects are equal with their names in another order, and 1, 1.0 and True are.
    return found == expected and shape(found) == shape(expected)


def shape(records):
    """The names in their order, and the types that each one's values have."""
    names = set(map(tuple, records))
    return names, [{type(record.get(name)) for record in records} for name in chain.from_iterable(names)]


# --- b: files that other people made ------------------------------------------------------------


def vega(binary):
    folders = list((ROOT / "target/tools/venv").glob("lib/python3*/site-packages/vega_datasets/_data"))
    files = sorted(chain.from_iterable(folder.glob("*.csv") for folder in folders))
    if not files:
        raise Difference("no CSV file of vega-datasets in target/tools/venv")
    print(f"vega-datasets: {len(files)} files, each whole, in chunks of 4096 and of 512 bytes")
    print(f"  {'name':<22} {'bytes':>8} {'records':>8} {'rejects':>7} {'chunks':>11} {'repaired':>9}")
    for source in files:
        vega_file(binary, source)


def vega_file(binary, source):
    names, rows, ragged = dict_rows(source)
    columns = []
    for name in names:
        texts = [row[name] for row in rows]
        columns.append(Column(name, observed_type(texts)))
        columns[-1].add(texts)
    runs = [Run(binary, source, chunk_size) for chunk_size in (WHOLE, 4096, 512)]
    for run in runs:
        same(f"{run.name}: records, rejects", (run.report["records"], run.report["rejects"]), (len(rows), ragged))
        same_records(run, 0, [json.loads(line) for line in run.lines()], rows)
        same_columns(run, columns)
        same_runs(run, runs[0])
        same(f"{run.name}: hash of the JSON lines as in {runs[0].name}", run.digest(), runs[0].digest())
    chunks, repaired = ("/".join(str(figure) for figure in figures) for figures in
                        zip(*((run.report["chunks"], run.report["coverage"]["repaired"]) for run in runs)))
    print(f"  {source.name:<22} {source.stat().st_size:>8} {len(rows):>8} {ragged:>7} {chunks:>11} {repaired:>9}")
    for run in runs:
        run.remove()


def dict_rows(source):
    """The columns' names, the rows of csv.DictReader that have as many fields, and how many others there are."""
    with open(source, encoding="utf-8-sig", newline="") as text:
        names = column_names(next(csv.reader(text)))
        rows = list(csv.DictReader(text, fieldnames=names))
    fitting = [row for row in rows if None not in row and None not in row.values()]
    return names, fitting, len(rows) - len(fitting)


# --- c: records to refuse -----------------------------------------------------------------------

HEADER = b"\xef\xbb\xbfid,name,,name,score\r\n"
NAMES = ["id", "name", "column_3", "name_4", "score"]
DECLARED = {"id": {"type": "int64", "nullable": False}, "name": "string", "score": "float64"}

GOOD = [
    b"%d,plain,x,y,1.5",
    b'%d,"comma, inside",x,y,-0.25',
    b'%d,"%d,a,b,c,1\n%d,d,e,f,2\nand a last line",x,"y",3e2',
    b'%d,"doubled ""quotes"",","x\r\ny",y,4',
    b'%d,"quoted"and more,x,in "the" field,5',
    "%d,Zoë,x,ü,6".encode(),
    b"-%d,no score,,y,",
    b"%d,,x,,7",
]
BAD = {
    "field_count": [b"%d,too,few,1", b'%d,"too\nmany",x,y,1,2', b"%d", b'""', b" ", b",,,,,,", b"%d,x,y,z,1,"],
    "invalid_value": [b"%d.0,bad int,x,y,1", b"99999999999999999999,%d,x,y,1", b"%d ,space,x,y,1", b'"a%d",int,x,y,1',
                      b"%d,bad score,x,y,1.5.1", b'%d,"bad\nscore",x,y,nan', b"%d,bad score,x,y,1e999"],
    "missing_value": [b",no id %d,x,y,1", b'"",no id %d,x,y,1'],
    "invalid_utf8": [b"%d,\xff,x,y,1", b'%d,"cut \xe2\x82\n",x,y,1', b"%d,x,y,\xc3,1", b"%d,\xed\xa0\x80,x,y,1"],
    "nul": [b"%d,a\0b,x,y,1", b'%d,x,"\0\n\0",y,1', b"%d,x,y,\0,1"],
}
BLANK = [b"\n", b"\r\n", b"\n\n\r\n"]


def rejects(binary):
    source = WORK / "rejects.csv"
    data = generated()
    source.write_bytes(HEADER + data)
    accepted, refused, blank = [], [], []
    for record in raw_records(data):
        kind = accepted if record["fault"] is None else blank if record["fault"][0] == "blank" else refused
        kind.append(record)
    print(f"{source.name}: {source.stat().st_size:,} bytes, {len(accepted)} records, {len(refused)} to refuse for "
          f"{len({record['fault'] for record in refused})} kinds of fault, {len(blank)} blank lines")
    first = None
    for chunk_size in (WHOLE, 4096, 512, 100):
        run = Run(binary, source, chunk_size, {"columns": DECLARED})
        check_rejects(run, data, accepted, refused, blank)
        print(f"  {run.name}: {run.report['chunks']} chunks, {run.report['coverage']['repaired']} repaired, "
              "rejects byte for byte and in order, every byte accounted for")
        if first:
            same_runs(run, first)
            run.remove()
        first = first or run
    first.remove()


def generated():
    """Good and bad records and blank lines in no order, LF and CRLF mixed, the last record without either.

    One record is longer than what a chunk sees of those after it, and within its quotes lies what
    looks like records: a chunk that begins there can't know better, until coverage shows it.
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

    The csv module takes lines and says how many it has taken: those are the record's bytes. It gets
    them as Latin-1, which loses no byte, with NUL replaced, which older versions refuse.
    """
    lines = io.BytesIO(data).readlines()
    reader = csv.reader(line.decode("latin-1").replace("\0", "\ue000") for line in lines)
    offset, taken = len(HEADER), 0
    for row in reader:
        raw = b"".join(lines[taken:reader.line_num])
        fields = [field.replace("\ue000", "\0").encode("latin-1") for field in row]
        fault = verdict(raw, fields) if row else ("blank", None)
        yield {"offset": offset, "raw": raw, "fields": fields, "fault": fault}
        taken = reader.line_num
        offset += len(raw)


def verdict(raw, fields):
    """Why the record is to be refused, and the column at fault."""
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


def check_rejects(run, data, accepted, refused, blank):
    same(f"{run.name}: start of data", start(run), len(HEADER))
    same(f"{run.name}: records, rejects", (run.report["records"], run.report["rejects"]), (len(accepted), len(refused)))
    raw, lines = run.rejects()
    for line, record in zip_longest(lines, refused):
        found = line and (line["offset"], line["length"], line["reason"], line["column"])
        same(f"{run.name}: refused record", found, record and (record["offset"], len(record["raw"]), *record["fault"]))
    same(f"{run.name}: bytes of the refused records", raw, b"".join(record["raw"] for record in refused))
    reasons = next(output for output in run.report["outputs"] if output["name"] == "rejects")["section"]["reasons"]
    same(f"{run.name}: refused records by reason", reasons, dict(Counter(record["fault"][0] for record in refused)))
    same_records(run, 0, [json.loads(line) for line in run.lines()], [typed_record(record) for record in accepted])
    # What was accepted is known by its values; its bytes and the refused ones leave nothing over.
    size = len(raw) + sum(len(record["raw"]) for record in accepted + blank)
    same(f"{run.name}: bytes of accepted and refused records and blank lines", size, len(data))
    same(f"{run.name}: bytes covered", run.report["coverage"]["end"] - start(run), len(data))
    same_columns(run, rejects_columns(accepted, refused))


def typed_record(record):
    """The JSON object of an accepted record: null for an empty field of a declared column."""
    values = {}
    for name, field in zip(NAMES, record["fields"]):
        kind, _ = declared(name)
        values[name] = None if name in DECLARED and not field else TYPES[kind][1](field.decode())
    return values


def rejects_columns(accepted, refused):
    for index, name in enumerate(NAMES):
        column = Column(name, declared(name)[0])
        column.add([record["fields"][index].decode() for record in accepted])
        column.invalid = sum(record["fault"][1] == name for record in refused)
        yield column


# --- d: numbers that are hard to add up ---------------------------------------------------------

FIGURES = {
    "epoch_nanoseconds": ("int64", lambda pick, _: str(1_700_000_000_000_000_000 + pick.randrange(10**9))),
    "sequential_id": ("int64", lambda _, number: str(1_500_000_000_000_000_000 + number)),
    "around_zero": ("int64", lambda pick, _: str(pick.randrange(-(1 << 63), 1 << 63))),
    "far_from_zero": ("float64", lambda pick, _: repr(1e9 + pick.random())),
    "cancelling": ("float64", lambda pick, number: repr((-1) ** number * 1e15 + pick.random())),
    "seconds": ("float64", lambda pick, _: f"{1_700_000_000 + pick.random():.6f}"),
}


def figures(binary):
    """Declared and observed, whole and in chunks: large numbers close to each other, sums that cancel."""
    source = WORK / "figures.csv"
    pick = random.Random(11)
    rows = [[make(pick, number) for _, make in FIGURES.values()] for number in range(5000)]
    source.write_text("".join(",".join(row) + "\n" for row in [FIGURES, *rows]))
    columns = [Column(name, kind) for name, (kind, _) in FIGURES.items()]
    for column, texts in zip(columns, zip(*rows)):
        column.add(texts)
    print(f"{source.name}: {source.stat().st_size:,} bytes, {len(rows)} records, {len(columns)} columns of numbers")
    for dataset in (None, {"columns": {column.name: column.kind for column in columns}}):
        for chunk_size in (WHOLE, 4096):
            run = Run(binary, source, chunk_size, dataset)
            same_columns(run, columns, 1e-10)
            print(f"  {run.name}: figures of {len(columns)} columns equal Python's")
            run.remove()


# ------------------------------------------------------------------------------------------------


def checks(binary, arguments):
    people(binary, arguments.rows)
    vega(binary)
    rejects(binary)
    figures(binary)


def options(parser):
    parser.add_argument("--rows", type=int, default=1_000_000, help="records of the generated file")


if __name__ == "__main__":
    main(__doc__, checks, options)
