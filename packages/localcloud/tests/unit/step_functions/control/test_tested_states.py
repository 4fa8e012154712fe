"""A state within a Map or a Parallel, tested by its name."""

from __future__ import annotations

from typing import Any

import pytest

from rigs.trials import refused, returned, thrown, tried

READ = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {
        "FunctionName": "read",
        "Payload": {"at.$": "$$.Map.Item.Index", "meter.$": "$$.Map.Item.Value"},
    },
    "End": True,
}
INNER = {"StartAt": "Read", "States": {"Read": READ}}


def machine(**fields: Any) -> dict[str, Any]:
    each = {"Type": "Map", "ItemProcessor": INNER, "Next": "Done", **fields}
    return {"StartAt": "Each", "States": {"Each": each, "Done": {"Type": "Succeed"}}}


def test_a_state_within_a_map_works_on_its_first_item() -> None:
    answer = tried(machine(), {"id": 7}, stateName="Read", mock=returned({"Payload": "3"}))
    assert answer["inspectionData"]["afterParameters"]["Payload"] == {"at": 0, "meter": {"id": 7}}


def test_a_state_that_is_within_no_map_knows_no_item() -> None:
    answer = tried(READ, {"id": 7}, mock=returned({"Payload": "3"}))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")


def test_a_choice_within_a_map_sees_the_item() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$$.Map.Item.Value.id", "NumericEquals": 7, "Next": "Seven"}],
        "Default": "Other",
    }
    ends = {"Seven": {"Type": "Succeed"}, "Other": {"Type": "Succeed"}}
    inner = {"StartAt": "Which", "States": {"Which": choice, **ends}}
    assert tried(machine(ItemProcessor=inner), {"id": 7}, stateName="Which")["nextState"] == "Seven"


@pytest.mark.claim(
    "Step Functions", "refused", "TestState of an error that a Map or Parallel around the state handles"
)
@pytest.mark.parametrize(
    "handler",
    [{"Retry": [{"ErrorEquals": ["Leak"]}]}, {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]}],
    ids=["Retry", "Catch"],
)
def test_an_error_that_goes_on_to_the_map_is_refused_by_name(handler: dict[str, Any]) -> None:
    message = refused(machine(**handler), stateName="Read", mock=thrown("Leak"))
    assert message.startswith(
        "localcloud does not support TestState of an error that the Map around the state"
    )


def test_an_error_that_nobody_around_handles_fails_the_state() -> None:
    retry = [{"ErrorEquals": ["Flood"]}]
    assert tried(machine(Retry=retry), stateName="Read", mock=thrown("Leak"))["status"] == "FAILED"
    own = READ | {"Catch": [{"ErrorEquals": ["Leak"], "Next": "Late"}]}
    inner = {"StartAt": "Read", "States": {"Read": own, "Late": {"Type": "Succeed"}}}
    all_caught = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
    answer = tried(machine(ItemProcessor=inner, Catch=all_caught), stateName="Read", mock=thrown("Leak"))
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "Late")
