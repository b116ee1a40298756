"""The deployed stack, and what a person does with one: upload, start, wait, read results."""

import io
import json
import time
import uuid
import zipfile

import boto3
from botocore.config import Config
from samtranslator.yaml_helper import yaml_parse

NAME = "fanout"
PATIENCE = 120  # seconds until what must happen counts as not happening


class Stack:
    def __init__(self, endpoint, payloads):
        settings = dict(
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}, read_timeout=PATIENCE, retries={"max_attempts": 0}),
        )
        client = boto3.Session().client
        self.s3, self.states = client("s3", **settings), client("stepfunctions", **settings)
        self.functions, self.formation = client("lambda", **settings), client("cloudformation", **settings)
        self.queues, self.tables = client("sqs", **settings), client("dynamodb", **settings)
        self.topics, self.logs = client("sns", **settings), client("logs", **settings)
        self.payload_file = payloads
        self.inputs = {}
        self.notices = []

    # ---- Deploying

    def deploy(self, built, **parameters):
        """Creates the stack that `sam build` left in a folder."""
        self.archive = "archive"
        for bucket in ("artifacts", self.archive):
            self.s3.create_bucket(Bucket=bucket)
        topic = self.topics.create_topic(Name="people")["TopicArn"]
        self.inbox = self.queues.create_queue(QueueName="inbox")["QueueUrl"]
        asked = self.queues.get_queue_attributes(QueueUrl=self.inbox, AttributeNames=["QueueArn"])
        self.topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"])
        parameters = {
            "Architecture": "x86_64",
            "SourceBuckets": self.archive,
            "NotifyTopic": topic,
            "NotifyFinished": "yes",
        } | parameters
        template = yaml_parse((built / "template.yaml").read_text())
        for name, resource in template["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Serverless::Function":
                code = bootstrap(built / properties["CodeUri"] / "bootstrap")
                self.s3.put_object(Bucket="artifacts", Key=f"{name}.zip", Body=code)
                properties["CodeUri"] = f"s3://artifacts/{name}.zip"
            if resource["Type"] == "AWS::Serverless::StateMachine":
                definition = (built / properties["DefinitionUri"]).read_bytes()
                self.s3.put_object(Bucket="artifacts", Key=f"{name}.json", Body=definition)
                properties["DefinitionUri"] = {"Bucket": "artifacts", "Key": f"{name}.json"}
        self.formation.create_stack(
            StackName=NAME,
            TemplateBody=json.dumps(template, default=str),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        made = until("the stack", lambda: self.settled())
        assert made["StackStatus"] == "CREATE_COMPLETE", made
        outputs = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
        self.uploads, self.results = outputs["UploadBucket"], outputs["ResultsBucket"]
        self.machine = outputs["StateMachineArn"]
        self.names = {name: self.physical(name) for name in ("Planner", "Processor", "Reducer", "FailedUploads")}

    def delete(self):
        """Deletes the stack; its buckets stay."""
        self.formation.delete_stack(StackName=NAME)

        def gone():
            found = [one for one in self.formation.list_stacks()["StackSummaries"] if one["StackName"] == NAME]
            return all(one["StackStatus"] == "DELETE_COMPLETE" for one in found)

        until("the end of the stack", gone)

    def settled(self):
        stack = self.formation.describe_stacks(StackName=NAME)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    def physical(self, name):
        found = self.formation.describe_stack_resource(StackName=NAME, LogicalResourceId=name)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    # ---- Using

    def upload(self, key, body, bucket=None):
        """Puts an object; its ETag."""
        return self.s3.put_object(Bucket=bucket or self.uploads, Key=key, Body=body)["ETag"].strip('"')

    def start(self, given, name=None):
        name = name or f"run-{uuid.uuid4().hex}"
        start = self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(given))
        return start["executionArn"]

    def run(self, given, name=None):
        """Starts an execution with a job or a plan, and waits for its end."""
        return self.ended(self.start(given, name))

    def ended(self, arn):
        def look():
            found = self.states.describe_execution(executionArn=arn)
            return None if found["status"] == "RUNNING" else found

        return until(f"the end of {arn}", look)

    def succeeded(self, execution):
        """The execution's output, after a look at its status."""
        assert execution["status"] == "SUCCEEDED", [execution.get(name) for name in ("status", "error", "cause")]
        return json.loads(execution["output"])

    def executions(self):
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def executions_of(self, key):
        """Executions that were started with a plan of this uploaded key."""
        for arn in self.executions():
            if arn not in self.inputs:
                self.inputs[arn] = json.loads(self.states.describe_execution(executionArn=arn)["input"])
        plans = {arn: given.get("plan") for arn, given in self.inputs.items()}
        planned = {arn: plan["object"] for arn, plan in plans.items() if isinstance(plan, dict) and "object" in plan}
        return [arn for arn, found in planned.items() if found["key"] == key and found["bucket"] == self.uploads]

    def execution_of(self, key, count=1):
        """The end of the only execution of this uploaded key; of all where several are expected."""
        arns = until(f"{count} executions of {key}", lambda: (a := self.executions_of(key)) and len(a) >= count and a)
        assert len(arns) == count, arns
        ends = [self.ended(arn) for arn in arns]
        return ends[0] if count == 1 else ends

    def invoke(self, function, event):
        """Calls a function directly: (its answer, None), or (None, its error)."""
        answer = self.functions.invoke(FunctionName=self.names[function], Payload=json.dumps(event))
        body = json.loads(answer["Payload"].read())
        return (None, body) if "FunctionError" in answer else (body, None)

    def plan(self, job, run_id):
        plan, error = self.invoke("Planner", {"job": job, "execution": run_id})
        assert not error, error
        return plan

    # ---- Looking

    def report(self, run_id):
        return json.loads(self.read(f"runs/{run_id}/report.json"))

    def has_report(self, run_id):
        return f"runs/{run_id}/report.json" in self.keys(f"runs/{run_id}/")

    def read(self, key):
        return self.s3.get_object(Bucket=self.results, Key=key)["Body"].read()

    def changed(self, key):
        """The time of the object's last change, in seconds since 1970-01-01."""
        return self.s3.head_object(Bucket=self.results, Key=key)["LastModified"].timestamp()

    def log(self, group, lines):
        """Writes lines to a log group of the stack: [(milliseconds, text)]."""
        group, stream = self.physical(group), f"test-{uuid.uuid4().hex}"
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": time, "message": text} for time, text in lines]
        self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.results, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def made(self, run_id):
        """What the run's outputs wrote, by name."""
        prefix = f"runs/{run_id}/"
        own = ("report.json", "report.html", "merged/", "results/", "manifest/", "map/", "failed/", "failure.")
        names = [key.removeprefix(prefix) for key in self.keys(prefix)]
        return {name: self.read(prefix + name) for name in names if not name.startswith(own)}

    def entered(self, arn):
        """Names of the states that the execution entered, in order; those of a Map's items are not among them."""
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = (event for page in pages for event in page["events"])
        return [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("StateEntered")]

    def payloads(self, arn):
        """[state, direction, bytes] of each input and output in the execution, its Map's children included."""
        lines = (json.loads(line) for line in self.payload_file.read_text().splitlines())
        return [rest for execution, *rest in lines if execution == arn]

    def take_failed_uploads(self):
        """The messages in the queue of failed uploads, which is empty then."""
        return self.take(self.names["FailedUploads"])

    def take(self, queue):
        """The messages in a queue, which is empty then."""
        receive = dict(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        found = []
        while messages := self.queues.receive_message(**receive).get("Messages", []):
            for message in messages:
                self.queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            found += [json.loads(message["Body"]) for message in messages]
        return found

    def notice(self, text):
        """The message to people that has this text in its subject."""

        def look():
            self.notices += [(message["Subject"], message["Message"]) for message in self.take(self.inbox)]
            return next((notice for notice in self.notices if text in notice[0]), None)

        return until(f"a message about {text}", look)

    def failed_uploads(self):
        asked = self.queues.get_queue_attributes(
            QueueUrl=self.names["FailedUploads"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])


def bootstrap(binary):
    """The zip of a function, as SAM makes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, binary.read_bytes())
    return made.getvalue()


def until(what, look):
    """Looks again and again until there is something to see."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"{what}: not within {PATIENCE} s")
