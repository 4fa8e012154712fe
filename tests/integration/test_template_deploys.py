"""The template in moto's CloudFormation: every resource of the types that moto knows is made as described.

moto passes over Glue, Athena and the policies of buckets and queues; the local cloud makes those too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from infra.common import watch
from infra.common.code_locations import CodeLocations, artifact_key
from infra.common.pipeline import DescribedDataSet, template_json
from infra.ingestion import work
from infra.ingestion.template import build_template

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS:UserWarning")

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
ACCOUNT, REGION = "123456789012", "us-east-2"
ARTIFACTS = f"covid-lake-artifacts-{ACCOUNT}-{REGION}"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def deploy(environment: str) -> dict[str, str]:
    """Create an environment's stack and return the physical ids of its resources by logical id."""
    s3, formation = boto3.client("s3"), boto3.client("cloudformation")
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    keys = {name: artifact_key("f" * 64, f"{name}.zip") for name in (*work.FUNCTIONS, watch.FOLDER)}
    for key in keys.values():
        s3.put_object(
            Bucket=ARTIFACTS, Key=f"covid-lake-{environment}/{key}", Body=b"PK\x05\x06" + b"\0" * 18
        )
    code = CodeLocations.packaged(
        keys, {"ingest.py": artifact_key("f" * 64, "ingest.py")}, artifact_key("f" * 64, "library.zip")
    )
    s3.put_object(
        Bucket=ARTIFACTS,
        Key="template.json",
        Body=template_json(build_template(code, [DescribedDataSet("uk_covid")])).encode(),
    )
    parameters = yaml.safe_load((ENVIRONMENTS / f"{environment}.yaml").read_text())["parameters"]
    formation.create_stack(
        StackName=f"covid-lake-{environment}",
        TemplateURL=f"https://{ARTIFACTS}.s3.amazonaws.com/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    resources = formation.list_stack_resources(StackName=f"covid-lake-{environment}")[
        "StackResourceSummaries"
    ]
    return {resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in resources}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
@pytest.mark.usefixtures("aws")
def test_the_stack_of_each_environment_is_made(environment: str) -> None:
    made = deploy(environment)
    stack = f"covid-lake-{environment}"
    assert boto3.client("sqs").get_queue_url(QueueName=f"{stack}-undelivered")
    functions = boto3.client("lambda").list_functions()["Functions"]
    assert sorted(function["FunctionName"] for function in functions) == [
        f"{stack}-check-crawler",
        f"{stack}-find-work",
        f"{stack}-start-crawler",
        f"{stack}-watch",
    ]
    assert len(boto3.client("iam").list_roles()["Roles"]) == 9
    assert ("Key" in made) == (environment != "dev")
    encryption = boto3.client("s3").get_bucket_encryption(Bucket=made["LakeBucket"])
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert rule["SSEAlgorithm"] == ("AES256" if environment == "dev" else "aws:kms")


@pytest.mark.usefixtures("aws")
def test_retention_of_logs_follows_the_environment() -> None:
    deploy("prod")
    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    assert len(groups) == 7
    assert {group["retentionInDays"] for group in groups} == {365}


@pytest.mark.usefixtures("aws")
def test_policies_name_resources_of_this_account_only() -> None:
    made, iam = deploy("dev"), boto3.client("iam")
    for title in ("JobRole", "CrawlerRole", "StateMachineRole"):
        document: Any = iam.get_role_policy(RoleName=made[title], PolicyName="Permissions")["PolicyDocument"]
        text = json.dumps(document)
        assert "${" not in text
        assert f"arn:aws:s3:::{made['LakeBucket']}" in text
