"""Parameters of the template: each is documented, and reaches what it is for; what is asked of others is what roles need."""

import json
import pathlib
import re

from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parents[3]
DOCUMENT = yaml_parse((ROOT / "template.yaml").read_text())
RESOURCES, GLOBALS = DOCUMENT["Resources"], DOCUMENT["Globals"]["Function"]
FUNCTIONS = {"Planner": "PlannerMemory", "Processor": "ProcessorMemory", "Reducer": "ReducerMemory"}


def of_type(kind):
    return {name: found["Properties"] for name, found in RESOURCES.items() if found["Type"] == kind}


def test_every_parameter_is_documented_with_its_default():
    page = (ROOT / "docs/deploy.md").read_text().partition("## Parameters")[2].partition("\n## ")[0]
    documented = {}
    for names, defaults in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|", page, re.MULTILINE):
        names, values = re.findall(r"\w+", names), defaults.split(", ")
        documented |= zip(names, values * len(names) if len(values) == 1 else values)
    assert set(documented) == set(DOCUMENT["Parameters"])
    for name, parameter in DOCUMENT["Parameters"].items():
        shown, default = documented[name].strip("`"), str(parameter["Default"])
        # An empty one is told by what it means.
        assert shown == default if default else not re.match(r"\d|/", shown), name
        assert parameter["Description"].endswith("."), name


def test_every_parameter_is_grouped():
    groups = DOCUMENT["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(DOCUMENT["Parameters"])


def test_functions_have_their_memory_concurrency_network_and_traces():
    functions = of_type("AWS::Serverless::Function")
    assert {name: found["MemorySize"] for name, found in functions.items()} == {
        name: {"Ref": parameter} for name, parameter in FUNCTIONS.items()
    }
    reserved = {"Fn::If": ["Reserves", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    found = {name: function.get("ReservedConcurrentExecutions") for name, function in functions.items()}
    assert found == {"Planner": None, "Processor": reserved, "Reducer": None}
    # The planner takes the smaller number for its Map.
    assert functions["Planner"]["Environment"]["Variables"]["RESERVED_CONCURRENCY"] == {"Ref": "ReservedConcurrency"}
    condition, network, none = GLOBALS["VpcConfig"]["Fn::If"]
    assert (condition, none) == ("InVpc", {"Ref": "AWS::NoValue"})
    assert network == {"SubnetIds": {"Ref": "SubnetIds"}, "SecurityGroupIds": {"Ref": "SecurityGroupIds"}}
    assert GLOBALS["Tracing"]["Fn::If"][:2] == ["Traces", "Active"]
    assert GLOBALS["Environment"]["Variables"]["REQUESTER_PAYS"] == {"Ref": "RequesterPays"}


def test_all_logs_have_the_class_and_the_retention():
    groups = of_type("AWS::Logs::LogGroup")
    assert set(groups) == {f"{name}Logs" for name in (*FUNCTIONS, "StateMachine")}
    for name, properties in groups.items():
        assert properties["LogGroupClass"] == {"Ref": "LogClass"}, name
        assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


def test_the_dashboard_has_the_quantiles_of_chunks():
    body = json.loads(RESOURCES["RunsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    widgets = [json.dumps(widget["properties"]["metrics"]) for widget in body["widgets"]]
    (chunks,) = [widget for widget in widgets if "ChunkDuration" in widget]
    assert '"stat": "p50"' in chunks and '"stat": "p99"' in chunks


def test_the_policy_of_a_foreign_bucket_allows_what_the_roles_need():
    """The owner's side, as docs/accounts.md has it, against the stack's."""
    page = (ROOT / "docs/accounts.md").read_text().partition("## Buckets of other accounts")[2]
    statement = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    policy = RESOURCES["SourceBucketsPolicy"]["Properties"]
    needed = [found["Action"] for found in policy["PolicyDocument"]["Statement"]]
    assert (statement["Effect"], sorted(statement["Action"])) == ("Allow", sorted(needed))
    assert [role["Ref"] in principal for role, principal in zip(policy["Roles"], statement["Principal"]["AWS"])] == [True] * 2
    bucket, objects = statement["Resource"]
    assert objects == f"{bucket}/*", "ListBucket is on the bucket, the others are on its objects"
