"""ItemBatcher: how many items and bytes a child execution gets."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.step_functions.states import map_fields
from localcloud.step_functions.states.maps import batching
from localcloud.step_functions.states.shapes import compact_json


@pytest.mark.parametrize(
    ("most_items", "most_bytes", "sizes"),
    [
        (2, None, [2, 2, 1]),
        (10, None, [5]),
        (None, None, [5]),
        (None, 40, [1, 1, 1, 1, 1]),
        (3, 60, [2, 2, 1]),
    ],
)
def test_items_are_grouped_by_count_and_bytes(
    most_items: int | None, most_bytes: int | None, sizes: list[int]
) -> None:
    items: list[Any] = ["x" * 20] * 5
    groups = list(batching.batches(items, None, most_items, most_bytes))
    assert [len(group["Items"]) for group in groups] == sizes
    assert most_bytes is None or all(len(compact_json(group)) <= most_bytes for group in groups)


def test_every_batch_has_the_batch_input() -> None:
    groups = list(batching.batches([1, 2], {"a": 1}, 1, None))
    assert groups == [{"BatchInput": {"a": 1}, "Items": [1]}, {"BatchInput": {"a": 1}, "Items": [2]}]
    assert list(batching.batches([], {"a": 1}, 1, None)) == []


def test_what_moto_s_grammar_lacks_is_taken_out_and_kept() -> None:
    state = {
        "Type": "Map",
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "ItemReader": {
            "Resource": "r",
            "ReaderConfig": {"InputType": "JSONL", "ItemsPointer": "/a", "MaxItems": 1},
        },
        "ResultWriter": {"WriterConfig": {"OutputType": "JSONL"}},
        "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass"}}},
    }
    machine = {"StartAt": "A", "States": {"A": state}}
    plain, maps = map_fields.split(machine)
    assert maps == {"A": state}
    reduced = plain["States"]["A"]
    assert reduced["ItemReader"]["ReaderConfig"] == {"InputType": "JSON", "MaxItems": 1}
    assert not {"ItemBatcher", "ResultWriter"} & reduced.keys()
