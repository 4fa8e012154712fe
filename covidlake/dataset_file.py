"""A draft of a description as the Python file that describes the data set."""

from __future__ import annotations

from collections.abc import Iterator

from covidlake.column_types import Kind
from covidlake.dataset_draft import NAME_COLUMN, Draft


def source_code(draft: Draft) -> str:
    """The file's text, in the style of the shipped descriptions."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    from ingestion.dataset import table_name

    names = ["Column", "DataSet", *(["Partition"] if draft.partition else []), "Question", "Source"]
    yield f'"""{draft.name}: a draft, inferred from sample objects: say what the data are and check it."""'
    yield ""
    yield f"from ingestion.dataset import {', '.join(names)}"
    yield ""
    yield "DATASET = DataSet("
    yield f'    name="{draft.name}",'
    yield f'    description="{draft.name.replace("_", " ")}",'
    form = "" if draft.format == "json" else f', format="{draft.format}"'
    yield f'    source=Source(prefix="{draft.prefix}"{form}),'
    yield "    columns=("
    if draft.from_name:
        pattern, spark = draft.from_name
        yield f'        Column("{NAME_COLUMN}", "date", from_name=r"{pattern}", formats=("{spark}",)),'
    for name, kind in draft.kinds.items():
        yield f"        Column({_text(name)}, {_options(kind, draft.formerly.get(name, []))}),"
    yield "    ),"
    yield f"    key={_tuple(draft.key)},"
    if draft.partition:
        yield f'    partition=Partition(name="month", field={_text(draft.partition)}, pattern="yyyy-MM"),'
    yield "    questions=("
    yield "        Question("
    yield f'            "Rows by {draft.partition or draft.key[0]}",'
    column = table_name(draft.partition or draft.key[0])
    counted = f'SELECT "{column}", count(*) AS row_count FROM {draft.name}'  # noqa: S608
    yield f"            '{counted} GROUP BY 1 ORDER BY 1 DESC LIMIT 10',"
    yield "        ),"
    yield "    ),"
    yield ")"


def _options(kind: Kind, formerly: list[str]) -> str:
    options = [_text(kind.type)]
    if formerly:
        options.append(f"formerly={_tuple(formerly)}")
    if kind.formats:
        options.append(f"formats={_tuple(kind.formats)}")
    if kind.text:
        options.append("text=True")
    return ", ".join(options)


def _tuple(values: list[str] | tuple[str, ...]) -> str:
    return f"({', '.join(map(_text, values))}{',' if len(values) == 1 else ''})"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
