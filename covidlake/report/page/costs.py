"""What the execution cost, as lines of a table: as covidlake.cost said when the facts were collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from covidlake.cost import prices, run_cost
from covidlake.cost.lines import dollars

UNKNOWN = "What it cost is not known."

Measured = dict[str, Any]


@dataclass(frozen=True)
class CostLine:
    """What was used of a service, by which price, and what that makes; None where it is not known."""

    service: str
    usage: str
    price: str
    usd: float | None


@dataclass(frozen=True)
class Costs:
    """The lines of an execution, and what a reader must know of them."""

    lines: tuple[CostLine, ...]
    note: str

    @property
    def total(self) -> float | None:
        """None where nothing is known."""
        known = [line.usd for line in self.lines if line.usd is not None]
        return sum(known) if known else None


def measured(arn: str, events: Iterable[Mapping[str, Any]]) -> Measured:
    """The costs of an execution in the JSON form of covidlake.cost; {} without events.

    `events` are those of its history with their data. Raises `PriceError` for a region without prices.
    """
    known = list(events)
    priced = prices.load(arn.split(":")[3])
    return run_cost.of_events(arn.rpartition(":")[2], known, priced).to_json() if known else {}


def of(given: Mapping[str, Any]) -> Costs:
    """The costs that were collected."""
    return Costs(tuple(map(_line, given.get("lines", ()))), _note(given) if given else UNKNOWN)


def text(usd: float | None) -> str:
    """`$0.015`, or that it is not known."""
    return "not known" if usd is None else dollars(usd)


def _line(line: Mapping[str, Any]) -> CostLine:
    usage = str(line["arithmetic"]).rpartition(" x $")[0]
    marks = ["estimated"] if line["estimated"] else []
    marks += [] if line["price_confirmed"] else ["price not confirmed for this region"]
    shown = f"{line['what']}: {usage}{_brackets(marks)}"
    price = f"{line['unit_price_usd']:.10f}".rstrip("0").rstrip(".")
    return CostLine(str(line["service"]), shown, f"${price} for {line['unit']}", float(line["usd"]))


def _note(found: Mapping[str, Any]) -> str:
    basis = (
        f"An estimate by AWS's published prices of {found['prices_of']} in {found['region']}, not the bill."
    )
    unknown = "".join(f" Not known: {one}." for one in found["unknown"])
    return f"{basis} Not in it: {found['not_included']}.{unknown}"


def _brackets(marks: list[str]) -> str:
    return f" ({', '.join(marks)})" if marks else ""
