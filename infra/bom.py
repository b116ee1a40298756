#!/usr/bin/env python3
"""Prints the bill of materials of the binaries: every crate that is built into them, as CycloneDX 1.6 in JSON.

It is read from Cargo's own metadata and from Cargo.lock: name, version, licence, source, checksum, and what depends on
what. Crates of tests and of build scripts alone are not in it.
"""

import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARIES = ("fanout-cli", "fanout-planner", "fanout-processor", "fanout-reducer")
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")


def metadata(*arguments: str) -> dict:
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def built(found: dict) -> dict[str, list[str]]:
    """By id: the crates of the binaries, each with those that it is linked with."""
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    names = {package["id"]: package["name"] for package in found["packages"]}
    linked = {}
    waiting = [id for id, name in names.items() if name in BINARIES]
    while waiting:
        id = waiting.pop()
        if id in linked:
            continue
        kinds = ((dep["pkg"], {kind["kind"] for kind in dep["dep_kinds"]}) for dep in nodes[id]["deps"])
        linked[id] = sorted(pkg for pkg, found in kinds if None in found)
        waiting += linked[id]
    return linked


def bom() -> dict:
    found = metadata(*(argument for target in TARGETS for argument in ("--filter-platform", target)))
    packages = {package["id"]: package for package in found["packages"]}
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}
    linked = built(found)
    reference = {id: f"pkg:cargo/{packages[id]['name']}@{packages[id]['version']}" for id in linked}
    components = []
    for id in sorted(linked, key=lambda id: reference[id]):
        package = packages[id]
        component = {
            "type": "library",
            "bom-ref": reference[id],
            "name": package["name"],
            "version": package["version"],
            "purl": reference[id],
        }
        if package["license"]:
            component["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        checksum = checksums.get((package["name"], package["version"]))
        if checksum:
            component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        components.append(component)
    version = next(package["version"] for package in found["packages"] if package["name"] == BINARIES[0])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "fanout", "name": "fanout", "version": version}},
        "components": components,
        "dependencies": [
            {"ref": reference[id], "dependsOn": sorted(reference[other] for other in linked[id])}
            for id in sorted(linked, key=lambda id: reference[id])
        ],
    }


if __name__ == "__main__":
    json.dump(bom(), sys.stdout, indent=2)
    print()
