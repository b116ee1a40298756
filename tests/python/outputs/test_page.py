"""report.html in headless Chromium: it shows the figures of report.json, data stays text, and it can be read anywhere.

A file with markup, scripts and control characters in names and values is processed. Pictures are taken at the width of
a phone and of a desk, light and dark. The browser is installed into the system where it is missing and apt is there.
"""

import json

import pytest

from finished_run import run_fanout
from outputs.browser import Page, chromium, picture

HOSTILE = [
    "<script>document.title='x'</script>",
    "</title><b>bold</b>",
    'a "quote" & <img src=x onerror=alert(1)>',
    "turned \u202eround",
    "escape\x1b[2J",
]
SHOWN = HOSTILE[:3] + ["turned \\u{202e}round", "escape\\u{1b}[2J"]
# Ground and text of the style sheet, light and dark.
GROUNDS = {"light": (0xFF, 0xFF, 0xFF), "dark": (0x14, 0x16, 0x1A)}
RECORDS = 30_000
DATASET = {"columns": {"id": "int64", "amount": "decimal(10,2)"}}


@pytest.fixture(scope="module")
def run(fanout, install, tmp_path_factory):
    """The run over the hostile file."""
    install("chromium")
    folder = tmp_path_factory.mktemp("page")
    source = folder / "hostile.csv"
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    with open(source, "w", encoding="utf-8", newline="") as text:
        text.write("id,amount," + ",".join(quoted) + "\n")
        for n in range(RECORDS):
            amount = "<i>none</i>" if n % 10_000 == 7 else f"{n % 1000}.25"
            text.write(f"{n},{amount}," + ",".join(quoted) + "\n")
        text.write("9,<u>ragged</u>\n")
    return run_fanout(fanout, folder, source, 1 << 20, DATASET, outputs="profile,parquet,rejects")


@pytest.fixture(scope="module")
def report(run):
    return json.loads((run.folder / "report.json").read_text())


@pytest.fixture(scope="module")
def page(run):
    return Page(chromium("--dump-dom", (run.folder / "report.html").as_uri()))


@pytest.mark.parametrize("tag", ["script", "img", "i", "u", "b", "iframe", "object", "link"])
def test_markup_in_data_makes_no_element(page, tag):
    assert page.elements.get(tag, 0) == 0


@pytest.mark.parametrize("shown", [*SHOWN, "<i>none</i>", "9,<u>ragged</u>", "expected 7 fields, found 2 fields"])
def test_names_and_values_are_text(page, shown):
    assert shown in page.text()


def test_title(page, report):
    assert page.title == f"{report['object']['key']} · fanout"


def test_figures_of_the_run(page, report, note, run):
    text, coverage = page.text(), report["coverage"]
    figures = [
        f"{report['records']:,}",
        f"Coverage verified: bytes {coverage['data_start']} to {coverage['end']:,}, each record exactly once",
        "invalid value in amount 3",
        "field count 1",
        "Nothing of this run was charged for",
        "4 records were refused",
    ]
    assert [figure for figure in figures if figure not in text] == []
    assert page.elements["svg"] == 2, "histograms"
    assert text.count("compute") == 1, "a lane for each chunk"
    note(f"report.html: {(run.folder / 'report.html').stat().st_size:,} bytes")


def test_figures_of_the_columns(page, report):
    rows = {row[0]: row for row in page.rows}
    for column, name in zip(report["columns"], ["id", "amount", *SHOWN], strict=True):
        row = rows[f"{name}{column['type']}"]
        assert (row[2], row[4]) == (f"{column['count']:,}", f"{column['invalid']:,}"), name
        assert row[5].removeprefix("≈ ") == f"{column['estimates']['distinct']['estimate']:,}", name
    assert (rows["idint64"][6], rows["idint64"][8]) == ("0", f"{RECORDS - 1:,}")


@pytest.mark.parametrize("theme", GROUNDS)
@pytest.mark.parametrize("width, height", [(390, 1600), (1280, 1000)], ids=["phone", "desk"])
def test_picture(run, tmp_path, width, height, theme):
    """The ground has the theme's colour, text contrasts with it, and nothing runs over the right edge."""
    ground = GROUNDS[theme]
    image = picture(run.folder / "report.html", tmp_path / f"page-{width}-{theme}.png", width, height, theme)
    assert image.getpixel((2, 2)) == ground
    inside = image.crop((0, 0, width, image.height)).get_flattened_data()
    dark = sum(1 for colour in inside if abs(sum(colour) - sum(ground)) > 300)
    assert dark > len(inside) // 200, "something is written"
    edge = image.crop((width - 3, 0, width, image.height)).get_flattened_data()
    assert set(edge) == {ground}, "nothing at the right edge"
