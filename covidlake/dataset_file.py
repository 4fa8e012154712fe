"""A draft of a description as the Python file that describes the data set."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from covidlake.column_types import Kind
from covidlake.dataset_draft import NAME_COLUMN, Draft

LINE_LENGTH = 110  # of this repository's formatter
_STEP = "    "


def source_code(draft: Draft) -> str:
    """The file's text, in the style of the shipped descriptions and as `make format` would leave it."""
    return "\n".join(_lines(draft)) + "\n"


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
    yield f"    name={_text(draft.name)},"
    yield f"    description={_text(draft.name.replace('_', ' '))},"
    form = [] if draft.format == "json" else [f"format={_text(draft.format)}"]
    yield from _call(1, "source=Source", [f"prefix={_text(draft.prefix)}", *form])
    yield "    columns=("
    if draft.from_name:
        pattern, spark = draft.from_name
        options = [_text("date"), f'from_name=r"{pattern}"', f"formats={_tuple([spark])}"]
        yield from _call(2, "Column", [_text(NAME_COLUMN), *options])
    for name, kind in draft.kinds.items():
        yield from _call(2, "Column", [_text(name), *_options(kind, draft.formerly.get(name, []))])
    yield "    ),"
    yield from _call(1, "key=", list(map(_text, draft.key)))
    if draft.partition:
        options = ['name="month"', f"field={_text(draft.partition)}", 'pattern="yyyy-MM"']
        yield from _call(1, "partition=Partition", options)
    yield from _question(draft)
    yield ")"


def _question(draft: Draft) -> Iterator[str]:
    from ingestion.dataset import table_name

    column = draft.partition or draft.key[0]
    yield "    questions=("
    yield "        Question("
    yield f"            {_text(f'Rows by {column}')},"
    yield '            """'
    yield f'SELECT "{table_name(column)}", count(*) AS row_count'
    yield f"FROM {draft.name}"
    yield "GROUP BY 1"
    yield "ORDER BY 1 DESC"
    yield "LIMIT 10"
    yield '""".strip(),'
    yield "        ),"
    yield "    ),"


def _call(depth: int, head: str, arguments: list[str]) -> Iterator[str]:
    """A call, or a tuple, in one line where it fits, else broken as the formatter breaks it."""
    indent, joined = _STEP * depth, ", ".join(arguments)
    comma = "," if head.endswith("=") and len(arguments) == 1 else ""
    line = f"{indent}{head}({joined}{comma}),"
    if len(line) <= LINE_LENGTH:
        yield line
        return
    inner = indent + _STEP
    yield f"{indent}{head}("
    if not head.endswith("=") and len(inner + joined) <= LINE_LENGTH:
        yield inner + joined
    else:
        for argument in arguments:
            yield from _argument(inner, argument)
    yield f"{indent}),"


def _argument(indent: str, argument: str) -> Iterator[str]:
    """One argument in its own line, or where it is a tuple too long for one, in several."""
    if len(indent + argument) < LINE_LENGTH or not argument.startswith(("formerly=(", "formats=(")):
        yield f"{indent}{argument},"
        return
    head, _, values = argument.partition("=(")
    yield f"{indent}{head}=("
    for value in ast.literal_eval(f"({values}"):
        yield f"{indent}{_STEP}{_text(value)},"
    yield f"{indent}),"


def _options(kind: Kind, formerly: list[str]) -> list[str]:
    options = [_text(kind.type)]
    if formerly:
        options.append(f"formerly={_tuple(formerly)}")
    if kind.formats:
        options.append(f"formats={_tuple(kind.formats)}")
    if kind.text:
        options.append("text=True")
    return options


def _tuple(values: list[str] | tuple[str, ...]) -> str:
    return f"({', '.join(map(_text, values))}{',' if len(values) == 1 else ''})"


def _text(value: str) -> str:
    """A literal, in double quotes unless these would take more escapes."""
    inner = repr(f"{value}'\"")[1:-4].replace("\\'", "'")  # with both quotes, repr escapes single ones
    quote = '"' if value.count('"') <= value.count("'") else "'"
    return f"{quote}{inner.replace(quote, chr(92) + quote)}{quote}"
