"""What the checks of the built binary share: how they begin and end, a run of fanout, and a difference found."""

import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "checks"
WHOLE = 1 << 40

# Between this process and fanout's, so that the peak of memory is that of fanout alone: a process has at its start the
# peak of the one that it was forked from, if that is higher.
MEASURED = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as peak:
    peak.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


def main(description, checks, options=None):
    """Runs the checks in an empty folder, which is removed where nothing differs.

    `checks` takes the binary and the arguments, `options` adds to those that all checks have.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fanout", type=pathlib.Path, help="the built binary")
    parser.add_argument("--keep", action="store_true", help=f"keep the files in {WORK.relative_to(ROOT)}")
    if options:
        options(parser)
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    subprocess.run([ROOT / "tests/tools.sh"], check=True)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    clock = time.monotonic()
    try:
        checks(arguments.fanout.resolve(), arguments)
    except Difference as difference:
        sys.exit(f"difference: {difference}\nthe files are in {WORK.relative_to(ROOT)}")
    if not arguments.keep:
        shutil.rmtree(WORK)
    print(f"no difference, {time.monotonic() - clock:.0f} s")


class Difference(Exception):
    """What fanout and the reference don't agree on."""


def same(what, found, expected):
    if found != expected:
        raise Difference(f"{what}\n  fanout:    {shown(found)}\n  reference: {shown(expected)}")


def shown(value):
    text = repr(value)
    return text if len(text) <= 1000 else f"{text[:1000]}… ({len(text)} characters)"


def size_text(size):
    if size == WHOLE:
        return "the whole file"
    return next((f"{size // unit} {name}" for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")) if size % unit == 0),
                f"{size} B")


class Run:
    """A finished run: its report, and the parts that it wrote."""

    def __init__(self, binary, source, chunk_size, dataset=None, outputs="exact_profile,rejects,jsonl", text=None):
        """Runs it; `text` is the size of what a compressed file has in it."""
        self.name = f"{source.name}, chunks of {size_text(chunk_size)}{', typed' if dataset else ''}"
        command = [binary, "run", source, "--json", "--out", WORK / "runs", "--chunk-size", str(chunk_size)]
        command += ["--outputs", outputs]
        if dataset:
            place = WORK / "dataset.json"
            place.write_text(json.dumps(dataset))
            command += ["--dataset", place]
        peak = WORK / "peak"
        done = subprocess.run([sys.executable, "-c", MEASURED, peak, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise Difference(f"{self.name}: fanout ended with {done.returncode}: {done.stderr.strip()}")
        self.report = json.loads(done.stdout)
        self.peak = int(peak.read_text()) / 1024  # MiB
        self.folder = pathlib.Path(self.report["results"]["bucket"], self.report["results"]["key"])
        self.check(text or source.stat().st_size, WHOLE if text else chunk_size)

    def check(self, size, chunk_size):
        """What must hold in every run, whatever the file."""
        report = self.report
        coverage = report["coverage"]
        same(f"{self.name}: coverage.verified", coverage["verified"], True)
        same(f"{self.name}: coverage.end", coverage["end"], size)
        same(f"{self.name}: coverage.bytes", sum(coverage["bytes"].values()), size - coverage["data_start"])
        chunks = -(-(size - coverage["data_start"]) // chunk_size)
        same(f"{self.name}: chunks", report["chunks"], chunks)
        status = "succeeded_with_rejects" if report["rejects"] else "succeeded"
        same(f"{self.name}: status", report["status"], status)
        same(f"{self.name}: report.json", json.loads((self.folder / "report.json").read_text()), report)
        for output in report["outputs"]:
            self.check_output(output)

    def check_output(self, output):
        """The report's numbers of parts and bytes, the list of parts, and the files agree."""
        name = f"{self.name}: output {output['name']}"
        listed = json.loads((self.folder / "parts.json").read_text()).get(output["name"], [])
        same(f"{name}: parts", len(listed), output["parts"])
        same(f"{name}: bytes", sum(part["bytes"] for part in listed), output["bytes"])
        for part in listed:
            same(f"{name}: size of {part['key']}", (self.folder / part["key"]).stat().st_size, part["bytes"])
        if output["name"] in ("jsonl", "parquet"):
            same(f"{name}: records", sum(part["records"] for part in listed), self.report["records"])
            same(f"{name}: files", self.files(f"data/*.{output['name']}"), [part["key"] for part in listed])
        if output["name"] == "rejects":
            same(f"{name}: records", output["records"], self.report["rejects"])
            same(f"{name}: files", self.files("rejects/*"), sorted(part["key"] for part in listed))

    def files(self, pattern):
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(pattern))

    def lines(self):
        """The lines of all JSON parts, one after another."""
        for key in self.files("data/*.jsonl"):
            with open(self.folder / key, encoding="utf-8", newline="\n") as part:
                yield from part

    def digest(self):
        """A hash of all JSON parts, one after another."""
        digest = hashlib.sha256()
        for key in self.files("data/*.jsonl"):
            with open(self.folder / key, "rb") as part:
                while piece := part.read(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()

    def rejects(self):
        """The bytes of the refused records, and the lines of JSON about them."""
        raw = b"".join((self.folder / key).read_bytes() for key in self.files("rejects/*.csv"))
        lines = b"".join((self.folder / key).read_bytes() for key in self.files("rejects/*.jsonl"))
        return raw, [json.loads(line) for line in lines.split(b"\n")[:-1]]

    def remove(self):
        shutil.rmtree(self.folder)
