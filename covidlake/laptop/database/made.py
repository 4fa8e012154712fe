"""The made rows of the sample database: seeded, with the usual dirt, and with what is known of it.

Each line is one row as PostgreSQL's COPY reads it, so that the same seed gives the same bytes. `factor`
multiplies the customers and orders; one is 20,000 and 200,000.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import ClassVar

SEED = 20260101
CUSTOMERS, ORDERS_PER_CUSTOMER = 20_000, 10
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 6, 30)
FUTURE_YEARS = 100  # a typing error: no clock of a run will be there
SAME_EMAIL, LINKED = 0.02, 0.01  # of the customers: the same person as an earlier one
NO_EMAIL, NO_COUNTRY = 0.01, 0.01
NEGATIVE, NO_CUSTOMER, UNKNOWN_CURRENCY, FUTURE = 0.002, 0.003, 0.001, 0.0005  # of the orders
LATE = 0.02  # of the orders: changed by more than a month after they were placed
REFUNDED = 0.04
UNKNOWN = "XTS"  # ISO 4217 keeps it for tests: no rate is ever known
CURRENCY_OF = {"US": "USD", "GB": "GBP", "DE": "EUR", "FR": "EUR", "JP": "JPY"}
RATES = {"USD": 1.0, "GBP": 1.26, "EUR": 1.08, "JPY": 0.0067}
LANGUAGE_OF = {"US": "en", "GB": "en", "DE": "de", "FR": "fr", "JP": "ja"}
FIRST_NAMES = ("Ada", "Bo", "Chloé", "Dmitri", "Eve", "Finn", "Gül", "Hana", "Ines", "Jürgen", "Kaito", "Léa")
LAST_NAMES = ("Brown", "Dubois", "Müller", "Nowak", "O'Neil", "Sato", "Smith", "van Dyk", "Wolf", "Yilmaz")
TAGS = ("vip", "press", "b2b", "to call", "student")
NULL = r"\N"


@dataclass(frozen=True)
class Kind:
    """A kind of customers: their share, orders, days since the last one (a share of all days), spending."""

    share: float
    orders: tuple[int, int]
    ends: tuple[float, float]
    spending: float


KINDS = (
    Kind(0.09, (25, 50), (0.0, 0.04), 90.0),
    Kind(0.28, (10, 20), (0.0, 0.15), 55.0),
    Kind(0.22, (8, 16), (0.4, 0.8), 60.0),
    Kind(0.25, (1, 3), (0.2, 0.9), 30.0),
    Kind(0.12, (1, 4), (0.0, 0.03), 45.0),
    Kind(0.04, (0, 0), (0.0, 0.0), 0.0),
)


@dataclass
class Truth:
    """What is known of the made rows: what a test compares the lake and the segments with."""

    customers: int = 0
    orders: int = 0
    refunds: int = 0
    same_email: dict[int, int] = field(default_factory=dict)  # the second id -> the first
    linked: dict[int, int] = field(default_factory=dict)
    negative: set[int] = field(default_factory=set)
    without_customer: set[int] = field(default_factory=set)
    unknown_currency: set[int] = field(default_factory=set)
    future: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)

    @property
    def people(self) -> int:
        """How many customers there are, each counted once."""
        return self.customers - len(self.same_email) - len(self.linked)

    @property
    def unusable(self) -> set[int]:
        """The orders of which no amount of a customer can be made."""
        return self.negative | self.without_customer | self.unknown_currency | self.future


@dataclass
class _Customer:
    identity: int
    country: str
    kind: Kind
    email: str = ""


class Shop:
    """One made database. `lines` gives the rows of its tables, in the order of `TABLES`."""

    TABLES = (
        *("crm.customers", "crm.customer_links", "crm.newsletter"),
        *("sales.exchange_rates", "sales.orders", "sales.refunds"),
    )
    COLUMNS: ClassVar[dict[str, str]] = {
        "crm.customers": "customer_id, name, email, country, tags, profile, external_id, "
        "created_at, updated_at",
        "crm.customer_links": "duplicate_id, customer_id",
        "crm.newsletter": "email, subscribed",
        "sales.exchange_rates": "currency, valid_from, rate_to_usd",
        "sales.orders": "order_id, customer_id, ordered_at, status, items, amount, currency, updated_at",
        "sales.refunds": "refund_id, order_id, refunded_at, amount",
    }

    def __init__(self, factor: float = 1.0, seed: int = SEED) -> None:
        self.factor, self.seed = factor, seed
        self.truth = Truth()
        self._people: list[_Customer] = []
        self._refundable: list[tuple[int, datetime, float]] = []

    def lines(self, table: str) -> Iterator[str]:
        """The rows of a table, without line breaks. Orders come after customers, refunds after orders."""
        own = Random(f"{self.seed} {table}")  # noqa: S311 - made data
        made = {
            "crm.customers": self._customers,
            "crm.customer_links": self._links,
            "crm.newsletter": self._newsletter,
            "sales.exchange_rates": self._rates,
            "sales.orders": self._orders,
            "sales.refunds": self._refunds,
        }
        return made[table](own)

    def _customers(self, own: Random) -> Iterator[str]:
        count = max(10, round(CUSTOMERS * self.factor))
        weights = [kind.share for kind in KINDS]
        for identity in range(1, count + 1):
            kind = own.choices(KINDS, weights)[0]
            customer = _Customer(identity, own.choice(tuple(CURRENCY_OF)), kind)
            customer.email = self._email(own, customer)
            self._people.append(customer)
            yield _customer_line(own, customer)
        self.truth.customers = count

    def _email(self, own: Random, customer: _Customer) -> str:
        """One of its own, none, or that of an earlier customer, written in another way."""
        drawn = own.random()
        if drawn < NO_EMAIL:
            return NULL
        first = own.choice(self._people) if self._people else None
        if first and self._is_first(first):
            if drawn < NO_EMAIL + SAME_EMAIL and first.email != NULL:
                self.truth.same_email[customer.identity] = first.identity
                return own.choice((first.email.upper(), f" {first.email}", f"{first.email.title()}  "))
            if drawn > 1 - LINKED:
                self.truth.linked[customer.identity] = first.identity
        return f"c{customer.identity}@{own.choice(('example.com', 'example.org', 'mail.example'))}"

    def _is_first(self, customer: _Customer) -> bool:
        return customer.identity not in self.truth.same_email and customer.identity not in self.truth.linked

    def _links(self, _own: Random) -> Iterator[str]:
        return (f"{second}\t{first}" for second, first in self.truth.linked.items())

    def _newsletter(self, own: Random) -> Iterator[str]:
        for customer in self._people[::5]:
            if customer.email != NULL:
                yield f"{customer.email}\t{'tf'[own.random() < 0.2]}"

    def _rates(self, own: Random) -> Iterator[str]:
        for currency, base in RATES.items():
            for month in range((LAST_DAY.year - FIRST_DAY.year) * 12 + LAST_DAY.month):
                day = date(FIRST_DAY.year + month // 12, month % 12 + 1, 1)
                rate = base if base == 1.0 else base * own.uniform(0.95, 1.05)
                yield f"{currency}\t{day}\t{rate:.8f}"

    def _orders(self, own: Random) -> Iterator[str]:
        for customer in self._people:
            last = own.uniform(*customer.kind.ends)
            for number in range(own.randint(*customer.kind.orders)):
                age = last if number == 0 else own.uniform(last, 1.0)
                self.truth.orders += 1
                yield self._order(own, customer, self.truth.orders, age)

    def _order(self, own: Random, customer: _Customer, identity: int, age: float) -> str:
        days = (LAST_DAY - FIRST_DAY).days
        ordered = _midnight(LAST_DAY) - timedelta(days=int(age * days), seconds=own.randrange(86_400))
        currency = CURRENCY_OF[customer.country]
        items = own.randint(1, 6)
        amount = own.lognormvariate(0, 0.5) * customer.kind.spending / RATES[currency]
        who, status = str(customer.identity), own.choices(("shipped", "placed", "cancelled"), (90, 4, 6))[0]
        updated, dirt, truth = ordered + timedelta(hours=own.randrange(1, 72)), own.random(), self.truth
        if dirt < NEGATIVE:
            amount = -amount
            truth.negative.add(identity)
        elif dirt < (bound := NEGATIVE + NO_CUSTOMER):
            who = NULL
            truth.without_customer.add(identity)
        elif dirt < (bound := bound + UNKNOWN_CURRENCY):
            currency = UNKNOWN
            truth.unknown_currency.add(identity)
        elif dirt < (bound := bound + FUTURE):
            ordered = ordered.replace(year=ordered.year + FUTURE_YEARS, day=min(ordered.day, 28))
            truth.future.add(identity)
        elif dirt < bound + LATE:
            updated = ordered + timedelta(days=own.randrange(31, 300))
            truth.late.add(identity)
        elif status == "shipped" and dirt > 1 - REFUNDED:
            self._refundable.append((identity, ordered, amount))
        return f"{identity}\t{who}\t{ordered}\t{status}\t{items}\t{amount:.2f}\t{currency}\t{updated}"

    def _refunds(self, own: Random) -> Iterator[str]:
        for identity, (order, ordered, amount) in enumerate(self._refundable, 1):
            share = own.choice((1.0, 1.0, 0.5, 0.25))
            when = ordered + timedelta(days=own.randrange(1, 40))
            self.truth.refunds += 1
            yield f"{identity}\t{order}\t{when}\t{amount * share:.2f}"


def _customer_line(own: Random, customer: _Customer) -> str:
    created = _midnight(FIRST_DAY) - timedelta(days=own.randrange(900), seconds=own.randrange(86_400))
    profile = {"language": LANGUAGE_OF[customer.country], "born": own.randrange(1940, 2006)}
    tags = ",".join(f'"{tag}"' for tag in own.sample(TAGS, own.choice((0, 0, 1, 2))))
    cells = (
        str(customer.identity),
        f"{own.choice(FIRST_NAMES)} {own.choice(LAST_NAMES)}",
        customer.email,
        NULL if own.random() < NO_COUNTRY else customer.country,
        f"{{{tags}}}" if own.random() > 0.1 else NULL,
        json.dumps(profile) if own.random() > 0.05 else NULL,
        _uuid(own),
        str(created),
        str(created + timedelta(days=own.randrange(900))),
    )
    return "\t".join(cells)


def _uuid(own: Random) -> str:
    digits = f"{own.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:]))


def _midnight(day: date) -> datetime:
    """The end of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
