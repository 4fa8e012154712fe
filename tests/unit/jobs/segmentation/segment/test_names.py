"""What segments are called."""

from __future__ import annotations

import itertools

import pytest

from segmentation.segment.names import ALL, BEST, LOYAL, name, names


@pytest.mark.parametrize(
    ("center", "wanted"),
    [
        ((-1, 1.5, 1.2), "best customers"),
        ((-0.2, 0.3, 0.1), "loyal"),
        ((-1, -0.5, -0.4), "promising"),
        ((-1, -1.2, -1), "new"),
        ((0.5, 1, 0.8), "at risk"),
        ((1, -0.3, -0.4), "fading"),
        ((1.5, -1.1, -1.3), "lost"),
    ],
)
def test_a_center_is_named_by_where_it_lies(center: tuple[float, float, float], wanted: str) -> None:
    assert name(center) == wanted


def test_names_are_unique_for_any_centers() -> None:
    grid = list(itertools.product((-1.0, 1.0), (-1.0, 0.1, 1.0), (-1.0, 1.0)))
    assert len(set(names(grid))) == len(grid)


def test_the_best_that_there_are_are_the_best() -> None:
    assert names([(-0.1, 0.2, 0.2), (-0.2, 0.1, 0.1), (1, -1, -1)]) == [BEST, LOYAL, "lost"]
    assert names([(0.0, 0.0, 0.0)]) == [ALL]
