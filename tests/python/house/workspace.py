"""The workspace as Cargo and git know it, for checks that need nothing built and nothing installed."""

import json
import pathlib
import subprocess
from functools import cache

ROOT = pathlib.Path(__file__).resolve().parents[3]


@cache
def crates() -> dict[str, dict]:
    """By name: each crate of the workspace, as `cargo metadata` describes it."""
    command = ["cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {crate["name"]: crate for crate in json.loads(done.stdout)["packages"]}


def folder(crate: str) -> pathlib.Path:
    return pathlib.Path(crates()[crate]["manifest_path"]).parent


def dependencies(crate: str, *kinds: str | None) -> set[str]:
    """The names of direct dependencies. A kind is None, "build" or "dev", as Cargo names them."""
    return {found["name"] for found in crates()[crate]["dependencies"] if found["kind"] in kinds}


@cache
def locked() -> dict[str, set[str]]:
    """By name: the dependencies that Cargo.lock has of each crate; those of several versions together."""
    found, name, listed = {}, None, False
    for line in (ROOT / "Cargo.lock").read_text().splitlines():
        if line.startswith("name = "):
            name = line.split('"')[1]
            found.setdefault(name, set())
        elif line == "dependencies = [":
            listed = True
        elif line == "]":
            listed = False
        elif listed:
            found[name].add(line.split('"')[1].split(" ")[0])
    return found


def closure(names: set[str]) -> set[str]:
    """The crates with all that they depend on, as far as Cargo.lock tells."""
    seen, waiting = set(), list(names)
    while waiting:
        if (name := waiting.pop()) not in seen:
            seen.add(name)
            waiting.extend(locked()[name])
    return seen


@cache
def files() -> list[pathlib.Path]:
    """The files that git tracks or would track, as paths from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = sorted(set(filter(None, done.stdout.split("\0"))))
    return [pathlib.Path(name) for name in names if (ROOT / name).is_file()]
