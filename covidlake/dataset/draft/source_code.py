"""A draft of a description as the Python file that describes the data set."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from covidlake.dataset.draft.draft import Draft

LINE_LENGTH = 110  # of this repository's formatter


def source_code(draft: Draft) -> str:
    """The file's text, in the style of the shipped descriptions and as `make format` would leave it."""
    return _formatted("\n".join(_lines(draft)) + "\n")


def _formatted(code: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", str(LINE_LENGTH), "-"]
    done = subprocess.run(command, input=code, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def _lines(draft: Draft) -> Iterator[str]:
    names = ["Column", "DataSet", "NamedQuery", *(["Partition"] if draft.partition else []), "Source"]
    yield f'"""{draft.name}: a draft from samples.'
    yield ""
    yield "Say what the data are, and check it."
    yield '"""'
    yield ""
    yield f"from ingestion.description import {', '.join(names)}"
    yield ""
    yield "DATASET = DataSet("
    yield f"name={draft.name!r},"
    yield f"description={draft.name.replace('_', ' ')!r},"
    yield f"source=Source({', '.join(_source(draft))}),"
    yield "columns=("
    if draft.from_name:
        named = draft.from_name
        yield f'Column({named.column!r}, "date", from_name=r"{named.pattern}", formats={(named.format,)}),'
    for name in draft.kinds:
        yield f"Column({', '.join([repr(name), *_options(draft, name)])}),"
    yield "),"
    yield f"key={draft.key.columns},"
    if draft.partition:
        month = draft.partition_name
        yield f'partition=Partition(name={month!r}, field={draft.partition!r}, pattern="yyyy-MM"),'
    if draft.key.version:
        yield f"version={draft.key.version!r},"
    yield from _query(draft)
    yield ")"


def _source(draft: Draft) -> Iterator[str]:
    yield f"prefix={draft.prefix!r}"
    if draft.format != "json":
        yield f"format={draft.format!r}"
    if draft.delimiter != ",":
        yield f"delimiter={draft.delimiter!r}"
    if draft.nulls:
        yield f"nulls={('', *draft.nulls)}"


def _query(draft: Draft) -> Iterator[str]:
    from ingestion.description.model import table_name

    column = draft.partition or draft.key.columns[0]
    yield f"queries=(NamedQuery({f'Rows by {column}'!r},"
    yield '"""'
    yield f'SELECT "{table_name(column)}", count(*) AS row_count'
    yield f'FROM "{draft.name}"'
    yield "GROUP BY 1"
    yield "ORDER BY 1 DESC"
    yield "LIMIT 10"
    yield '""".strip(),),),'


def _options(draft: Draft, name: str) -> Iterator[str]:
    kind = draft.kinds[name]
    yield repr(kind.type)
    if aliases := draft.aliases.get(name):
        yield f"aliases={tuple(aliases)}"
    if kind.formats:
        yield f"formats={tuple(kind.formats)}"
    if kind.text:
        yield "text=True"
    if name in draft.key.nullable:
        yield "nullable=True"
