"""Which errors a Retry or Catch applies to."""

from __future__ import annotations

from collections.abc import Collection

_TIMEOUTS = ("States.Timeout", "States.HeartbeatTimeout")


def matches(error_equals: Collection[str], error: str | None) -> bool:
    """Whether `ErrorEquals` names the error, by AWS's rules.

    States.Runtime is never caught, and States.TaskFailed means any error but a timeout or a result that
    is too large. States.ALL catches that one too, whatever AWS's guide says: executions on AWS show it.
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    if error == "States.Runtime":
        return False
    if error in error_equals or (error == _TIMEOUTS[1] and _TIMEOUTS[0] in error_equals):
        return True
    if "States.ALL" in error_equals:
        return True
    return "States.TaskFailed" in error_equals and error not in (*_TIMEOUTS, "States.DataLimitExceeded")
