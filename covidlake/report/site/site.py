"""Write the status of an environment as pages: `index.html`, and each report below `reports/`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from covidlake.base import project
from covidlake.cost import show
from covidlake.cost.lines import dollars
from covidlake.report.page import page
from covidlake.report.site.status import Status

FOLDER = project.BUILD / "site"
POINTS = 0  # values below a chart: each report has them
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,80}")


def write(status: Status, folder: Path = FOLDER) -> Path:
    """Write every page, and return that of the status."""
    (folder / "reports").mkdir(parents=True, exist_ok=True)
    for one in status.reports:
        (folder / place(one.collected.name)).write_text(page.html(one), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(html(status), encoding="utf-8")
    return index


def place(execution: str) -> str:
    """Where the report of an execution is, whatever its name has in it."""
    plain = _PLAIN.fullmatch(execution)
    name = execution if plain else f"execution-{hashlib.sha256(execution.encode()).hexdigest()[:16]}"
    return f"reports/{name}.html"


def html(status: Status) -> str:
    """The page of the status: no script, nothing that is fetched, links to the reports beside it."""
    month = status.month
    return page.render(
        "site.html",
        Path(__file__).parent,
        status=status,
        last=status.last,
        places={one.collected.name: place(one.collected.name) for one in status.reports},
        trend=[page.figure(drawing, POINTS) for drawing in status.last.trend],
        month=month,
        month_usd=dollars(month.usd) if month else "",
        forecast=show.forecast(month) if month else "",
        services=[(name, dollars(usd)) for name, usd in _services(status)],
    )


def _services(status: Status) -> list[tuple[str, float]]:
    """What the month has cost so far by service, the dearest first."""
    if status.month is None:
        return []
    found: dict[str, float] = {}
    for cost in (status.month.so_far, status.month.standing):
        for name, usd in cost.by_service().items():
            found[name] = found.get(name, 0.0) + usd
    return sorted(found.items(), key=lambda one: -one[1])
