"""A run of the built binary that has ended: its report, its parts, and its peak of memory."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

WHOLE = 1 << 40  # a size of chunk that makes one chunk of any file
EXACT = "exact_profile,rejects,jsonl"  # outputs without estimates, which all chunk sizes make the same of a file

# Between this process and fanout's, so that the peak of memory is that of fanout alone: a process has at its start the
# peak of the one that it was forked from, if that is higher.
MEASURED = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as peak:
    peak.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


def run_fanout(
    binary: pathlib.Path,
    folder: pathlib.Path,
    source: pathlib.Path,
    chunk_size: int = WHOLE,
    dataset: dict | None = None,
    outputs: str = EXACT,
    text_size: int | None = None,
) -> "FinishedRun":
    """Runs fanout over a file and checks what holds in every run. Its results are under `folder`.

    `text_size` is given for a compressed file: the bytes of its text, of which there is one chunk.
    """
    name = f"{source.name}, chunks of {size_text(chunk_size)}{', typed' if dataset else ''}"
    command = [binary, "run", source, "--json", "--out", folder / "runs", "--chunk-size", str(chunk_size)]
    command += ["--outputs", outputs]
    if dataset:
        file = folder / "dataset.json"
        file.write_text(json.dumps(dataset))
        command += ["--dataset", file]
    peak = folder / "peak"
    done = subprocess.run([sys.executable, "-c", MEASURED, peak, *command], capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: fanout ended with {done.returncode}: {done.stderr.strip()}"
    run = FinishedRun(name, json.loads(done.stdout), int(peak.read_text()) / 1024)
    run.check(text_size or source.stat().st_size, WHOLE if text_size else chunk_size)
    return run


def size_text(size: int) -> str:
    if size == WHOLE:
        return "the whole file"
    units = ((1 << 20, "MiB"), (1 << 10, "KiB"))
    return next((f"{size // unit} {name}" for unit, name in units if size % unit == 0), f"{size} B")


class FinishedRun:
    """The report of a run that succeeded, the folder with its results, and the peak of memory in MiB."""

    def __init__(self, name: str, report: dict, peak: float):
        self.name, self.report, self.peak = name, report, peak
        self.folder = pathlib.Path(report["results"]["bucket"], report["results"]["key"])

    @property
    def data_start(self) -> int:
        return self.report["coverage"]["data_start"]

    @property
    def cut(self) -> str:
        """The number of chunks, and of those that were repaired, in words."""
        return f"{self.report['chunks']} chunks, {self.report['coverage']['repaired']} repaired"

    def check(self, size: int, chunk_size: int) -> None:
        """Checks what holds in every run, whatever the file: coverage, status, and the files of the outputs."""
        report, coverage = self.report, self.report["coverage"]
        if any(one["value"].startswith("UTF-16") for one in report.get("evidence", [])):
            chunk_size += chunk_size % 2  # its text is cut at whole units
        assert coverage["verified"] is True, self.name
        assert coverage["end"] == size, self.name
        assert sum(coverage["bytes"].values()) == size - coverage["data_start"], self.name
        assert report["chunks"] == -(-(size - coverage["data_start"]) // chunk_size), self.name
        assert report["status"] == ("succeeded_with_rejects" if report["rejects"] else "succeeded"), self.name
        assert json.loads((self.folder / "report.json").read_text()) == report, self.name
        for output in report["outputs"]:
            self.check_output(output)

    def check_output(self, output: dict) -> None:
        """The report's numbers of parts and bytes, the list of parts, and the files agree."""
        what = f"{self.name}: output {output['name']}"
        listed = self.parts(output["name"])
        keys = [part["key"] for part in listed]
        assert len(listed) == output["parts"], what
        assert sum(part["bytes"] for part in listed) == output["bytes"], what
        for part in listed:
            assert (self.folder / part["key"]).stat().st_size == part["bytes"], f"{what}: {part['key']}"
        if output["name"] in ("jsonl", "parquet"):
            assert sum(part["records"] for part in listed) == self.report["records"], what
            assert self.files(f"data/*.{output['name']}") == keys, what
        if output["name"] == "rejects":
            assert output["records"] == self.report["rejects"], what
            assert self.files("rejects/*") == sorted(keys), what

    def parts(self, output: str) -> list[dict]:
        """The parts of an output in the order of the list that the reducer writes: a reader takes them from there."""
        return json.loads((self.folder / "parts.json").read_text()).get(output, [])

    def files(self, pattern: str) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(pattern))

    def lines(self) -> Iterator[str]:
        """The lines of all JSON parts, one after another."""
        for key in self.files("data/*.jsonl"):
            with open(self.folder / key, encoding="utf-8", newline="\n") as part:
                yield from part

    def records(self) -> list[dict]:
        """The records of all JSON parts."""
        return [json.loads(line) for line in self.lines()]

    def digest(self) -> str:
        """A hash of all JSON parts, one after another."""
        digest = hashlib.sha256()
        for key in self.files("data/*.jsonl"):
            with open(self.folder / key, "rb") as part:
                while piece := part.read(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()

    def rejects(self) -> tuple[bytes, list[dict]]:
        """The bytes of the refused records, and the lines of JSON about them."""
        raw = b"".join((self.folder / key).read_bytes() for key in self.files("rejects/*.csv"))
        lines = b"".join((self.folder / key).read_bytes() for key in self.files("rejects/*.jsonl"))
        reasons = [json.loads(line) for line in lines.split(b"\n")[:-1]]
        for reason in reasons:  # places in a chunk, which other chunk sizes change
            del reason["chunk_record"], reason["chunk_line"]
        return raw, reasons

    def remove(self) -> None:
        """Removes the results, where a test has many runs over a large file."""
        shutil.rmtree(self.folder)
