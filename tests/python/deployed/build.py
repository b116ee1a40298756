"""Functions to deploy from a plain `cargo build --release`, in the form that `sam build` gives them."""

import json
import pathlib
import shutil

from samtranslator.yaml_helper import yaml_parse

BUILD = "cargo build --release --bins -p fanout-planner -p fanout-processor -p fanout-reducer"


def plain_build(root: pathlib.Path, folder: pathlib.Path, text: str | None = None, build: str = BUILD) -> pathlib.Path:
    """Fills the folder: the template, which names the files below; the state machine; a bootstrap for each function.

    The template is template.yaml, or the text of another one, whose functions `build` builds.
    """
    template = yaml_parse(text or (root / "template.yaml").read_text())
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = root / "target/release" / resource["Metadata"]["BuildProperties"]["Binary"]
            assert binary.is_file(), f"no {binary}: build it with {build}"
            (folder / name).mkdir()
            shutil.copy2(binary, folder / name / "bootstrap")
            resource["Properties"]["CodeUri"] = name
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "statemachine.asl.json"
    shutil.copy2(root / "statemachine.asl.json", folder)
    # JSON is YAML as well. A date, which JSON lacks, is a text in a policy.
    (folder / "template.yaml").write_text(json.dumps(template, default=str, indent=2))
    return folder
