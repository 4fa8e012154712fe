"""AWS's published prices by region, from `prices.json`: a region that is not in it has no price here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from covidlake.base import json_text
from covidlake.base.errors import PriceError

FILE = Path(__file__).with_name("prices.json")
SHOWN = "covidlake/cost/prices.json"
HOURS_OF_MONTH = 730.0  # AWS's own: a year's hours by twelve


@dataclass(frozen=True)
class Price:
    """US dollars for one unit; `confirmed` says whether a stored copy of AWS's prices showed it."""

    name: str
    service: str
    unit: str
    usd: float
    source: str
    confirmed: bool = True


@dataclass(frozen=True)
class Prices:
    """The prices of a region as they were on a day."""

    region: str
    date: str
    by_name: Mapping[str, Price]

    def __getitem__(self, name: str) -> Price:
        """Raises `PriceError` for a price that the file has for other regions only."""
        try:
            return self.by_name[name]
        except KeyError as error:
            raise PriceError(
                f"{SHOWN}: no price {name} in {self.region}: add it with its source, or check the name"
            ) from error


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = json_text.read(FILE)
    return content


def regions() -> list[str]:
    """The regions that have every price."""
    every = [set(one["usd"]) for one in _content()["prices"].values()]
    return sorted(set.intersection(*every))


def load(region: str) -> Prices:
    """The prices of a region.

    Raises `PriceError` for a region that the file does not know: no other region's prices stand in for it.
    """
    if region not in regions():
        raise PriceError(
            f"region {region}: {SHOWN} has no prices for it, only for {', '.join(regions())}: add them with "
            "their source; nothing is guessed"
        )
    found = {
        name: Price(
            name, one["service"], one["unit"], one["usd"][region], one["source"], region in one["confirmed"]
        )
        for name, one in _content()["prices"].items()
    }
    return Prices(region, _content()["date"], found)
