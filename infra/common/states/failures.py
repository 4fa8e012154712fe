"""How failures are reported: one message for each data set that failed, and how the execution ends."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import items, jsonata, retry, text

PUBLISH_TIMEOUT_SECONDS = 30
MESSAGES_AT_A_TIME = 5
SUBJECT_LENGTH = 99  # SNS wants less than 100 characters, ASCII only

_LINK = (
    "'https://${Region}.${Console}/states/home?region=${Region}"
    "#/v2/executions/details/' & $states.context.Execution.Id"
)


def _message(lines: list[str]) -> str:
    return jsonata("$join([" + ", ".join(lines) + "], '\\n')")


def _publish(state_id: str, comment: str, subject: str, lines: list[str], catch_to: Any) -> sdk.Task:
    """A message to the topic. One that cannot be sent must not hide what it was about: it is given up."""
    return sdk.Task(
        state_id,
        comment=comment,
        resource=sdk.resource("sns:publish"),
        arguments={
            "TopicArn": "${Topic}",
            "Subject": jsonata(f"$substring({subject}, 0, {SUBJECT_LENGTH})"),
            "Message": _message(lines),
        },
        timeout_seconds=PUBLISH_TIMEOUT_SECONDS,
        retry=[retry(("States.ALL",), attempts=3)],
        catch=[sdk.Catch(error_equals=["States.ALL"], next_step=catch_to)],
    )


def _facts(variable: str) -> list[str]:
    """Lines on the failure in a variable, aligned for people who read mail in a fixed width."""
    return [
        "''",
        text("Environment: ${Environment} (${StackName})"),
        f"'State:       ' & ${variable}.state",
        f"'Error:       ' & ${variable}.error",
        f"'Cause:       ' & ${variable}.cause",
        f"'Logs:        ' & ${variable}.logs",
        f"'Execution:   ' & {_LINK}",
    ]


FAILED = "$dataSets[$exists(failure)]"
NOT_INGESTED = "'The data set ' & $states.input.dataset & ' was not ingested.'"
_CAUSE = "failure.state & failure.error & failure.cause"
# Those that failed for one and the same reason, as one item.
FAILED_TOGETHER = (
    f"( $failed := {FAILED}; $map($distinct($failed.({_CAUSE})), function($why) {{ "
    f"( $same := $failed[({_CAUSE}) = $why]; "
    "{'dataset': $join($append([], $same.dataset), ', '), 'failure': $same[0].failure} ) }) )"
)


def tell_of_failures(then: Any, failed: str = FAILED, first_line: str = NOT_INGESTED) -> sdk.Map:
    """One message for each of the `failed`, then what the execution does next.

    They are objects with `dataset` and `failure`. A message that cannot be sent is given up, and so is the
    Map: neither may hide how the execution ends. `failed` and `first_line` are JSONata.
    """
    state_id = "NotifyFailures"
    given_up = sdk.Pass(
        "NotNotified",
        comment="The topic does not take the message: the rule that watches executions is left",
        output={},
    )
    notify = _publish(
        "NotifyDataSetFailed",
        "Publish which data set failed, in which state, why, and where to look",
        "'${StackName}: ' & $states.input.dataset & ' failed in ' & $states.input.failure.state",
        [first_line, *_facts("states.input.failure")],
        given_up,
    )
    tell = sdk.Map(
        state_id,
        comment="One message for each data set that failed",
        items=jsonata(items(failed)),
        max_concurrency=MESSAGES_AT_A_TIME,
        output={},
        catch=[sdk.Catch(error_equals=["States.ALL"], next_step=then)],
    )
    tell.attach_iterator(sdk.chain(notify))
    tell.next(then)
    return tell


def execution_failed() -> sdk.Fail:
    return sdk.Fail(
        "ExecutionFailed",
        comment="What failed, in the words of the message",
        error=jsonata("$problem.error"),
        cause=jsonata("$problem.cause"),
    )


def whole_execution_failed(failed: sdk.Fail, comment: str = "Publish why no data set was ingested") -> Any:
    """Publish that an execution fails as a whole, by its input or by a Map itself; then fail."""
    notify = _publish(
        "NotifyExecutionFailed",
        comment,
        "'${StackName}: execution failed: ' & $problem.error",
        ["'The execution failed as a whole; see the cause.'", *_facts("problem")],
        failed,
    )
    return sdk.chain(notify, failed)
