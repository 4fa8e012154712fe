"""Items out of the text of an object."""

from __future__ import annotations

import json

import pytest

from localcloud.step_functions.states.maps import readers


@pytest.mark.parametrize(
    ("pointer", "items"), [("/a/1/b", [3]), ("/a/0", [1, 2]), ("", None), ("/a/9", None), ("/a/x", None)]
)
def test_a_pointer_leads_through_objects_and_lists(pointer: str, items: list[int] | None) -> None:
    text = json.dumps({"a": [[1, 2], {"b": [3]}]})
    read = readers._json(text, {"ItemsPointer": pointer})
    if items is None:
        with pytest.raises(readers.ItemReaderError, match="non-iterable"):
            list(read)
    else:
        assert list(read) == items


def test_only_a_line_feed_ends_a_line_of_json() -> None:
    text = '{"a": "x\u2028y"}\n\n{"a": 1}\r\n'
    assert list(readers._json_lines(text, {})) == [{"a": "x\u2028y"}, {"a": 1}]
