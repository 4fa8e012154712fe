"""The keys of sample objects, below the prefix of their data set."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path


def places(paths: Iterable[Path], patterns: Collection[str]) -> dict[str, Path]:
    """Each object by the end of its key: its name, and those of its folders that are needed.

    Folders are needed if two names are the same, or a pattern of `from_name` finds its value in one.
    """
    full = {os.path.abspath(path): path for path in paths}  # noqa: PTH100 - a link keeps its own name
    keys = {absolute: _needed(Path(absolute).parts[1:], patterns) for absolute in full}
    while repeated := _repeated(keys):
        longer = {one: _longer(one, keys[one]) for one in repeated}
        keys.update(longer)
    return {_place(key, patterns, number): full[one] for number, (one, key) in enumerate(keys.items(), 1)}


def _needed(parts: Sequence[str], patterns: Collection[str]) -> tuple[str, ...]:
    """The shortest end of a path that still matches each pattern that the whole path matches."""
    found = [pattern for pattern in patterns if re.search(pattern, "/".join(parts))]
    lengths = range(1, len(parts) + 1)
    enough = (n for n in lengths if all(re.search(pattern, "/".join(parts[-n:])) for pattern in found))
    return tuple(parts[-next(enough) :])


def _repeated(keys: Mapping[str, tuple[str, ...]]) -> list[str]:
    counts = Counter(keys.values())
    return [absolute for absolute, key in keys.items() if counts[key] > 1]


def _longer(absolute: str, key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(Path(absolute).parts[1:][-len(key) - 1 :])


def _place(key: tuple[str, ...], patterns: Collection[str], number: int) -> str:
    """Rename a folder that would hide the object, or change what a pattern finds in its name."""
    *folders, name = key
    hidden = any(folder.startswith(".") for folder in folders)
    in_name = {pattern: match[0] for pattern in patterns if (match := re.search(pattern, name))}
    place = "/".join(key)
    changed = any(
        match[0] != found for pattern, found in in_name.items() if (match := re.search(pattern, place))
    )
    return f"{'x' * number}/{name}" if hidden or changed else place
