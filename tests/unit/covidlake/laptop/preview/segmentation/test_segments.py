"""Who changes segment, counted by key and by the names of segments."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from covidlake.laptop.preview.model import Move, Segment, SegmentsChange
from covidlake.laptop.preview.segmentation import segments
from tests.unit.covidlake.laptop.preview.segmentation import lakes
from tests.unit.covidlake.laptop.preview.segmentation.lakes import BASE, COLUMNS, Customer


def compared(
    folder: Path, after: tuple[Customer, ...], before: tuple[Customer, ...] = BASE
) -> SegmentsChange:
    sides = [lakes.lake(folder, name, rows) for name, rows in (("base", before), ("head", after))]
    found = segments.compare(*(side.table(segments.TABLE) for side in sides))
    assert found
    return found


def test_the_same_customers_in_the_same_segments_are_no_change(tmp_path: Path) -> None:
    found = compared(tmp_path, BASE[::-1])
    assert (found.both, found.added, found.gone, found.moved, found.moves) == (4, 0, 0, 0, ())
    assert [one.name for one in found.segments] == ["best", "lost"]
    assert found.segments[0].before == Segment(2, (("frequency", 25.0), ("monetary", 800.0)))
    assert all(one.before == one.after for one in found.segments)


def test_who_moves_comes_and_goes_is_counted_with_examples(tmp_path: Path) -> None:
    after = (BASE[0], (2, 2, "lost", 20, 700.0), BASE[2], (9, 3, "new", 1, 5.0))
    found = compared(tmp_path, after)
    assert found.moves == (Move("best", "lost", 1, ("2",)),)
    assert (found.both, found.added, found.gone) == (3, 1, 1)
    assert (found.added_keys, found.gone_keys) == (("9",), ("4",))
    assert found.share_moved == pytest.approx(1 / 3)
    assert [(one.name, one.before is None) for one in found.segments] == [
        ("best", False),
        ("lost", False),
        ("new", True),
    ]


def test_another_number_of_the_same_name_is_no_move(tmp_path: Path) -> None:
    assert compared(tmp_path, tuple((one[0], one[1] + 1, *one[2:]) for one in BASE)).moves == ()


def test_a_table_without_names_of_segments_is_not_judged(tmp_path: Path) -> None:
    base = lakes.lake(tmp_path, "base")
    lakes.write(tmp_path / "head", segments.TABLE, ("customer_id", "group_name"), [(1, "x")])
    head = base.__class__(tmp_path / "head", "head")
    assert segments.compare(base.table(segments.TABLE), head.table(segments.TABLE)) is None
    assert segments.compare(None, base.table(segments.TABLE)) is None


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_plain_python(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def customers() -> tuple[Customer, ...]:
        keys = chance.sample(range(60), 40)
        return tuple((key, 1, chance.choice("abcd"), chance.randrange(9), 1.0) for key in keys)

    before, after = customers(), customers()
    then, now = ({row[0]: row[2] for row in rows} for rows in (before, after))
    moves: dict[tuple[str, str], list[int]] = {}
    for key in sorted(then.keys() & now.keys()):
        if then[key] != now[key]:
            moves.setdefault((then[key], now[key]), []).append(key)
    found = compared(tmp_path, after, before)
    assert {(one.before, one.after): one.customers for one in found.moves} == {
        pair: len(keys) for pair, keys in moves.items()
    }
    assert all(one.keys == tuple(map(str, moves[one.before, one.after][:5])) for one in found.moves)
    assert (found.added, found.gone) == (len(now.keys() - then.keys()), len(then.keys() - now.keys()))
    assert COLUMNS[0] == segments.KEY
