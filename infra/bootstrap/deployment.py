"""The roles that plan and deploy: they call CloudFormation and the artifact bucket, no other service."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, Sub, iam

from infra import names as stack_names
from infra.bootstrap import names, roles
from infra.bootstrap.identity import environment_subject, pull_request_subject, trust_github
from infra.bootstrap.parameters import PREVIEW_CONDITION
from infra.policies import Statement, allow, document

READ_STACK = [
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeEvents",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResource",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:GetStackPolicy",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListChangeSets",
    "cloudformation:ListStackResources",
]
CHANGE_STACK = [
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:RollbackStack",
    "cloudformation:SetStackPolicy",
    "cloudformation:SignalResource",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
]
# What `covidlake notifications` makes beside a stack.
READER_QUEUE = f"{names.STACK}-reader"
PLAN_NAMES = {"StringLike": {"cloudformation:ChangeSetName": "plan-*"}}


def _read_stack() -> list[Statement]:
    return [
        allow("ReadStack", READ_STACK, names.stack_arn()),
        # A template that is not a stack's yet has no resource.
        allow("ReadTemplate", ["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"], "*"),
        allow("ReadBoundary", ["iam:GetPolicy"], names.boundary_arn()),
        allow("FindServiceRole", ["iam:GetRole"], names.role_arn(names.SERVICE_ROLE)),
    ]


def _list_artifacts() -> Statement:
    actions = ["s3:GetBucketLocation", "s3:ListBucket"]
    return allow("ListArtifacts", actions, names.artifact_bucket_arn())


def _objects(*prefixes: str) -> list[Sub]:
    return [names.artifact_bucket_arn(f"{prefix}*") for prefix in prefixes]


def plan_role() -> iam.Role:
    """For pull requests: shows what a deployment would do and can do none of it.

    Its change sets have names of their own, so that none of them is ever taken for one to execute, and
    its templates a prefix of their own, so that no deployment ever uses what a pull request has left.
    """
    change_sets = ["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet"]
    read = _objects(names.TEMPLATES_PREFIX, names.BUNDLES_PREFIX, names.PLANS_PREFIX)
    statements = [
        *_read_stack(),
        allow("Plan", change_sets, names.stack_arn(), PLAN_NAMES),
        allow("TagPlan", ["cloudformation:TagResource"], names.stack_arn(), CREATING_CHANGE_SET),
        _list_artifacts(),
        allow("ReadArtifacts", ["s3:GetObject"], read),
        allow("WritePlans", ["s3:PutObject"], _objects(names.PLANS_PREFIX)),
        roles.deny("ChangeNothing", [*CHANGE_STACK, "iam:PassRole"], "*"),
    ]
    trusted = trust_github(pull_request_subject())
    return roles.make("plan", "Shows what a pull request would change", trusted, statements)


CREATING_CHANGE_SET = {"StringEquals": {"cloudformation:CreateAction": "CreateChangeSet"}}


def _pass_service_role() -> Statement:
    condition: dict[str, Any] = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    return allow("PassServiceRole", ["iam:PassRole"], names.role_arn(names.SERVICE_ROLE), condition)


def deploy_role() -> iam.Role:
    """For the environment's deployments: changes the stack, by the service role only."""
    change_sets = ["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet"]
    tags = ["cloudformation:TagResource", "cloudformation:UntagResource"]
    written = _objects(
        names.ARTIFACTS_PREFIX, names.TEMPLATES_PREFIX, names.BUNDLES_PREFIX, names.DEPLOYMENTS_PREFIX
    )
    statements = [
        *_read_stack(),
        allow("ChangeStack", [*change_sets, *CHANGE_STACK, *tags], names.stack_arn()),
        _pass_service_role(),
        _list_artifacts(),
        allow("WriteArtifacts", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], written),
        # Whether they are empty decides if a stack that never came up may be made anew.
        allow("ListLake", ["s3:ListBucket", "s3:ListBucketVersions"], names.lake_bucket_arn()),
        allow("ListTables", ["glue:GetTables"], names.database_arns()),
        # A crawler that runs cannot be updated: a deploy waits for it.
        allow("SeeCrawl", ["glue:GetCrawler"], names.arn("glue", f"crawler/{stack_names.CRAWLER}")),
    ]
    trusted = trust_github(environment_subject())
    return roles.make("deploy", "Deploys the environment's stack", trusted, statements)


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
        Roles=[Ref(roles.title("deploy"))],
    )
