"""In whatever order objects arrive, change and vanish, the table is that of the objects there are."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.sampling import sampled
from tests.unit.jobs.world import ENGLAND, SCOTLAND, WALES, World, hospital

NAMES = [f"2022-{month}-{day:02}.json" for month, days in ((11, (28, 30)), (12, (1, 2))) for day in days]


def content(name: str, chance: random.Random) -> list[dict[str, Any]]:
    """Records of the object's own day, and now and then the restatement of an earlier one."""
    earlier = [other[:10] for other in NAMES if other < name]
    days = [name[:10], *chance.sample(earlier, k=len(earlier) // 2)]
    return [
        hospital(code, chance.randint(1, 999), day)
        for day in days
        for code in chance.sample([ENGLAND, SCOTLAND, WALES], k=2)
    ]


def expected(objects: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """By plain Python: later objects win."""
    table = {}
    for _, records in sorted(objects.items()):
        table.update({(row["areaCode"], row["date"]): row["hospitalCases"] for row in records})
    return sorted((*key, cases) for key, cases in table.items())


@pytest.mark.parametrize("seed", sampled(range(3), 3))
def test_any_order_ends_at_the_same_table(world: World, seed: int) -> None:
    chance = random.Random(seed)
    objects: dict[str, list[dict[str, Any]]] = {}
    arrivals = chance.sample(NAMES, k=len(NAMES))
    for batch in (arrivals[:1], arrivals[1:], chance.sample(NAMES, k=1)):
        for name in batch:
            objects[name] = content(name, chance)
            world.publish(name, objects[name])
        if batch[0] in arrivals[1:2]:
            gone = arrivals[0]
            del objects[gone]
            world.withdraw(gone)
        world.run()
        assert world.rows() == expected(objects)
