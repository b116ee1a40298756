"""Functions to deploy from a plain `cargo build`, in the form that `sam build` gives them."""

import json
import os
import pathlib
import shutil
import subprocess

from samtranslator.yaml_helper import yaml_parse

BUILD = "cargo build --release --bins -p fanout-planner -p fanout-processor -p fanout-reducer"


def plain_build(
    root: pathlib.Path,
    folder: pathlib.Path,
    text: str | None = None,
    build: str | None = None,
    beside: pathlib.Path | None = None,
) -> pathlib.Path:
    """Fills the folder: the template, which names the files below; the state machine; a bootstrap for each function.

    The template is template.yaml, with functions built for release, or those beside a command line of another build; or
    the text of another one, whose functions `build` builds without optimisation.
    """
    released = root / "target/release"
    target = root / "target/debug" if text else beside.parent if beside else released
    template = yaml_parse(text or (root / "template.yaml").read_text())
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = target / resource["Metadata"]["BuildProperties"]["Binary"]
            assert binary.is_file(), f"no {binary}: build it with {build or BUILD}"
            (folder / name).mkdir()
            shutil.copy2(binary, folder / name / "bootstrap")
            if target != released:
                subprocess.run(["strip", folder / name / "bootstrap"], check=True)
            resource["Properties"]["CodeUri"] = name
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "statemachine.asl.json"
    shutil.copy2(root / "statemachine.asl.json", folder)
    # JSON is YAML as well. A date, which JSON lacks, is a text in a policy.
    (folder / "template.yaml").write_text(json.dumps(template, default=str, indent=2))
    return folder
