"""How a definition is read: one refusal does not stay, threads do not disturb each other."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from unit.step_functions.states.test_interpreter import machine, output

from localcloud.step_functions.states import parsing

JSONPATH = {"Type": "Pass", "Parameters": {"a.$": "$.a"}}
# Refused half way through, so that moto's stack of query languages is left as it was then.
DOWNGRADED = {
    "QueryLanguage": "JSONata",
    "StartAt": "A",
    "States": {"A": {"QueryLanguage": "JSONPath", "Type": "Pass", "End": True}},
}
REFUSED = [
    DOWNGRADED,
    {**DOWNGRADED, "States": {"A": {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Pass", "ResultPath": "$.a", "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Wait", "SecondsPath": "$.a", "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Pass", "Nonsense": 1, "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "A"}]}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Task", "Resource": "nonsense", "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Map", "End": True}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Fail", "ErrorPath": "$.a"}}},
    {**DOWNGRADED, "States": {"A": {"Type": "Parallel", "Branches": [DOWNGRADED], "End": True}}},
]


@pytest.mark.parametrize("refused", REFUSED, ids=range(len(REFUSED)))
def test_what_was_refused_does_not_stay_in_the_parser(refused: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"."):
        parsing.parse(json.dumps(refused))
    assert output(machine(("A", JSONPATH)), {"a": 1}) == {"a": 1}


def test_many_threads_read_at_once() -> None:
    good = json.dumps(machine(("A", JSONPATH)))
    mixed = json.dumps(machine(("A", {"Type": "Pass", "Output": "{% 1 %}"}), QueryLanguage="JSONata"))

    def read(text: str) -> str:
        try:
            parsing.parse(text)
        except Exception as error:
            return str(error)
        return ""

    texts = [good, json.dumps(DOWNGRADED), mixed] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, texts))
    assert [reason for text, reason in zip(texts, found, strict=True) if text in (good, mixed)] == [""] * 40
    assert all(reason for text, reason in zip(texts, found, strict=True) if text not in (good, mixed))


TEXTS = ['"', "\\", "\n", "é", "\t|", "🚨", "\u2028", "a\\nb", 'say "hi"', "\x7f", "/", "{'a'}"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_literal_text_is_what_json_says_wherever_it_stands(text: str) -> None:
    given = {"text": text}
    assigned = {"Type": "Pass", "Assign": {"v": text, "deep": {text: [text]}}}
    shown = {"Type": "Pass", "Output": {"same": "{% $v = $states.input.text %}", "v": "{% $v %}", "k": text}}
    both = machine(("A", assigned), ("B", shown), QueryLanguage="JSONata")
    assert output(both, given) == {"same": True, "v": text, "k": text}
    paths = machine(
        ("A", {"Type": "Pass", "Assign": {"v": text}}),
        ("B", {"Type": "Pass", "Parameters": {"v.$": "$v", "k": text, text: 1}}),
    )
    assert output(paths) == {"v": text, "k": text, text: 1}
    result = machine(("A", {"Type": "Pass", "Result": {text: text}}))
    assert output(result) == {text: text}


def test_a_caught_error_and_a_choice_assign_what_json_says() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% true %}", "Assign": {"v": 'é"'}, "Next": "B"}],
        "Default": "B",
    }
    shown = {"Type": "Pass", "Output": "{% $v %}"}
    assert output(machine(("A", choice), ("B", shown), QueryLanguage="JSONata")) == 'é"'


def test_names_of_states_are_what_json_says() -> None:
    name = 'say "hi" 🚨'
    assert output({"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}, 1) == 1


def test_an_expression_knows_its_field() -> None:
    fields = {"Output": {"a": [{"b": "{% 1 %}"}]}, "Assign": {"v": "{% 2 %}"}}
    program = parsing.parse(json.dumps(machine(("A", {"Type": "Pass", **fields}), QueryLanguage="JSONata")))
    state = program.states.states["A"]
    inner = state.output.jsonata_template_value.bindings[0].value.values[0].bindings[0].value
    assert inner.string_jsonata.location == "Output/a/b"
    assert (
        state.assign_decl.declaration_bindings[0].binding.assign_value.string_jsonata.location == "Assign/v"
    )


def test_a_state_s_own_query_language_is_not_that_of_the_states_inside_it() -> None:
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Parameters": {"n.$": "$"}, "End": True}}}
    outer = {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 2], "ItemProcessor": inner}
    assert output(machine(("A", outer))) == [{"n": 1}, {"n": 2}]


def test_every_field_of_a_state_sees_the_variables_as_they_were_before_it() -> None:
    first = {"Type": "Pass", "Assign": {"v": 1}}
    second = {"Type": "Pass", "Assign": {"v": 2}, "Parameters": {"v.$": "$v"}}
    third = {"Type": "Pass", "Assign": {"v": 3}, "OutputPath": "$v"}
    last = {"Type": "Pass", "Parameters": {"before.$": "$", "now.$": "$v"}}
    chain = machine(("A", first), ("B", second), ("C", third), ("D", last))
    assert output(chain) == {"before": 2, "now": 3}
