"""Which rows of a large object to guess from: the first, and each later one that shows something new.

The form of a value is the value without what is usual in it: `2020-01-05` and `2020-01-06` have one form,
`NA`, `0.5` and `12/31/2020` others. So a type is right for rows beyond the first ones too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Any

from covidlake.dataset.draft.column_types import NULL_WORDS

MOST_FORMS = 200  # of a column; one with more is text anyway
_MOST_VALUES = 100_000  # of a column that are known again at once
_DIGITS = str.maketrans("123456789", "9" * 9)
_RUN = re.compile(r"\d+")
_LONG = 18  # digits that surely fit a bigint


def keep(rows: Iterable[dict[str, Any]], first: int) -> tuple[list[dict[str, Any]], int]:
    """The rows to guess from, and how many there are in all."""
    every = iter(rows)
    kept = list(itertools.islice(every, first))
    total, columns = len(kept), dict[str, _Column]()
    for row in every:
        if total == first:
            for one in kept:
                _is_new(one, columns)
        total += 1
        if _is_new(row, columns):
            kept.append(row)
    return kept, total


class _Column:
    """What a column has had so far."""

    def __init__(self) -> None:
        self._values: set[Any] = set()
        self._forms: set[str] = set()

    def is_new(self, value: Any) -> bool:
        """Whether the value has a form that no value had before."""
        if isinstance(value, str):
            if value in self._values:
                return False
            if len(self._values) < _MOST_VALUES:
                self._values.add(value)
        form = form_of(value)
        usual = len(self._forms) >= MOST_FORMS and form.strip().lower() not in {"", *NULL_WORDS}
        if usual or form in self._forms:
            return False
        self._forms.add(form)
        return True


def _is_new(row: dict[str, Any], columns: dict[str, _Column]) -> bool:
    new = False
    for name, value in row.items():
        if (column := columns.get(name)) is None:
            column = columns[name] = _Column()
        new = column.is_new(value) or new
    return new


def form_of(value: Any) -> str:
    """A value without what is usual in it, nested ones by their fields."""
    if isinstance(value, str):
        return _form_of_text(value)
    try:
        return _form_of_json(value)
    except RecursionError:
        return "deep"


def _form_of_json(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{name}:{_form_of_json(of)}' for name, of in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted({_form_of_json(of) for of in value}))}]"
    if isinstance(value, str):
        return f"text {_form_of_text(value)}"
    return "null" if value is None else f"{type(value).__name__} {_form_of_text(str(value))}"


def _form_of_text(text: str) -> str:
    if text.isdecimal() and len(text) <= _LONG:  # the most usual first, for there are millions
        return "0" * text.startswith("0") + "9" * len(text)
    if "/" in text or "-" in text[1:] or text.count(".") > 1 or len(text) > _LONG:
        return _RUN.sub(_form_of_run, text)
    return text.translate(_DIGITS).lower()


def _form_of_run(found: re.Match[str]) -> str:
    """Digits of a date: beyond 12 they are no month; those of a very long number stay."""
    run = found[0]
    if len(run) > _LONG:
        return run
    return "D" * len(run) if len(run) <= 2 and int(run) > 12 else "9" * len(run)
