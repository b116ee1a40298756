"""What is packaged is made of one DataFusion: Cargo compiles a crate again for each set of features of what is below it."""

import subprocess

from house.workspace import ROOT

# As tests/build.sh builds them, and the tests of SQL.
PACKAGED = [
    ["-p", "fanout-planner"],
    ["-p", "fanout-processor"],
    ["-p", "fanout-reducer"],
    ["-p", "fanout-cli", "--features", "fanout-cli/sql"],
    ["-p", "fanout-sql", "-p", "fanout-reducer", "-e", "normal,build,dev"],
]


def features(*arguments: str) -> dict[str, set[str]]:
    """By name and version: the features that each crate below what the arguments select is built with."""
    command = ["cargo", "tree", "--locked", "--offline", "--prefix", "none", "-f", "{p}|{f}", *arguments]
    if "-e" not in arguments:
        command += ["-e", "normal,build"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {}
    for line in filter(None, done.stdout.splitlines()):
        name, _, listed = line.removesuffix(" (*)").partition("|")
        found.setdefault(" ".join(name.split()[:2]), set()).add(listed)
    return found


def test_packaged_programs_share_one_datafusion():
    below = features("-p", "datafusion")
    assert len(below) > 100
    first, *others = [features(*selected) for selected in PACKAGED]
    for selected, other in zip(PACKAGED[1:], others, strict=True):
        pairs = {name: (first.get(name), other.get(name)) for name in below}
        differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        assert not differing, f"{selected}: ask for the same features in functions/sql/Cargo.toml: {differing}"
