"""The order in which Glue gives a map of texts back: that of Java's HashMap.

It is concluded from what the tests of public clients expect of Glue. No recorded answer of Glue's shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 16


def in_hash_order(items: Mapping[str, str]) -> dict[str, str]:
    """The same items; clients print tables as they come, so that the order can be seen."""
    size = SMALLEST
    while len(items) > size * 3 // 4:
        size *= 2
    return dict(sorted(items.items(), key=lambda item: _spread(item[0]) % size))


def _spread(text: str) -> int:
    """What HashMap makes of `String.hashCode`."""
    code = 0
    for unit in text.encode("utf-16-be").hex(" ", 2).split():
        code = (31 * code + int(unit, 16)) & 0xFFFFFFFF
    return code ^ code >> 16
