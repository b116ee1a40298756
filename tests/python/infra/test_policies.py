"""Each role may do what its code calls, on what it calls it on, and nothing else: the emulator enforces no policies.

The calls are read from the sources twice: the SDK's operations, and the capabilities of the store that a function uses.
"""

import json
import pathlib
import re

import boto3
import pytest
from botocore import xform_name
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parents[3]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]

# What an operation of the SDK, as its Rust name, asks IAM for (AWS: "Service Authorization Reference").
# GetObject of an object that is not there asks for ListBucket too, to say so; GetObjectVersion is for a version id.
ACTIONS = {
    "get_object": {"s3:GetObject"},
    "put_object": {"s3:PutObject"},
    "create_multipart_upload": {"s3:PutObject"},
    "upload_part": {"s3:PutObject"},
    "complete_multipart_upload": {"s3:PutObject"},
    "abort_multipart_upload": {"s3:AbortMultipartUpload"},
    "delete_object": {"s3:DeleteObject"},
    "select_object_content": {"s3:GetObject"},
    "start_execution": {"states:StartExecution"},
    "publish": {"sns:Publish"},
}

# Requests that are written by hand, by their path, and what they ask IAM for.
WRITTEN = {"2016-08-19/account-settings": {"lambda:GetAccountSettings"}}

# Of the store, for commands that a person runs with rights of their own: no function calls them.
OF_COMMANDS = {"list_objects_v2", "delete_objects"}

# What a function's code calls, and what that makes of the SDK.
CAPABILITIES = {
    r"\.read\(|\bget\(": {"get_object"},
    r"\.put\(": {"put_object"},
    r"\.create\(": {"put_object", "create_multipart_upload", "upload_part", "complete_multipart_upload"}
    | {"abort_multipart_upload"},
    r"\.delete\(": {"delete_object"},
    r"\.select\(": {"select_object_content"},
    r"\bstart_execution\(": {"start_execution"},
    r"\.publish\(\)": {"publish"},
}

# The name of a bucket: one of the stack, or one that was there before.
MADE = "${AWS::StackName}-%s-${AWS::AccountId}-${AWS::Region}"
NAMES = {
    "Uploads": {"Fn::If": ["MakesUploads", {"Fn::Sub": MADE % "upload"}, {"Ref": "UploadBucketName"}]},
    "Results": {"Fn::If": ["MakesResults", {"Fn::Sub": MADE % "results"}, {"Ref": "ResultsBucketName"}]},
}
BUCKET = "arn:${AWS::Partition}:s3:::"
STATES = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:"
MACHINE = STATES + "stateMachine:${AWS::StackName}"
BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"

READS_OBJECTS = {
    ("s3:GetObject", "uploads/*"),
    ("s3:GetObjectVersion", "uploads/*"),
    ("s3:ListBucket", "uploads"),
    ("s3:ListBucket", "results"),
}

ROLES = {
    "Planner": READS_OBJECTS
    | {
        ("s3:GetObject", "results/datasets/*"),
        ("s3:GetObject", "results/runs/*/report.json"),
        ("s3:PutObject", "results/runs/*/manifest/*"),
        ("states:StartExecution", "machine"),
        ("lambda:GetAccountSettings", "*"),  # which knows no resource
        ("events:PutEvents", "bus"),  # by Lambda, of an event that failed
    },
    "Processor": READS_OBJECTS
    | {
        ("s3:GetObject", "results/runs/*/results/*"),
        ("s3:GetObject", "results/runs/*/manifest/plan*.json"),
        ("s3:PutObject", "results/runs/*"),
        ("s3:AbortMultipartUpload", "results/runs/*"),
        ("s3:DeleteObject", "results/runs/*"),
    },
    "Reducer": {
        ("s3:GetObject", "results/runs/*/results/*"),
        ("s3:GetObject", "results/runs/*/manifest/plan*.json"),
        ("s3:ListBucket", "results"),
        ("s3:PutObject", "results/runs/*/manifest/*"),
        ("s3:PutObject", "results/runs/*/merged/*"),
        ("s3:PutObject", "results/runs/*/data/*"),
        ("s3:GetObject", "results/runs/*/sql/*"),
        ("s3:PutObject", "results/runs/*/sql/*"),
        ("s3:AbortMultipartUpload", "results/runs/*/sql/*"),
        ("s3:PutObject", "results/runs/*/parts.json"),
        ("s3:PutObject", "results/runs/*/report.html"),
        ("s3:PutObject", "results/runs/*/report.json"),
        ("s3:PutObject", "results/runs/*/failure.*"),
        ("s3:DeleteObject", "results/runs/*/failure.*"),
        ("s3:GetObject", "results/runs/*/failed/*"),
        ("sqs:SendMessage", "FailedUploads.Arn"),  # by Lambda, of an event that failed
    },
}

# What Step Functions does with the role of a state machine: for its tasks ("Process the chunk" and so on), for a
# distributed Map, its ItemReader and its ResultWriter (AWS: "IAM policies for using Distributed Map states"), for logs.
STATE_MACHINE = {
    ("lambda:InvokeFunction", "Planner.Arn"),
    ("lambda:InvokeFunction", "Processor.Arn"),
    ("lambda:InvokeFunction", "Reducer.Arn"),
    ("states:StartExecution", "machine"),
    ("states:DescribeExecution", "executions"),
    ("states:RedriveExecution", "children"),
    ("s3:GetObject", "results/runs/*/manifest/*"),
    ("s3:PutObject", "results/runs/*/map/*"),
    ("s3:GetObject", "results/runs/*/map/*"),
    ("s3:ListMultipartUploadParts", "results/runs/*/map/*"),
    ("s3:AbortMultipartUpload", "results/runs/*/map/*"),
}

# Log deliveries have no names that a policy could take (AWS: "Logging using CloudWatch Logs").
LOG_DELIVERY = {
    ("logs:" + action, "*")
    for action in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
}


def listed(value):
    return value if isinstance(value, list) else [value]


def name(resource):
    """A resource of a policy in short."""
    if isinstance(resource, str):
        return resource
    ((function, value),) = resource.items()
    if function == "Fn::GetAtt":
        return ".".join(listed(value))
    assert function == "Fn::Sub", resource
    if isinstance(value, list):
        value, names = value
        assert all(NAMES[name] == found for name, found in names.items()), names
    names = {MACHINE: "machine", BUS: "bus", STATES + "execution:${AWS::StackName}:*": "executions"}
    names[STATES + "execution:${AWS::StackName}/chunks:*"] = "children"
    value = value.replace(BUCKET + "${Uploads}", "uploads")
    # Nothing of a results bucket that is shared is touched but what is below the prefix.
    value = value.replace(BUCKET + "${Results}/${ResultsPrefix}", "results/").replace(BUCKET + "${Results}", "results")
    return names.get(value, value)


def allowed(policy):
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow" and not {"NotAction", "NotResource"} & set(statement), statement
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield action, resource


def role(logical):
    properties = TEMPLATE[logical]["Properties"]
    assert "ManagedPolicyArns" not in properties
    return [(action, name(resource)) for policy in properties["Policies"] for action, resource in allowed(policy)]


def code(folder):
    """The sources under a folder without their tests and comments."""
    files = [path.read_text() for path in sorted((ROOT / folder).rglob("src/**/*.rs")) if path.name != "tests.rs"]
    return re.sub(r"//[^\n]*", "", "\n".join(text.partition("#[cfg(test)]")[0] for text in files))


def sdk_operations():
    for service in ("s3", "stepfunctions", "sns"):
        model = boto3.Session().client(service, region_name="us-east-1").meta.service_model
        yield from (xform_name(operation) for operation in model.operation_names)


def test_the_code_uses_the_operations_of_the_table_and_no_others():
    text = code("functions")
    used = {operation for operation in sdk_operations() if re.search(rf"\.\s*{operation}\(\)", text)}
    assert used == set(ACTIONS) | OF_COMMANDS
    written = re.findall(r'let path = "([^"]+)";\s*let request = Request \{', text)
    assert (set(written), text.count("= Request {")) == (set(WRITTEN), len(WRITTEN))
    for function in ROLES:
        assert not re.search(r"\.list\(", code(f"functions/{function.lower()}")), function


@pytest.mark.parametrize("function", ROLES)
def test_a_function_may_do_what_it_does(function):
    logs = f"{function}Logs.Arn"
    wanted = ROLES[function] | {("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)}
    found = role(f"{function}Role")
    assert sorted(found) == sorted(wanted)
    text = code(f"functions/{function.lower()}")
    called = {operation for use, made in CAPABILITIES.items() if re.search(use, text) for operation in made}
    of_calls = {action for operation in called for action in ACTIONS[operation]}
    of_calls |= {action for path, asked in WRITTEN.items() if f'"{path}"' in text for action in asked}
    beside = {"s3:ListBucket", "s3:GetObjectVersion", "sqs:SendMessage", "events:PutEvents"}
    if function == "Reducer":
        of_calls.remove("sns:Publish")  # of NotifyPolicy
    assert {action for action, _ in ROLES[function]} - beside == of_calls


def test_the_reducer_tells_the_topic_that_it_may_tell():
    topic = {"Fn::If": ["MakesTopic", {"Ref": "Topic"}, {"Ref": "NotifyTopic"}]}
    assert TEMPLATE["Reducer"]["Properties"]["Environment"]["Variables"]["NOTIFY_TOPIC"] == topic

def test_the_state_machine_may_do_what_its_states_do():
    assert sorted(role("StateMachineRole")) == sorted(STATE_MACHINE | LOG_DELIVERY)


def test_each_function_has_its_own_role_and_there_are_no_others():
    for logical, resource in TEMPLATE.items():
        properties = resource["Properties"]
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
            assert properties["Role"] == {"Fn::GetAtt": [f"{logical}Role", "Arn"]}
            assert "Policies" not in properties
    roles = {logical for logical, resource in TEMPLATE.items() if resource["Type"] == "AWS::IAM::Role"}
    assert roles == {"PlannerRole", "ProcessorRole", "ReducerRole", "StateMachineRole"}


# Policies that a parameter adds: who has them, and what they allow on what.
THROUGH_S3 = {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"}}
FUNCTIONS = ["PlannerRole", "ProcessorRole", "ReducerRole"]
ADDED = {
    "NotifyPolicy": ("Notifies", ["ReducerRole"], {"sns:Publish": {"Fn::If": ["MakesTopic", {"Ref": "Topic"}, {"Ref": "NotifyTopic"}]}}),
    # A key is of this account or another one: a policy of the key has to allow it too.
    "ReadKeysPolicy": ("HasReadKeys", ["PlannerRole", "ProcessorRole"], {"kms:Decrypt": {"Ref": "ReadKeys"}}),
    # GenerateDataKey is for each object that is written, Decrypt for what is read again, and for parts of uploads.
    "WriteKeyPolicy": (
        "HasWriteKey",
        [*FUNCTIONS, "StateMachineRole"],
        {"kms:GenerateDataKey": {"Ref": "WriteKey"}, "kms:Decrypt": {"Ref": "WriteKey"}},
    ),
    # AWS: "Giving Lambda functions access to resources in an Amazon VPC".
    "VpcPolicy": (
        "InVpc",
        FUNCTIONS,
        {
            "ec2:" + action: "*"
            for action in (
                "CreateNetworkInterface",
                "DescribeNetworkInterfaces",
                "DescribeSubnets",
                "DeleteNetworkInterface",
                "AssignPrivateIpAddresses",
                "UnassignPrivateIpAddresses",
            )
        },
    ),
    # AWS: "IAM policies for X-Ray in Step Functions"; functions use the first two.
    "TracingPolicy": (
        "Traces",
        [*FUNCTIONS, "StateMachineRole"],
        {
            "xray:" + action: "*"
            for action in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
        },
    ),
}


@pytest.mark.parametrize("policy", ADDED)
def test_a_policy_of_a_parameter(policy):
    condition, roles, wanted = ADDED[policy]
    resource = TEMPLATE[policy]
    assert resource["Condition"] == condition
    assert resource["Properties"]["Roles"] == [{"Ref": role} for role in roles]
    found = {}
    for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow" and not {"NotAction", "NotResource"} & set(statement)
        found |= {action: statement["Resource"] for action in listed(statement["Action"])}
    assert found == wanted


def test_keys_are_used_through_s3_for_the_results_alone():
    (reads,) = TEMPLATE["ReadKeysPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert reads["Condition"] == {"StringEquals": THROUGH_S3}
    for statement in TEMPLATE["WriteKeyPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        assert statement["Condition"]["StringEquals"] == THROUGH_S3
        # The bucket with a Bucket Key, the object without.
        context = statement["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"]
        assert [name(one) for one in context] == ["results", "results/*"]


def test_results_are_encrypted_with_the_key():
    (rule,) = TEMPLATE["ResultsBucket"]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    condition, with_key, without = rule["Fn::If"]
    assert condition == "HasWriteKey" and with_key["BucketKeyEnabled"] is True
    assert with_key["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {"Ref": "WriteKey"}
    assert without == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_every_role_takes_the_rules_of_the_account():
    roles = [found["Properties"] for found in TEMPLATE.values() if found["Type"] == "AWS::IAM::Role"]
    for properties in roles:
        assert properties["Path"] == {"Ref": "RolePath"}
        boundary = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
        assert properties["PermissionsBoundary"] == boundary
        assert "RoleName" not in properties


def test_an_upload_bucket_that_was_there_is_watched_by_a_rule():
    assert [TEMPLATE[name]["Condition"] for name in ("UploadBucket", "UploadBucketPolicy", "UploadInvokes")] == [
        "MakesUploads"
    ] * 3
    rule = TEMPLATE["UploadArrived"]
    assert (rule["Condition"], TEMPLATE["UploadArrivedInvokes"]["Condition"]) == ("HasUploads", "HasUploads")
    detail = rule["Properties"]["EventPattern"]["detail"]
    assert detail == {
        "bucket": {"name": [{"Ref": "UploadBucketName"}]},
        "object": {"key": [{"prefix": {"Ref": "UploadPrefix"}}]},
    }


def test_events_are_taken_from_the_stack_alone():
    """Whoever may invoke a function is a rule of the stack, or its upload bucket in its account."""
    for permission in (found for found in TEMPLATE.values() if found["Type"] == "AWS::Lambda::Permission"):
        properties = permission["Properties"]
        if properties["Principal"] == "s3.amazonaws.com":
            assert properties["SourceAccount"] == {"Ref": "AWS::AccountId"}
            assert properties["SourceArn"] == {"Fn::Sub": BUCKET + MADE % "upload"}
        else:
            assert properties["Principal"] == "events.amazonaws.com"
            ((rule, attribute),) = [properties["SourceArn"]["Fn::GetAtt"]]
            assert TEMPLATE[rule]["Type"] == "AWS::Events::Rule" and attribute == "Arn"
    rule = TEMPLATE["RunEnded"]["Properties"]["EventPattern"]
    assert rule["detail"]["stateMachineArn"] == [{"Fn::Sub": MACHINE}]
    rule = TEMPLATE["UploadRefused"]["Properties"]["EventPattern"]
    assert rule["detail"]["requestContext"]["functionArn"] == [{"prefix": {"Fn::GetAtt": ["Planner", "Arn"]}}]


def test_alarms_tell_those_who_are_told():
    topic = {"Fn::If": ["MakesTopic", {"Ref": "Topic"}, {"Ref": "NotifyTopic"}]}
    alarms = {name: found for name, found in TEMPLATE.items() if found["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(alarms) == {"FailedRunsAlarm", "FailedUploadsAlarm", "ThrottlesAlarm", "RejectsAlarm"}
    for name, alarm in alarms.items():
        assert (alarm["Condition"], alarm["Properties"]["AlarmActions"]) == ("Notifies", [topic]), name
        assert alarm["Properties"]["AlarmDescription"].endswith("."), name


def test_the_dashboard_shows_metrics_that_are_written():
    """Those of fanout's own namespace, by the table in the crate of the log."""
    source = (ROOT / "functions/log/src/metrics_layer.rs").read_text()
    written = set(re.findall(r'^    \("\w+", "(\w+)", "\w+"\),$', source, re.MULTILINE))
    body = TEMPLATE["RunsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = json.loads(body)
    assert [widget["type"] for widget in shown["widgets"]] == ["metric"] * 6
    lines = [line for widget in shown["widgets"] for line in widget["properties"]["metrics"]]
    named = {line[1] for line in lines if isinstance(line[0], str) and line[0] in ("fanout", ".")}
    named |= set(re.findall(r'MetricName=\\?"(\w+)', body))
    assert {"Runs", "FailedRuns", "Records", "Rejects", "Bytes", "ChunkDuration", "CostUSD"} <= named <= written
    assert TEMPLATE["RejectsAlarm"]["Properties"]["MetricName"] in written


def test_source_buckets_are_read_by_planner_and_processor():
    """The parameter's buckets by name: their objects to read, the buckets themselves to tell what is missing."""
    policies = {name: found for name, found in TEMPLATE.items() if found["Type"] == "AWS::IAM::Policy"}
    assert set(policies) == {"SourceBucketsPolicy", *ADDED}
    properties = policies["SourceBucketsPolicy"]["Properties"]
    assert properties["Roles"] == [{"Ref": "PlannerRole"}, {"Ref": "ProcessorRole"}]
    found = {}
    for action, resource in allowed(properties):
        separator, (text, parts) = resource["Fn::Split"][0], resource["Fn::Split"][1]["Fn::Sub"]
        ((part, join),) = parts.items()
        joined = join["Fn::Join"][0].join(["one", "two"])
        assert join["Fn::Join"][1] == {"Fn::Split": [",", {"Ref": "SourceBuckets"}]}
        found[action] = text.replace("${%s}" % part, joined).split(separator)
    objects = ["arn:aws:s3:::one/*", "arn:aws:s3:::two/*"]
    assert found == {
        "s3:GetObject": objects,
        "s3:GetObjectVersion": objects,
        "s3:ListBucket": ["arn:aws:s3:::one", "arn:aws:s3:::two"],
    }


def test_only_actions_without_resources_are_allowed_everywhere():
    roles = ["PlannerRole", "ProcessorRole", "ReducerRole", "StateMachineRole"]
    everywhere = {(action, resource) for logical in roles for action, resource in role(logical) if resource == "*"}
    assert everywhere == LOG_DELIVERY | {("lambda:GetAccountSettings", "*")}
    assert not [action for logical in roles for action, _ in role(logical) if "*" in action]
