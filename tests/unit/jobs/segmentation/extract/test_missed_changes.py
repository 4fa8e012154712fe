"""Random transactions against running extractions: which rule misses what, counted.

Six connections insert, update, delete, commit and roll back as a seed says; some transactions stay open
across extractions. The bookmark rule and the usual watermark are followed beside the job's own rules, in the
same database, for the figures. `COVIDLAKE_TRANSACTIONS=10000` has so many; `make test` fewer.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from segmentation.description import CURSOR, UPSERT, Table
from segmentation.errors import DatabasePermissionError
from segmentation.record.step_record import StepRecord
from tests.unit.jobs.segmentation.shop import ROLE, Shop

_logger = logging.getLogger(__name__)

TRANSACTIONS = int(os.environ.get("COVIDLAKE_TRANSACTIONS", "1500"))
EXTRACTIONS = 4
CONNECTIONS = 6
LONG_ONES = 3  # of the connections have long transactions
LONG = 0.02  # of theirs stay open for two extractions
TIMES = ("now()", "clock_timestamp()", "statement_timestamp()")
ORDERS = Table("orders", "sales", "orders", ("order_id",), UPSERT)
FOLLOWED = Table("followed", "sales", "orders", ("order_id",), UPSERT, cursor="updated_at", follow=CURSOR)
MICROS = "order_id, items, (extract(epoch from updated_at) * 1000000)::bigint"


@dataclass
class Client:
    """One connection: it changes the rows whose numbers are its own, so that none waits for another."""

    connection: Any
    number: int
    chance: random.Random
    own: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    open_until: int = -1
    is_open: bool = False

    def step(self, moment: int, next_id: Callable[[], int]) -> bool:
        """One statement, or the end of the transaction; whether it ended."""
        if self.is_open and moment >= self.open_until and self.chance.random() < 0.4:
            self.end()
            return True
        if not self.is_open:
            self.connection.execute("begin")
            if self.number < LONG_ONES and self.chance.random() < LONG:
                self.open_until = min(moment + 2, EXTRACTIONS - 1)
        self.is_open = True
        time, alive = self.chance.choice(TIMES), [one for one in self.own if one not in self.dropped]
        action = self.chance.random()
        if action < 0.4 or not alive:
            self._insert(next_id(), time)
        elif action < 0.9:
            sql = f"update sales.orders set items = items + 1, updated_at = {time} where order_id = %s"  # noqa: S608
            self.connection.execute(sql, [self.chance.choice(alive)])
        else:
            gone = self.chance.choice(alive)
            self.connection.execute("delete from sales.orders where order_id = %s", [gone])
            self.dropped.append(gone)
        return False

    def _insert(self, number: int, time: str) -> None:
        sql = "insert into sales.orders (order_id, ordered_at, amount, updated_at) values (%s, now(), 1, "
        self.connection.execute("savepoint a")  # the row has the number of a subtransaction
        self.connection.execute(f"{sql}{time})", [number])
        self.connection.execute("release a")
        self.pending.append(number)

    def end(self) -> None:
        if self.chance.random() < 0.2:
            self.connection.execute("rollback")
        else:
            self.connection.execute("commit")
            self.own = [one for one in [*self.own, *self.pending] if one not in self.dropped]
        self.pending, self.dropped, self.is_open = [], [], False


@dataclass
class Copy:
    """What another rule has of the table: `where` is the rule, `last` the greatest value that it saw."""

    column: str
    where: str
    rows: dict[int, Any] = field(default_factory=dict)
    last: Any = None

    def extract(self, shop: Shop) -> None:
        where = "" if self.last is None else f" where {self.where}"
        sql = f"select {MICROS}, {self.column} from sales.orders{where}"  # noqa: S608
        for number, items, time, value in shop.sql(sql, *([] if self.last is None else [self.last])):
            self.rows[number] = (number, items, time)
            self.last = value if self.last is None else max(self.last, value)

    def losses(self, truth: list[tuple[Any, ...]]) -> int:
        """Rows of the database that the copy lacks or has otherwise; deleted ones are not counted."""
        return sum(self.rows.get(row[0]) != row for row in truth)


def test_nothing_is_missed_and_nothing_comes_twice(shop: Shop, record_property: Any) -> None:
    shop.sql(f"grant pg_read_all_stats to {ROLE}")
    shop.described |= {"orders": ORDERS, "followed": FOLLOWED}
    copies = {
        "bookmark": Copy("order_id", "order_id > %s"),
        "watermark": Copy("updated_at", "updated_at >= %s"),
    }
    connections = [shop.connect(autocommit=True) for _ in range(CONNECTIONS)]
    try:
        _work(shop, connections, copies)
    finally:
        for one in connections:
            one.close()
    for copy in copies.values():
        copy.extract(shop)
    records = _extract(shop)
    truth = shop.sql(f"select {MICROS} from sales.orders order by 1")  # noqa: S608
    ids = {row[0] for row in truth}
    for name in ("orders", "followed"):
        caught_up = [row for row in _lake(shop, name) if row[0] in ids]
        assert caught_up == truth, f"{name}: a change was missed"
    _extract(shop, compare_keys="always")
    for name in ("orders", "followed"):
        assert _lake(shop, name) == truth, f"{name}: a deleted row is left"
    lost = {name: copy.losses(truth) for name, copy in copies.items()}
    _logger.warning("%d rows after %d transactions; lost by %s, by the job 0", len(truth), TRANSACTIONS, lost)
    record_property("lost", lost)
    assert lost["bookmark"] > len(truth) // 10
    assert lost["watermark"] > 0
    assert _extract(shop)["orders"].status == "NOTHING_NEW"
    assert records["orders"].rows_quarantined == 0


def _work(shop: Shop, connections: list[Any], copies: dict[str, Copy]) -> None:
    """Each extraction runs while its share of the transactions does; the long ones outlast it."""
    chance, numbers = random.Random(16), itertools.count(1)
    clients = [Client(one, number, random.Random(number)) for number, one in enumerate(connections)]
    ended = 0
    with ThreadPoolExecutor(1) as pool:
        for moment in range(EXTRACTIONS):
            for copy in copies.values():
                copy.extract(shop)
            running = pool.submit(_extract, shop)
            while ended < (moment + 1) * TRANSACTIONS // EXTRACTIONS:
                ended += chance.choice(clients).step(moment, lambda: next(numbers))
            running.result()
    for client in clients:
        if client.is_open:
            client.end()


def _extract(shop: Shop, **arguments: str) -> dict[str, StepRecord]:
    return shop.extract("orders", "followed", **arguments)


def _lake(shop: Shop, name: str) -> list[tuple[Any, ...]]:
    rows = shop.table(name).selectExpr("order_id", "items", "unix_micros(updated_at)").collect()
    return sorted(map(tuple, rows))


def test_a_cursor_needs_to_see_when_the_transactions_of_others_began(shop: Shop) -> None:
    shop.described["followed"] = FOLLOWED
    shop.sql(f"revoke pg_read_all_stats from {ROLE}")
    with shop.connect() as other:
        other.execute("select 1")
        with pytest.raises(DatabasePermissionError, match="grant it pg_read_all_stats, or let the"):
            shop.one("followed")
