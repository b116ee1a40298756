"""An account of the emulator with the buckets, keys and roles of a stack, in which functions run with their roles."""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from iam import runtime, template

UPLOADS, RESULTS, SOURCES = "fanout-upload-000000000000-us-east-1", "fanout-results-000000000000-us-east-1", "sources"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:fanout"
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}


def client(service, endpoint, credentials=None):
    given = credentials or {"AccessKeyId": "root", "SecretAccessKey": "root", "SessionToken": None}
    return boto3.Session().client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, read_timeout=120),
    )


class Account:
    """Buckets, a state machine, a topic, and the roles of the template."""

    def __init__(self, endpoint, binary):
        self.endpoint, self.binary = endpoint, binary
        self.s3, self.iam = client("s3", endpoint), client("iam", endpoint)
        for bucket in (UPLOADS, RESULTS, SOURCES):
            self.s3.create_bucket(Bucket=bucket)
        client("sns", endpoint).create_topic(Name="people")
        client("sqs", endpoint).create_queue(QueueName="FailedUploads")
        definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
        self.credentials = {role: self.make(role) for role in self.roles()}
        client("stepfunctions", endpoint).create_state_machine(
            name="fanout", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{template.ACCOUNT}:role/StateMachineRole"
        )

    @staticmethod
    def roles():
        return [f"{name}Role" for name in ("Planner", "Processor", "Reducer", "StateMachine")]

    def make(self, role):
        trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [trusted]}
        self.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        self.allow(role, template.statements(role))
        arn = f"arn:aws:iam::{template.ACCOUNT}:role/{role}"
        return client("sts", self.endpoint).assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]

    def allow(self, role, statements):
        policy = {"Version": "2012-10-17", "Statement": statements}
        self.iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=json.dumps(policy))

    def put(self, bucket, key, body):
        self.s3.put_object(Bucket=bucket, Key=key, Body=body if isinstance(body, bytes) else json.dumps(body).encode())

    def get(self, key):
        return json.loads(self.s3.get_object(Bucket=RESULTS, Key=key)["Body"].read())

    def run(self, function, event):
        """Runs a function with its role; its answer."""
        given = self.credentials[f"{function}Role"]
        environment = template.environment(function) | {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_MAX_ATTEMPTS": "1",
        }
        if function == "Planner":
            environment["STATE_MACHINE_ARN"] = MACHINE
        answer, error = runtime.invoke(self.binary(function), event, environment)
        assert not error, error
        return answer

    def call(self, role, service, operation, via=None, **arguments):
        """Calls AWS with a role, through another service. A refusal is an error; that there is no such thing is none."""
        made = client(service, self.endpoint, self.credentials[role])
        if via:
            made.meta.events.register("before-call", lambda params, **_: params["headers"].update({"X-Via-Service": via}))
        try:
            getattr(made, operation)(**arguments)
        except ClientError as error:
            assert error.response["Error"]["Code"] not in DENIED, error
        return None
