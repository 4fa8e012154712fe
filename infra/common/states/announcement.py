"""The end of a smoke test: a message that no person gets, so that a failure could be told, too."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import PURPOSE_ATTRIBUTE, SMOKE_TEST
from infra.common.states.building_blocks import catch, jsonata, retry, text

SMOKE = "smoke"  # the mode of an execution
PUBLISH_TIMEOUT_SECONDS = 30


def announce_smoke_test(then: Any, on_failure: Any) -> Any:
    """In a smoke test, publish to the topic before the execution goes on; else go on at once.

    The subscription of people leaves this message out, by its attribute.
    """
    logs = text("the policies of the state machine's role, of the topic and of its key")
    announce = sdk.Task(
        "AnnounceSmokeTest",
        comment="Publish as a failure would be published: nobody hears of one where this is denied",
        resource=sdk.resource("sns:publish"),
        arguments={
            "TopicArn": "${Topic}",
            "Subject": "${StackName}: smoke test passed",
            "Message": jsonata("'The smoke test ' & $states.context.Execution.Name & ' passed.'"),
            "MessageAttributes": {
                PURPOSE_ATTRIBUTE: {"DataType": "String", "StringValue": SMOKE_TEST},
            },
        },
        timeout_seconds=PUBLISH_TIMEOUT_SECONDS,
        retry=[retry(("States.ALL",), attempts=3)],
        catch=[catch("AnnounceSmokeTest", on_failure, "problem", logs)],
    )
    announce.next(then)
    choice = sdk.Choice("IsSmokeTest", comment="A smoke test also proves that people can be told")
    choice.add_choice(sdk.Condition(jsonata(f"$mode = '{SMOKE}'")), announce)
    choice.default_choice(then)
    return choice
