"""Every template of the repository, rendered for concrete environments as CloudFormation and IAM see it."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import infra
from infra.bootstrap import policies as bootstrap_policies
from infra.bootstrap.names import SERVICE_ROLE
from infra.bootstrap.role_shape import title
from infra.common.pipeline import template_json
from tests.environment import PROVE
from tests.facts.evaluator import Statement, listed
from tests.unit.infra.conftest import DESCRIBED, TABLES, packaged_code
from tests.unit.infra.intrinsics import resolve

ACCOUNT = "111122223333"
BOOTSTRAP = "infra.bootstrap.template"
Template = dict[str, Any]


@functools.cache
def builders() -> dict[str, Any]:
    """By module: every `build_template` under `infra`, whatever pipeline it is of."""
    modules = [one.name for one in pkgutil.walk_packages(infra.__path__, "infra.")]
    loaded = {name: importlib.import_module(name) for name in modules if name.endswith(".template")}
    return {name: module.build_template for name, module in loaded.items()}


@functools.cache
def template(module: str) -> Template:
    known = {"code": packaged_code(), "described": DESCRIBED, "tables": TABLES}
    builder = builders()[module]
    arguments = {name: known[name] for name in inspect.signature(builder).parameters}
    parsed: Template = json.loads(template_json(builder(**arguments)))
    return parsed


def main_modules() -> list[str]:
    return sorted(set(builders()) - {BOOTSTRAP})


@dataclass(frozen=True)
class Case:
    """An environment as it is deployed: `environment` names its roles, `stack` its stack."""

    environment: str = "dev"
    stack: str = "covid-lake-dev"
    encryption: str = "SSE-S3"
    partition: str = "aws"
    bounded: bool = True

    def __str__(self) -> str:
        return f"{self.stack} {self.encryption} {self.partition}"

    @property
    def region(self) -> str:
        return {"aws": "us-east-2", "aws-cn": "cn-north-1"}[self.partition]

    @property
    def preview(self) -> bool:
        return self.environment == "preview"

    @property
    def prefix(self) -> str:
        return f"covid-lake-{self.environment}"

    @property
    def boundary_arn(self) -> str:
        return self.arn("iam", f"policy/{self.prefix}-boundary")

    @property
    def artifact_bucket(self) -> str:
        return f"covid-lake-artifacts-{ACCOUNT}-{self.region}"

    def role_arn(self, role: str) -> str:
        """`cloudformation` -> the ARN of the environment's role."""
        return self.arn("iam", f"role/{self.prefix}-{role}")

    def arn(self, service: str, resource: str) -> str:
        region = {"iam": "", "s3": ""}.get(service, self.region)
        region = "" if service == "cloudwatch" and resource.startswith("dashboard/") else region
        account = "" if service == "s3" else ACCOUNT
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    @property
    def master_secret_arn(self) -> str:
        """Of the secret that RDS keeps for the master of a cluster."""
        return self.arn("secretsmanager", "secret:rds!cluster-1a2b3c-AbCdEf")

    def tags(self, kind: str) -> dict[str, str]:
        tags = {"Application": "covid-lake", "Environment": self.environment}
        return {f"aws:{kind}Tag/{key}": value for key, value in tags.items()}


_ALL = [
    Case(environment, stack, encryption, partition)
    for environment, stack in (("dev", "covid-lake-dev"), ("preview", "covid-lake-pr-8"))
    for encryption in ("SSE-S3", "SSE-KMS")
    for partition in ("aws", "aws-cn")
]
# Every pair of values; `make prove` takes every combination.
CASES = [
    case
    for case in _ALL
    if PROVE or (case.preview + (case.encryption == "SSE-KMS") + (case.partition == "aws-cn")) % 2 == 0
]
KEYED = [case for case in CASES if case.encryption == "SSE-KMS"]

# By type: the property that names a resource, and its ARN by its name; what `Ref` gives where not the name.
NAMED = {
    "AWS::Athena::WorkGroup": ("Name", "athena", "workgroup/{}"),
    "AWS::CloudWatch::Alarm": ("AlarmName", "cloudwatch", "alarm:{}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "cloudwatch", "dashboard/{}"),
    "AWS::Events::Rule": ("Name", "events", "rule/{}"),
    "AWS::Glue::Connection": ("", "glue", "connection/{}"),
    "AWS::Glue::Crawler": ("Name", "glue", "crawler/{}"),
    "AWS::Glue::Database": ("", "glue", "database/{}"),
    "AWS::Glue::Job": ("Name", "glue", "job/{}"),
    "AWS::Glue::Table": ("", "glue", "table/{}"),
    "AWS::IAM::Role": ("RoleName", "iam", "role/{}"),
    "AWS::KMS::Alias": ("AliasName", "kms", "{}"),
    "AWS::KMS::Key": ("", "kms", "key/{}"),
    "AWS::Lambda::Function": ("FunctionName", "lambda", "function:{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs", "log-group:{}:*"),
    "AWS::EC2::RouteTable": ("", "ec2", "route-table/rtb-{}"),
    "AWS::EC2::SecurityGroup": ("", "ec2", "security-group/sg-{}"),
    "AWS::EC2::Subnet": ("", "ec2", "subnet/subnet-{}"),
    "AWS::EC2::VPC": ("", "ec2", "vpc/vpc-{}"),
    "AWS::EC2::VPCEndpoint": ("", "ec2", "vpc-endpoint/vpce-{}"),
    "AWS::QuickSight::Dashboard": ("DashboardId", "quicksight", "dashboard/{}"),
    "AWS::QuickSight::DataSet": ("DataSetId", "quicksight", "dataset/{}"),
    "AWS::QuickSight::DataSource": ("DataSourceId", "quicksight", "datasource/{}"),
    "AWS::RDS::DBCluster": ("DBClusterIdentifier", "rds", "cluster:{}"),
    "AWS::RDS::DBClusterParameterGroup": ("DBClusterParameterGroupName", "rds", "cluster-pg:{}"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", "rds", "db:{}"),
    "AWS::RDS::DBSubnetGroup": ("DBSubnetGroupName", "rds", "subgrp:{}"),
    "AWS::S3::Bucket": ("BucketName", "s3", "{}"),
    "AWS::SecretsManager::Secret": ("Name", "secretsmanager", "secret:{}-AbCdEf"),
    "AWS::SNS::Topic": ("TopicName", "sns", "{}"),
    "AWS::SQS::Queue": ("QueueName", "sqs", "{}"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "states", "stateMachine:{}"),
}
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachine"}


@dataclass(frozen=True)
class Rendered:
    """A template as it is deployed: resources by logical id, without those that it does not make."""

    module: str
    case: Case
    resources: dict[str, dict[str, Any]]
    names: dict[str, str]
    arns: dict[str, str]

    def of_type(self, *kinds: str) -> dict[str, dict[str, Any]]:
        return {one: it["Properties"] for one, it in self.resources.items() if it["Type"] in kinds}


def conditions(case: Case) -> dict[str, bool]:
    return {
        "EncryptWithKey": case.encryption == "SSE-KMS",
        "BoundRoles": case.bounded,
        "OfPullRequest": case.bounded and case.preview,
        "NotifyByEmail": True,
        "MeasureJob": True,
        "DeployedFromBundle": True,
        "MakeArtifactBucket": True,
        "MakeOidcProvider": True,
        "ImmutableSubject": True,
        "SameOperationsEnvironment": False,
        "PreviewStacks": case.preview,
        "CreateDatabase": True,
        "RequireTls": True,
        "SecretHasKey": False,
        "WatchByTheHour": True,
        "ShowDashboard": True,
        "UseQuickSight": True,
        "TellDataZone": True,
        **{f"HasSchema{number}": number == 2 for number in range(2, 6)},
    }


def _values(module: str, case: Case) -> dict[str, Any]:
    given = {
        "AWS::StackName": case.stack,
        "AWS::StackId": f"arn:aws:cloudformation:x:y:stack/{case.stack}/1a2b3c-4d",
        "AWS::Partition": case.partition,
        "AWS::Region": case.region,
        "AWS::AccountId": ACCOUNT,
        "Environment": case.stack.removeprefix("covid-lake-"),
        "SourceBucket": "covid19-lake",
        "PermissionsBoundary": f"{case.prefix}-boundary" if case.bounded else "",
        "Encryption": case.encryption,
        "NotificationEmail": "data@example.org",
    }
    if module == BOOTSTRAP:
        given |= {
            "AWS::StackName": f"covid-lake-bootstrap-{case.environment}",
            "Environment": case.environment,
            "StackEnvironment": "pr-*" if case.preview else case.environment,
            "Organization": "acme",
            "OrganizationId": "77",
            "Repository": "lake",
            "RepositoryId": "99",
            "OperationsEnvironment": f"{case.environment}-ops",
            **{title: title for title in bootstrap_policies.ENDS},
        }
    parameters = template(module)["Parameters"]
    return {**{name: one.get("Default", "") for name, one in parameters.items()}, **given}


@functools.cache
def render(module: str, case: Case) -> Rendered:
    made = {
        logical_id: resource
        for logical_id, resource in template(module)["Resources"].items()
        if conditions(case)[resource.get("Condition", "BoundRoles")] or "Condition" not in resource
    }
    values = _values(module, case)
    names, arns = {}, {}
    for logical_id, resource in made.items():
        if found := _named(logical_id, resource, values, case):
            names[logical_id], arns[logical_id] = found
            is_arn = resource["Type"] in REF_IS_ARN
            values |= {logical_id: arns[logical_id] if is_arn else names[logical_id]}
            values[f"{logical_id}.Arn"] = arns[logical_id]
            if resource["Type"] == "AWS::RDS::DBCluster":
                values[f"{logical_id}.DBClusterArn"] = arns[logical_id]
                values[f"{logical_id}.MasterUserSecret.SecretArn"] = case.master_secret_arn
    known = _Known(values)
    resources = {one: resolve(it, known, conditions(case)) for one, it in made.items()}
    return Rendered(module, case, resources, names, arns)


class _Known(dict[str, Any]):
    """`Ref` of a resource that nothing knows the name of, such as a policy's, is its logical id."""

    def __missing__(self, key: str) -> str:
        return key.partition(".")[0]


def _named(
    logical_id: str, resource: dict[str, Any], values: dict[str, Any], case: Case
) -> tuple[str, str] | None:
    """The name of a resource, as given or as CloudFormation makes it, and its ARN."""
    if resource["Type"] not in NAMED:
        return None
    name_property, service, form = NAMED[resource["Type"]]
    properties = resource.get("Properties", {})
    made_up = f"{values['AWS::StackName']}-{logical_id}-1A2B3C"
    if resource["Type"] == "AWS::Glue::Database":
        given = properties["DatabaseInput"]["Name"]
    elif resource["Type"] == "AWS::Glue::Table":
        given = {"Fn::Join": ["/", [properties["DatabaseName"], properties["TableInput"]["Name"]]]}
    elif resource["Type"] == "AWS::Glue::Connection":
        given = properties["ConnectionInput"]["Name"]
    else:
        given = properties.get(name_property, made_up)
    if resource["Type"] == "AWS::KMS::Key":
        given = "1234abcd-12ab-34cd-56ef-1234567890ab"
    name = str(resolve(given, values, conditions(case)))
    name = name.lower() if resource["Type"] == "AWS::S3::Bucket" else name
    return name, case.arn(service, form.format(name))


@dataclass(frozen=True)
class Policy:
    """A policy document of a template: `kind` is identity, boundary, resource or trust."""

    module: str
    logical_id: str
    kind: str
    statements: tuple[Statement, ...]


_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
}


def policies(rendered: Rendered) -> Iterator[Policy]:
    """Every policy document that the template holds, wherever it stands."""
    for logical_id, resource in rendered.resources.items():
        properties, kind = resource["Properties"], resource["Type"]
        make = functools.partial(_policy, rendered.module, logical_id)
        if kind == "AWS::IAM::Role":
            yield make("trust", properties["AssumeRolePolicyDocument"])
            for policy in properties.get("Policies", []):
                yield make("identity", policy["PolicyDocument"])
        elif kind in {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"}:
            bounds = logical_id == "Boundary"
            yield make("boundary" if bounds else "identity", properties["PolicyDocument"])
        elif kind in _RESOURCE_POLICIES:
            yield make("resource", properties[_RESOURCE_POLICIES[kind]])


def _policy(module: str, logical_id: str, kind: str, document: dict[str, Any]) -> Policy:
    return Policy(module, logical_id, kind, tuple(document["Statement"]))


def bootstrap(case: Case) -> Rendered:
    return render(BOOTSTRAP, case)


def role_statements(case: Case, role: str) -> list[Statement]:
    """What a role of the bootstrap may do: its own policy and those attached to it."""
    found = bootstrap(case)
    name = case.role_arn(role).rpartition("/")[2]
    attached = [
        one["PolicyDocument"]
        for one in found.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy").values()
        if name in listed(one.get("Roles", []))
    ]
    properties = found.resources[title(role)]["Properties"]
    inline = [one["PolicyDocument"] for one in properties["Policies"]]
    # `Ref` of a policy that nothing knows the name of is its logical id here.
    inline += [
        found.resources[one]["Properties"]["PolicyDocument"]
        for one in properties.get("ManagedPolicyArns", [])
    ]
    return [statement for document in [*inline, *attached] for statement in document["Statement"]]


def service_statements(case: Case) -> list[Statement]:
    return role_statements(case, SERVICE_ROLE)
