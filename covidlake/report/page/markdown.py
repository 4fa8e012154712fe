"""The report as Markdown, with Mermaid where the page has pictures: for the summary of a job on GitHub."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from covidlake.base import markdown as md
from covidlake.base.markdown import code, escape, table
from covidlake.base.text import count, shorten
from covidlake.report.page import charts, costs, gantt
from covidlake.report.page.charts import Drawing
from covidlake.report.page.cut import cut
from covidlake.report.page.facts import Facts, moment
from covidlake.report.page.state_picture import WORDS

LIMIT = 900_000  # bytes: a summary holds a mebibyte, and other steps write into it
CELL_LENGTH = 200
MOST_ROWS = 40  # of a table
MOST_BARS = 40  # states of the picture over time
MOST_PLACES = 24  # values of x in a Mermaid chart
LEAST_PLACES = {"bar": 1, "line": 2}
ENDING = "*The rest is left out: the HTML form has all of it.*"


def markdown(facts: Facts) -> str:
    """Everything, beginning with what the job that ran it says of it."""
    return md.cut("\n\n".join([facts.summary.markdown.rstrip(), *parts(facts)]) + "\n", LIMIT, ENDING)


def more(facts: Facts) -> str:
    """What a summary lacks that has the outcomes already."""
    return md.cut("\n\n".join(parts(facts)) + "\n", LIMIT, ENDING)


def parts(facts: Facts) -> Iterator[str]:
    """The sections after the outcomes; those that have nothing to say are left out."""
    for title, section in SECTIONS.items():
        if said := "\n\n".join(filter(None, section(facts))):
            yield f"#### {title}\n\n{said}"


def _gaps(facts: Facts) -> Iterator[str]:
    yield "\n".join(f"- ⚠️ {escape(gap.part)} could not be read: {_cell(gap.why)}" for gap in facts.gaps)


def _rows(facts: Facts) -> Iterator[str]:
    wrong = [one for one in facts.data_sets if one.unaccounted]
    for one in wrong:
        yield f"- ❌ {code(one.name)}: {one.unaccounted:,} of {one.rows_read:,} rows are not accounted for"
    known = [one for one in facts.data_sets if one.unaccounted is not None]
    if known and not wrong:
        yield f"Every row that was read of {count(len(known), facts.item)} is accounted for."


def _time(facts: Facts) -> Iterator[str]:
    shown = [row for row in gantt.rows(facts.timeline.visits) if sum(one.seconds for one in row[1]) >= 0.05]
    if not shown:
        return
    begin = datetime.fromisoformat(facts.collected.execution["startDate"])
    lines = ["gantt", "    dateFormat x", "    axisFormat %H:%M:%S"]
    longest = sorted(shown, key=lambda row: -sum(one.seconds for one in row[1]))[:MOST_BARS]
    for label, visits in (row for row in shown if row in longest):
        lines.append(f"    section {_mermaid(label)}")
        for visit in visits[:MOST_BARS]:
            start = int((begin + timedelta(seconds=visit.start)).timestamp() * 1000)
            tag = "crit, " if visit.outcome in {"failed", "timedout"} else ""
            name = _mermaid(f"{gantt.duration(visit.seconds)} {WORDS[visit.outcome]}")
            lines.append(f"    {name} :{tag}{start}, {start + max(1, int(visit.seconds * 1000))}")
    yield _block(lines)


def _quality(facts: Facts) -> Iterator[str]:
    rules = [(one.name, rule) for one in facts.data_sets for rule in one.rules]
    broken = [(name, rule) for name, rule in rules if rule.failures]
    if rules:
        yield f"{count(len(rules), 'rule')} judged, {len(broken)} broken."
    if broken:
        yield _table(
            [facts.item, "rule", "severity", "times broken", "example"],
            [[name, rule.name, rule.severity, f"{rule.failures:,}", rule.example] for name, rule in broken],
            ["times broken"],
        )


def _quarantine(facts: Facts) -> Iterator[str]:
    if found := facts.collected.quarantine:
        rows = []
        for one in found:
            first = one["examples"][0] if one["examples"] else {"object": "", "line": "", "text": ""}
            place = f"{first['object']} line {first['line']}" if first["object"] else ""
            rows.append([one["dataset"], one["reason"], f"{one['rows']:,}", place, first["text"]])
        yield _table([facts.item, "reason", "rows", "for example", "text"], rows, ["rows"])


def _crawl(facts: Facts) -> Iterator[str]:
    yield "\n".join(f"- {name}: {_cell(value)}" for name, value in facts.crawl)


def _cost(facts: Facts) -> Iterator[str]:
    if facts.costs.lines:
        rows = [[line.service, line.usage, line.price, costs.text(line.usd)] for line in facts.costs.lines]
        rows.append(["together", "", "", costs.text(facts.costs.total)])
        yield _table(["service", "usage", "price", "cost"], rows, ["cost"])
    yield f"*{escape(facts.costs.note)}*"


def _trend(facts: Facts) -> Iterator[str]:
    for drawing in facts.trend:
        yield _chart(drawing)
    if len(facts.runs) > 1:
        yield _table(
            ["execution", "status", "started", "took", "rows read", "rejected"],
            [
                [
                    run.name,
                    run.status,
                    moment(run.started),
                    gantt.duration(run.seconds) if run.seconds is not None else "-",
                    "-" if run.rows_read is None else f"{run.rows_read:,}",
                    "-" if run.rows_quarantined is None else f"{run.rows_quarantined:,}",
                ]
                for run in facts.runs
            ],
            ["took", "rows read", "rejected"],
        )


def _charts(facts: Facts) -> Iterator[str]:
    for one in facts.charts:
        yield _chart(one.drawing)


SECTIONS: dict[str, Callable[[Facts], Iterator[str]]] = {
    "What this report lacks": _gaps,
    "Rows": _rows,
    "Time": _time,
    "Quality": _quality,
    "Quarantine": _quarantine,
    "Crawl": _crawl,
    "Cost": _cost,
    "Trend": _trend,
    "Charts": _charts,
}


def _chart(drawing: Drawing) -> str:
    """The chart by Mermaid, whose series have no names: they follow each other as the text says."""
    try:
        points, said = charts.points(drawing), charts.text(drawing)
    except charts.UndrawableError as error:
        return f"{_cell(drawing.title)}: not drawn: {_cell(str(error))}."
    series: dict[str, dict[str, float]] = {}
    for one in points:
        series.setdefault(one["series"], {})[one["x"]] = one["y"]
    shared = [
        x for x in dict.fromkeys(one["x"] for one in points) if all(x in some for some in series.values())
    ]
    places, mark = _some(shared), "bar" if drawing.mark == "bar" else "line"
    if len(places) < LEAST_PLACES[mark]:
        return f"{_cell(drawing.title)}: {_cell(said)}"
    lines = ["xychart-beta", f'    title "{_mermaid(drawing.title)}"']
    lines += [
        f"    x-axis [{', '.join(_quoted(x) for x in places)}]",
        f'    y-axis "{_mermaid(drawing.unit)}"',
    ]
    lines += [f"    {mark} [{', '.join(f'{some[x]:g}' for x in places)}]" for some in series.values()]
    order = f"In this order: {', '.join(map(_cell, series))}. " if len(series) > 1 else ""
    return f"{_block(lines)}\n\n{order}{_cell(said)}"


def _quoted(text: str) -> str:
    """A value of x; of a moment its day and its minute."""
    moment_of = re.match(r"[0-9]{4}-([0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2})", text)
    return f'"{_mermaid(" ".join(moment_of.groups()) if moment_of else text)}"'


def _some(places: Sequence[str]) -> list[str]:
    """At most `MOST_PLACES` of them, evenly, with the last one."""
    step = -(-len(places) // MOST_PLACES) or 1
    return list(places[::-1][::step])[::-1]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    shown = [[_cell(cell) for cell in row] for row in rows[:MOST_ROWS]]
    left = (
        f"\n\n*{count(len(rows) - MOST_ROWS, 'more row')} in the HTML form.*" if len(rows) > MOST_ROWS else ""
    )
    return table(columns, shown, right) + left


def _cell(text: str) -> str:
    return escape(cut(text, CELL_LENGTH))


def _mermaid(text: str) -> str:
    """A text that cannot end its place in a Mermaid diagram."""
    return re.sub(r"[^\w .,:%/-]", " ", shorten(text, 60)).strip() or "-"


def _block(lines: Sequence[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```"])
