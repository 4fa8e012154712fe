"""What the execution cost, as lines of a table: as covidlake.cost said when the facts were collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from covidlake.report.page.collected import Collected

UNKNOWN = "What it cost is not known."


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


def of(collected: Collected) -> Costs:
    """The costs of an execution."""
    found = collected.cost
    return Costs(tuple(map(_line, found.get("lines", ()))), _note(found) if found else UNKNOWN)


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
