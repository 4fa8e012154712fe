"""Roles of a stack, held by the permissions boundary of its environment where there is one."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Sub, iam

from infra.common import names, statements
from infra.common.encryption import key_statement
from infra.common.functions import role_title, title
from infra.common.monitoring import STATE_MACHINE
from infra.common.parameters import BOUNDARY_CONDITION
from infra.common.policies import allow, document, trust


def role(title: str, description: str, trusted: dict[str, Any], *statements: Any) -> iam.Role:
    """A role with one inline policy.

    `title` must end in Role: by that, behind the stack's name, the bootstrap's roles know what they may make.
    """
    policy = iam.Policy(PolicyName="Permissions", PolicyDocument=document(*statements))
    return iam.Role(
        title,
        Description=Sub(f"{description} of ${{AWS::StackName}}"),
        AssumeRolePolicyDocument=trusted,
        PermissionsBoundary=_permissions_boundary(),
        Policies=[policy],
    )


def _permissions_boundary() -> If:
    boundary = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}")
    return If(BOUNDARY_CONDITION, boundary, NoValue)


def lake_crawler_role() -> iam.Role:
    return role(
        "CrawlerRole",
        "The crawler",
        trust("glue.amazonaws.com"),
        statements.list_bucket("ListLake", names.bucket_arn()),
        statements.read_tables(),
        *statements.crawl_into(statements.database_arns()),
        key_statement(),
    )


def function_role(folder: str, *allowed: Any) -> iam.Role:
    """It writes the function's log, and does what is `allowed` besides."""
    return role(
        role_title(folder),
        f"The function {folder}",
        trust("lambda.amazonaws.com"),
        *allowed,
        statements.write_function_log(folder),
    )


def invoke(*folders: str) -> dict[str, Any]:
    arns = [GetAtt(title(folder), "Arn") for folder in folders]
    return allow("InvokeFunctions", ["lambda:InvokeFunction"], arns)


def state_machine_role(*allowed: Any) -> iam.Role:
    """It asks Athena, reads run records, tells of failures and is observed, and does what is `allowed`."""
    return role(
        "StateMachineRole",
        "The state machine",
        trust("states.amazonaws.com", names.arn("states", f"stateMachine:{names.STATE_MACHINE}")),
        *allowed,
        allow("ReadRunRecords", ["s3:GetObject"], names.objects_arn(names.RUNS_PREFIX)),
        allow("MarkPublished", ["s3:PutObject"], Sub(f"${{{names.LAKE_BUCKET}.Arn}}/state/*/published.json")),
        *statements.query(),
        allow("Notify", ["sns:Publish"], Ref(names.TOPIC)),
        *statements.observe(),
        key_statement(),
    )


def schedule_role() -> iam.Role:
    return role(
        "ScheduleRole",
        "The schedule",
        trust("events.amazonaws.com", names.arn("events", f"rule/{names.SCHEDULE_RULE}")),
        allow("StartExecution", ["states:StartExecution"], Ref(STATE_MACHINE)),
    )
