"""The lines of text files, cut into fields as Hive's SerDes cut them."""

from __future__ import annotations

import bz2
import collections
import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.tables.delimited_text import field_delimiter, null_text, one_byte

Row = list[str | None]
"""The fields of a line; None is NULL."""
_LINE_ENDS = {"n": "\n", "r": "\r"}


def open_text(path: Path) -> Iterator[str]:
    """The lines of a text file, decompressed by the ending of its name as Hadoop does."""
    packed: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open}
    opener = packed.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            yield str(line).rstrip("\r\n")


def within(rows: Iterable[Row], table_parameters: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a file without the first and last ones that the table says to skip."""
    first = int(table_parameters.get("skip.header.line.count") or 0)
    last = int(table_parameters.get("skip.footer.line.count") or 0)
    held: collections.deque[Row] = collections.deque()
    for number, row in enumerate(rows):
        if number >= first:
            held.append(row)
            if len(held) > last:
                yield held.popleft()


def rows_of(form: str, path: Path, parameters: Mapping[str, str]) -> Iterator[Row]:
    """The fields of each line of a file."""
    return _lazy_rows(path, parameters) if form == "lazy" else _opencsv_rows(path, parameters)


def _lazy_rows(path: Path, parameters: Mapping[str, str]) -> Iterator[Row]:
    if parameters.get("serialization.encoding", "UTF-8").upper() not in ("UTF-8", "UTF8"):
        raise unsupported(f"serialization.encoding {parameters['serialization.encoding']}")
    delimiter, null = field_delimiter(parameters), null_text(parameters)
    if not parameters.get("escape.delim"):
        return ([None if one == null else one for one in line.split(delimiter)] for line in open_text(path))
    escape = one_byte(parameters["escape.delim"])
    lines = (_split(line, delimiter, escape) for line in open_text(path))
    return ([None if one == null else _unescaped(one, escape) for one in fields] for fields in lines)


def _split(line: str, delimiter: str, escape: str) -> list[str]:
    """The fields, as they are written: a delimiter behind an escape is none."""
    fields, start, at = [], 0, 0
    while at < len(line):
        if line.startswith(escape, at):
            at += 2
        elif line.startswith(delimiter, at):
            fields.append(line[start:at])
            start = at = at + 1
        else:
            at += 1
    return [*fields, line[start:]]


def _unescaped(text: str, escape: str) -> str:
    """The text that is meant: an escaped n or r ends a line, and an escape with nothing behind it stays."""
    parts, at = [], 0
    while 0 <= (found := text.find(escape, at)) < len(text) - 1:
        meant = text[found + 1]
        parts += [text[at:found], _LINE_ENDS.get(meant, meant)]
        at = found + 2
    return "".join([*parts, text[at:]])


def _opencsv_rows(path: Path, parameters: Mapping[str, str]) -> Iterator[Row]:
    escape = parameters.get("escapeChar", "\\")
    options: dict[str, Any] = {
        "delimiter": parameters.get("separatorChar", ","),
        "quotechar": parameters.get("quoteChar", '"'),
        "escapechar": escape if escape != parameters.get("quoteChar", '"') else None,
    }
    for line in open_text(path):
        yield list(next(csv.reader([line], doublequote=True, strict=False, **options), []))
