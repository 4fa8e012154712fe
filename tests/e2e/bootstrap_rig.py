"""The bootstrapped and deployed environment of the tests, and sessions of its roles, as GitHub gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.bundle.package import package
from covidlake.doctor import account
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.repository import Repository
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import artifacts, change_set, stack
from localcloud.cloud import ACCOUNT, LocalCloud
from tests.e2e import role_sessions
from tests.e2e.releases import ignore
from tests.e2e.role_sessions import AUDIENCE, acting_with

# No other test may use this environment: what is examined is all that the account has of it.
ENVIRONMENT, STACK = "staging", "covid-lake-staging"
REPOSITORY = Repository("acme", "77", "lake", "99")
BUCKET = f"covid-lake-artifacts-{ACCOUNT}-us-east-2"
DENIED = "AccessDenied|not authorized"


def deploy_environment(cloud: LocalCloud, folder: Path) -> Bundle:
    """Bootstrap and, with nothing but the deploy role, deploy the environment; give it a source bucket."""
    if project.SOURCE_BUCKET not in [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"]]:
        region: Any = {"LocationConstraint": cloud.region}
        cloud.client("s3").create_bucket(Bucket=project.SOURCE_BUCKET, CreateBucketConfiguration=region)
    bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, progress=ignore)
    secure_the_bucket_of_other_tests(cloud.client("s3"))
    bundle = package(folder / "bundle")
    with acting_as(cloud, "deploy"):
        deploy.deploy(ENVIRONMENT, bundle, ignore)
    return bundle


def secure_the_bucket_of_other_tests(s3: Any) -> None:
    """They may have made the account's artifact bucket before, without what bootstrap gives it."""
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    block = dict.fromkeys(account.BLOCKED, True)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(artifacts.bucket_policy(BUCKET)))


def take_on(cloud: LocalCloud, role: str, subject: str, audience: str = AUDIENCE) -> dict[str, str]:
    """Credentials of one of the environment's roles."""
    return role_sessions.take_on(cloud, f"{STACK}-{role}", subject, audience)


SUBJECTS = {
    "plan": "repo:acme@77/lake@99:pull_request",
    "deploy": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}",
    "ops": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}-ops",
    "drift": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}-ops",
}


def client(cloud: LocalCloud, role: str, service: str) -> Any:
    return cloud.client(service, take_on(cloud, role, SUBJECTS[role]))


@contextmanager
def acting_as(cloud: LocalCloud, role: str) -> Iterator[None]:
    """Let the verbs of this process call with the role's session."""
    with acting_with(take_on(cloud, role, SUBJECTS[role])):
        yield


def new_parameters() -> list[dict[str, str]]:
    found: Any = stack.describe(STACK)
    return [
        {"ParameterKey": one["ParameterKey"], "ParameterValue": "England"}
        if one["ParameterKey"] == "Areas"
        else {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
        for one in found["Parameters"]
    ]


SERVICE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-cloudformation"


def make_change_set(formation: Any, name: str, template: str = "", **more: Any) -> None:
    """A change set that changes a parameter: from the template at an address, or from the stack's own."""
    given: dict[str, Any] = {"TemplateURL": template} if template else {"UsePreviousTemplate": True}
    formation.create_change_set(
        StackName=STACK,
        ChangeSetName=name,
        Parameters=new_parameters(),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        **given,
        **more,
    )


def template_of(bundle: Bundle) -> str:
    """Where deploy has sent the template."""
    return change_set.template_url(BUCKET, bundle.template_key(STACK))


def plan_template_of(bundle: Bundle) -> str:
    """Where plan has sent the template."""
    name = f"{bundle.manifest['template.json']}.json"
    return change_set.template_url(BUCKET, f"plans/{STACK}/{name}")


def lake() -> str:
    return stack.find(ENVIRONMENT).outputs["LakeBucketName"]


def machine() -> str:
    return stack.find(ENVIRONMENT).outputs["StateMachineArn"]


def stack_role(logical_id: str) -> str:
    found = aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId=logical_id
    )
    return found["StackResourceDetail"]["PhysicalResourceId"]


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{STACK}-boundary"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
ANYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
