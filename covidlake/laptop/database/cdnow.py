"""Real purchases: the 69,659 of CDNOW's first customers, as the package lifetimes has them.

They are not ours to ship: whoever wants them installs the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from covidlake.base.errors import SourceError
from covidlake.laptop.database.made import NULL, Shop

DISTRIBUTION = "lifetimes==0.11.3"
INSTALL = f".venv/bin/python -m pip install --no-deps {DISTRIBUTION}"
FILE = Path("datasets") / "CDNOW_master.txt"


def file() -> Path:
    """The purchases. Raises `SourceError` with the command that installs them."""
    found = find_spec("lifetimes")  # which imports nothing: the package itself needs others
    for folder in found.submodule_search_locations or [] if found else []:
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    raise SourceError(
        f"SOURCE=cdnow: the purchases are in the package {DISTRIBUTION}, which names no licence for them, so "
        f"it is not installed with ours: {INSTALL}"
    )


class Purchases:
    """As orders in dollars at noon; of the customers nothing but their numbers is known."""

    TABLES = Shop.TABLES
    COLUMNS = Shop.COLUMNS

    def __init__(self) -> None:
        rows = (line.split() for line in file().read_text(encoding="ascii").splitlines())
        self._rows = [row for row in rows if len(row) == 4 and row[0].isdigit()]

    def lines(self, table: str) -> Iterator[str]:
        """The rows of a table; of links, newsletter and refunds there are none."""
        made = {
            "crm.customers": self._customers,
            "sales.exchange_rates": self._rates,
            "sales.orders": self._orders,
        }
        return made[table]() if table in made else iter(())

    def _customers(self) -> Iterator[str]:
        first: dict[int, str] = {}
        for identity, day, *_ in self._rows:
            first[int(identity)] = min(_at(day), first.get(int(identity), "9"))
        for number, at in sorted(first.items()):
            yield "\t".join((str(number), f"customer {number}", NULL, "US", NULL, NULL, NULL, at, at))

    def _rates(self) -> Iterator[str]:
        yield "USD\t1990-01-01\t1.00000000"

    def _orders(self) -> Iterator[str]:
        for number, (identity, day, items, amount) in enumerate(self._rows, 1):
            at = _at(day)
            yield "\t".join(
                (str(number), str(int(identity)), at, "shipped", items, f"{float(amount):.2f}", "USD", at)
            )


def _at(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]} 12:00:00+00"
