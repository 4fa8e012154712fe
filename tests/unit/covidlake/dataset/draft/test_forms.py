"""Rows beyond the first are looked at wherever one shows something that no row before it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covidlake.dataset.draft import sample_objects
from covidlake.dataset.draft.draft import draft
from tests.unit.covidlake.dataset.draft.drafts import described, write

FIRST = 50


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_objects, "ROWS", FIRST)


LATE = {  # the value of the first rows, a late one, the type that holds both
    "a fraction": ("5", "0.5", "double"),
    "text": ("5", "five", "string"),
    "leading zeros": ("501", "007", "string"),
    "beyond a bigint": ("5", "9223372036854775808", "string"),
    "a day beyond the twelfth": ("01/02/2020", "02/13/2020", "date"),
    "another pattern": ("2020-01-02", "02/13/2020", "date"),
    "no date": ("2020-01-02", "unknown", "string"),
    "a word for no value": ("5", "NA", "bigint"),
}


@pytest.mark.parametrize(("usual", "late", "kind"), LATE.values(), ids=LATE)
def test_a_type_holds_the_late_values_too(tmp_path: Path, usual: str, late: str, kind: str) -> None:
    rows = [f"k{n},{late if n == 400 else usual}\n" for n in range(500)]
    (path,) = write(tmp_path, {"a.csv": "place,value\n" + "".join(rows)})
    made = described(draft("places", [path], ""))
    assert made.column("value").type == kind
    if late == "NA":
        assert "NA" in made.source.nulls
    if "13" in late:
        assert "M/d/yyyy" in made.column("value").formats


JSON = {
    "a field": ({"n": 1}, {"n": 1, "more": "x"}, {"k": "string", "n": "bigint", "more": "string"}),
    "a nested field": (
        {"of": {"a": 1}},
        {"of": {"a": 1, "b": 2.5}},
        {"k": "string", "of": "struct<a:bigint,b:double>"},
    ),
    "an element": (
        {"of": [{"a": 1}]},
        {"of": [{"a": 1}, {"a": "x"}]},
        {"k": "string", "of": "array<struct<a:string>>"},
    ),
    "another kind": ({"n": 1}, {"n": "x"}, {"k": "string", "n": "string"}),
}


@pytest.mark.parametrize(("usual", "late", "types"), JSON.values(), ids=JSON)
def test_late_fields_are_described(
    tmp_path: Path, usual: dict[str, object], late: dict[str, object], types: dict[str, str]
) -> None:
    rows = [json.dumps({"k": f"k{n}", **(late if n == 400 else usual)}) for n in range(500)]
    (path,) = write(tmp_path, {"a.json": "\n".join(rows)})
    made = described(draft("places", [path], ""))
    assert {column.name: column.type for column in made.columns} == types


def test_json_that_is_nested_too_deeply_for_a_type_is_text(tmp_path: Path) -> None:
    for depth in (100, 300, 480, 900):
        deep = f'{{"k": "x", "of": {"[" * depth}{"]" * depth}}}\n{{"k": "y"}}\n'
        (path,) = write(tmp_path, {"a.json": deep})
        assert described(draft("places", [path], "")).key == ("k",)
