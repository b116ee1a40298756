"""One plain table, written with one fault after the other, and what a reader makes of each.

A kind is a file as people send them: a title above the header, another delimiter, one record with a stray quote. The
values have what trips readers: commas, inches, apostrophes, and a backslash before a quote of another kind. A quoted
text has no comma or two: with one, a lost delimiter before it would leave a record of as many fields.
"""

from dataclasses import dataclass, field

HEADER = ["day", "hour", "code", "amount", "size", "remark"]
NAMELESS = [f"column_{number}" for number in range(1, 7)]
SIZES = ["wide", '5" inner', "small, red, new", "9\\' and 6\" long", "tall"]
REMARKS = [
    "Rugged enough for peak use, yet light, yet quick: it won't let you down.",
    "Dry, warm; and soft, too. Made to last.",
    "Keeps its shape wash after wash",
]
ROWS = [
    [f"{9 + at:02}/03/2024", f"{at:02}:15", f"AB-{1000 + 37 * at}", f"{at}.5{at}", SIZES[at % 5], REMARKS[at % 3]]
    for at in range(14)
]
ALWAYS_QUOTED = 5  # the last column


@dataclass
class Kind:
    """A file, and the names, accepted records and refused records that it has; no names where all of it is refused."""

    name: str
    text: str
    names: list[str] | None = field(default_factory=lambda: HEADER)
    records: list[list[str]] = field(default_factory=lambda: ROWS)
    refused: dict[str, int] = field(default_factory=dict)
    delimiter: str = ","
    quote: str = '"'


@dataclass
class Dialect:
    """The writing of a table."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None  # a second quote
    end: str = "\r\n"

    def cell(self, text: str, index: int) -> str:
        quoted = index == ALWAYS_QUOTED or any(special in text for special in (self.delimiter, self.quote, " "))
        text = text.replace(self.quote, (self.escape or self.quote) + self.quote)
        return f"{self.quote}{text}{self.quote}" if quoted else text

    def line(self, cells: list[str]) -> str:
        return self.delimiter.join(self.cell(text, index) for index, text in enumerate(cells)) + self.end

    def table(self, rows: list[list[str]] = ROWS, header: list[str] | None = HEADER) -> str:
        return "".join(map(self.line, [header] * (header is not None) + rows))


PLAIN = Dialect()
TEXT = PLAIN.table()


def kinds() -> list[Kind]:
    """Files with one fault as a whole."""
    bare = [",".join(HEADER), *(",".join(row[:4]) + f',"{row[4]}","{row[5]}"' for row in ROWS)]
    inches = sum('"' in row[4] for row in ROWS)
    narrow = [row[:-1] for row in ROWS]
    wide = [[*row, ""] for row in ROWS]
    below = len(ROWS) + 1
    return [
        Kind("source", TEXT),
        Kind("empty", "", None, []),
        Kind("no line break at the end", TEXT.removesuffix("\r\n")),
        Kind("two line breaks at the end", TEXT + "\r\n"),
        Kind("no header", PLAIN.table(header=None), NAMELESS),
        Kind("header twice", PLAIN.line(HEADER) + TEXT, refused={"repeated_header": 1}),
        Kind("header three times", PLAIN.line(HEADER) * 2 + TEXT, refused={"repeated_header": 2}),
        Kind("header in the middle", TEXT + PLAIN.table(ROWS[:3]), HEADER, ROWS + ROWS[:3], {"repeated_header": 1}),
        Kind("title", f"Orders of March\r\n{TEXT}"),
        Kind("title and blank line", f"Orders of March\r\n\r\n{TEXT}"),
        Kind("padded title and row", f"Orders,,,,,\r\n,,,,,\r\n{TEXT}"),
        Kind("footer", f"{TEXT}\r\nTotal: 14\r\nfrom the shop\r\n", refused={"footer": 2}),
        Kind("second table, narrower", TEXT + PLAIN.table(narrow, HEADER[:-1]), refused={"footer": below}),
        Kind("second table, wider", TEXT + PLAIN.table(wide, [*HEADER, "seen"]), refused={"footer": below}),
        Kind("header only", PLAIN.table([]), records=[]),
        Kind("one record", PLAIN.table(ROWS[:1]), records=ROWS[:1]),
        Kind("LF", Dialect(end="\n").table()),
        Kind("CR", Dialect(end="\r").table()),
        Kind("semicolons", Dialect(";").table(), delimiter=";"),
        Kind("tabs", Dialect("\t").table(), delimiter="\t"),
        Kind("pipes", Dialect("|").table(), delimiter="|"),
        Kind("carets", Dialect("^").table(), delimiter="^"),
        Kind("blanks", Dialect(" ").table(), delimiter=" "),
        Kind("0x1F", Dialect("\x1f").table(), delimiter="\x1f"),
        Kind("single quotes", Dialect(quote="'").table(), quote="'"),
        Kind("backslashes", Dialect(escape="\\").table([row for row in ROWS if "\\" not in row[4]]),
             records=[row for row in ROWS if "\\" not in row[4]]),
        Kind("no escape", "\r\n".join(bare) + "\r\n", records=[row for row in ROWS if '"' not in row[4]],
             refused={"malformed_quotes": inches}),
        Kind("delimiters at the end", TEXT.replace("\r\n", ",\r\n")),
        Kind("delimiters at the end of records", TEXT.replace("\r\n", ",\r\n").replace("remark,", "remark")),
        Kind("sep= line", f"sep=;\r\n{Dialect(';').table()}", delimiter=";"),
        Kind("comments", f"# orders\r\n# of March\r\n{TEXT}"),
    ]


def rows() -> list[list[str]]:
    return [HEADER, *ROWS]


def faulty_rows(fault: str) -> list[tuple[int, Kind]]:
    """Files in which one line has a fault, each with the number of that line; line 0 is the header."""
    made = []
    for at, row in enumerate(rows()):
        cells = [PLAIN.cell(text, index) for index, text in enumerate(row)]
        for column, text in enumerate(variants(fault, cells)):
            lines = [PLAIN.line(other) for other in rows()]
            lines[at] = text + PLAIN.end
            others = ROWS[: at - 1] + ROWS[at:] if at else ROWS
            made.append((at, Kind(f"{fault}, line {at}, {column}", "".join(lines), HEADER, others)))
    return made


def variants(fault: str, cells: list[str]) -> list[str]:
    """The lines that a fault makes of cells: one for each place where it can be."""
    places = range(len(cells))
    with_one = lambda make: [",".join(make(place)) for place in places]  # noqa: E731
    match fault:
        case "a delimiter more":
            return with_one(lambda place: [*cells[:place], "", *cells[place:]])
        case "a delimiter less":
            return [",".join([*cells[:at], cells[at] + cells[at + 1], *cells[at + 2 :]]) for at in places[:-1]]
        case "a stray quote":
            # Within quotes it stands behind the opening one.
            return with_one(lambda place: [*cells[:place], f'"{cells[place]}', *cells[place + 1 :]])
        case "other delimiters":
            return [" ".join(cells)]
    raise ValueError(fault)
