"""Lambda functions: error names, environment, packages, runtimes, and what is left when they go."""

from __future__ import annotations

import io
import json
import os
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import processes
from localcloud.cloud import LocalCloud

ROLE = "core-lambda-role"
Invoke = Callable[..., tuple[dict[str, Any], Any]]


def bundle(source: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("handler.py", textwrap.dedent(source))
    return memory.getvalue()


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def role(cloud: LocalCloud) -> Iterator[str]:
    iam = cloud.client("iam")
    made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    yield made["Role"]["Arn"]
    iam.delete_role(RoleName=ROLE)


@pytest.fixture
def invoke(cloud: LocalCloud, role: str) -> Iterator[Invoke]:
    client = cloud.client("lambda")
    made: list[str] = []

    def call(source: str, event: Any = None, **settings: Any) -> tuple[dict[str, Any], Any]:
        name = f"core-function-{len(made)}"
        settings = {"Runtime": "python3.11", "Handler": "handler.handler", "Timeout": 20, **settings}
        client.create_function(FunctionName=name, Role=role, Code={"ZipFile": bundle(source)}, **settings)
        made.append(name)
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        return answer, json.loads(answer["Payload"].read())

    yield call
    for name in made:
        client.delete_function(FunctionName=name)


def test_an_exception_keeps_its_class_name_and_stack_trace(invoke: Invoke) -> None:
    answer, payload = invoke(
        """
        class CrawlerBusy(Exception):
            "Still at work."
        def handler(event, context):
            raise CrawlerBusy("crawl 7")
        """
    )
    assert answer["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("CrawlerBusy", "crawl 7")
    assert payload["stackTrace"][0].startswith('  File "/var/task/handler.py", line 5, in handler')


def test_a_failed_invocation_leaves_the_environment_warm(cloud: LocalCloud, invoke: Invoke) -> None:
    _, first = invoke(
        """
        import os
        def handler(event, context):
            raise RuntimeError(os.getpid())
        """
    )
    again = cloud.client("lambda").invoke(FunctionName="core-function-0")
    assert json.loads(again["Payload"].read())["errorMessage"] == first["errorMessage"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import pandas\ndef handler(event, context): return 1", "Runtime.ImportModuleError"),
        ("def other(event, context): return 1", "Runtime.HandlerNotFound"),
        ("def handler(event, context:", "Runtime.UserCodeSyntaxError"),
        ("def handler(event, context): return {1, 2}", "Runtime.MarshalError"),
        ("import sys\ndef handler(event, context): sys.exit(3)", "Runtime.ExitError"),
    ],
)
def test_errors_of_the_runtime_have_its_names(invoke: Invoke, source: str, error: str) -> None:
    _, payload = invoke(source)
    assert payload["errorType"] == error


def test_a_function_that_takes_too_long_is_timed_out(invoke: Invoke) -> None:
    answer, payload = invoke("import time\ndef handler(event, context): time.sleep(30)", Timeout=1)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"


def test_the_environment_is_that_of_lambda_and_not_of_the_server(invoke: Invoke) -> None:
    _, variables = invoke(
        "import os\ndef handler(event, context): return dict(os.environ)",
        Environment={"Variables": {"CRAWLER": "lake"}},
    )
    assert variables["CRAWLER"] == "lake"
    assert variables["AWS_EXECUTION_ENV"].startswith("AWS_Lambda_python3.")
    foreign = {"HOME", "GATEWAY_PORT", "STATE_DIR", "MINISTACK_ACCOUNT_ID", "VIRTUAL_ENV"}
    assert not foreign & set(variables), "the server's own variables reach the function"
    assert not any(name in variables for name in os.environ if name.startswith("PYTEST"))


def test_what_a_function_prints_and_logs_is_its_log(cloud: LocalCloud, invoke: Invoke) -> None:
    invoke(
        """
        import logging
        def handler(event, context):
            print("printed")
            logging.getLogger("x").warning("logged %s", 1)
        """
    )
    logs = cloud.client("logs")
    events = logs.filter_log_events(logGroupName="/aws/lambda/core-function-0")["events"]
    text = "\n".join(event["message"] for event in events)
    assert "printed" in text
    assert "[WARNING]" in text
    assert "logged 1" in text
    assert "\x1e" not in text


def test_the_function_has_the_rights_of_its_role_and_no_others(
    cloud: LocalCloud, invoke: Invoke, role: str
) -> None:
    source = """
        import boto3
        def handler(event, context):
            boto3.client("sts").get_caller_identity()
            return [b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]]
        """
    _, refused = invoke(source)
    assert "(AccessDenied)" in refused["errorMessage"]
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    cloud.client("iam").put_role_policy(
        RoleName=ROLE, PolicyName="list", PolicyDocument=json.dumps({"Statement": [statement]})
    )
    try:
        _, names = invoke(source)
    finally:
        cloud.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="list")
    assert isinstance(names, list)


@pytest.mark.parametrize("runtime", ["nodejs22.x", "python2.7", "java21"])
def test_a_runtime_that_cannot_be_run_is_refused_by_name(cloud: LocalCloud, role: str, runtime: str) -> None:
    with pytest.raises(ClientError, match=f"does not support runtime '{runtime}'"):
        cloud.client("lambda").create_function(
            FunctionName="core-refused",
            Role=role,
            Runtime=runtime,
            Handler="a.b",
            Code={"ZipFile": bundle("")},
        )


def test_a_role_that_lambda_may_not_assume_is_refused(cloud: LocalCloud) -> None:
    iam = cloud.client("iam")
    made = iam.create_role(RoleName="core-glue-only", AssumeRolePolicyDocument=trust("glue.amazonaws.com"))
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        cloud.client("lambda").create_function(
            FunctionName="core-refused",
            Role=made["Role"]["Arn"],
            Runtime="python3.11",
            Handler="handler.handler",
            Code={"ZipFile": bundle("")},
        )
    iam.delete_role(RoleName="core-glue-only")


def test_code_that_is_not_in_the_bucket_is_refused(cloud: LocalCloud, role: str) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        cloud.client("lambda").create_function(
            FunctionName="core-refused",
            Role=role,
            Runtime="python3.11",
            Handler="handler.handler",
            Code={"S3Bucket": "core-no-such-bucket", "S3Key": "code.zip"},
        )


def test_deleting_a_function_ends_its_process(cloud: LocalCloud, invoke: Invoke) -> None:
    _, process = invoke("import os\ndef handler(event, context): return os.getpid()")
    assert process in processes.of(cloud.home.temporary)
    cloud.client("lambda").delete_function(FunctionName="core-function-0")
    assert process not in processes.of(cloud.home.temporary)
    cloud.client("lambda").create_function(
        FunctionName="core-function-0",
        Role=f"arn:aws:iam::000000000000:role/{ROLE}",
        Runtime="python3.11",
        Handler="handler.handler",
        Code={"ZipFile": bundle("")},
    )
