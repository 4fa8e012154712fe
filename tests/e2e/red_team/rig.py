"""One account with dev, staging, prod and the previews, and whoever can push a branch of a pull request.

Whoever can push a branch can change the workflows that run on it, and so takes every role whose subject such
a run can have: the plan roles of all environments, and all roles of the environment `preview`. Through the
deploy role of `preview` goes its CloudFormation role, and whatever role that one can make.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.bundle.package import package
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.deploy import deploy, preview_stack
from covidlake.ship.stack import stack
from localcloud.cloud import ACCOUNT, LocalCloud
from tests.e2e.bootstrap_rig import ANYTHING, BUCKET, REPOSITORY
from tests.e2e.releases import ignore
from tests.e2e.role_sessions import acting_with, role_arn, take_on

REPO = "repo:acme@77/lake@99"
PULL_REQUEST = f"{REPO}:pull_request"
PREVIEW, PREVIEW_OPS = f"{REPO}:environment:preview", f"{REPO}:environment:preview-ops"
ENVIRONMENTS = ("dev", "staging", "prod", "preview")
PROD = "covid-lake-prod"
REGION = "us-east-2"
EVIL_ROLE = "covid-lake-pr-8-EvilRole-1"
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
PLAN, DEPLOY = "plan of prod", "deploy of preview"
OPS, DRIFT = "ops of preview", "drift of preview"
FORMATION, STACK_ROLE, ADMINISTRATOR = "CloudFormation of preview", "a role of a preview", "administrator"
# By thief: the role of the bootstrap and the subject under which a branch of a pull request takes it.
TAKEN = {
    **{f"plan of {name}": (f"covid-lake-{name}-plan", PULL_REQUEST) for name in ENVIRONMENTS},
    DEPLOY: ("covid-lake-preview-deploy", PREVIEW),
    OPS: ("covid-lake-preview-ops", PREVIEW_OPS),
    DRIFT: ("covid-lake-preview-drift", PREVIEW_OPS),
}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


@dataclass
class World:
    """The account after prod and a preview were deployed, and the sessions of the thieves."""

    cloud: LocalCloud
    bundle: Bundle
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, who: str, service: str) -> Any:
        if (who, service) not in self._clients:
            self._clients[who, service] = self.cloud.client(service, self.sessions[who])
        return self._clients[who, service]

    def take_on(self, role: str, subject: str) -> dict[str, str]:
        return take_on(self.cloud, role, subject)

    def assume(self, role: str) -> dict[str, str]:
        answer = self.cloud.client("sts").assume_role(RoleArn=role_arn(role), RoleSessionName="thief")
        return dict(answer["Credentials"])

    @cached_property
    def outputs(self) -> dict[str, str]:
        return stack.find("prod").outputs

    @cached_property
    def lake(self) -> str:
        return self.outputs["LakeBucketName"]

    @cached_property
    def key(self) -> str:
        """prod's own key."""
        return str(self.cloud.client("kms").describe_key(KeyId=f"alias/{PROD}")["KeyMetadata"]["KeyId"])

    @property
    def context(self) -> dict[str, str]:
        """What S3 says that it uses prod's key for."""
        return {"aws:s3:arn": f"arn:aws:s3:::{self.lake}/clean/uk_covid/x"}

    @cached_property
    def ciphertext(self) -> bytes:
        made = self.cloud.client("kms").generate_data_key(
            KeyId=self.key, KeySpec="AES_256", EncryptionContext=self.context
        )
        return bytes(made["CiphertextBlob"])

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """prod's parameters, of which one would change."""
        return [
            {"ParameterKey": one["ParameterKey"], "ParameterValue": "England"}
            if one["ParameterKey"] == "Areas"
            else {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in aws.client("cloudformation").describe_stacks(StackName=PROD)["Stacks"][0]["Parameters"]
        ]

    def physical(self, logical_id: str, name: str = PROD) -> str:
        found = aws.client("cloudformation").describe_stack_resource(
            StackName=name, LogicalResourceId=logical_id
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def part(self, path: str) -> str:
        """A key in prod's part of the artifact bucket."""
        return f"{PROD}/{path}"

    @cached_property
    def artifact(self) -> str:
        """What prod's functions were made from."""
        return self.part(next(name for name in self.bundle.artifacts() if name.endswith("ingest.py")))

    @cached_property
    def template(self) -> str:
        return self.bundle.template_key(PROD)

    def next_artifact(self, who: str) -> str:
        """Where prod's next release will look for its code."""
        return self.part(f"artifacts/{hashlib.sha256(who.encode()).hexdigest()}/ingest.py")

    def record(self, who: str) -> str:
        return self.part(f"deployments/2099{hashlib.sha256(who.encode()).hexdigest()[:6]}.json")

    def plan_template(self, who: str) -> str:
        return f"plans/{PROD}/{hashlib.sha256(who.encode()).hexdigest()}.json"

    def url(self, key: str) -> str:
        return f"https://s3.{REGION}.amazonaws.com/{BUCKET}/{key}"


def build(cloud: LocalCloud, folder: Path) -> World:
    """Bootstrap all environments by hand, deploy prod and a preview by their own roles, let thieves in."""
    cloud.client("s3").create_bucket(
        Bucket=project.SOURCE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    for name in ENVIRONMENTS:
        bootstrap.bootstrap(name, REPOSITORY, progress=ignore)
    world = World(cloud, package(folder / "bundle"))
    with acting_with(world.take_on("covid-lake-prod-deploy", f"{REPO}:environment:prod")):
        deploy.deploy("prod", world.bundle, ignore)
    with acting_with(world.take_on("covid-lake-preview-deploy", PREVIEW)):
        preview_stack.deploy(8, world.bundle, 1.0, ignore)
    _give_prod_something_to_steal(world)
    _let_thieves_in(world)
    return world


def _give_prod_something_to_steal(world: World) -> None:
    cloud = world.cloud
    cloud.client("s3").put_object(Bucket=world.lake, Key="clean/uk_covid/x", Body=b"data")
    database = {"DatabaseName": world.outputs["DatabaseName"]}
    columns = {"Columns": [{"Name": "a", "Type": "string"}], "Location": f"s3://{world.lake}/clean/uk_covid/"}
    cloud.client("glue").create_table(
        **database, TableInput={"Name": "uk_covid", "StorageDescriptor": columns}
    )
    for name in ("deploy-pending", "deploy-doomed"):
        cloud.client("cloudformation").create_change_set(
            StackName=PROD,
            ChangeSetName=name,
            UsePreviousTemplate=True,
            Parameters=world.parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )


def _let_thieves_in(world: World) -> None:
    for thief, (role, subject) in TAKEN.items():
        world.sessions[thief] = world.take_on(role, subject)
    iam = world.cloud.client("iam")
    # CloudFormation's own role, whose policy is judged in a role that a test may take on.
    document = iam.get_role_policy(RoleName="covid-lake-preview-cloudformation", PolicyName="Permissions")
    for who, name, policy in (
        (FORMATION, "copy-of-cloudformation", json.dumps(document["PolicyDocument"])),
        (ADMINISTRATOR, "administrator", ANYTHING),
    ):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=OPEN)
        iam.put_role_policy(RoleName=name, PolicyName="Permissions", PolicyDocument=policy)
        world.sessions[who] = world.assume(name)
    # Whatever a template may ask for: any policy, any trust, and the boundary that it must have.
    made = world.client(FORMATION, "iam")
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-preview-boundary"
    made.create_role(RoleName=EVIL_ROLE, AssumeRolePolicyDocument=OPEN, PermissionsBoundary=boundary)
    made.put_role_policy(RoleName=EVIL_ROLE, PolicyName="all", PolicyDocument=ANYTHING)
    world.sessions[STACK_ROLE] = world.assume(EVIL_ROLE)


@dataclass(frozen=True)
class Turn:
    """One thief at work."""

    world: World
    who: str

    def aws(self, service: str) -> Any:
        return self.world.client(self.who, service)

    @property
    def own_topic(self) -> str:
        return arn("sns", "covid-lake-pr-8-notifications")


def alarm(turn: Turn, **changes: Any) -> None:
    """Put an alarm of the preview, which `changes` make worse."""
    turn.aws("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": "covid-lake-pr-8-alarm",
            "Namespace": "AWS/States",
            "MetricName": "ExecutionsFailed",
            "Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            **changes,
        }
    )


@dataclass(frozen=True)
class Attempt:
    """Who tries what; `despite` is the error that keeps an administrator from it as well."""

    thieves: tuple[str, ...]
    action: Callable[[Turn], Any]
    despite: str = ""
