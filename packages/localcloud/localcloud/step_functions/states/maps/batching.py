"""ItemBatcher: items are handed to child executions in groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcloud.step_functions.states.shapes import compact_json

_MOST_BYTES = 262144


def batches(
    items: list[Any], batch_input: Any, most_items: int | None, most_bytes: int | None
) -> Iterator[dict[str, Any]]:
    """The inputs of the child executions; none has more items or more bytes of JSON than it may."""
    base: dict[str, Any] = {} if batch_input is None else {"BatchInput": batch_input}
    limit = min(most_bytes or _MOST_BYTES, _MOST_BYTES)
    group: list[Any] = []
    used = empty = len(compact_json({**base, "Items": []}).encode())
    for item in items:
        size = len(compact_json(item).encode()) + 1
        if group and (used + size > limit or (most_items and len(group) >= most_items)):
            yield {**base, "Items": group}
            group, used = [], empty
        group.append(item)
        used += size
    if group:
        yield {**base, "Items": group}
