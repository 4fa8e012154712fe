"""A guessed key, held against every row of an object, also those that it was not guessed from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from covidlake.dataset.draft.keys import text_of
from covidlake.dataset.draft.sample_objects import Row, Sample

SHOWN = 200  # rows at most that a better key is guessed from


@dataclass(frozen=True)
class Clashes:
    """How many rows have the key of another row of the object and differ from it; `rows` are some of both."""

    count: int
    rows: list[Row]


def clashes(
    sample: Sample, columns: Sequence[str], present: Mapping[str, str], nulls: Collection[str]
) -> Clashes:
    """`present` are the present names of older ones, `nulls` the words for no value."""
    firsts: dict[int, tuple[int, int]] = {}
    count, wanted = 0, set[int]()
    for number, (key, row) in enumerate(_hashes(sample, columns, present, nulls)):
        first, same = firsts.setdefault(key, (number, row))
        if row != same:
            count += 1
            wanted |= {first, number} if len(wanted) < SHOWN else set()
    return Clashes(
        count, [row for number, row in enumerate(sample.every() if wanted else ()) if number in wanted]
    )


def _hashes(
    sample: Sample, columns: Sequence[str], present: Mapping[str, str], nulls: Collection[str]
) -> Iterator[tuple[int, int]]:
    """Of each row, a number for its key and one for all of it."""
    names = [[name, *(old for old, new in present.items() if new == name)] for name in columns]
    for row in sample.every():
        texts = [next((text for one in several if (text := text_of(row.get(one)))), "") for several in names]
        key = tuple("" if text in nulls else text for text in texts)
        yield hash(key), _hash(row)


def _hash(row: Row) -> int:
    try:
        return hash(tuple(row.values()))
    except TypeError:  # nested JSON
        return hash(repr(row))
