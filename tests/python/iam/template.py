"""The template's roles with all names filled in, for a stack with every parameter that adds a policy."""

import pathlib
import re

from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parents[3]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
ACCOUNT, REGION = "000000000000", "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:people"
READ_KEY, WRITE_KEY = (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}" for name in ("of-uploads", "of-results"))

REFERENCES = {
    "AWS::Partition": "aws",
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::StackName": "fanout",
    "AWS::URLSuffix": "amazonaws.com",
}
# The parameters that differ from their defaults.
PARAMETERS = {"NotifyTopic": TOPIC, "SourceBuckets": "sources", "ReadKeys": READ_KEY, "WriteKey": WRITE_KEY}
FUNCTIONS = {"Planner", "Processor", "Reducer"}


def arn(logical):
    kind = TEMPLATE["Resources"][logical]["Type"]
    if logical in FUNCTIONS:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{logical}"
    if kind == "AWS::Logs::LogGroup":
        return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{logical}:*"
    assert kind == "AWS::SQS::Queue", logical
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{logical}"


def holds(name):
    return filled(TEMPLATE["Conditions"][name])


def reference(name):
    if name in REFERENCES:
        return REFERENCES[name]
    if name in TEMPLATE["Parameters"]:
        return str(PARAMETERS.get(name, TEMPLATE["Parameters"][name]["Default"]))
    return name


def filled(value):
    """A value of the template without functions."""
    if isinstance(value, list):
        return [filled(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, given),) = value.items()
        match function:
            case "Ref":
                return reference(given)
            case "Condition" if isinstance(given, str):
                return holds(given)
            case "Fn::GetAtt":
                parts = given if isinstance(given, list) else given.split(".")
                assert parts[1] == "Arn", given
                return arn(parts[0])
            case "Fn::Sub":
                text, names = (given, {}) if isinstance(given, str) else given
                names = {name: filled(one) for name, one in names.items()}
                return re.sub(r"\$\{([\w:]+)\}", lambda found: names.get(found[1]) or reference(found[1]), text)
            case "Fn::If":
                return filled(given[1] if holds(given[0]) else given[2])
            case "Fn::Equals":
                one, other = filled(given)
                return one == other
            case "Fn::Not":
                return not filled(given)[0]
            case "Fn::Or":
                return any(filled(given))
            case "Fn::And":
                return all(filled(given))
            case "Fn::Join":
                separator, parts = given
                parts = filled(parts)
                return separator.join(parts if isinstance(parts, list) else [parts])
            case "Fn::Split":
                separator, text = filled(given)
                return text.split(separator)
    return {name: filled(one) for name, one in value.items()}


def statements(role):
    """All statements of a role, those of policies that parameters add among them."""
    found = []
    for policy in TEMPLATE["Resources"][role]["Properties"]["Policies"]:
        found += filled(policy["PolicyDocument"]["Statement"])
    for resource in TEMPLATE["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]:
            if holds(resource["Condition"]):
                found += filled(resource["Properties"]["PolicyDocument"]["Statement"])
    return found


def environment(function):
    """The variables that the template sets for a function."""
    of_all = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    own = TEMPLATE["Resources"][function]["Properties"].get("Environment", {}).get("Variables", {})
    memory = filled(TEMPLATE["Resources"][function]["Properties"]["MemorySize"])
    return {name: str(filled(value)) for name, value in (of_all | own).items()} | {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory)
    }
