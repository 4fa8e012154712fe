"""A run that would remove much of a table stops, says what would be gone, and goes on when it is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestion.errors import TooManyRemovedError
from tests.unit.jobs.world import ENGLAND, SCOTLAND, SMALL, WALES, World, hospital

DAYS = [f"2022-12-{day:02}" for day in range(1, 6)]


@pytest.fixture
def loaded(world: World) -> World:
    world.dataset = replace(SMALL, max_removed=0.2)
    for day in DAYS:
        world.publish(f"{day}.json", [hospital(code, 1, day) for code in (ENGLAND, SCOTLAND)])
    world.run()
    return world


def test_more_than_the_share_is_refused_with_what_would_be_gone(loaded: World) -> None:
    before = loaded.rows()
    for day in DAYS[1:]:
        loaded.withdraw(f"{day}.json")
    with pytest.raises(TooManyRemovedError) as refused:
        loaded.run()
    said = str(refused.value)
    assert "8 of the 10 rows of uk_covid would be removed, over 20%" in said
    assert f"4 objects have vanished, such as {loaded.roots['source_root'].split('/', 3)[3]}" in said
    assert "--dataset uk_covid --allow-removal; nothing was published" in said
    assert "\n" not in said
    assert loaded.rows() == before

    result = loaded.run(allow_removal="true")

    assert (result.rows_removed, result.table_rows) == (8, 2)


def test_a_share_is_removed_and_counted(loaded: World) -> None:
    loaded.withdraw(f"{DAYS[0]}.json")
    assert (loaded.run().rows_removed, len(loaded.rows())) == (2, 8)


def test_rows_that_an_object_no_longer_has_count_too(loaded: World) -> None:
    for day in DAYS[:3]:
        loaded.publish(f"{day}.json", [hospital(WALES, 1, day)])
    with pytest.raises(TooManyRemovedError, match=r"6 of the 10 rows .* no object vanished"):
        loaded.run()
