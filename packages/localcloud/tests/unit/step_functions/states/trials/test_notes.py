"""The text of what is told: as it was given, blanks and all."""

from __future__ import annotations

import json

import pytest

from localcloud.step_functions.states.trials.notes import Notes
from rigs.trials import returned


@pytest.mark.parametrize(
    "document",
    [
        '[ 1, "a]b" ,{"k" : [] }]',
        '{\n "a": [1.50, true, null],\t"b": {"c": "\\u00e9\\""} }',
        " [ ] ",
        "3",
        '"t"',
    ],
)
def test_a_value_that_was_given_is_told_in_its_own_text(document: str) -> None:
    text = Notes(document).text(json.loads(document))
    assert text == (document.strip() if document.strip()[0] in "[{" else document)


def test_parts_keep_their_text_in_what_is_made_of_them() -> None:
    notes = Notes('{"levels": [1, 2], "place": { "x":1 }}')
    assert notes.text([1, 2]) == "[1, 2]"
    assert notes.text({"of": [[1, 2], {"x": 1}, [2, 1]]}) == '{"of":[[1, 2],{ "x":1 },[2,1]]}'


def test_what_nobody_gave_has_no_blanks() -> None:
    assert Notes().text({"a": [1, {"ä": None}]}) == '{"a":[1,{"ä":null}]}'
    assert Notes("[1, 2]").text("[1, 2]") == '"[1, 2]"'


def test_a_document_of_great_depth_is_told_without_blanks() -> None:
    depth = 900
    document = "[ " * depth + "]" * depth
    assert Notes(document).text([[]]) in ("[[]]", "[ []]", "[ [ ]]")


def test_members_are_told_as_text() -> None:
    notes = Notes(returned([1])["result"])
    notes.tell("result", [1])
    assert notes.members == {"result": "[1]"}
