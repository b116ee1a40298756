#!/usr/bin/env python3
"""Makes of built functions what `sam deploy` takes without a build: a zip each, the state machine, and a template that
names them.

    infra/package.py <folder of the binaries> <arm64 or x86_64> <folder to fill>

The zips of the same binaries are the same, byte by byte.
"""

import pathlib
import re
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def zipped(binary: pathlib.Path, to: pathlib.Path) -> None:
    """A zip with the binary as `bootstrap`, which Lambda runs."""
    entry = zipfile.ZipInfo("bootstrap", LONG_AGO)
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)


def template(text: str, architecture: str) -> str:
    """The template with zips in the place of folders to build, for this instruction set."""
    text = re.sub(r"^( *)CodeUri: functions/(\w+)$", r"\1CodeUri: \2.zip", text, flags=re.MULTILINE)
    text = re.sub(r"^    Metadata:\n(?:      .*\n)+", "", text, flags=re.MULTILINE)
    parameter = re.compile(r"(^  Architecture:\n(?:    .*\n)*?    Default: )\w+$", re.MULTILINE)
    return parameter.sub(rf"\g<1>{architecture}", text)


def package(binaries: pathlib.Path, architecture: str, out: pathlib.Path) -> None:
    text = (ROOT / "template.yaml").read_text()
    functions = re.findall(r"^ *CodeUri: functions/(\w+)$", text, re.MULTILINE)
    out.mkdir(parents=True, exist_ok=True)
    for name in functions:
        zipped(binaries / name, out / f"{name}.zip")
    (out / "template.yaml").write_text(template(text, architecture))
    for name in ("statemachine.asl.json", "samconfig.toml", "LICENSE"):
        (out / name).write_bytes((ROOT / name).read_bytes())


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] not in ("arm64", "x86_64"):
        sys.exit(__doc__)
    package(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
