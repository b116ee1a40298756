"""Files to try things on, and how reports of them are compared."""

HEADER = "id,name,pay\n"


def people(rows, note=""):
    """A CSV with quoted fields and line breaks in them; `note` makes its bytes differ from another one's."""
    lines = (f'{n},"Person, {n}\nof ""row"" {n}{note}",{n * 7 % 1000}.{n % 100:02}\n' for n in range(rows))
    return (HEADER + "".join(lines)).encode()


def comparable(report):
    """A report without what differs from run to run: its id, its object's place, its results' place, its times, its
    cost, the account's concurrency, the bytes read, as how many come beyond a chunk's end depends on how the connection cuts them, and what
    sketches flip coins for."""
    differing = ("run_id", "results", "started_at", "elapsed_ms", "bytes_read", "timeline", "cost", "concurrency")
    kept = {name: value for name, value in report.items() if name not in differing}
    for column in report["columns"]:
        column.get("estimates", {}).pop("quantiles", None)
        column.get("estimates", {}).pop("histogram", None)
    for output in report["outputs"]:
        if output["name"] == "parquet":
            output.pop("section", None)  # it says where the parts are
    return kept | {"object": {"size": report["object"]["size"]}}


def even(chunks, note=""):
    """A CSV, the size that cuts its data into so many chunks, each boundary elsewhere in a record."""
    size = 173
    rows = -(-chunks * size // 16)
    data = "".join(f"{n:07},{n % 10_000_000:07}\n" for n in range(rows))[: chunks * size]
    return f"id,{note or 'n'}\n{data}".encode(), size


def misleading(lines):
    """Few records, one of them with a text whose lines look exactly like records."""
    inside = "".join(f"{n},text,{n}\n" for n in range(lines))
    return f'a,b,c\n1,first,1\n2,"{inside}",2\n3,last,3\n'.encode()
