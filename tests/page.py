#!/usr/bin/env python3
"""Opens report.html in headless Chromium: what it shows, that data stays text, and that it can be read anywhere.

    target/tools/venv/bin/python tests/page.py target/release/fanout

A file with markup, scripts and control characters in names and values is processed; the page must show them as text,
with the figures of report.json. Pictures are taken at the width of a phone and of a desk, light and dark; with --keep
they stay in target/checks for a look at them. Needs Chromium, which tests/tools.sh installs where it can.
"""

import html.parser
import json
import subprocess
import tempfile

from PIL import Image

from checks import WORK, Difference, Run, main, same

HOSTILE = ["<script>document.title='x'</script>", "</title><b>bold</b>", 'a "quote" & <img src=x onerror=alert(1)>',
           "turned \u202eround", "escape\x1b[2J"]
SHOWN = HOSTILE[:3] + ["turned \\u{202e}round", "escape\\u{1b}[2J"]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Ground and text of the style sheet, light and dark.
GROUNDS = {"light": (0xFF, 0xFF, 0xFF), "dark": (0x14, 0x16, 0x1A)}
RECORDS = 30_000


def write(path):
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    with open(path, "w", encoding="utf-8", newline="") as text:
        text.write("id,amount," + ",".join(quoted) + "\n")
        for n in range(RECORDS):
            amount = "<i>none</i>" if n % 10_000 == 7 else f"{n % 1000}.25"
            text.write(f"{n},{amount}," + ",".join(quoted) + "\n")
        text.write("9,<u>ragged</u>\n")


def chromium(*arguments):
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", *FLAGS, f"--user-data-dir={profile}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=120)
    if done.returncode != 0:
        raise Difference(f"chromium ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode("utf-8")


class Page(html.parser.HTMLParser):
    """The text and the elements of the page as the browser has them."""

    def __init__(self, dom):
        super().__init__()
        self.elements, self.texts, self.rows, self.title, self.path = {}, [], [], "", []
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        self.elements[tag] = self.elements.get(tag, 0) + 1
        if tag not in ("meta", "link", "img", "br"):
            self.path.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "href"):
                raise Difference(f"<{tag}> has {name}={value}")

    def handle_endtag(self, tag):
        while self.path and self.path.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self.path:
            return
        if "title" in self.path and "svg" not in self.path:
            self.title += data
        self.texts.append(data)
        if self.rows and ("td" in self.path or "th" in self.path) and "svg" not in self.path:
            self.rows[-1][-1] += data

    def text(self):
        return " ".join("".join(self.texts).split())


def check_text(report, page):
    for tag in ("script", "img", "i", "u", "b", "iframe", "object", "link"):
        same(f"elements <{tag}>", page.elements.get(tag, 0), 0)
    same("title", page.title, f"{report['object']['key']} · fanout")
    text = page.text()
    for name in SHOWN:
        same(f"{name!r} is shown", name in text, True)
    for value in ("<i>none</i>", "9,<u>ragged</u>", "expected 7 fields, found 2 fields"):
        same(f"{value!r} is shown", value in text, True)
    figures = [f"{report['records']:,}", f"Coverage verified: bytes {report['coverage']['data_start']} to "
               f"{report['coverage']['end']:,}, each record exactly once", "invalid value in amount 3", "field count 1",
               "Nothing of this run was charged for", "4 records were refused"]
    for figure in figures:
        same(f"{figure!r} is shown", figure in text, True)
    rows = {row[0]: row for row in page.rows}
    for column, name in zip(report["columns"], ["id", "amount", *SHOWN]):
        row = rows[f"{name}{column['type']}"]
        same(f"{name}: values, invalid", (row[2], row[4]), (f"{column['count']:,}", f"{column['invalid']:,}"))
        same(f"{name}: distinct", row[5].removeprefix("≈ "), f"{column['estimates']['distinct']['estimate']:,}")
    same("least and greatest id", (rows["idint64"][6], rows["idint64"][8]), ("0", f"{RECORDS - 1:,}"))
    same("histograms", page.elements["svg"], 2)
    same("a lane for each chunk", text.count("compute"), 1)


def picture(page, place, width, height, theme):
    """A picture of the page in a frame of that width: headless windows have a width of 500 at least."""
    frame = WORK / "frame.html"
    frame.write_text(f'<body style="margin:0"><iframe style="border:0;width:{width}px;height:{height}px" '
                     f'src="{page.as_uri()}"></iframe>')
    scheme = {"light": 1, "dark": 0}[theme]
    chromium(f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={max(width, 500)},{height}",
             f"--screenshot={place}", frame.as_uri())
    with Image.open(place) as image:
        return image.convert("RGB")


def check_picture(name, picture, width, theme):
    """The ground has the theme's colour, text contrasts with it, and nothing runs over the right edge."""
    ground = GROUNDS[theme]
    same(f"{name}: ground", picture.getpixel((2, 2)), ground)
    inside = picture.crop((0, 0, width, picture.height)).get_flattened_data()
    dark = sum(1 for colour in inside if abs(sum(colour) - sum(ground)) > 300)
    same(f"{name}: something is written", dark > len(inside) // 200, True)
    edge = picture.crop((width - 3, 0, width, picture.height)).get_flattened_data()
    same(f"{name}: nothing at the right edge", set(edge), {ground})


def checks(binary, _):
    source = WORK / "hostile.csv"
    write(source)
    dataset = {"columns": {"id": "int64", "amount": "decimal(10,2)"}}
    run = Run(binary, source, 1 << 20, dataset, outputs="profile,parquet,rejects")
    page = run.folder / "report.html"
    check_text(json.loads((run.folder / "report.json").read_text()), Page(chromium("--dump-dom", page.as_uri())))
    print(f"report.html: {page.stat().st_size:,} bytes; hostile names and values are text, figures as in report.json")
    for width, height in ((390, 1600), (1280, 1000)):
        for theme in GROUNDS:
            name = f"page-{width}-{theme}.png"
            check_picture(name, picture(page, WORK / name, width, height, theme), width, theme)
            print(f"  {name}: ground, text and edges")


if __name__ == "__main__":
    main(__doc__, checks)
