"""What events follow, and which entry of a state a cause names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states.execution import Run
from rigs.executions import new_record

_NOT_A_LIST = {
    "Type": "Map",
    "QueryLanguage": "JSONata",
    "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}},
    "End": True,
}
_PASS = {"Type": "Pass", "Next": "A"}


def run(states: dict[str, Any], start: str = "A") -> dict[str, Any]:
    record = new_record({"a": 1})
    definition = json.dumps({"StartAt": start, "States": states})
    Run(record, {"name": "m", "roleArn": "r", "definition": definition}).run()
    return record


def failed_evaluation(record: dict[str, Any]) -> dict[str, Any]:
    return next(event for event in record["events"] if event["type"] == "EvaluationFailed")


@pytest.mark.parametrize(
    "state",
    [
        {**_NOT_A_LIST, "Items": "{% 1 %}"},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $nothing %}", "End": True},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"x": "{% $nothing %}"}, "End": True},
    ],
)
def test_a_failed_evaluation_follows_what_its_state_follows(state: dict[str, Any]) -> None:
    first = failed_evaluation(run({"A": state}))
    assert (first["id"], first["previousEventId"]) == (3, 0)
    later = failed_evaluation(run({"B": _PASS, "A": state}, "B"))
    assert (later["id"], later["previousEventId"]) == (5, 3)


def test_a_failed_evaluation_of_a_wait_follows_its_entry() -> None:
    wait = {"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% 'never' %}", "End": True}
    event = failed_evaluation(run({"B": _PASS, "A": wait}, "B"))
    assert event["previousEventId"] == 4


@pytest.mark.parametrize(
    ("items", "shown"),
    [("{% $x %}", '{"b":[1,2]}'), ("{% 'text' %}", '"text"'), ("{% null %}", "null"), ("{% true %}", "true")],
)
def test_what_is_no_list_of_items_is_shown_as_json(items: str, shown: str) -> None:
    given = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"x": {"b": [1, 2]}}, "Next": "A"}
    cause = run({"B": given, "A": {**_NOT_A_LIST, "Items": items}}, "B")["cause"]
    assert shown in cause
    assert "class" not in cause


def test_a_cause_names_the_entry_of_the_state_and_not_the_event_before() -> None:
    branch = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    state = {"Type": "Parallel", "Branches": [branch], "OutputPath": "$.no.such", "End": True}
    record = run({"B": _PASS, "A": state}, "B")
    assert "'A' (entered at the event id #4)" in record["cause"]
    assert len(record["events"]) > 6
