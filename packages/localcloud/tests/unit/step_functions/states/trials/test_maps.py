"""A Map with a mock: its items, their inputs and its tolerance, without an iteration."""

from __future__ import annotations

from typing import Any

import pytest

from rigs.trials import refused, returned, thrown, tried

INNER = {"StartAt": "Read", "States": {"Read": {"Type": "Succeed"}}}
CONFIG = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
MAP = {"Type": "Map", "ItemsPath": "$.meters", "ItemProcessor": {**CONFIG, **INNER}, "End": True}
GIVEN = {"meters": [{"id": 1}, {"id": 2}, {"id": 3}], "most": 2, "share": 40}
JSONATA = {
    "Type": "Map",
    "QueryLanguage": "JSONata",
    "Items": "{% $states.input.meters.id %}",
    "ItemProcessor": {**CONFIG, **INNER},
    "End": True,
}
READER: dict[str, Any] = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Parameters": {"Bucket": "b", "Key": "k"},
}


def reading(config: dict[str, Any], action: str = "getObject", **fields: Any) -> dict[str, Any]:
    reader = {**READER, "Resource": f"arn:aws:states:::s3:{action}", "ReaderConfig": config}
    state = {name: value for name, value in MAP.items() if name != "ItemsPath"}
    return {**state, "ItemReader": reader, "ItemSelector": {"row.$": "$$.Map.Item.Value"}, **fields}


def read(state: dict[str, Any], data: str) -> dict[str, Any]:
    return tried(state, {}, mock=returned([]), stateConfiguration={"mapItemReaderData": data})


def failing(state: dict[str, Any], count: int, **fields: Any) -> dict[str, Any]:
    return tried(state, GIVEN, mock=returned([]), stateConfiguration={"mapIterationFailureCount": count})


def test_a_map_tells_its_items_and_what_comes_of_the_mock() -> None:
    state = {**MAP, "ResultSelector": {"n.$": "States.ArrayLength($)"}, "ResultPath": "$.read"}
    answer = tried(state, GIVEN, mock=returned([7, 8, 9]))
    assert answer["output"] == {**GIVEN, "read": {"n": 3}}
    assert answer["inspectionData"] == {
        "input": GIVEN,
        "afterInputPath": GIVEN,
        "afterItemsPath": GIVEN["meters"],
        "maxConcurrency": 0,
        "afterResultSelector": {"n": 3},
        "afterResultPath": {**GIVEN, "read": {"n": 3}},
    }


def test_a_map_in_jsonata_tells_no_paths() -> None:
    state = {**JSONATA, "Output": "{% $states.result[0] %}", "MaxConcurrency": "{% $states.input.most %}"}
    answer = tried(state, GIVEN, mock=returned([7, 8, 9]))
    assert answer["output"] == 7
    assert answer["inspectionData"] == {"input": GIVEN, "maxConcurrency": 2}


def test_the_inputs_of_the_iterations_are_told_with_their_batches() -> None:
    state = {
        **MAP,
        "ItemSelector": {"meter.$": "$$.Map.Item.Value.id", "at.$": "$$.Map.Item.Index", "of.$": "$.most"},
        "ItemBatcher": {"MaxItemsPerBatchPath": "$.most", "BatchInput": {"share.$": "$.share"}},
    }
    seen = tried(state, GIVEN, mock=returned([]))["inspectionData"]
    inputs = [{"meter": index + 1, "at": index, "of": 2} for index in range(3)]
    assert seen["afterItemSelector"] == inputs
    batched = {"BatchInput": {"share": 40}}
    assert seen["afterItemBatcher"] == [{**batched, "Items": inputs[:2]}, {**batched, "Items": inputs[2:]}]


@pytest.mark.parametrize(
    ("path", "told"), [("$", "$"), ("$.most", "$.most"), ("$$.Execution.Input", "$.Execution.Input")]
)
def test_a_path_to_no_array_fails_the_map_before_anything_else(path: str, told: str) -> None:
    answer = tried({**MAP, "ItemsPath": path}, GIVEN, mock=returned([]))
    assert answer == {
        "status": "FAILED",
        "error": "States.Runtime",
        "cause": f'Reference path "{told}" must point to array.',
        "inspectionData": {"input": GIVEN, "afterInputPath": GIVEN},
    }


def test_an_expression_of_no_array_fails_the_map() -> None:
    for state in ({**JSONATA, "Items": "{% 1 %}"}, {key: JSONATA[key] for key in JSONATA if key != "Items"}):
        answer = tried(state, GIVEN, mock=returned([]))
        assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
        assert "array" in answer["cause"]


@pytest.mark.parametrize(
    ("fields", "most", "told"),
    [
        ({"ToleratedFailureCount": 1}, 1, {"toleratedFailureCount": 1}),
        ({"ToleratedFailureCountPath": "$.most"}, 2, {"toleratedFailureCount": 2}),
        ({"ToleratedFailurePercentage": 34}, 1, {"toleratedFailurePercentage": 34.0}),
        ({"ToleratedFailurePercentagePath": "$.share"}, 1, {"toleratedFailurePercentage": 40.0}),
        ({"ToleratedFailureCount": 0}, 0, {"toleratedFailureCount": 0}),
        ({}, 3, {}),
    ],
)
def test_more_failed_iterations_than_it_tolerates_fail_the_map(
    fields: dict[str, Any], most: int, told: dict[str, Any]
) -> None:
    state = {**MAP, **fields}
    good = failing(state, most)
    assert good["status"] == "SUCCEEDED"
    limits = {name: value for name, value in good["inspectionData"].items() if name.startswith("tolerated")}
    assert limits == told
    if most < 3:
        bad = failing(state, most + 1)
        assert (bad["status"], bad["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
        assert bad["cause"] == "The specified tolerated failure threshold was exceeded"


def test_a_threshold_that_was_exceeded_is_retried_or_caught() -> None:
    state = {**MAP, "ToleratedFailureCount": 1}
    handler = {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"]}
    retried = failing({**state, "Retry": [{"ErrorEquals": ["Leak"]}, handler]}, 2)
    details = {"retryIndex": 1, "retryBackoffIntervalSeconds": 1}
    assert (retried["status"], retried["inspectionData"]["errorDetails"]) == ("RETRIABLE", details)
    caught = failing({**state, "Catch": [{**handler, "ResultPath": "$.why", "Next": "N"}]}, 2)
    assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "N")
    assert caught["output"]["why"]["Error"] == "States.ExceedToleratedFailureThreshold"


def test_a_mocked_error_stands_before_the_threshold() -> None:
    configured = {"mapIterationFailureCount": 2, "errorCausedByState": "Read"}
    answer = tried(
        {**MAP, "ToleratedFailureCount": 1}, GIVEN, mock=thrown("Leak"), stateConfiguration=configured
    )
    assert (answer["status"], answer["error"]) == ("FAILED", "Leak")
    assert answer["inspectionData"]["toleratedFailureCount"] == 1


def test_no_more_iterations_fail_than_there_are() -> None:
    message = "Map iteration failure count must be less than or equal to the number of Map iterations"
    batched = {**MAP, "ItemBatcher": {"MaxItemsPerBatch": 2}}
    for state, count in ((MAP, 4), (batched, 3)):
        configured = {"mapIterationFailureCount": count}
        assert refused(state, GIVEN, mock=returned([]), stateConfiguration=configured) == message


@pytest.mark.parametrize(
    ("config", "data", "rows"),
    [
        ({"InputType": "JSON"}, '[1, {"a": 2}]', [1, {"a": 2}]),
        ({"InputType": "JSON", "MaxItems": 1}, "[1, 2]", [1]),
        ({"InputType": "JSONL"}, '{"a": 1}\n2\n', [{"a": 1}, 2]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "PIPE"},
            "id|level\n7|high\n",
            [{"id": "7", "level": "high"}],
        ),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["id"]},
            "7\n8",
            [{"id": "7"}, {"id": "8"}],
        ),
    ],
    ids=["json", "most", "lines", "csv", "headers"],
)
def test_the_data_of_an_item_reader_is_read_as_from_its_source(
    config: dict[str, Any], data: str, rows: list[Any]
) -> None:
    seen = read(reading(config), data)["inspectionData"]
    assert seen["afterItemSelector"] == [{"row": row} for row in rows]
    assert "afterItemsPath" not in seen


def test_a_pointer_into_the_data_is_told() -> None:
    seen = read(reading({"InputType": "JSON", "ItemsPointer": "/of/meters"}), '{"of": {"meters": [1]}}')
    assert seen["inspectionData"]["afterItemsPointer"] == [1]
    assert seen["inspectionData"]["afterItemSelector"] == [{"row": 1}]


def test_data_that_cannot_be_read_fails_the_map() -> None:
    answer = read(reading({"InputType": "JSON"}), '{"a": 1}')
    assert (answer["status"], answer["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert answer["cause"] == "Attempting to map over non-iterable node."


@pytest.mark.claim(
    "Step Functions", "refused", "mapItemReaderData of TestState for manifests and listings of buckets"
)
@pytest.mark.parametrize(
    "state",
    [reading({"InputType": "MANIFEST"}), reading({}, "listObjectsV2", ItemReader=None)],
    ids=["manifest", "listing"],
)
def test_data_that_names_other_objects_is_refused_by_name(state: dict[str, Any]) -> None:
    if state["ItemReader"] is None:
        listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
        state = {**state, "ItemReader": listing}
    message = refused(state, {}, mock=returned([]), stateConfiguration={"mapItemReaderData": "[]"})
    assert message.startswith("localcloud does not support mapItemReaderData for ")


def test_without_data_the_items_of_an_item_reader_are_in_the_input() -> None:
    state = reading({"InputType": "JSON"}, ItemsPath="$.meters")
    seen = tried(state, GIVEN, mock=returned([]))["inspectionData"]
    assert seen["afterItemsPath"] == GIVEN["meters"]
    assert len(seen["afterItemSelector"]) == 3


def test_an_item_reader_of_which_nobody_knows_the_items_tells_no_inputs() -> None:
    answer = tried(reading({"InputType": "JSON"}), {"key": "k"}, mock=returned([5]))
    assert answer["output"] == [5]
    assert "afterItemSelector" not in answer["inspectionData"]
