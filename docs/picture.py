#!/usr/bin/env python3
"""Makes docs/report.png, the picture in README: the top of the report of a sample run.

    python3 docs/picture.py target/release/fanout

Needs a built fanout, Chromium on the path, and Pillow. The same sample, the same window and the same fonts give the same
picture but for the figures of time.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageChops

PICTURE = pathlib.Path(__file__).resolve().parent / "report.png"
ROWS = 100_000
CHUNK = 1_000_000  # bytes, so that there are some chunks
WIDTH, HEIGHT = 1100, 2000  # of the window; the page is taken from its top
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
COLORS = 32
MOST_BYTES = 150 * 1024
MARGIN = 24  # pixels around what is on the page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    fanout = parser.parse_args().fanout.resolve()
    with tempfile.TemporaryDirectory() as folder:
        page = report(fanout, pathlib.Path(folder))
        shot = photograph(page, pathlib.Path(folder))
        picture = reduced(cut(Image.open(shot).convert("RGB")))
        picture.save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"{PICTURE.name}: {picture.width} x {picture.height} pixels, {size} bytes")
    if size > MOST_BYTES:
        sys.exit(f"{PICTURE.name} has {size} bytes, at most {MOST_BYTES} are wanted")


def report(fanout, folder):
    """Runs the sample and returns its page, without what stands below the second column."""
    run([fanout, "sample", "--rows", str(ROWS), "--out", "people.csv"], folder)
    run([fanout, "run", "people.csv", "--chunk-size", str(CHUNK), "--out", "runs", "--quiet"], folder)
    (page,) = (folder / "runs").glob("*/report.html")
    text = page.read_text(encoding="utf-8")
    # The facts, the findings and some columns are enough; and nobody needs the path of a folder.
    top = text[: text.index('<article class="column" id="c2">')].replace(f"{folder}/", "")
    shown = folder / "shown.html"
    shown.write_text(f"{top}</div></section></main></body></html>", encoding="utf-8")
    return shown


def run(command, folder):
    subprocess.run([str(part) for part in command], cwd=folder, check=True)


def photograph(page, folder):
    shot = folder / "shot.png"
    options = [f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}"]
    done = subprocess.run(["chromium", *FLAGS, *options, page.as_uri()], capture_output=True, timeout=120)
    if done.returncode != 0 or not shot.is_file():
        sys.exit(f"chromium ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return shot


def cut(image):
    """Cuts away the empty ground around the page."""
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(image, ground).getbbox()
    return image.crop((max(left - MARGIN, 0), max(top - MARGIN, 0), min(right + MARGIN, WIDTH), bottom + MARGIN))


def reduced(image):
    """Keeps a few colours, which a page of text does not miss."""
    return image.quantize(COLORS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
