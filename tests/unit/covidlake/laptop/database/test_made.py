"""The made rows are the same for the same seed, and what is known of them is so."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime

import pytest

from covidlake.laptop.database.made import FUTURE_YEARS, LAST_DAY, NULL, RATES, UNKNOWN, Shop

FACTOR = 0.02


def made(factor: float = FACTOR, seed: int = 7) -> tuple[Shop, dict[str, list[list[str]]]]:
    shop = Shop(factor, seed)
    return shop, {table: [line.split("\t") for line in shop.lines(table)] for table in Shop.TABLES}


@pytest.fixture(scope="module")
def known() -> tuple[Shop, dict[str, list[list[str]]]]:
    return made()


def digest(rows: dict[str, list[list[str]]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    assert digest(made()[1]) == digest(known[1])
    assert digest(made(seed=8)[1]) != digest(known[1])


def test_a_factor_multiplies_customers_and_orders() -> None:
    small, large = made(0.01)[0].truth, made(0.04)[0].truth
    assert (small.customers, large.customers) == (200, 800)
    assert 3 < large.orders / small.orders < 5


def test_each_row_has_the_columns_of_its_table(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    for table, rows in known[1].items():
        assert {len(row) for row in rows} == {len(Shop.COLUMNS[table].split(", "))}, table


def test_keys_are_unique(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    for table in ("crm.customers", "crm.customer_links", "sales.orders", "sales.refunds"):
        keys = [row[0] for row in known[1][table]]
        assert len(keys) == len(set(keys)), table


def test_who_is_the_same_person_is_known(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    shop, rows = known
    emails = {int(row[0]): row[2].strip().lower() for row in rows["crm.customers"] if row[2] != NULL}
    shared = Counter(emails.values())
    seconds = [one for one, email in emails.items() if shared[email] > 1 and min(_of(emails, email)) != one]
    assert set(seconds) == set(shop.truth.same_email)
    assert all(emails[second] == emails[first] for second, first in shop.truth.same_email.items())
    assert {int(a): int(b) for a, b in rows["crm.customer_links"]} == shop.truth.linked
    assert not set(shop.truth.linked) & set(shop.truth.same_email)
    assert shop.truth.people == len(rows["crm.customers"]) - len(seconds) - len(shop.truth.linked)


def _of(emails: dict[int, str], email: str) -> list[int]:
    return [one for one, other in emails.items() if other == email]


def test_the_dirt_is_known(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    shop, rows = made(0.1)
    orders, truth = rows["sales.orders"], shop.truth
    assert {int(row[0]) for row in orders if row[5].startswith("-")} == truth.negative
    assert {int(row[0]) for row in orders if row[1] == NULL} == truth.without_customer
    assert {int(row[0]) for row in orders if row[6] == UNKNOWN} == truth.unknown_currency
    assert {int(row[0]) for row in orders if int(row[2][:4]) > LAST_DAY.year + 1} == truth.future
    assert {row[6] for row in orders} == {*RATES, UNKNOWN}
    assert min(map(len, (truth.negative, truth.without_customer, truth.unknown_currency, truth.late))) > 0
    assert LAST_DAY.year + FUTURE_YEARS > datetime.now(UTC).year + 50


def test_refunds_are_of_orders_that_can_be_used(known: tuple[Shop, dict[str, list[list[str]]]]) -> None:
    shop, rows = known
    refunded = {int(row[1]) for row in rows["sales.refunds"]}
    assert refunded
    assert not refunded & shop.truth.unusable
