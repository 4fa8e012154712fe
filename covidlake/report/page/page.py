"""The report as one HTML file: no script, nothing that is fetched, a strict policy of content."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake.base.errors import ReportError
from covidlake.base.text import count
from covidlake.report.page import charts, costs, gantt, labels, state_list, state_picture
from covidlake.report.page.charts import Drawing
from covidlake.report.page.cut import cut
from covidlake.report.page.facts import TEXT_LENGTH, Facts, moment
from covidlake.report.page.state_picture import MARKS, WORDS

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
LARGEST = 1_200_000  # bytes of a page
CELL_LENGTH = 300
MOST_VISITS = 300  # rows of the table of states
MOST_POINTS = 200  # rows of the table below a chart


def html(facts: Facts) -> str:
    """The page, without what there is no room for: the tables of charts, then their pictures for a phone.

    Raises `ReportError` where it is larger than `LARGEST` even so.
    """
    for points, is_narrow in ((MOST_POINTS, True), (0, True), (0, False)):
        made = _rendered(facts, points, is_narrow)
        if len(made.encode()) <= LARGEST:
            return made
    raise ReportError(
        f"the report of {facts.collected.name} has {len(made.encode()):,} bytes, at most {LARGEST:,} are "
        "allowed: name fewer charts, or charts with fewer rows, in jobs/datasets"
    )


def render(template: str, folder: Path, **names: object) -> str:
    """A page of ours: our frame and style around a template in `folder`, which `names` fill.

    The policy of content admits this style and nothing else.
    """
    style = (HERE / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made = environment(folder).get_template(template).render(style=style, policy=policy, **names)
    return labels.labelled(made)


def _rendered(facts: Facts, points: int, is_narrow: bool) -> str:
    diagram = (
        state_picture.picture(facts.collected.definition, facts.timeline)
        if facts.collected.definition
        else None
    )
    return render(
        "page.html",
        HERE,
        facts=facts,
        diagram=diagram,
        listed=state_list.listed(facts.collected.definition, facts.timeline) if diagram else (),
        gantt=gantt.picture(facts.timeline.visits) if facts.timeline.visits else "",
        gantt_narrow=gantt.picture(facts.timeline.visits, gantt.NARROW),
        gantt_left_out=gantt.left_out(facts.timeline.visits),
        visits=facts.timeline.visits[:MOST_VISITS],
        visits_left_out=max(0, len(facts.timeline.visits) - MOST_VISITS),
        trend=[figure(drawing, points, is_narrow) for drawing in facts.trend],
        charts=[(one.dataset, figure(one.drawing, points, is_narrow)) for one in facts.charts],
    )


def figure(drawing: Drawing, points: int, is_narrow: bool = True) -> dict[str, Any]:
    """A chart with its text and its table, and for a narrow window, too; or why there is none."""
    title = cut(drawing.title, CELL_LENGTH)
    try:
        found = charts.points(drawing)
        return {
            "title": title,
            "svg": charts.svg(charts.spec(drawing)),
            "narrow": charts.svg(charts.spec(drawing, charts.NARROW)) if is_narrow else "",
            "text": charts.text(drawing),
            "columns": [drawing.x, drawing.series or "series", drawing.unit or "value"],
            "rows": [[one["x"], one["series"], f"{one['y']:,.6g}"] for one in found[:points]],
            "more": max(0, len(found) - points),
        }
    except charts.UndrawableError as error:
        return {"title": title, "problem": str(error)}


@cache
def environment(folder: Path) -> Environment:
    """The templates of a folder beside the frame and the macros of all pages, and what they call."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "svg": Markup,  # what our own modules drew, which escape all that they are given
        "shown": _shown,
        "long": lambda value: cut(value, TEXT_LENGTH),
        "number": lambda value: "-" if value is None else f"{value:,}",
        "seconds": lambda value: "-" if value is None else gantt.duration(value),
        "moment": moment,
        "usd": costs.text,
        "count": count,
        "place": lambda name, columns: columns.index(name),
    }
    made.globals |= {"MARKS": MARKS, "WORDS": WORDS, "rules_of": _rules_of, "parts_of": _parts_of}
    return made


def _shown(value: object) -> str:
    """A text from outside: characters that hide or turn others are written out, and it is cut."""
    return cut(value, CELL_LENGTH)


def _rules_of(facts: Facts) -> list[tuple[str, Any]]:
    """Every rule with the data set that it is of, the broken ones first."""
    found = [(one.name, rule) for one in facts.data_sets for rule in one.rules]
    return sorted(found, key=lambda row: row[1].failures == 0)


def _parts_of(data_sets: Iterable[Any]) -> Sequence[str]:
    """The names of what rows became, over all data sets."""
    return list(dict.fromkeys(name for one in data_sets for name, _ in one.parts))
