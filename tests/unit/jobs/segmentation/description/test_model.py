"""What a description of a table may say."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.description import APPEND, CURSOR, UPSERT, Table
from segmentation.errors import InvalidDescriptionError

GOOD: dict[str, Any] = {"name": "a", "schema": "s", "table": "t", "key": ("id",), "mode": UPSERT}


def test_a_good_one_says_where_it_is() -> None:
    assert Table(**GOOD).place == "s.t"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Orders"}, "name `Orders` must be small letters"),
        ({"name": "customers"}, "name `customers` is that of a table or a state"),
        ({"name": "a_quarantine"}, "name `a_quarantine` is that of a table"),
        ({"schema": ""}, "schema or table is empty"),
        ({"mode": "merge"}, "mode `merge` is not one of full, append, upsert"),
        ({"follow": "time"}, "follow `time` is not one of"),
        ({"key": ()}, r"key \(\) must name the columns"),
        ({"key": "id"}, "key 'id' must name"),
        ({"mode": APPEND, "cursor": "at"}, "an append needs a key of one column"),
        ({"follow": CURSOR}, "an upsert that follows a cursor needs one"),
        ({"compare_keys_every": -1}, "compare_keys_every `-1` is less than 0"),
        ({"columns": ("x",), "cursor": "at"}, "columns leave out at, id"),
    ],
)
def test_a_bad_one_is_refused_with_its_file(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDescriptionError, match=f"tables/{wrong.get('name', 'a')}.py: {said}"):
        Table(**GOOD | wrong)
