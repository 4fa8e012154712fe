"""The Lambda functions: one for each folder of `lambdas/`."""

from __future__ import annotations

from troposphere import GetAtt, Sub, awslambda

from infra.common import names
from infra.common.code_locations import CodeLocations

RUNTIME = "python3.12"
# Longer than what botocore may spend on its own retries, shorter than the time-out of the Task.
TIMEOUT_SECONDS = 60

DESCRIPTIONS = {
    "start_crawler": "Starts the crawler, or says which crawl to wait for when it is already running",
    "check_crawler": "Says whether the crawl that was waited for is running, has succeeded or has failed",
}


def title(folder: str) -> str:
    """`start_crawler` -> `StartCrawlerFunction`, the logical id."""
    return "".join(word.title() for word in folder.split("_")) + "Function"


def role_title(folder: str) -> str:
    return title(folder) + "Role"


def log_group_title(folder: str) -> str:
    return title(folder) + "LogGroup"


def function(folder: str, code: CodeLocations) -> awslambda.Function:
    return awslambda.Function(
        title(folder),
        FunctionName=Sub(names.function_name(folder)),
        Description=DESCRIPTIONS[folder],
        Runtime=RUNTIME,
        Architectures=["arm64"],
        Handler="handler.handler",
        Code=code.functions[folder],
        Role=GetAtt(role_title(folder), "Arn"),
        MemorySize=256,
        Timeout=TIMEOUT_SECONDS,
        DependsOn=log_group_title(folder),  # or Lambda makes it, without a retention
    )
