"""Which environments' parameters a change reaches."""

from __future__ import annotations

from covidlake.base import project
from covidlake.laptop.preview.segmentation import parameters
from covidlake.laptop.preview.segmentation.parameters import Asked

THREE = {"Segments": "3", "GlueTimeoutMinutes": "15"}
FIVE = {"Segments": "5", "GlueTimeoutMinutes": "15"}


def test_ours_say_what_decides() -> None:
    found = parameters.of(project.ENVIRONMENTS)
    assert parameters.FIRST in found
    assert all(set(parameters.DECIDING) <= one.keys() for one in found.values())


def test_a_parameter_that_decides_is_a_difference_and_others_are_none() -> None:
    (one,) = parameters.asked({"segmentation/dev": THREE}, {"segmentation/dev": FIVE})
    assert one.differences == ["Segments 3 → 5"]
    (same,) = parameters.asked(
        {"segmentation/dev": THREE}, {"segmentation/dev": {**THREE, "GlueTimeoutMinutes": "9"}}
    )
    assert same.differences == []


def test_the_same_change_of_several_environments_runs_once() -> None:
    base = {f"segmentation/{name}": THREE for name in ("dev", "prod", "staging")}
    found = parameters.asked(base, {**base, "segmentation/prod": FIVE, "segmentation/staging": FIVE})
    assert [one.names for one in found] == [("segmentation/prod", "segmentation/staging")]
    found = parameters.asked(
        base, {**base, "segmentation/prod": FIVE, "segmentation/staging": {"Segments": "4"}}
    )
    assert [one.names for one in found] == [("segmentation/prod",), ("segmentation/staging",)]


def test_without_a_difference_it_is_that_of_dev_and_of_what_there_is() -> None:
    both = {f"segmentation/{name}": THREE for name in ("a", "dev")}
    assert parameters.asked(both, both) == [Asked(("segmentation/dev",), THREE, THREE)]
    assert parameters.asked({}, {"segmentation/x": THREE}) == [Asked(("segmentation/x",), None, THREE)]
    assert parameters.asked({}, {}) == []


def test_an_environment_of_one_side_is_never_compared_with_defaults() -> None:
    base = {"segmentation/dev": THREE, "segmentation/old": FIVE}
    head = {"segmentation/dev": FIVE, "segmentation/new": FIVE}
    found = parameters.asked(base, head)
    assert [one.names for one in found] == [("segmentation/dev",)]
    assert parameters.left_out(base, head, found) == [
        "environment segmentation/new is new: nothing ran with it",
        "environment segmentation/old is gone: nothing ran with it",
    ]


def test_parameters_with_which_nothing_ran_are_named() -> None:
    both = {"segmentation/dev": THREE, "segmentation/prod": FIVE, "segmentation/staging": THREE}
    found = parameters.asked(both, both)
    assert parameters.left_out(both, both, found) == [
        "nothing ran with the parameters of segmentation/prod, which are not those of segmentation/dev"
    ]
    assert parameters.left_out(both, both, []) == [], "where nothing ran, that is said already"
    assert parameters.left_out({}, both, parameters.asked({}, both)), "also of a pipeline that is new"


def test_the_only_environment_that_is_renamed_is_compared_with_what_it_was() -> None:
    base, head = {"segmentation/dev": THREE}, {"segmentation/live": FIVE}
    found = parameters.asked(base, head)
    assert found == [Asked(("segmentation/live",), THREE, FIVE)]
    assert found[0].differences == ["Segments 3 → 5"]
    assert parameters.left_out(base, head, found) == [
        "environment segmentation/dev is gone: nothing ran with it"
    ]
