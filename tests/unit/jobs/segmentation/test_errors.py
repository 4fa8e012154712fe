"""The drawing of the errors is the tree of the classes."""

from __future__ import annotations

import inspect

from segmentation import errors


def test_the_drawing_shows_every_error_below_its_own() -> None:
    drawn = [line.strip(" │├└─") for line in (errors.__doc__ or "").splitlines() if "─" in line]
    classes = [
        one for _, one in inspect.getmembers(errors, inspect.isclass) if one is not errors.SegmentationError
    ]
    assert sorted(drawn) == sorted(one.__name__ for one in classes)
    assert all(issubclass(one, errors.SegmentationError) for one in classes)
    assert all(one.__doc__ for one in classes)
