"""What the states are built from: JSONata expressions, retries and tasks that fail in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.common import step_functions_sdk as sdk

# AWS's names of errors that a later attempt may not meet again.
GLUE_ERRORS = (
    "Glue.ThrottlingException",
    "Glue.OperationTimeoutException",
    "Glue.InternalServiceException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.AWSGlueException",
    "Glue.SdkClientException",
)
LAMBDA_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",  # the function's own time-out; older runtimes call it Lambda.Unknown
)
S3_ERRORS = ("S3.S3Exception", "S3.SdkClientException")
ATHENA_ERRORS = (
    "Athena.TooManyRequestsException",
    "Athena.InternalServerException",
    "Athena.AmazonAthenaException",
    "Athena.AthenaException",
    "Athena.SdkClientException",
)
TIMEOUT = "States.Timeout"

CAUSE_LENGTH = 500
# Glue, Athena and Lambda give their whole answer as the cause; this is the sentence in it that matters.
_MESSAGE_IN_JSON = r'/"(?:ErrorMessage|StateChangeReason|errorMessage)"\s*:\s*"([^\\"]*(?:\\.[^\\"]*)*)"/'


def jsonata(expression: str) -> str:
    return "{% " + expression + " %}"


def text(value: str) -> str:
    """A JSONata string; `value` may hold `${Name}`, which CloudFormation replaces."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\u0027").replace("\n", "\\n") + "'"


def items(expression: str) -> str:
    """An array of what a JSONata expression gives, which is no array where it is one value or none."""
    return f"[{expression}]"


def _readable_cause() -> str:
    """The sentence in the cause of an error, at most `CAUSE_LENGTH` characters of it."""
    found = f"$match($given, {_MESSAGE_IN_JSON}, 1)"
    unescaped = r"""$replace($replace($found.groups[0], '\\"', '"'), '\\n', ' ')"""
    shortened = (
        f"$length($cause) > {CAUSE_LENGTH} ? $substring($cause, 0, {CAUSE_LENGTH - 3}) & '...' : $cause"
    )
    return (
        "( $given := $exists($states.errorOutput.Cause) ? $string($states.errorOutput.Cause) : ''; "
        f"$found := {found}; $cause := $exists($found) ? {unescaped} : $given; "
        f"$cause = '' ? 'AWS gave no cause' : ({shortened}) )"
    )


def failure(state_id: str, error: str, cause: str, logs: str) -> dict[str, str]:
    """What the notification and the outcome say of a failure; `error`, `cause` and `logs` are JSONata."""
    return {"state": state_id, "error": jsonata(error), "cause": jsonata(cause), "logs": jsonata(logs)}


def retry(
    errors: tuple[str, ...], attempts: int = 5, interval_seconds: int = 2, max_delay_seconds: int = 60
) -> sdk.Retry:
    """Retry with exponential waits, each a random part of itself, so that parallel data sets spread out."""
    return sdk.Retry(
        error_equals=list(errors),
        interval_seconds=interval_seconds,
        max_attempts=attempts,
        backoff_rate=2.0,
        max_delay_seconds=max_delay_seconds,
        jitter_strategy="FULL",
    )


def caught_failure(state_id: str, logs: str) -> dict[str, str]:
    """What a Catch says of an error."""
    return failure(state_id, "$states.errorOutput.Error", _readable_cause(), logs)


def catch(state_id: str, handler: Any, variable: str, logs: str) -> sdk.Catch:
    """Send any error to `handler`, which finds it in `variable`."""
    caught = caught_failure(state_id, logs)
    return sdk.Catch(error_equals=["States.ALL"], assign={variable: caught}, next_step=handler)


def for_each(
    state_id: str,
    comment: str,
    each: str,
    iteration: Any,
    *,
    at_a_time: int,
    assign: Mapping[str, str],
    on_fault: Any,
) -> sdk.Map:
    """A Map whose iterations end inside it, also those that fail: what it catches is a fault of its own.

    `each` is the JSONata of its items; `assign` may use `$states.result`, the outputs of the iterations.
    """
    logs = text("CloudWatch Logs group ${StateMachineLogGroup}")
    made = sdk.Map(
        state_id,
        comment=comment,
        items=jsonata(items(each)),
        max_concurrency=at_a_time,
        assign=dict(assign),
        catch=[catch(state_id, on_fault, "problem", logs)],
    )
    made.attach_iterator(iteration)
    return made


def task(
    state_id: str,
    integration: str,
    arguments: Mapping[str, Any],
    *,
    timeout_seconds: int | str,
    retries: list[sdk.Retry],
    on_failure: Any,
    logs: str,
    assign: Mapping[str, Any] | None = None,
    output: Any = None,
    comment: str | None = None,
) -> sdk.Task:
    """A Task of a data set: time-out, retries, and any other error to `on_failure`.

    `logs` is a JSONata string that says where people find more.
    """
    return sdk.Task(
        state_id,
        comment=comment,
        resource=sdk.resource(integration),
        arguments=dict(arguments),
        assign=dict(assign) if assign else None,
        output=output,
        timeout_seconds=timeout_seconds,
        retry=retries,
        catch=[catch(state_id, on_failure, "failure", logs)],
    )
