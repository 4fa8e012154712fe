"""Charts of a data set for the report of a run, and what can be wrong with how one is described."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

LINE = "line"
BAR = "bar"
AREA = "area"
POINT = "point"
MARKS = (LINE, BAR, AREA, POINT)


@dataclass(frozen=True)
class Chart:
    """A picture of the data: Athena's answer to `query`, drawn.

    `query` is the title of one of the data set's named queries, or a SELECT of its own. `x` and `y` name
    columns of the answer. Several columns in `y` are a series each; or the values of the column `series` tell
    the series apart. `unit` is written at the axis of `y`.
    """

    title: str
    query: str
    mark: str
    x: str
    y: tuple[str, ...]
    series: str = ""
    unit: str = ""


def problems(charts: Sequence[Chart], queries: Collection[str]) -> Iterator[str]:
    """What is wrong, each in a line with a hint; `queries` are the titles of the named ones."""
    titles = [chart.title for chart in charts]
    for chart in charts:
        if not chart.title.strip() or "\n" in chart.title:
            yield f"a chart has the title {chart.title!r}: give it a line of text"
        elif titles.count(chart.title) > 1:
            yield f"two charts have the title `{chart.title}`: rename one of them"
        else:
            for problem in _of_chart(chart, queries):
                yield f"chart `{chart.title}`: {problem}"


def _of_chart(chart: Chart, queries: Collection[str]) -> Iterator[str]:
    if chart.mark not in MARKS:
        yield f"mark `{chart.mark}` is not one of {MARKS}"
    if chart.query not in queries and not _is_statement(chart.query):
        yield f"query `{chart.query}` is neither a statement nor the title of one of {sorted(queries)}"
    if not chart.y:
        yield "it has no `y`: name a column of the answer"
    if chart.series and len(chart.y) > 1:
        yield f"it has a series and {len(chart.y)} columns in `y`: name one column, or leave out the series"
    named = [chart.x, *chart.y, *filter(None, [chart.series])]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        yield f"columns {twice} have two roles: name each once"


def _is_statement(query: str) -> bool:
    return query.lstrip().lower().startswith(("select", "with"))
