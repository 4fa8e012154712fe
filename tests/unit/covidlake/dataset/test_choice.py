"""What an environment takes of what is described, and what somebody may choose of that."""

from __future__ import annotations

import pytest

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.dataset.choice import Choice
from covidlake.environment.environment_file import Environment

CHOICE = Choice("fruit", "Fruits", ["apple", "pear", "plum"])


def environment(fruits: str) -> Environment:
    return Environment("dev", project.ENVIRONMENTS / "dev.yaml", {"Fruits": fruits}, {})


@pytest.mark.parametrize(
    ("fruits", "taken"), [("*", ["apple", "pear", "plum"]), ("pear, apple", ["pear", "apple"]), ("", [])]
)
def test_an_environment_takes_all_or_some(fruits: str, taken: list[str]) -> None:
    assert CHOICE.taken(environment(fruits)) == taken
    assert CHOICE.of([], environment(fruits)) == taken


def test_some_of_these_can_be_chosen_each_once() -> None:
    assert CHOICE.of(["plum", "apple", "plum"], environment("*")) == ["plum", "apple"]


def test_what_nobody_described_or_the_environment_leaves_out_is_refused() -> None:
    with pytest.raises(DataSetError, match=r"'aple'.*apple"):
        CHOICE.of(["aple"], environment("*"))
    with pytest.raises(DataSetError, match=r"fruit 'plum': parameter Fruits in .*dev\.yaml leaves it out"):
        CHOICE.of(["plum"], environment("pear"))
