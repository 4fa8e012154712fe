"""A draft of a description as the Python file that describes the data set."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from covidlake.column_types import Kind
from covidlake.dataset_draft import NAME_COLUMN, Draft

LINE_LENGTH = 110  # of this repository's formatter


def source_code(draft: Draft) -> str:
    """The file's text, in the style of the shipped descriptions and as `make format` would leave it."""
    return _formatted("\n".join(_lines(draft)) + "\n")


def _formatted(code: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", str(LINE_LENGTH), "-"]
    return subprocess.run(command, input=code, capture_output=True, check=True, text=True).stdout


def _lines(draft: Draft) -> Iterator[str]:
    names = ["Column", "DataSet", *(["Partition"] if draft.partition else []), "Question", "Source"]
    yield f'"""{draft.name}: a draft from samples.'
    yield ""
    yield "Say what the data are, and check it."
    yield '"""'
    yield ""
    yield f"from ingestion.dataset import {', '.join(names)}"
    yield ""
    yield "DATASET = DataSet("
    yield f"name={draft.name!r},"
    yield f"description={draft.name.replace('_', ' ')!r},"
    form = "" if draft.format == "json" else f", format={draft.format!r}"
    yield f"source=Source(prefix={draft.prefix!r}{form}),"
    yield "columns=("
    if draft.from_name:
        pattern, spark = draft.from_name
        yield f'Column({NAME_COLUMN!r}, "date", from_name=r"{pattern}", formats={(spark,)}),'
    for name, kind in draft.kinds.items():
        yield f"Column({', '.join([repr(name), *_options(kind, draft.formerly.get(name, []))])}),"
    yield "),"
    yield f"key={tuple(draft.key)},"
    if draft.partition:
        yield f'partition=Partition(name="month", field={draft.partition!r}, pattern="yyyy-MM"),'
    yield from _question(draft)
    yield ")"


def _question(draft: Draft) -> Iterator[str]:
    from ingestion.dataset import table_name

    column = draft.partition or draft.key[0]
    yield f"questions=(Question({f'Rows by {column}'!r},"
    yield '"""'
    yield f'SELECT "{table_name(column)}", count(*) AS row_count'
    yield f"FROM {draft.name}"
    yield "GROUP BY 1"
    yield "ORDER BY 1 DESC"
    yield "LIMIT 10"
    yield '""".strip(),),),'


def _options(kind: Kind, formerly: list[str]) -> Iterator[str]:
    yield repr(kind.type)
    if formerly:
        yield f"formerly={tuple(formerly)}"
    if kind.formats:
        yield f"formats={tuple(kind.formats)}"
    if kind.text:
        yield "text=True"
