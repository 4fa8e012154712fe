"""GitHub's Markdown: the one place that escapes values, writes tables and cuts what is too long.

A value that comes from outside can neither break out of its place, nor call anybody, nor become a link.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from covidlake.base.text import one_line, printable

LIMIT = 65_536  # characters of a comment or an issue on GitHub
# What Markdown or HTML acts upon, and what GitHub turns into links.
_ACTIVE = re.compile(r"[&<>\"'\\`*_\[\]{}()|~@#$!^]|:(?=//)|(?<=[wW]{3})\.")


def escape(text: str) -> str:
    """A value in running text."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", printable(text))


def code(text: str) -> str:
    """A value in a fixed-width font, in running text or in a table: GitHub links nothing inside of `code`."""
    return f"<code>{escape(text)}</code>" if text else ""


def plain(text: str) -> str:
    """A value inside of a `pre` element, where Markdown is not read."""
    return html.escape(printable(text), quote=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | None]], right: Collection[str] = ()) -> str:
    """A table, without a line break at its end. Cells are Markdown: give values through `code` or `escape`.

    `right` names the columns that are set to the right; a missing cell is a dash.
    """
    return (_head(columns, right) + "".join(map(_row, rows))).rstrip("\n")


def table_parts(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[str]:
    """A table in parts for `fit`: the head comes with the first row; a table without rows has no parts."""
    head = "\n" + _head(columns, ())
    for row in rows:
        yield head + _row(row)
        head = ""


def _head(columns: Sequence[str], right: Collection[str]) -> str:
    rule = "".join("---:|" if name in right else "---|" for name in columns)
    return f"{_row(columns)}|{rule}\n"


def _row(cells: Sequence[str | None]) -> str:
    """No cell ends its row or its column."""
    shown = ("-" if cell is None else one_line(cell).replace("|", "&#124;") for cell in cells)
    return f"| {' | '.join(shown)} |\n"


def length(text: str) -> int:
    """The length of a text in UTF-16 units, the strictest way to count characters."""
    return len(text.encode("utf-16-le")) // 2


def fit(parts: Sequence[str], limit: int, ending: str) -> str:
    """The parts in at most `limit` characters: whole ones, and `ending` where some are left out.

    `{left}` in the ending becomes the number of parts that are left out.
    """
    if length("".join(parts)) <= limit:
        return "".join(parts)
    room = limit - length(ending.format(left=len(parts)))
    kept = 0
    while kept < len(parts) and room >= length(parts[kept]):
        room -= length(parts[kept])
        kept += 1
    return ("".join(parts[:kept]).rstrip() + ending.format(left=len(parts) - kept))[: max(limit, 0)]


def cut(text: str, limit: int, ending: str) -> str:
    """The text in at most `limit` bytes of UTF-8: whole lines, and `ending` where something is left out."""
    if len(text.encode()) <= limit:
        return text
    room = limit - len(ending.encode()) - 1
    kept = text.encode()[: max(room, 0)].decode(errors="ignore")
    return f"{kept.rpartition(chr(10))[0]}\n{ending}"
