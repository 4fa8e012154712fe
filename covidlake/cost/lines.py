"""A cost as lines: usage, unit price and the arithmetic between them, and what is not in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from covidlake.cost.prices import Price

MOST_NAMED = 3  # of lines that became one
DIGITS = 10  # of dollars for machines
NOT_INCLUDED = (
    "storage, capacity of a database in use, data transfer, requests to KMS, requests to the Glue catalog, "
    "queries that people ask, free tiers, discounts, taxes"
)


@dataclass(frozen=True)
class Line:
    """One thing that is paid for; `how` says how its usage came about, `estimated` that it is assumed."""

    what: str
    usage: float
    price: Price
    how: str = ""
    estimated: bool = False

    @property
    def usd(self) -> float:
        return self.usage * self.price.usd

    @property
    def arithmetic(self) -> str:
        """`2 DPU x 61 s = 0.0339 DPU-hour x $0.44 = $0.0149`."""
        end = f"{number(self.usage)} {self.price.unit} x {unit_price(self.price.usd)} = {dollars(self.usd)}"
        return f"{self.how} = {end}" if self.how else end

    @property
    def marks(self) -> str:
        """What to know of the line, in brackets; empty where it is measured and its price was seen."""
        words = ["estimated"] if self.estimated else []
        words += [] if self.price.confirmed else ["price not confirmed for this region"]
        return f"({', '.join(words)})" if words else ""

    def to_json(self) -> dict[str, Any]:
        return {
            "service": self.price.service,
            "what": self.what,
            "usage": self.usage,
            "unit": self.price.unit,
            "unit_price_usd": self.price.usd,
            "usd": round(self.usd, DIGITS),
            "arithmetic": self.arithmetic,
            "estimated": self.estimated,
            "price_confirmed": self.price.confirmed,
            "source": self.price.source,
        }


@dataclass(frozen=True)
class Cost:
    """What something costs, `title` names it; `unknown` says what could not be found out, and why."""

    title: str
    region: str
    date: str
    lines: tuple[Line, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def usd(self) -> float:
        return sum(line.usd for line in self.lines)

    def by_service(self) -> dict[str, float]:
        """Dollars by service, the dearest first."""
        found: dict[str, float] = {}
        for line in self.lines:
            found[line.price.service] = found.get(line.price.service, 0.0) + line.usd
        return {name: round(usd, DIGITS) for name, usd in sorted(found.items(), key=lambda one: -one[1])}

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "region": self.region,
            "prices_of": self.date,
            "usd": round(self.usd, DIGITS),
            "by_service": self.by_service(),
            "lines": [line.to_json() for line in self.lines],
            "unknown": list(self.unknown),
            "not_included": NOT_INCLUDED,
        }


def summed(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of several runs in one for each price, in the order in which they come."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.price.name, []).append(line)
    return tuple(_sum(several) for several in found.values())


def _sum(several: list[Line]) -> Line:
    if len(several) == 1:
        return several[0]
    usage = sum(one.usage for one in several)
    whats = list(dict.fromkeys(one.what.partition(":")[0] for one in several))
    estimated = any(one.estimated for one in several)
    return replace(
        several[0], what=_named(whats), usage=usage, how=f"{len(several)} lines", estimated=estimated
    )


def _named(whats: list[str]) -> str:
    """`functions, watch`; of many the first."""
    more = len(whats) - MOST_NAMED
    return ", ".join(whats[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def number(value: float) -> str:
    """A count as it is, a fraction with three digits that mean something."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:,.3f}"
    return f"{value:.3g}" if abs(value) >= 0.0001 else f"{value:.9f}".rstrip("0").rstrip(".")


def unit_price(usd: float) -> str:
    """All digits of a price: `$0.0000166667`."""
    return f"${f'{usd:.10f}'.rstrip('0').rstrip('.')}"


def dollars(usd: float) -> str:
    """Cents above a dollar, three digits that mean something below."""
    sign = "-" if usd < 0 else ""
    size = abs(usd)
    if not size:
        return "$0"
    if size >= 1:
        return f"{sign}${size:,.2f}"
    text = f"{size:.3g}" if size >= 0.0001 else f"{size:.8f}".rstrip("0").rstrip(".")
    return f"{sign}${text}"
