"""What a release has beside the command line: functions that deploy without a build, and the bill of materials."""

import json
import stat
import subprocess
import sys
import tomllib
import zipfile

from samtranslator.yaml_helper import yaml_parse


def test_the_packaged_template_is_the_template_with_zips(root, tmp_path):
    binaries = tmp_path / "binaries"
    binaries.mkdir()
    for name in ("planner", "processor", "reducer"):
        (binaries / name).write_bytes(name.encode() * 100)
    made = [tmp_path / "one", tmp_path / "two"]
    for out in made:
        subprocess.run([root / "infra/package.py", binaries, "x86_64", out], check=True)
    assert [p.read_bytes() for p in sorted(made[0].iterdir())] == [p.read_bytes() for p in sorted(made[1].iterdir())]
    source, packaged = (yaml_parse((folder / "template.yaml").read_text()) for folder in (root, made[0]))
    assert packaged["Parameters"]["Architecture"]["Default"] == "x86_64"
    source["Parameters"]["Architecture"]["Default"] = "x86_64"
    for name, resource in source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"{binary}.zip"
            with zipfile.ZipFile(made[0] / f"{binary}.zip") as archive:
                (entry,) = archive.infolist()
                assert entry.filename == "bootstrap" and entry.external_attr >> 16 & stat.S_IXUSR
                assert archive.read(entry) == binary.encode() * 100
    assert packaged == source
    definition = packaged["Resources"]["StateMachine"]["Properties"]["DefinitionUri"]
    assert (made[0] / definition).read_bytes() == (root / "statemachine.asl.json").read_bytes()


def test_wrong_arguments_are_told(root, tmp_path):
    done = subprocess.run([root / "infra/package.py", tmp_path, "sparc", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1 and "arm64 or x86_64" in done.stderr


def test_the_bill_of_materials(root):
    done = subprocess.run([sys.executable, root / "infra/bom.py"], capture_output=True, text=True, check=True)
    bom = json.loads(done.stdout)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    components = {component["bom-ref"]: component for component in bom["components"]}
    lock = tomllib.loads((root / "Cargo.lock").read_text())["package"]
    locked = {f"pkg:cargo/{package['name']}@{package['version']}": package for package in lock}
    assert set(components) <= set(locked)
    for reference, component in components.items():
        assert component["licenses"][0]["expression"]
        checksum = locked[reference].get("checksum")
        assert component.get("hashes", []) == ([{"alg": "SHA-256", "content": checksum}] if checksum else [])
    names = {component["name"] for component in components.values()}
    assert {"fanout-core", "aws-sdk-s3", "lambda_runtime", "parquet", "ring", "clap"} <= names
    assert not names & {"proptest", "s3s", "fanout-s3-server", "fanout-tests"}, "crates of tests"
    linked = {one["ref"]: one["dependsOn"] for one in bom["dependencies"]}
    assert set(linked) == set(components) and all(set(found) <= set(components) for found in linked.values())
    reached, waiting = set(), [ref for ref in components if ref.startswith(("pkg:cargo/fanout-cli@", "pkg:cargo/fanout-"))]
    while waiting:
        if (ref := waiting.pop()) not in reached:
            reached.add(ref)
            waiting += linked[ref]
    assert reached == set(components)
