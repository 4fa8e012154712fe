"""Days of a publisher that restates, renames, cuts off, withdraws, publishes anew; repeatable.

What it had published by each day is known without the job: `Feed.truth` says what the table must hold at
last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from ingestion.description import Column, DataSet, NamedQuery, Partition, Source

FIRST = date(2022, 10, 10)
DAYS = int(os.environ.get("COVIDLAKE_REPLAY_DAYS", "8"))  # `make test-replay` takes 60
PLACES = ("A", "B", "C", "D")
DATASET = DataSet(
    name="feed",
    description="A feed with every habit of a public one",
    source=Source("feed/json/"),
    columns=(
        Column("place", "string"),
        Column("date", "date", formats=("yyyy-MM-dd", "M/d/yyyy")),
        Column("cases", "bigint", aliases=("confirmed", "Cases Reported")),
        Column("edition", "int"),
    ),
    key=("place", "date"),
    version="edition",
    partition=Partition("month", "date", "yyyy-MM"),
    queries=(NamedQuery("all", "SELECT * FROM feed"),),
    max_rejected=1.0,
    max_removed=1.0,
)
Row = tuple[str, date, int, int]
Objects = dict[str, str]


@dataclass
class Feed:
    """`objects` are those that are published now: their lines by name."""

    random: Random = field(default_factory=lambda: Random(60))
    objects: Objects = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def days(self) -> Iterator[tuple[date, Objects]]:
        """Each day with everything that is published at its end."""
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            self._publish(number, day)
            yield day, dict(self.objects)

    def last_day(self) -> Objects:
        """What is published at the end."""
        return [objects for _, objects in self.days()][-1]

    def truth(self) -> list[tuple[str, str, int]]:
        """Of each place and day the greatest edition, of equal ones that of the last object."""
        newest: dict[tuple[str, date], tuple[int, str, int]] = {}
        for name, rows in sorted(self.rows.items()):
            for place, day, cases, edition in rows:
                known = newest.get((place, day))
                if known is None or (edition, name) > known[:2]:
                    newest[place, day] = (edition, name, cases)
        return sorted((place, day.isoformat(), cases) for (place, day), (_, _, cases) in newest.items())

    def _publish(self, number: int, day: date) -> None:
        rows = [(place, day, self.random.randint(1, 999), 1) for place in PLACES]
        if number % 4 == 3:  # a restatement of earlier days, and a place that comes late
            for back in (1, 3, 15):
                earlier = day - timedelta(days=min(back, number))
                rows.append((self.random.choice(PLACES), earlier, self.random.randint(1, 999), number))
        name = f"{day}.json"
        self._put(name, rows, number)
        if number % 7 == 6:  # cut off in the middle of a line, and whole again the day after
            self.objects[name] = self.objects[name][: len(self.objects[name]) * 3 // 5]
            self.rows[name] = self.rows[name][: self.objects[name].count("\n")]
        if number % 7 == 0 and number:
            before = day - timedelta(days=1)
            self._put(f"{before}.json", [(place, before, 7, 2) for place in PLACES], number)
        if number % 9 == 8:  # a rewritten object has lost a row
            name = self.random.choice(sorted(self.rows))
            self._put(name, self.rows[name][1:], number)
        if number % 13 == 12:  # an object is withdrawn
            gone = self.random.choice(sorted(self.rows)[:-3])
            del self.objects[gone], self.rows[gone]
        if number in (DAYS // 4, DAYS // 2):  # everything so far becomes one object under a name of chance
            whole = [row for name in sorted(self.rows) for row in self.rows[name]]
            self.objects, self.rows = {}, {}
            self._put(f"part-00000-{self.random.getrandbits(64):016x}-{day}.json", whole, number)

    def _put(self, name: str, rows: list[Row], number: int) -> None:
        self.rows[name] = rows
        self.objects[name] = "\n".join(json.dumps(_record(row, number)) for row in rows)


def _record(row: Row, number: int) -> dict[str, Any]:
    """As the publisher writes it on the nth day: names and the form of dates change."""
    place, day, cases, edition = row
    name = ("confirmed", "Cases Reported", "cases")[min(3 * number // DAYS, 2)]
    written = f"{day.month}/{day.day}/{day.year}" if DAYS <= 3 * number < 2 * DAYS else day.isoformat()
    return {"place": place, "date": written, name: cases, "edition": edition}
