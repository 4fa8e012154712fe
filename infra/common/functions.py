"""Lambda functions: each is a folder of `lambdas/`, and a pipeline names its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import GetAtt, Sub, awslambda

from infra.common import names
from infra.common.code_locations import CodeLocations

RUNTIME = "python3.12"


@dataclass(frozen=True)
class Settings:
    """Of one function.

    The time-out is longer than what botocore may spend on its own retries, shorter than the Task's.
    """

    description: str
    timeout_seconds: int = 60
    memory_megabytes: int = 256


# The functions that every pipeline with a crawler has.
CRAWL = {
    "start_crawler": Settings(
        "Starts the crawler, or says which crawl to wait for when it is already running"
    ),
    "check_crawler": Settings(
        "Says whether the crawl that was waited for is running, has succeeded or has failed"
    ),
}


def title(folder: str) -> str:
    """`start_crawler` -> `StartCrawlerFunction`, the logical id."""
    return "".join(word.title() for word in folder.split("_")) + "Function"


def role_title(folder: str) -> str:
    """At most 24 characters, which CloudFormation keeps of a logical id in a name: it has to end in Role."""
    whole = title(folder) + "Role"
    return whole if len(whole) <= 24 else whole.replace("Function", "")


def log_group_title(folder: str) -> str:
    return title(folder) + "LogGroup"


def function(
    folder: str,
    settings: Settings,
    code: CodeLocations,
    environment: Mapping[str, Any] | None = None,
    condition: str | None = None,
) -> awslambda.Function:
    """The function of a folder of `lambdas/`, with these environment variables."""
    optional = {"Condition": condition} if condition else {}
    variables = {"Environment": awslambda.Environment(Variables=dict(environment))} if environment else {}
    return awslambda.Function(
        title(folder),
        FunctionName=Sub(names.function_name(folder)),
        Description=settings.description,
        Runtime=RUNTIME,
        Architectures=["arm64"],
        Handler="handler.handler",
        Code=code.functions[folder],
        Role=GetAtt(role_title(folder), "Arn"),
        MemorySize=settings.memory_megabytes,
        Timeout=settings.timeout_seconds,
        DependsOn=log_group_title(folder),  # or Lambda makes it, without a retention
        **variables,
        **optional,
    )
