"""The types of JSON values, as the Glue Data Catalog spells them, with notes where text is what fits."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.dataset.draft.json_types import is_scalar, json_type


@pytest.mark.parametrize(
    ("values", "kind", "note"),
    [
        ([True, 1], "string", "booleans and numbers are kept as text"),
        ([1, 2.0], "double", ""),
        ([2**63], "string", "beyond a bigint"),
        ([{}], "string", "objects without fields"),
        ([{"a b": 1}], "string", "no type can have a field 'a b'"),
        ([{"a": 1, "A": 2}], "string", "no type can have a field 'a'"),
        ([[1], ["a"]], "string", "numbers and texts are kept as text"),
        ([[{"a": [1.5]}], []], "array<struct<a:array<double>>>", ""),
        ([{"a": 1}, {"b": None}], "struct<a:bigint,b:string>", ""),
    ],
)
def test_the_type_holds_all_values_and_text_has_a_reason(values: list[Any], kind: str, note: str) -> None:
    notes: list[str] = []
    assert json_type(values, notes) == kind
    assert note in "; ".join(notes)
    assert bool(notes) is bool(note)


@pytest.mark.parametrize(
    ("kind", "scalar"), [("bigint", True), ("array<bigint>", False), ("struct<a:bigint>", False)]
)
def test_arrays_and_structures_are_not_scalar(kind: str, scalar: bool) -> None:
    assert is_scalar(kind) is scalar
