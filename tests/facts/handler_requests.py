"""What CloudFormation asks IAM when it handles a resource of a template: actions, ARNs and condition keys."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.facts import reference
from tests.facts.evaluator import Request, listed
from tests.facts.templates import ACCOUNT, Case, Rendered

_DOCS = "https://docs.aws.amazon.com/"
_ATHENA = "the one parameter ResourceARN names what is meant: "
# Actions that want one of their resource types, whichever is meant, although the reference marks all (!).
ALTERNATIVES = {
    "athena:TagResource": f"{_ATHENA}{_DOCS}athena/latest/APIReference/API_TagResource.html",
    "athena:UntagResource": f"{_ATHENA}{_DOCS}athena/latest/APIReference/API_UntagResource.html",
    "athena:ListTagsForResource": f"{_ATHENA}{_DOCS}athena/latest/APIReference/API_ListTagsForResource.html",
    "states:DescribeExecution": "the one parameter executionArn names a standard or an express execution: "
    f"{_DOCS}step-functions/latest/apireference/API_DescribeExecution.html",
    "states:ListExecutions": "a state machine or a map run, never both: "
    f"{_DOCS}step-functions/latest/apireference/API_ListExecutions.html",
}
_KMS = "github.com/aws-cloudformation/aws-cloudformation-resource-providers-kms, "
# By type, handler and action: why the request has the stack's tags. All others have to work without as well.
SENT_WITH_TAGS = {
    ("AWS::KMS::Key", "create", "kms:CreateKey"): f"{_KMS}CreatableKeyTranslator.createKeyRequest: with tags",
    (
        "AWS::KMS::Key",
        "create",
        "kms:TagResource",
    ): f"CreateKey with tags asks for it: {_DOCS}kms/latest/developerguide/tag-permissions.html",
}
# Why each request about a role has its boundary in iam:PermissionsBoundary. Its handler's source is not open.
SENT_WITH_BOUNDARY = {
    "iam:CreateRole": "github.com/aws/aws-cdk-cli, bootstrap-template.yaml: AWS's own boundary for a role of "
    "CloudFormation denies it a CreateRole without one",
    **dict.fromkeys(
        (
            *("iam:AttachRolePolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
            *("iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
        ),
        "that of the role, or the one it is to get: "
        f"{_DOCS}service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html",
    ),
}
# Why what has been made has the stack's tags from its first moment: by them IAM knows the parts of a network.
TAGGED_WHEN_MADE = dict.fromkeys(
    (f"AWS::EC2::{kind}" for kind in ("RouteTable", "SecurityGroup", "Subnet", "VPC", "VPCEndpoint")),
    "tagging.tagOnCreate of its schema, and CloudFormation gives a stack's tags to all that has any: "
    f"{_DOCS}AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html",
)
_ONE = "its parameter names what gets the tags: "
# Actions that are on the resource itself, whatever else the request's type stands for.
ON_ITSELF = {
    **dict.fromkeys(
        ("rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:ListTagsForResource"),
        f"{_ONE}{_DOCS}AmazonRDS/latest/APIReference/API_AddTagsToResource.html",
    ),
    **dict.fromkeys(
        ("ec2:CreateTags", "ec2:DeleteTags"),
        f"{_ONE}{_DOCS}AWSEC2/latest/APIReference/API_CreateTags.html",
    ),
}
# Services that check every resource which a request names, those that it may leave out among them.
CHECKS_ALL = {
    "ec2": f"{_DOCS}AWSEC2/latest/APIReference/ec2-api-permissions.html",
    "rds": f"{_DOCS}AmazonRDS/latest/AuroraUserGuide/"
    "security_iam_id-based-policy-examples-create-and-modify-examples.html",
}
# The role that a service takes on in every account which uses it.
LINKED = {
    "AWS::RDS::": ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
}
PASSED_TO = {
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Glue::Crawler": "glue.amazonaws.com",
    "AWS::Glue::Job": "glue.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
}


@dataclass(frozen=True)
class Call:
    """An action that a handler declares for a resource; `requests` is empty where no ARN of ours is meant."""

    kind: str
    handler: str
    action: str
    logical_id: str
    requests: tuple[Request, ...]


def calls(rendered: Rendered) -> Iterator[Call]:
    for logical_id, resource in rendered.resources.items():
        kind = resource["Type"]
        for handler, actions in reference.handlers()[kind].items():
            for action in actions:
                requests = tuple(_requests(rendered, logical_id, handler, action))
                yield Call(kind, handler, action, logical_id, requests)


def _requests(rendered: Rendered, logical_id: str, handler: str, name: str) -> Iterator[Request]:
    action = reference.action(name)
    if action is None:
        return
    contexts = _contexts(rendered, logical_id, handler, action.name)
    principal = rendered.case.role_arn("cloudformation")
    for arn, context in itertools.product(arns(rendered, logical_id, action), contexts):
        standing = _standing(rendered, logical_id, handler, arn, action.name)
        yield Request(action.name, arn, context | standing, principal)


def _standing(rendered: Rendered, logical_id: str, handler: str, arn: str, action: str) -> dict[str, str]:
    """The tags of a part of a network; what is being made, or tagged as it is made, has none yet."""
    own = rendered.arns.get(logical_id) == arn
    new = own and handler == "create" and action.startswith("ec2:Create")
    tagged = any(arn == rendered.arns[one] for kind in TAGGED_WHEN_MADE for one in rendered.of_type(kind))
    return rendered.case.tags("Resource") if tagged and not new else {}


def arns(rendered: Rendered, logical_id: str, action: reference.Action) -> list[str]:
    """One ARN of each resource type that the action needs; `*` where it has none."""
    if not action.resources:
        return ["*"]
    if action.name in ON_ITSELF:
        return [rendered.arns[logical_id]]
    kind = rendered.resources[logical_id]["Type"]
    if action.name == "iam:CreateServiceLinkedRole":
        linked = _linked(kind)
        return [rendered.case.arn("iam", f"role/aws-service-role/{'/'.join(linked)}")] if linked else []
    known = subjects(rendered, logical_id)
    needed = [one for one, required in action.resources.items() if required]
    if not needed or action.name in ALTERNATIVES or action.service in CHECKS_ALL:
        needed = [one for one in action.resources if (action.service, one) in known]
    return [arn for one in needed for arn in known.get((action.service, one), [])]


def _linked(kind: str) -> tuple[str, ...]:
    return next((linked for start, linked in LINKED.items() if kind.startswith(start)), ())


def subjects(rendered: Rendered, logical_id: str) -> dict[tuple[str, str], list[str]]:
    """The ARNs that a resource stands for, by service and resource type, and those that it refers to."""
    resource = rendered.resources[logical_id]
    kind, properties = resource["Type"], resource["Properties"]
    found = {
        ("iam", "role"): _roles(rendered, properties),
        ("s3", "object"): _code(rendered, properties),
    }
    if kind in _OWN:
        found[_OWN[kind]] = [rendered.arns[logical_id]]
    if kind in _MORE:
        found |= _MORE[kind](rendered, logical_id, properties)
    return found


_OWN = {
    "AWS::Athena::WorkGroup": ("athena", "workgroup"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "alarm"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "dashboard"),
    "AWS::Events::Rule": ("events", "rule-on-default-event-bus"),
    "AWS::EC2::RouteTable": ("ec2", "route-table"),
    "AWS::EC2::SecurityGroup": ("ec2", "security-group"),
    "AWS::EC2::Subnet": ("ec2", "subnet"),
    "AWS::EC2::VPC": ("ec2", "vpc"),
    "AWS::EC2::VPCEndpoint": ("ec2", "vpc-endpoint"),
    "AWS::Glue::Connection": ("glue", "connection"),
    "AWS::Glue::Crawler": ("glue", "crawler"),
    "AWS::Glue::Database": ("glue", "database"),
    "AWS::Glue::Job": ("glue", "job"),
    "AWS::Glue::Table": ("glue", "table"),
    "AWS::IAM::Role": ("iam", "role"),
    "AWS::KMS::Key": ("kms", "key"),
    "AWS::Lambda::Function": ("lambda", "function"),
    "AWS::QuickSight::Dashboard": ("quicksight", "dashboard"),
    "AWS::QuickSight::DataSet": ("quicksight", "dataset"),
    "AWS::QuickSight::DataSource": ("quicksight", "datasource"),
    "AWS::RDS::DBCluster": ("rds", "cluster"),
    "AWS::RDS::DBClusterParameterGroup": ("rds", "cluster-pg"),
    "AWS::RDS::DBInstance": ("rds", "db"),
    "AWS::RDS::DBSubnetGroup": ("rds", "subgrp"),
    "AWS::S3::Bucket": ("s3", "bucket"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "Secret"),
    "AWS::SNS::Topic": ("sns", "topic"),
    "AWS::SQS::Queue": ("sqs", "queue"),
    "AWS::StepFunctions::StateMachine": ("states", "statemachine"),
}


# What makes one, as the request that tags it says.
_CREATE = {
    "AWS::EC2::RouteTable": "CreateRouteTable",
    "AWS::EC2::SecurityGroup": "CreateSecurityGroup",
    "AWS::EC2::Subnet": "CreateSubnet",
    "AWS::EC2::VPC": "CreateVpc",
    "AWS::EC2::VPCEndpoint": "CreateVpcEndpoint",
}
Subjects = dict[tuple[str, str], list[str]]


def _database(rendered: Rendered, logical_id: str, _: Any) -> Subjects:
    arn, database = rendered.case.arn, rendered.names[logical_id]
    return {
        ("glue", "rootcatalog"): [arn("glue", "catalog")],
        ("glue", "table"): [arn("glue", f"table/{database}/uk_covid")],
        ("glue", "userdefinedfunction"): [arn("glue", f"userDefinedFunction/{database}/f")],
    }


def _table(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    arn = rendered.case.arn
    return {
        ("glue", "rootcatalog"): [arn("glue", "catalog")],
        ("glue", "database"): [arn("glue", f"database/{properties['DatabaseName']}")],
    }


def _log_group(rendered: Rendered, logical_id: str, _: Any) -> Subjects:
    """Logs are asked for with and without what stands for their streams."""
    arn = rendered.arns[logical_id]
    return {("logs", "log-group"): [arn, arn.removesuffix(":*")]}


def _work_group(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    location = properties["WorkGroupConfiguration"]["ResultConfiguration"]["OutputLocation"]
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return {
        ("s3", "bucket"): [rendered.case.arn("s3", bucket)],
        ("s3", "object"): [rendered.case.arn("s3", f"{bucket}/{prefix}x.csv")],
        ("kms", "key"): [one for one in rendered.arns.values() if ":key/" in one],
    }


def _alias(rendered: Rendered, logical_id: str, properties: dict[str, Any]) -> Subjects:
    key = rendered.case.arn("kms", f"key/{properties['TargetKeyId']}")
    return {("kms", "alias"): [rendered.arns[logical_id]], ("kms", "key"): [key]}


def _of(service: str, kind: str, form: str, name: str) -> Callable[[Rendered, str, Any], Subjects]:
    """The resource that a property names, which is the ARN itself where `form` is empty."""

    def subject(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
        named = listed(properties[name])
        return {(service, kind): [rendered.case.arn(service, form + one) if form else one for one in named]}

    return subject


def _queue(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    return {("sqs", "queue"): [rendered.case.arn("sqs", one) for one in properties["Queues"]]}


def _bucket(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    return {("s3", "bucket"): [rendered.case.arn("s3", properties["Bucket"])]}


def _connection(rendered: Rendered, _: str, __: Any) -> Subjects:
    return {("glue", "rootcatalog"): [rendered.case.arn("glue", "catalog")]}


def _named(rendered: Rendered, properties: dict[str, Any]) -> Subjects:
    """The parts of the network that the properties name, by Ref or as the group of a rule."""
    texts = {text for value in properties.values() for text in listed(value) if isinstance(text, str)}
    found: Subjects = {}
    for logical_id, name in rendered.names.items():
        kind = rendered.resources[logical_id]["Type"]
        if kind in TAGGED_WHEN_MADE and texts & {logical_id, name}:
            found.setdefault(_OWN[kind], []).append(rendered.arns[logical_id])
    return found


def _network(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    return _named(rendered, properties)


def _rule(rendered: Rendered, _: str, properties: dict[str, Any]) -> Subjects:
    """The group that a rule belongs to, not the other one that it is about."""
    return _named(rendered, {"GroupId": properties["GroupId"]})


def _of_database(rendered: Rendered, logical_id: str, _: Any) -> Subjects:
    """What belongs to one database; groups that the template does not name are AWS's defaults."""
    case, kinds = rendered.case, ("DBCluster", "DBClusterParameterGroup", "DBInstance", "DBSubnetGroup")
    of_network: Subjects = {_OWN["AWS::EC2::VPC"]: _arns_of(rendered, "AWS::EC2::VPC")}
    parts = {_OWN[f"AWS::RDS::{kind}"]: _arns_of(rendered, f"AWS::RDS::{kind}") for kind in kinds}
    defaults = {
        ("rds", "og"): [case.arn("rds", "og:default:aurora-postgresql-17")],
        ("rds", "pg"): [case.arn("rds", "pg:default.aurora-postgresql17")],
        ("rds", "cluster-snapshot"): [case.arn("rds", f"cluster-snapshot:{case.stack}-snapshot-1a2b")],
    }
    is_cluster = rendered.resources[logical_id]["Type"] == "AWS::RDS::DBCluster"
    secret: Subjects = {("secretsmanager", "Secret"): [case.master_secret_arn]} if is_cluster else {}
    return {**of_network, **parts, **defaults, **secret}


def _of_quicksight(rendered: Rendered, logical_id: str, _: Any) -> Subjects:
    """A data set is of a data source, a dashboard of data sets."""
    return {
        _OWN[kind]: _arns_of(rendered, kind)
        for kind in ("AWS::QuickSight::DataSet", "AWS::QuickSight::DataSource")
        if rendered.resources[logical_id]["Type"] != kind
    }


def _arns_of(rendered: Rendered, kind: str) -> list[str]:
    return [rendered.arns[one] for one in rendered.of_type(kind)]


_MORE: dict[str, Callable[[Rendered, str, dict[str, Any]], Subjects]] = {
    "AWS::Athena::NamedQuery": _of("athena", "workgroup", "workgroup/", "WorkGroup"),
    "AWS::Athena::WorkGroup": _work_group,
    **dict.fromkeys(TAGGED_WHEN_MADE, _network),
    "AWS::EC2::SecurityGroupEgress": _rule,
    "AWS::EC2::SecurityGroupIngress": _rule,
    "AWS::EC2::SubnetRouteTableAssociation": _network,
    "AWS::Glue::Connection": _connection,
    "AWS::Glue::Database": _database,
    "AWS::Glue::Table": _table,
    "AWS::QuickSight::Dashboard": _of_quicksight,
    "AWS::QuickSight::DataSet": _of_quicksight,
    "AWS::RDS::DBCluster": _of_database,
    "AWS::RDS::DBClusterParameterGroup": _of_database,
    "AWS::RDS::DBInstance": _of_database,
    "AWS::RDS::DBSubnetGroup": _of_database,
    "AWS::KMS::Alias": _alias,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::BucketPolicy": _bucket,
    "AWS::SNS::Subscription": _of("sns", "topic", "", "TopicArn"),
    "AWS::SNS::TopicPolicy": _of("sns", "topic", "", "Topics"),
    "AWS::SQS::QueuePolicy": _queue,
}


def _roles(rendered: Rendered, properties: dict[str, Any]) -> list[str]:
    """The roles that a resource names: those that are passed with it."""
    text = json.dumps(properties)
    return [arn for arn in rendered.arns.values() if ":role/" in arn and f'"{arn}"' in text]


def _code(rendered: Rendered, properties: dict[str, Any]) -> list[str]:
    code = properties.get("Code", {})
    return [rendered.case.arn("s3", f"{code['S3Bucket']}/{code['S3Key']}")] if "S3Key" in code else []


def _contexts(rendered: Rendered, logical_id: str, handler: str, action: str) -> list[dict[str, Any]]:
    """What AWS may say of the request: with the stack's tags and, unless a source has them there, without."""
    kind = rendered.resources[logical_id]["Type"]
    plain = _context(rendered, logical_id, handler, action)
    tags = _tags(rendered.case, kind, handler, action)
    sure = not tags or (kind, handler, action) in SENT_WITH_TAGS
    return [plain | tags] if sure else [plain | tags, plain]


def _tags(case: Case, kind: str, handler: str, action: str) -> dict[str, str]:
    """Of a key, nothing yet that takes its time to count."""
    tags: dict[str, str] = {}
    if handler in {"create", "update"} and action not in {"kms:UntagResource"}:
        tags |= case.tags("Request")
    if handler != "create" and not kind.startswith("AWS::KMS"):
        tags |= case.tags("Resource")
    return tags


def _context(rendered: Rendered, logical_id: str, handler: str, action: str) -> dict[str, Any]:
    case, resource = rendered.case, rendered.resources[logical_id]
    kind, properties = resource["Type"], resource["Properties"]
    context: dict[str, Any] = {"aws:PrincipalArn": case.role_arn("cloudformation")}
    if action in SENT_WITH_BOUNDARY and "PermissionsBoundary" in properties:
        context["iam:PermissionsBoundary"] = case.boundary_arn
    if action == "events:PutTargets":
        context["events:TargetArn"] = [one["Arn"] for one in properties["Targets"]]
    if action == "cloudwatch:PutMetricAlarm":
        states = ("AlarmActions", "OKActions", "InsufficientDataActions")
        context["cloudwatch:AlarmActions"] = [one for state in states for one in properties.get(state, [])]
    if kind == "AWS::Athena::WorkGroup":  # of the object that a query writes
        context["kms:EncryptionContext:aws:s3:arn"] = rendered.arns["LakeBucket"]
    if action == "ec2:CreateTags" and handler == "create":
        context["ec2:CreateAction"] = _CREATE[kind]
    if action == "iam:CreateServiceLinkedRole" and _linked(kind):
        context["iam:AWSServiceName"] = _linked(kind)[0]
    if action == "iam:PassRole" and kind in PASSED_TO:
        context["iam:PassedToService"] = PASSED_TO[kind]
    return context


def key_policy(rendered: Rendered) -> list[dict[str, Any]]:
    """The policy of the template's key; that of an account's default where the template has none."""
    for properties in rendered.of_type("AWS::KMS::Key").values():
        return list(listed(properties["KeyPolicy"]["Statement"]))
    root = f"arn:{rendered.case.partition}:iam::{ACCOUNT}:root"
    return [{"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}]
