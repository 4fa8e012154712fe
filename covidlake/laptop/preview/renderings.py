"""The outline of a preview in the terminal, as GitHub's Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from covidlake.base import console
from covidlake.base.markdown import LIMIT, escape, fit, table, table_parts
from covidlake.base.text import printable
from covidlake.laptop.preview.gate import Finding
from covidlake.laptop.preview.model import Preview
from covidlake.laptop.preview.outline.parts import Outline, Section, Table

if TYPE_CHECKING:
    from rich.console import Group

SUMMARY_LIMIT = 900_000  # characters; GitHub takes 1 MiB of a step's summary
CELL = 300  # characters of a cell in Markdown
SENTENCE = 1_500
ROWS = 40  # of a table in Markdown
CUT = "\n\n_Cut here: {left} more parts, too long for this place. The page has the whole._\n"
SIGNS = {"red": "❌", "changed": "🔶", "ok": "✅"}


def as_json(preview: Preview, findings: Sequence[Finding]) -> str:
    """The preview with what the gate says of it; `read` takes the first part only."""
    content = {"preview": preview.as_json(), "findings": [asdict(one) for one in findings]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def markdown(shown: Outline, limit: int = LIMIT - 2_000) -> str:
    """In at most `limit` characters, cut between its parts. No value breaks out of its place."""
    return fit(list(_parts(shown)), limit, CUT)


def _parts(shown: Outline) -> Iterator[str]:
    """What `fit` keeps or leaves out: sentences, rows of the first tables, whole sections."""
    yield f"### {SIGNS['red' if shown.red else 'ok']} {escape(shown.title)}\n\n"
    yield "".join(f"{escape(_short(one, SENTENCE))}\n\n" for one in shown.sentences)
    for one in shown.tables:
        yield f"\n**{escape(one.caption)}**\n"
        yield from table_parts([escape(name) for name in one.columns], _cells(one))
    for section in shown.sections:
        yield "".join(_section(section))
    if shown.notes:
        yield "".join(f"\n{escape(_short(one, SENTENCE))}\n" for one in shown.notes)


def _section(section: Section) -> Iterator[str]:
    """Folded, and left out as a whole where it does not fit: half an element would swallow what follows."""
    yield f"\n<details><summary>{SIGNS[section.sign]} {escape(_short(section.title))}</summary>\n\n"
    yield "".join(f"{escape(_short(one, SENTENCE))}\n\n" for one in section.sentences)
    for one in section.tables:
        yield from _table(one)
    yield "\n</details>\n"


def _table(one: Table) -> Iterator[str]:
    more = f" ({ROWS} of {len(one.rows)})" if len(one.rows) > ROWS else ""
    yield f"\n**{escape(_short(one.caption))}**{more}\n\n"
    columns = [escape(_short(name)) for name in one.columns]
    right = {escape(name) for name in one.numbers}
    yield table(columns, _cells(one), right) + "\n" if one.rows else "no rows\n"


def _cells(one: Table) -> list[list[str]]:
    return [[escape(_short(cell)) for cell in row] for row in one.rows[:ROWS]]


def _short(text: str, limit: int = CELL) -> str:
    return text if len(text) <= limit else f"{text[: limit - 2]} …"


def terminal(shown: Outline) -> Group:
    """Tables as everywhere in the terminal; nothing is cut."""
    from rich.console import Group
    from rich.text import Text

    parts: list[Text | object] = [Text(shown.title, style="bold")]
    parts += [Text(printable(one)) for one in shown.sentences]
    parts += [_rich(one) for one in shown.tables]
    for section in shown.sections:
        parts.append(Text(f"\n{printable(section.title)}", style="bold"))
        parts += [Text(printable(one)) for one in section.sentences]
        parts += [_rich(one) for one in section.tables]
    parts += [Text(printable(one), style="dim") for one in shown.notes]
    return Group(*parts)  # type: ignore[arg-type]


def _rich(one: Table) -> object:
    return console.table(list(one.columns), [list(row) for row in one.rows], one.caption)
