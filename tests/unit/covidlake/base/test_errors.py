"""The tree of errors, and the exit code of each."""

from __future__ import annotations

import inspect
import re

from covidlake.base import errors
from covidlake.base.errors import (
    CovidLakeError,
)


def family() -> list[type[CovidLakeError]]:
    return [
        item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, CovidLakeError)
    ]


def test_every_error_is_drawn_in_the_tree_with_its_exit_code() -> None:
    drawing = errors.__doc__ or ""
    for error in family():
        assert error.__name__ in drawing
        assert error.__doc__
    assert {error.exit_code for error in family()} == {1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}


def test_the_drawing_says_the_exit_code_that_each_error_has() -> None:
    drawn: dict[str, int] = {}
    code = 0
    for line in (errors.__doc__ or "").splitlines()[2:]:
        found = re.fullmatch(r"[│├└─ ]*(\w+Error)(?: +(?:exit code )?(\d+)(?: .*)?)?", line)
        assert found, line
        code = int(found[2] or code)  # a line without a code has that of the error above it
        drawn[found[1]] = code
    assert drawn == {error.__name__: error.exit_code for error in family()}


def test_every_exit_code_of_an_error_has_a_meaning() -> None:
    assert {error.exit_code for error in family()} < set(errors.EXIT_CODES)
    assert list(errors.EXIT_CODES) == sorted(errors.EXIT_CODES)
