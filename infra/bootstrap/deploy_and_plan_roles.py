"""The roles that plan and deploy: they call CloudFormation and the artifact bucket, no other service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import Ref, Sub, iam

from infra.bootstrap import names, policies, role_shape
from infra.bootstrap.github_trust import environment_subject, pull_request_subject, trust_github
from infra.bootstrap.parameters import PREVIEW_CONDITION
from infra.common import names as stack_names
from infra.common.policies import Statement, allow, document

READ_STACK = [
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeEvents",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ListChangeSets",
]
READ_DEPLOYED = [
    "cloudformation:GetStackPolicy",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
]
DEPLOY = [
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:RollbackStack",
    "cloudformation:SetStackPolicy",
    "cloudformation:UpdateTerminationProtection",
]
READ_OBJECTS = ["s3:GetObject", "s3:GetObjectVersion"]
# What `covidlake notifications` makes beside a stack.
READER_QUEUE = f"{names.STACK}-reader"


def _change_sets(prefix: str, templates: Iterable[str]) -> dict[str, Any]:
    """Change sets of these names only, from templates in these parts of the artifact bucket only."""
    bucket = f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{names.ARTIFACT_BUCKET}"
    places = [Sub(f"{bucket}/{place}*") for place in templates]
    like = {"cloudformation:ChangeSetName": f"{prefix}-*", "cloudformation:TemplateUrl": places}
    return {"StringLike": like}


def _named(prefix: str) -> dict[str, Any]:
    return {"StringLike": {"cloudformation:ChangeSetName": f"{prefix}-*"}}


def _read_stack() -> list[Statement]:
    return [
        allow("ReadStack", READ_STACK, names.stack_arns()),
        allow("ReadBoundary", ["iam:GetPolicy"], names.boundary_arn()),
    ]


def _read_validations(prefix: str) -> Statement:
    """The events of a change set belong to it, not to the stack: what did not pass before a deployment."""
    return allow("ReadValidations", ["cloudformation:DescribeEvents"], names.change_set_arn(prefix))


def _list_artifacts() -> Statement:
    return allow("ListArtifacts", ["s3:ListBucket"], names.artifact_bucket_arn())


def _objects(*prefixes: str) -> list[Sub]:
    return [names.artifact_bucket_arn(f"{prefix}*") for prefix in prefixes]


def plan_role() -> iam.Role:
    """For pull requests: shows what a deployment would do and can do none of it.

    Its change sets have names of their own, so that none of them is ever taken for one to execute, and
    its templates a prefix of their own, so that no deployment ever uses what a pull request has left.
    """
    read = _objects(*names.TEMPLATES_PREFIXES, *names.BUNDLES_PREFIXES, *names.PLANS_PREFIXES)
    made = _change_sets("plan", names.PLANS_PREFIXES)
    statements = [
        *_read_stack(),
        _read_validations("plan"),
        allow("Plan", ["cloudformation:CreateChangeSet"], names.stack_arns(), made),
        allow("DiscardPlan", ["cloudformation:DeleteChangeSet"], names.stack_arns(), _named("plan")),
        allow("TagPlan", ["cloudformation:TagResource"], names.stack_arns(), CREATING_CHANGE_SET),
        _list_artifacts(),
        allow("ReadArtifacts", READ_OBJECTS, read),
        allow("WritePlans", ["s3:PutObject"], _objects(*names.PLANS_PREFIXES)),
        role_shape.deny("PassNothing", ["iam:PassRole"], "*"),
    ]
    trusted = trust_github(pull_request_subject())
    return role_shape.make(
        "plan", "Shows what a pull request would change", trusted, statements, policies.STACKS
    )


CREATING_CHANGE_SET = {"StringEquals": {"cloudformation:CreateAction": "CreateChangeSet"}}


def _pass_service_role() -> Statement:
    condition: dict[str, Any] = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    return allow("PassServiceRole", ["iam:PassRole"], names.role_arn(names.SERVICE_ROLE), condition)


def deploy_role() -> iam.Role:
    """For the environment's deployments: changes the stack, by the service role only.

    It makes no change set without that role or from a template of elsewhere, and executes none that a plan
    has left.
    """
    made = _change_sets("deploy", names.TEMPLATES_PREFIXES)
    made["StringEquals"] = {"cloudformation:RoleArn": names.role_arn(names.SERVICE_ROLE)}
    tags = ["cloudformation:TagResource", "cloudformation:UntagResource"]
    statements = [
        *_read_stack(),
        _read_validations("deploy"),
        allow("Deploy", ["cloudformation:CreateChangeSet"], names.stack_arns(), made),
        allow("Execute", ["cloudformation:ExecuteChangeSet"], names.stack_arns(), _named("deploy")),
        allow("ChangeStack", [*READ_DEPLOYED, *DEPLOY, *tags], names.stack_arns()),
        allow("FindServiceRole", ["iam:GetRole"], names.role_arn(names.SERVICE_ROLE)),
        _pass_service_role(),
        _list_artifacts(),
        allow("WriteArtifacts", [*READ_OBJECTS, "s3:PutObject"], _objects(*names.OWN_PREFIXES)),
        # Whether they are empty decides if a stack that never came up may be made anew.
        allow("ListLake", ["s3:ListBucket", "s3:ListBucketVersions"], names.lake_bucket_arn()),
        allow("ListTables", ["glue:GetTables"], names.tables_of_catalog()),
        # A crawler that runs cannot be updated: a deploy waits for it.
        allow("SeeCrawl", ["glue:GetCrawler"], names.arn("glue", f"crawler/{names.STACK}-*")),
    ]
    trusted = trust_github(environment_subject())
    return role_shape.make("deploy", "Deploys the environment's stack", trusted, statements)


def preview_policy() -> iam.PolicyType:
    """For throw-away stacks only: their role also finds them, empties their buckets and deletes them."""
    delete = ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"]
    machine = stack_names.STATE_MACHINE
    statements = [
        allow("EmptyLake", delete, [names.lake_bucket_arn(), names.lake_bucket_arn("*")]),
        allow("FindExecutions", ["states:ListExecutions"], names.arn("states", f"stateMachine:{machine}")),
        allow("DeleteReader", ["sqs:DeleteQueue", "sqs:GetQueueUrl"], names.arn("sqs", READER_QUEUE)),
        allow("StopExecutions", ["states:StopExecution"], names.arn("states", f"execution:{machine}:*")),
        # A list of stacks has no resource.
        allow("ListStacks", ["cloudformation:ListStacks"], "*"),
    ]
    return iam.PolicyType(
        "PreviewPolicy",
        Condition=PREVIEW_CONDITION,
        PolicyName="ThrowAway",
        PolicyDocument=document(*statements),
        Roles=[Ref(role_shape.title("deploy"))],
    )
