"""The Amazon States Language without a cloud: states that call no service."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states import interpreter, waiting
from localcloud.step_functions.states.execution import Run
from rigs.executions import PREFIX, new_record

Definition = dict[str, Any]
ROLE = "arn:aws:iam::000000000000:role/r"


def run(definition: Definition, given: Any = None, name: str = "e") -> dict[str, Any]:
    """The record of an execution after its end."""
    record = new_record(given, name)
    Run(record, {"name": "m", "roleArn": ROLE, "definition": json.dumps(definition)}).run()
    return record


def output(definition: Definition, given: Any = None) -> Any:
    record = run(definition, given)
    assert record["status"] == "SUCCEEDED", (record["error"], record["cause"])
    return json.loads(record["output"])


def machine(*states: tuple[str, Definition], **fields: Any) -> Definition:
    """States in a row: each one that says nothing of what follows leads to the next, the last one ends."""
    names = [name for name, _ in states]
    following = [{"Next": name} for name in names[1:]] + [{"End": True}]
    shown = {"Choice", "Fail", "Succeed"}
    chained = {
        name: state if state["Type"] in shown or "End" in state else {**flow, **state}
        for (name, state), flow in zip(states, following, strict=True)
    }
    return {"StartAt": names[0], "States": chained, **fields}


def types(record: dict[str, Any]) -> list[str]:
    return [event["type"] for event in record["events"]]


# A Task that fails without a call: its arguments cannot be evaluated.
def failing(**fields: Any) -> Definition:
    return {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"Message": "{% $states.input.missing %}", "TopicArn": "t"},
        **fields,
    }


PASS = {"Type": "Pass"}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that are asked for, unscaled; none of them passes."""
    asked: list[float] = []
    monkeypatch.setattr(interpreter, "wait_scaled", lambda _env, seconds: asked.append(seconds))
    return asked


def test_events_are_chained_and_recorded_once() -> None:
    record = run(machine(("A", PASS), ("B", {"Type": "Succeed"})), {"a": 1})
    assert [(event["id"], event["previousEventId"]) for event in record["events"]] == [
        (1, 0),
        (2, 0),
        (3, 2),
        (4, 3),
        (5, 4),
        (6, 5),
    ]
    assert types(record)[0] == "ExecutionStarted"
    assert types(record)[-1] == "ExecutionSucceeded"
    assert json.loads(record["output"]) == {"a": 1}


def test_a_choice_without_a_match_fails_by_its_name() -> None:
    rule = {"Variable": "$.a", "StringEquals": "x", "Next": "B"}
    record = run(machine(("A", {"Type": "Choice", "Choices": [rule]}), ("B", PASS)), {"a": "y"})
    assert (record["status"], record["error"]) == ("FAILED", "States.NoChoiceMatched")


def test_a_missing_path_is_a_runtime_error_that_no_catch_sees() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "t", "Message.$": "$.missing"},
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
    }
    record = run(machine(("A", task), ("B", PASS)))
    assert (record["status"], record["error"]) == ("FAILED", "States.Runtime")
    assert (
        "The JSONPath '$.missing' specified for the field 'Message.$' could not be found" in record["cause"]
    )
    assert types(record) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_a_retry_waits_longer_each_time_up_to_its_maximum(waits: list[float]) -> None:
    retry = {"IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10, "MaxAttempts": 4}
    record = run(machine(("A", failing(Retry=[{"ErrorEquals": ["States.ALL"], **retry}]))))
    assert waits == [2, 6, 10, 10]
    assert record["error"] == "States.QueryEvaluationError"
    assert types(record).count("EvaluationFailed") == 5


def test_full_jitter_takes_a_part_of_the_interval(waits: list[float]) -> None:
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 100,
        "MaxAttempts": 6,
        "JitterStrategy": "FULL",
    }
    run(machine(("A", failing(Retry=[{**retry, "BackoffRate": 1}]))))
    assert all(0 <= seconds <= 100 for seconds in waits)
    assert len(set(waits)) == 6


def test_retriers_count_their_own_attempts(waits: list[float]) -> None:
    first = {"ErrorEquals": ["Other"], "MaxAttempts": 9}
    second = {"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 2, "IntervalSeconds": 7}
    run(machine(("A", failing(Retry=[first, second]))))
    assert waits == [7, 14]


@pytest.mark.parametrize(("scale", "tries"), [("1", 2), ("0.25", 8), ("0", 2)])
def test_a_retry_that_waits_for_other_work_lasts_as_long_as_on_aws(
    scale: str, tries: int, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_BUSY", ("States.QueryEvaluationError",), raising=False)
    monkeypatch.setenv("SFN_WAIT_SCALE", scale)
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 1, "MaxAttempts": 2}
    run(machine(("A", failing(Retry=[retry]))))
    assert waits == [10] * tries


def test_a_caught_error_is_output_and_variable_in_jsonata() -> None:
    catch = {
        "ErrorEquals": ["States.QueryEvaluationError"],
        "Assign": {"problem": "{% $states.errorOutput.Cause %}", "given": "{% $states.input.a %}"},
        "Output": "{% $states.errorOutput %}",
        "Next": "B",
    }
    after = {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": {
            "error": "{% $states.input.Error %}",
            "problem": "{% $problem %}",
            "given": "{% $given %}",
        },
    }
    result = output(machine(("A", failing(Catch=[catch], Next="C")), ("B", after), ("C", PASS)), {"a": 5})
    assert result["error"] == "States.QueryEvaluationError"
    assert "returned nothing" in result["problem"]
    assert result["given"] == 5


def test_a_caught_error_goes_to_its_result_path_and_variable_in_jsonpath() -> None:
    branch = machine(("F", {"Type": "Fail", "Error": "Boom", "Cause": "why"}))
    catch = {
        "ErrorEquals": ["Boom"],
        "ResultPath": "$.problem",
        "Assign": {"name.$": "$.Error"},
        "Next": "B",
    }
    parallel = {"Type": "Parallel", "Branches": [branch], "Catch": [catch], "End": True}
    after = {"Type": "Pass", "Parameters": {"all.$": "$", "name.$": "$name"}}
    result = output({"StartAt": "A", "States": {"A": parallel, "B": {**after, "End": True}}}, {"a": 1})
    assert result == {"all": {"a": 1, "problem": {"Error": "Boom", "Cause": "why"}}, "name": "Boom"}


def test_a_fail_state_reads_error_and_cause() -> None:
    paths = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('because {}', $.c)"}
    record = run(machine(("A", paths)), {"e": "Bad", "c": "so"})
    assert (record["error"], record["cause"]) == ("Bad", "because so")
    expressions = {"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "{% 'c: ' & $states.input.c %}"}
    record = run(machine(("A", expressions), QueryLanguage="JSONata"), {"e": "Bad", "c": "so"})
    assert (record["status"], record["error"], record["cause"]) == ("FAILED", "Bad", "c: so")


def test_query_languages_mix_and_share_variables() -> None:
    choice = {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [
            {
                "Condition": "{% $states.input.n > 2 and $states.context.Execution.Name = 'e' %}",
                "Assign": {"size": "big", "quoted": "{% 'say \"hi\"' %}"},
                "Output": {"n": "{% $states.input.n * 2 %}"},
                "Next": "B",
            }
        ],
        "Default": "B",
    }
    after = {"Type": "Pass", "Parameters": {"n.$": "$.n", "size.$": "$size", "quoted.$": "$quoted"}}
    assert output(machine(("A", choice), ("B", after)), {"n": 3}) == {
        "n": 6,
        "size": "big",
        "quoted": 'say "hi"',
    }


def test_a_path_goes_into_a_variable() -> None:
    assign = {"Type": "Pass", "Assign": {"v": {"list": [{"x": 1}, {"x": 2}]}}}
    after = {"Type": "Pass", "Parameters": {"one.$": "$v.list[1].x", "all.$": "$v.list[*].x"}}
    assert output(machine(("A", assign), ("B", after))) == {"one": 2, "all": [1, 2]}


def test_intrinsic_functions() -> None:
    parameters = {
        "text.$": "States.Format('{}-{}', $.a, $$.Execution.Name)",
        "object.$": "States.StringToJson($.json)",
        "json.$": "States.JsonToString($.o)",
        "parts.$": "States.ArrayPartition(States.Array(1, 2, 3), 2)",
        "sum.$": "States.MathAdd($.a, -3)",
    }
    given = {"a": 1, "o": {"k": "ü"}, "json": '{"x": [1]}'}
    assert output(machine(("A", {"Type": "Pass", "Parameters": parameters})), given) == {
        "text": "1-e",
        "object": {"x": [1]},
        "json": '{"k":"ü"}',
        "parts": [[1, 2], [3]],
        "sum": -2,
    }


def test_a_failing_intrinsic_function_has_its_own_error() -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": "States.StringToJson($.text)"}}
    record = run(machine(("A", state)), {"text": "{no json"})
    assert (record["status"], record["error"]) == ("FAILED", "States.IntrinsicFailure")


def _map(processor: Definition, **fields: Any) -> Definition:
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **processor}, **fields}


def test_a_map_keeps_the_order_of_its_items_and_records_each_iteration() -> None:
    selector = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "a.$": "$.a"}
    state = _map(machine(("M", PASS)), ItemsPath="$.l", MaxConcurrencyPath="$.c", ItemSelector=selector)
    record = run(machine(("A", state)), {"l": ["x", "y", "z"], "a": 1, "c": 2})
    assert json.loads(record["output"]) == [
        {"i": index, "v": value, "a": 1} for index, value in enumerate(["x", "y", "z"])
    ]
    shown = types(record)
    assert shown.count("MapIterationStarted") == shown.count("MapIterationSucceeded") == 3
    assert shown[2] == "MapStateStarted"
    assert [event["id"] for event in record["events"]] == list(range(1, len(shown) + 1))


def test_the_branches_within_an_iteration_see_its_item() -> None:
    item = {
        "Type": "Pass",
        "Parameters": {"at.$": "$$.Map.Item.Index", "of.$": "$$.Map.Item.Value"},
        "End": True,
    }
    branches = [{"StartAt": "A", "States": {"A": item}}]
    inner = machine(("Both", {"Type": "Parallel", "Branches": branches}))
    found = output(machine(("M", _map(inner))), ["x", "y"])
    assert found == [[{"at": 0, "of": "x"}], [{"at": 1, "of": "y"}]]


def test_iterations_have_variables_of_their_own() -> None:
    assign = {
        "Type": "Pass",
        "Assign": {"mine": "{% $states.input %}"},
        "Output": "{% $states.input + $ours %}",
    }
    inner = machine(("M", assign), ("N", {"Type": "Pass", "Output": "{% [$mine, $states.input] %}"}))
    state = _map(inner, Items="{% [1, 2] %}")
    outer = machine(("O", {"Type": "Pass", "Assign": {"ours": 10}}), ("A", state), QueryLanguage="JSONata")
    assert output(outer) == [[1, 11], [2, 12]]


def test_a_failed_iteration_ends_the_others_and_the_map() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "F"}],
        "Default": "W",
    }
    inner = machine(
        ("C", choice), ("F", {"Type": "Fail", "Error": "Boom"}), ("W", {"Type": "Wait", "Seconds": 99999})
    )
    catch = [{"ErrorEquals": ["Boom"], "Next": "B", "ResultPath": None}]
    record = run(machine(("A", _map(inner, ItemsPath="$.l", Catch=catch)), ("B", PASS)), {"l": [1, 0]})
    assert record["status"] == "SUCCEEDED"
    assert "MapIterationFailed" in types(record)
    assert "MapStateFailed" in types(record)


def test_a_failed_branch_ends_its_siblings() -> None:
    branches = [
        machine(("F", {"Type": "Fail", "Error": "Boom", "Cause": "c"})),
        machine(("W", {"Type": "Wait", "Seconds": 99999})),
    ]
    record = run(machine(("A", {"Type": "Parallel", "Branches": branches})))
    assert (record["status"], record["error"], record["cause"]) == ("FAILED", "Boom", "c")
    assert "ParallelStateFailed" in types(record)


def test_a_service_error_inside_a_branch_keeps_its_name() -> None:
    record = run(machine(("A", {"Type": "Parallel", "Branches": [machine(("T", failing()))]})))
    assert record["error"] == "States.QueryEvaluationError"


def test_a_distributed_map_tolerates_failures_up_to_its_limit() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "F"}],
        "Default": "P",
    }
    inner = machine(("C", choice), ("F", {"Type": "Fail", "Error": "Boom"}), ("P", PASS))
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **inner}
    state = {"Type": "Map", "ItemProcessor": processor, "ItemsPath": "$.l", "MaxConcurrency": 2}
    tolerant = run(machine(("A", {**state, "ToleratedFailurePercentage": 50})), {"l": [0, 1, 2, 3]})
    assert tolerant["status"] == "SUCCEEDED", tolerant["cause"]
    strict = run(machine(("A", {**state, "ToleratedFailureCount": 1})), {"l": [0, 0, 0, 3]})
    assert (strict["status"], strict["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_an_execution_that_was_aborted_before_it_began_does_nothing() -> None:
    record = {
        "executionArn": f"{PREFIX}:execution:m:aborted",
        "stateMachineArn": f"{PREFIX}:stateMachine:m",
        "name": "aborted",
        "status": "ABORTED",
        "startDate": "2026-01-02T03:04:05.678Z",
        "input": "{}",
        "events": [{"id": 1, "type": "ExecutionStarted"}, {"id": 2, "type": "ExecutionAborted"}],
    }
    wait = machine(("A", {"Type": "Wait", "Seconds": 99999}))
    Run(record, {"name": "m", "roleArn": ROLE, "definition": json.dumps(wait)}).run()
    assert record["status"] == "ABORTED"
    assert types(record) == ["ExecutionStarted", "ExecutionAborted"]


def test_a_state_machine_ends_at_its_time_out() -> None:
    record = run(machine(("A", {"Type": "Wait", "Seconds": 99999}), TimeoutSeconds=1))
    assert record["status"] == "TIMED_OUT"
    assert types(record)[-1] == "ExecutionTimedOut"


def test_more_than_256_kib_end_the_execution() -> None:
    big = {"Type": "Pass", "Output": "{% $pad('', 300000, 'x') %}"}
    record = run(machine(("A", big), QueryLanguage="JSONata"))
    assert (record["status"], record["error"]) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.parametrize(
    ("state", "given"),
    [
        ({"Seconds": 5}, {}),
        ({"SecondsPath": "$.s"}, {"s": 5}),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.s + 1 %}"}, {"s": 4}),
    ],
)
def test_a_wait_asks_for_its_seconds(state: Definition, given: Any, waits: list[float]) -> None:
    assert run(machine(("A", {"Type": "Wait", **state})), given)["status"] == "SUCCEEDED"
    assert waits == [5]


def test_a_wait_until_a_time_that_is_over_does_not_wait(waits: list[float]) -> None:
    run(machine(("A", {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z"})))
    assert waits[0] < 0


@pytest.mark.parametrize(("setting", "expected"), [("0", 0.0), ("0.5", 0.5), ("7", 1.0), ("-1", 0.0)])
def test_the_wait_scale_is_between_nothing_and_all(
    setting: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFN_WAIT_SCALE", setting)
    assert waiting.scale() == expected


def test_times_of_the_context_object_are_as_on_aws() -> None:
    parameters = {"entered.$": "$$.State.EnteredTime", "started.$": "$$.Execution.StartTime"}
    result = output(machine(("A", {"Type": "Pass", "Parameters": parameters})))
    assert result["started"] == "2026-01-02T03:04:05.678Z"
    assert result["entered"].endswith("Z")


def test_an_intrinsic_function_takes_a_variable() -> None:
    first = {"Type": "Pass", "Assign": {"v": '{"a": [1]}'}}
    second = {
        "Type": "Pass",
        "Parameters": {"p.$": "States.StringToJson($v)", "s.$": "States.Format('{}!', $v)"},
    }
    assert output(machine(("A", first), ("B", second))) == {"p": {"a": [1]}, "s": '{"a": [1]}!'}


def test_a_range_of_one_element_is_the_element_as_on_aws() -> None:
    chain = machine(
        ("A", {"Type": "Pass", "Output": "{% [$range(1, 1, 1), $range(1, 3, 1)] %}"}), QueryLanguage="JSONata"
    )
    assert output(chain) == [1, 1, 2, 3]
    single = machine(("A", {"Type": "Pass", "Output": "{% $range(4, 4, 1) %}"}), QueryLanguage="JSONata")
    assert output(single) == 4


def test_a_failure_without_a_name_in_a_map_is_caught() -> None:
    processor = {"StartAt": "F", "States": {"F": {"Type": "Fail"}}}
    mapped = {
        "Type": "Map",
        "ItemProcessor": processor,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
        "Next": "B",
    }
    assert output(machine(("A", mapped), ("B", PASS)), [1]) == {"Error": "", "Cause": ""}


def test_a_wrong_time_in_jsonata_is_a_failed_evaluation() -> None:
    wait = {"Type": "Wait", "Timestamp": "{% 'tomorrow' %}"}
    record = run(machine(("A", wait), QueryLanguage="JSONata"))
    assert record["error"] == "States.QueryEvaluationError"
    failed = next(event for event in record["events"] if event["type"] == "EvaluationFailed")
    assert failed["evaluationFailedEventDetails"]["location"] == "Timestamp"


def test_a_missing_value_names_its_field() -> None:
    record = run(machine(("A", {"Type": "Pass", "Output": {"a": "{% $nothing %}"}}), QueryLanguage="JSONata"))
    assert (
        "The JSONata expression '$nothing' specified for the field 'Output/a' returned nothing"
        in record["cause"]
    )
    failed = next(event for event in record["events"] if event["type"] == "EvaluationFailed")
    assert failed["evaluationFailedEventDetails"]["location"] == "Output/a"
    assert failed["evaluationFailedEventDetails"]["state"] == "A"


def test_an_emoji_in_a_cause_is_told() -> None:
    record = run(machine(("A", {"Type": "Fail", "Error": "🚨", "Cause": "🚨 \ud7ff"})))
    assert (record["error"], record["cause"]) == ("🚨", "🚨 \ud7ff")
