"""How failures are reported: one message for each data set that failed, and how the execution ends."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import jsonata, retry, text

PUBLISH_TIMEOUT_SECONDS = 30
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


def data_set_failed() -> Any:
    """Publish that a data set failed, and make it the data set's outcome; the others go on."""
    outcome = sdk.Pass(
        "DataSetFailed",
        comment="A failed data set ends here, so that the others can finish",
        output={
            "dataset": jsonata("$dataset"),
            "outcome": "FAILED",
            "state": jsonata("$failure.state"),
            "error": jsonata("$failure.error"),
            "cause": jsonata("$failure.cause"),
        },
    )
    notify = _publish(
        "NotifyDataSetFailed",
        "Publish which data set failed, in which state, why, and where to look",
        "'${StackName}: ' & $dataset & ' failed in ' & $failure.state",
        ["'The data set ' & $dataset & ' was not ingested.'", *_facts("failure")],
        outcome,
    )
    return sdk.chain(notify, outcome)


def execution_failed() -> sdk.Fail:
    return sdk.Fail(
        "ExecutionFailed",
        comment="What failed, in the words of the message",
        error=jsonata("$problem.error"),
        cause=jsonata("$problem.cause"),
    )


def whole_execution_failed(failed: sdk.Fail) -> Any:
    """Publish that an execution fails as a whole, by its input or by the Map itself; then fail."""
    notify = _publish(
        "NotifyExecutionFailed",
        "Publish why no data set was ingested",
        "'${StackName}: execution failed: ' & $problem.error",
        ["'The execution failed as a whole; see the cause.'", *_facts("problem")],
        failed,
    )
    return sdk.chain(notify, failed)
