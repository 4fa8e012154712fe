"""The tree of errors that the module draws is the one of its classes."""

from __future__ import annotations

import inspect
import re

from ingestion import errors


def test_the_drawn_tree_is_that_of_the_classes() -> None:
    classes = [
        one for _, one in inspect.getmembers(errors, inspect.isclass) if one.__module__ == errors.__name__
    ]
    drawn = re.findall(r"^ [├└]─ (\w+)$", errors.__doc__ or "", re.M)
    children = [one for one in classes if one.__bases__ == (errors.IngestionError,)]
    assert len(drawn) > 10
    assert sorted(drawn) == sorted(one.__name__ for one in children)
    assert [one for one in classes if one not in children] == [errors.IngestionError]
