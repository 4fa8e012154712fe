"""What a reviewer must not overlook in a plan: lost data, changed rights, opened access."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from covidlake.ship.plan import policies
from covidlake.ship.plan.policies import Statements

if TYPE_CHECKING:
    from covidlake.ship.plan.model import Plan
    from covidlake.ship.plan.resource_changes import ResourceChange

Kind = Literal["destructive", "public", "iam"]

# Resources that hold data, or that data is bound to: the template cannot bring back what is lost.
STATEFUL = {
    "AWS::Backup::BackupVault",
    "AWS::CloudFormation::Stack",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Events::Archive",
    "AWS::FSx::FileSystem",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MSK::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Tables::Namespace",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Database",
    "AWS::Timestream::Table",
}
ACCESS_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
PERMISSION_LIMITS = ("SourceArn", "SourceAccount", "PrincipalOrgID")
PUBLIC_ACLS = {"AuthenticatedRead", "PublicRead", "PublicReadWrite"}


@dataclass(frozen=True)
class Risk:
    """One call-out; `text` says what happens to the resource."""

    kind: Kind
    logical_id: str
    type: str
    text: str


def risks(plan: Plan) -> list[Risk]:
    """Every call-out of a plan: destructive ones first, then public access, then IAM."""
    found = [risk for change in plan.resources for risk in _of_resource(change)]
    return destructive(plan) + sorted(found, key=lambda one: one.kind != "public")


def destructive(plan: Plan) -> list[Risk]:
    """Stateful resources that the plan removes or replaces, or may replace."""
    return [
        Risk("destructive", change.logical_id, change.type, text)
        for change in plan.resources
        if change.type in STATEFUL and (text := _loss(change))
    ]


def _loss(change: ResourceChange) -> str:
    stays = change.policy_action.endswith("Retain")
    saved = change.policy_action.endswith("Snapshot")
    if change.verb == "remove":
        if stays:
            return "removed from the stack; the resource and its data stay, but nothing manages them"
        return "deleted" + (", a snapshot is taken" if saved else " with what it holds")
    if change.verb == "replace":
        if stays:
            return "replaced by a new, empty one; the old one and its data stay, but leave the stack"
        return "replaced by a new, empty one; the old one is deleted" + (
            ", a snapshot is taken" if saved else " with what it holds"
        )
    if change.verb == "may replace":
        return "may be replaced by a new, empty one; the old one " + (
            "and its data would stay, but leave the stack"
            if stays
            else "would be deleted" + (", a snapshot is taken" if saved else " with what it holds")
        )
    return ""


def _of_resource(change: ResourceChange) -> Iterator[Risk]:
    if change.type.startswith("AWS::IAM::"):
        for text in _rights(change):
            yield Risk("iam", change.logical_id, change.type, text)
    elif reader := _ACCESS.get(change.type):
        for text in reader(change):
            yield Risk("public", change.logical_id, change.type, text)


def _rights(change: ResourceChange) -> list[str]:
    """What changes in the rights that a role, policy, user or group gives."""
    if change.before is None and change.after is None:
        return [f"{_past(change)}; CloudFormation did not show the values"]
    before, after = change.before or {}, change.after or {}
    texts = [
        *_statement_texts("trust", *(policies.trust(side) for side in (before, after))),
        *_statement_texts("statement", *(policies.permissions(side) for side in (before, after))),
        *_listed_texts("managed policy", before.get("ManagedPolicyArns"), after.get("ManagedPolicyArns")),
    ]
    boundary = (before.get("PermissionsBoundary"), after.get("PermissionsBoundary"))
    if boundary[0] != boundary[1]:
        texts.append(f"permissions boundary {boundary[0] or 'none'} -> {boundary[1] or 'none'}")
    return texts if texts or change.verb in {"modify", "may modify"} else [_past(change)]


def _past(change: ResourceChange) -> str:
    done = {"add": "added", "remove": "removed", "replace": "replaced", "modify": "modified"}
    return done.get(change.verb, change.verb)


def _statement_texts(noun: str, before: Statements, after: Statements) -> Iterator[str]:
    for mark, statements in (("removed", before - after), ("added", after - before)):
        for statement in sorted(statements):
            yield f"{noun} {mark}: {policies.describe(statement)}"


def _listed_texts(noun: str, before: Any, after: Any) -> Iterator[str]:
    old, new = ({str(item) for item in side or []} for side in (before, after))
    for mark, names in (("removed", old - new), ("added", new - old)):
        for name in sorted(names):
            yield f"{noun} {mark}: {name}"


def _resource_policy(change: ResourceChange) -> Iterator[str]:
    """Whom a bucket, topic, queue or key lets in, and whom no longer."""
    if change.before is None and change.after is None:
        paths = {one.path.split(".")[0] for one in change.properties}
        if change.action != "Modify" or paths & set(policies.DOCUMENTS):
            yield f"access policy {_past(change)}; CloudFormation did not show the values"
        return
    before, after = (policies.permissions(side or {}) for side in (change.before, change.after))
    for statement in sorted(after - before):
        yield f"access added{policies.openness(statement)}: {policies.describe(statement)}"
    for statement in sorted(before - after):
        yield f"access removed: {policies.describe(statement)}"


def _bucket(change: ResourceChange) -> Iterator[str]:
    """Loosened public access block, or a public access control list."""
    if change.after is None:
        if any(one.path.startswith("PublicAccessBlock") for one in change.properties):
            yield "public access block changes; CloudFormation did not show the values"
        return
    old, new = (
        (side or {}).get("PublicAccessBlockConfiguration", {}) for side in (change.before, change.after)
    )
    for name in ACCESS_BLOCKS:
        if not _is_true(new.get(name)) and (change.before is None or _is_true(old.get(name))):
            yield f"public access block: {name} is {'off' if change.before is None else 'turned off'}"
        elif change.before is not None and _is_true(new.get(name)) and not _is_true(old.get(name)):
            yield f"public access block: {name} is turned on"
    control = change.after.get("AccessControl")
    if control in PUBLIC_ACLS and control != (change.before or {}).get("AccessControl"):
        yield f"PUBLIC access control list: {control}"


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _function_permission(change: ResourceChange) -> Iterator[str]:
    for mark, side in (("removed", change.before), ("added", change.after)):
        if side is not None and change.before != change.after:
            yield f"permission {mark}{_openness(side) if mark == 'added' else ''}: {_permission(side)}"
    if change.before is None and change.after is None:
        yield f"permission {_past(change)}; CloudFormation did not show the values"


def _permission(given: Mapping[str, Any]) -> str:
    limits = [f"{name} {given[name]}" for name in PERMISSION_LIMITS if name in given]
    parts = [given.get("Principal"), "may", given.get("Action"), given.get("FunctionName"), *limits]
    return " ".join(map(str, parts))


def _openness(given: Mapping[str, Any]) -> str:
    limited = set(PERMISSION_LIMITS) & set(given)
    principal = str(given.get("Principal", ""))
    open_to_all = principal == "*" or principal.endswith(".amazonaws.com")
    return ", PUBLIC" if open_to_all and not limited else ""


def _function_url(change: ResourceChange) -> Iterator[str]:
    if (change.after or {}).get("AuthType") == "NONE" != (change.before or {}).get("AuthType"):
        yield "PUBLIC function URL: AuthType is NONE"


_ACCESS: dict[str, Callable[[ResourceChange], Iterator[str]]] = {
    "AWS::KMS::Key": _resource_policy,
    "AWS::Lambda::Permission": _function_permission,
    "AWS::Lambda::Url": _function_url,
    "AWS::S3::AccessPoint": _resource_policy,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _resource_policy,
    "AWS::SNS::TopicInlinePolicy": _resource_policy,
    "AWS::SNS::TopicPolicy": _resource_policy,
    "AWS::SQS::QueueInlinePolicy": _resource_policy,
    "AWS::SQS::QueuePolicy": _resource_policy,
    "AWS::SecretsManager::ResourcePolicy": _resource_policy,
}
