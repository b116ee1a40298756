"""report.html in headless Chromium: it shows the figures of report.json, data stays text, and it can be read anywhere.

The filter, its only script, runs where there are many columns. A file with markup, scripts and control characters in names and values is processed. Pictures are taken at the width of
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


@pytest.fixture(scope="module")
def many_columns(fanout, install, tmp_path_factory):
    """The page of a file of 60 columns, in one of which all values are the same."""
    install("chromium")
    folder = tmp_path_factory.mktemp("many")
    source = folder / "many.csv"
    with open(source, "w", encoding="utf-8") as text:
        text.write(",".join(f"column {n}" for n in range(60)) + "\n")
        for row in range(200):
            text.write(",".join(str(n if n == 7 else row % 7) for n in range(60)) + "\n")
    return run_fanout(fanout, folder, source, outputs="profile").folder / "report.html"


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
        "Succeeded, but < 0.1 % of the records were refused",
        f"{report['records']:,}",
        f"Coverage verified: bytes {coverage['data_start']} to {coverage['end']:,}, each record exactly once",
        "Invalid value in amount 3",
        "Field count 1",
        "4 rejects",
        f"fanout {report['fanout']}",
        f"{report['started_at'][:10]} {report['started_at'][11:19]} UTC",
    ]
    assert [figure for figure in figures if figure not in text] == []
    assert "Cost" not in text, "nothing is charged for on this machine"
    assert text.index("4 records were refused") < text.index("Standard deviation"), "rejects stand before columns"
    assert page.elements["svg"] == 3, "two histograms and the timeline"
    note(f"report.html: {(run.folder / 'report.html').stat().st_size:,} bytes")


def test_figures_of_the_columns(page, report):
    for index, (column, name) in enumerate(zip(report["columns"], ["id", "amount", *SHOWN], strict=True)):
        card = " ".join(page.cards[f"c{index}"])
        distinct = column["estimates"]["distinct"]
        about = "" if distinct["lower"] == distinct["upper"] else "≈ "
        figures = [name, column["type"], f"Values {column['count']:,}", f"Distinct {about}{distinct['estimate']:,}"]
        assert [figure for figure in figures if figure not in card] == [], card
    assert f"Max {RECORDS - 1:,}" in " ".join(page.cards["c0"])
    assert "Invalid 3" in " ".join(page.cards["c1"])
    assert "constant" in " ".join(page.cards["c2"])


def test_links_lead_to_files_of_the_run(page, run):
    files = [link for link in page.links if link.startswith("./")]
    assert {"./report.json", "./parts.json", "./data/part-00000.parquet", "./rejects/part-00000.jsonl"} <= set(files)
    assert [link for link in files if not (run.folder / link).is_file()] == []
    anchors = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert anchors <= {"rejects", *page.cards}


@pytest.mark.parametrize("words, shown", [("", 60), ("column 1", 15), ("INT64 constant", 1), ("no such column", 0)])
def test_filter(many_columns, tmp_path, words, shown):
    """The filter is shown by the script alone, which the page's policy allows."""
    typed = tmp_path / "typed.html"
    text = many_columns.read_text(encoding="utf-8")
    assert text.count('<input type="search"') == 1
    typed.write_text(text.replace('<input type="search"', f'<input value="{words}" type="search"'), encoding="utf-8")
    page = Page(chromium("--dump-dom", typed.as_uri()))
    assert f"{shown} of 60 columns" in page.text()
    assert len(page.cards) - page.hidden == shown


@pytest.mark.parametrize("theme", GROUNDS)
@pytest.mark.parametrize("width, height", [(400, 1600), (800, 1200), (1280, 1000)], ids=["phone", "tablet", "desk"])
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
