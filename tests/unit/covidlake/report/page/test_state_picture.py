"""The picture of the state machine: every state that can be reached, the way of the execution in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from covidlake.report.page import state_picture
from covidlake.report.page.facts import Facts
from covidlake.report.page.state_picture import machines_in, picture, targets
from covidlake.report.page.timeline import Timeline

Told = Callable[[str], Facts]


def names(machine: dict[str, Any]) -> set[str]:
    found = set(machine["States"])
    for state in machine["States"].values():
        for inner in machines_in(state):
            found |= names(dict(inner))
    return found


def drawn(facts: Facts) -> state_picture.Picture:
    return picture(facts.collected.definition, facts.timeline)


def states_of(svg: str) -> dict[str, str]:
    """By what a state is called: the class of its element, `state succeeded`."""
    return {name: kind for kind, name in re.findall(r'<g class="((?:state|map) \w+)"><title>(\w+):', svg)}


@pytest.mark.parametrize("name", ["succeeded", "failed", "running", "aborted", "timed-out"])
def test_each_state_is_drawn_once_or_named_as_left_out(name: str, told: Told) -> None:
    facts = told(name)
    found = drawn(facts)
    shown = re.findall(r"<title>(\w+):", found.svg)
    assert len(shown) == len(set(shown))
    assert {*shown, *found.left_out} == names(facts.collected.definition)
    assert not {*shown} & {*found.left_out}
    assert {visit.state for visit in facts.timeline.visits} <= {*shown}


def test_a_success_has_its_way_and_no_failure(told: Told) -> None:
    facts = told("succeeded")
    states = states_of(drawn(facts).svg)
    assert states["Ingested"] == states["RunJob"] == "state succeeded"
    assert states["RunJobs"] == "map succeeded"
    assert states["ExecutionFailed"] == "state unvisited"
    assert drawn(facts).svg.count('class="arrow taken"') == len(facts.timeline.taken)


@pytest.mark.parametrize(
    ("name", "kind"), [("running", "running"), ("aborted", "aborted"), ("timed-out", "timedout")]
)
def test_the_state_in_work_ends_as_the_execution(name: str, kind: str, told: Told) -> None:
    assert states_of(drawn(told(name)).svg)["RunJob"] == f"state {kind}"


def test_the_arrow_of_a_catch_is_drawn_where_it_was_taken() -> None:
    machine = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Next": "Done",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}],
            },
            "Tell": {"Type": "Task", "Next": "Lost"},
            "Lost": {"Type": "Fail"},
            "Done": {"Type": "Succeed"},
        },
    }
    assert picture(machine, Timeline()).left_out == ("Lost", "Tell")
    taken = Timeline()
    taken.taken["Ask", "Tell"] = 1
    assert picture(machine, taken).left_out == ()


def test_a_parallel_has_its_branches_beside_each_other() -> None:
    branch = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    other = {"StartAt": "Two", "States": {"Two": {"Type": "Pass", "End": True}}}
    machine = {
        "StartAt": "Both",
        "States": {"Both": {"Type": "Parallel", "Branches": [branch, other], "End": True}},
    }
    assert set(states_of(picture(machine, Timeline()).svg)) == {"Both", "One", "Two"}


def test_targets_are_those_of_choices_default_and_next() -> None:
    assert targets({"Choices": [{"Next": "a"}, {"Next": "b"}, {"Next": "a"}], "Default": "c"}) == [
        "a",
        "b",
        "c",
    ]
