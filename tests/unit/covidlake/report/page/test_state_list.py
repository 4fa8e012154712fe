"""The list says what the picture shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from covidlake.report.page.facts import Facts
from covidlake.report.page.state_list import Listed, listed
from covidlake.report.page.state_picture import picture
from tests import recorded_executions


def flat(items: tuple[Listed, ...]) -> Iterator[Listed]:
    for one in items:
        yield one
        yield from flat(one.inside)


@pytest.mark.parametrize("name", recorded_executions.names())
def test_the_list_has_the_states_of_the_picture_with_the_same_words(
    name: str, told: Callable[[str], Facts]
) -> None:
    definition, timeline = told(name).collected.definition, told(name).timeline
    drawn = sorted(re.findall(r"<title>(.*?)</title>", picture(definition, timeline).svg))
    found = list(flat(listed(definition, timeline)))
    assert sorted(f"{one.name}: {one.said}" for one in found) == drawn
    assert found[0].name == definition["StartAt"]


def test_the_states_of_a_map_are_inside_of_it(told: Callable[[str], Facts]) -> None:
    found = listed(told("failed").collected.definition, told("failed").timeline)
    runs = next(one for one in found if one.name == "RunJobs")
    assert "RunJob" in {one.name for one in runs.inside}
    assert {one.outcome for one in flat(found)} >= {"", "succeeded", "failed"}


def test_what_an_execution_went_through_is_listed_in_its_order_and_the_rest_below(
    told: Callable[[str], Facts],
) -> None:
    timeline = told("failed").timeline
    names = [one.name for one in listed(told("failed").collected.definition, timeline)]
    visited = [name for name in dict.fromkeys(one.state for one in timeline.visits) if name in names]
    assert names[: len(visited)] == visited
    assert visited[-1] == "ExecutionFailed"
