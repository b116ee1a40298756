"""Headless Chromium: the page as the browser has it, and pictures of it."""

import html.parser
import pathlib
import subprocess
import tempfile

from PIL import Image

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium(*arguments) -> str:
    """What Chromium prints."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", *FLAGS, f"--user-data-dir={profile}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode("utf-8")


def picture(page: pathlib.Path, file: pathlib.Path, width: int, height: int, theme: str) -> Image.Image:
    """A picture of the page in a frame of that width: headless windows have a width of 500 at least."""
    frame = file.with_suffix(".html")
    style = f"border:0;width:{width}px;height:{height}px"
    frame.write_text(f'<body style="margin:0"><iframe style="{style}" src="{page.as_uri()}"></iframe>')
    scheme = {"light": 1, "dark": 0}[theme]
    window = f"--window-size={max(width, 500)},{height}"
    chromium(f"--blink-settings=preferredColorScheme={scheme}", window, f"--screenshot={file}", frame.as_uri())
    with Image.open(file) as image:
        return image.convert("RGB")


class Page(html.parser.HTMLParser):
    """The text, the elements and the links of the page as the browser has them.

    Fails where something is loaded, where something runs on an event, and where a link leaves the page's folder.
    """

    def __init__(self, dom: str):
        super().__init__()
        self.elements, self.texts, self.title, self.path = {}, [], "", []
        self.links, self.cards, self.hidden = [], {}, 0
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        self.elements[tag] = self.elements.get(tag, 0) + 1
        if tag not in ("meta", "link", "img", "br", "input"):
            self.path.append(tag)
        attributes = dict(attributes)
        if tag == "article":
            self.cards[attributes["id"]] = []
            self.hidden += "hidden" in attributes
        assert not [name for name in attributes if name.startswith("on") or name == "src"], f"<{tag}> has {attributes}"
        if link := attributes.get("href"):
            assert link.startswith(("#", "./")), f"<{tag}> has {attributes}"
            self.links.append(link)

    def handle_endtag(self, tag):
        while self.path and self.path.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self.path or "script" in self.path:
            return
        if "title" in self.path and "svg" not in self.path:
            self.title += data
        self.texts.append(data)
        if "article" in self.path:
            self.cards[list(self.cards)[-1]].append(data)

    def text(self) -> str:
        return " ".join("".join(self.texts).split())
