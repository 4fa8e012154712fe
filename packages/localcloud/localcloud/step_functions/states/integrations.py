"""The service integrations that a Task's Resource can name, and what refuses the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel, ServiceModel

from localcloud.plugin import refusals
from localcloud.step_functions.states import naming
from localcloud.step_functions.states.shapes import Stamp, epoch_stamp, iso_stamp

REQUEST_RESPONSE, SYNC_2, TASK_TOKEN = "", "sync:2", "waitForTaskToken"


class UnsupportedIntegrationError(ValueError):
    """A Resource that AWS does not know, or that this cloud cannot run: the message names it."""


@dataclass(frozen=True)
class _Optimised:
    """`name` is the service in error names and causes: `Glue` and `AWSGlue`, of the Java SDK 1.x."""

    botocore_name: str
    name: str
    sdk_name: str
    actions: Mapping[str, frozenset[str]]
    reports_metadata: bool = False
    label: str = ""  # of the service in causes, where it is not `sdk_name`
    members: Mapping[str, str] = field(default_factory=dict)  # that the SDK names in its own way


def _actions(**patterns: str) -> Mapping[str, frozenset[str]]:
    """Each action with the integration patterns that it has besides request-response, comma separated."""
    return {
        name: frozenset({REQUEST_RESPONSE, *(item for item in listed.split(",") if item)})
        for name, listed in patterns.items()
    }


_OPTIMISED = {
    "athena": _Optimised(
        "athena",
        "Athena",
        "AmazonAthena",
        _actions(startQueryExecution="sync", stopQueryExecution="", getQueryExecution="", getQueryResults=""),
    ),
    "dynamodb": _Optimised(
        "dynamodb",
        "DynamoDB",
        "AmazonDynamoDB",
        _actions(getItem="", putItem="", updateItem="", deleteItem=""),
        reports_metadata=True,
        label="AmazonDynamoDBv2",
    ),
    "events": _Optimised(
        "events",
        "EventBridge",
        "AmazonEventBridge",
        _actions(putEvents="waitForTaskToken"),
    ),
    "glue": _Optimised("glue", "Glue", "AWSGlue", _actions(startJobRun="sync")),
    "lambda": _Optimised(
        "lambda", "Lambda", "AWSLambda", _actions(invoke="waitForTaskToken"), reports_metadata=True
    ),
    "sns": _Optimised("sns", "SNS", "AmazonSNS", _actions(publish="waitForTaskToken"), reports_metadata=True),
    "sqs": _Optimised(
        "sqs",
        "SQS",
        "AmazonSQS",
        _actions(sendMessage="waitForTaskToken"),
        reports_metadata=True,
        members={
            "Md5OfMessageBody": "MD5OfMessageBody",
            "Md5OfMessageAttributes": "MD5OfMessageAttributes",
            "Md5OfMessageSystemAttributes": "MD5OfMessageSystemAttributes",
        },
    ),
    "states": _Optimised(
        "stepfunctions",
        "StepFunctions",
        "AWSStepFunctions",
        _actions(startExecution="sync,sync:2,waitForTaskToken"),
        reports_metadata=True,
    ),
}


@dataclass(frozen=True)
class Integration:
    """One API action as a Task calls it."""

    resource: str
    service: ServiceModel
    operation: OperationModel
    pattern: str
    name: str
    optimised: bool
    stamp: Stamp
    reports_metadata: bool = False
    sdk_name: str = field(default="")
    label: str = ""
    members: Mapping[str, str] = field(default_factory=dict, compare=False)

    def renamed(self, output: dict[str, Any]) -> dict[str, Any]:
        """The answer with the members that the SDK names in its own way."""
        return {self.members.get(name, name): value for name, value in output.items()}

    @property
    def botocore_name(self) -> str:
        return self.service.service_name

    def error_name(self, code: str) -> str:
        """AWS's name of an API error: the modelled exception, or the SDK's own for any other code."""
        unmodelled = f"{self.sdk_name or self.name}Exception"
        return f"{self.name}.{naming.modelled_error(self.service, code) or unmodelled}"

    def cause(self, message: str, code: str, status: int, request_id: str, host_id: str = "") -> str:
        """The text of an API error, in the form of the SDK that the integration is made with."""
        if not self.optimised:
            extended = f", Extended Request ID: {host_id}" if host_id and self.name == "S3" else ""
            return (
                f"{message} (Service: {self.name}, Status Code: {status}, Request ID: {request_id}{extended})"
            )
        return (
            f"{message} (Service: {self.label or self.sdk_name}; Status Code: {status}; Error Code: {code}; "
            f"Request ID: {request_id}; Proxy: null)"
        )


def find(resource: str) -> Integration:
    """The integration that a Resource such as `arn:aws:states:::glue:startJobRun.sync` names.

    Raises `UnsupportedIntegrationError`.
    """
    _, _, target = resource.partition(":::")
    call, _, pattern = target.partition(".")
    parts = call.split(":")
    if len(parts) == 3 and parts[0] == "aws-sdk":
        return _sdk(resource, parts[1], parts[2], pattern)
    if len(parts) == 2 and parts[0] in _OPTIMISED:
        return _optimised(resource, _OPTIMISED[parts[0]], parts[1], pattern)
    raise UnsupportedIntegrationError(
        f"The resource provided {resource} is not recognized: "
        + refusals.not_supported("it", f"use aws-sdk or an optimised integration of {', '.join(_OPTIMISED)}")
    )


def _sdk(resource: str, name: str, action: str, pattern: str) -> Integration:
    service = naming.sdk_service(name)
    operation = naming.operation(service, action) if service else None
    if service is None or operation is None:
        missing = f"API action {action}" if service else f"service {name}"
        raise UnsupportedIntegrationError(
            f"The resource provided {resource} is not recognized: the AWS SDK has no {missing}"
        )
    _check_pattern(resource, pattern, frozenset({REQUEST_RESPONSE, TASK_TOKEN}))
    return Integration(
        resource, service, operation, pattern, naming.java_name(service.service_id), False, iso_stamp
    )


def _optimised(resource: str, known: _Optimised, action: str, pattern: str) -> Integration:
    service = naming.service_model(known.botocore_name)
    operation = naming.operation(service, action)
    if action not in known.actions or operation is None:
        raise UnsupportedIntegrationError(
            f"The resource provided {resource} is not recognized: the optimised integration of {known.name} "
            f"has {', '.join(known.actions)}"
        )
    _check_pattern(resource, pattern, known.actions[action])
    return Integration(
        resource,
        service,
        operation,
        pattern,
        known.name,
        True,
        epoch_stamp,
        known.reports_metadata,
        known.sdk_name,
        known.label,
        known.members,
    )


def _check_pattern(resource: str, pattern: str, allowed: frozenset[str]) -> None:
    if pattern not in allowed:
        names = ", ".join(f".{name}" for name in sorted(allowed) if name) or "no pattern"
        raise UnsupportedIntegrationError(
            f"The resource provided {resource} is not recognized: "
            + refusals.not_supported(f"the integration pattern .{pattern} of it", f"{names} is")
        )
