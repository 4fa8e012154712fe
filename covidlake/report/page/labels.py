"""What a table needs to be read in a narrow window, where `page.css` shows each row as a list.

Each cell gets the name of its column as `data-label`. A table that is shown as blocks is no table any more to
some screen readers, so its parts get their roles, too.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table(?: class=\"\w+\")?>.*?</table>", re.DOTALL)
_COLUMN = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<td(?=[ >])")
_ROLES = {
    "<table": '<table role="table"',
    "<thead>": '<thead role="rowgroup">',
    "<tbody>": '<tbody role="rowgroup">',
    "<tr>": '<tr role="row">',
    '<th scope="col"': '<th role="columnheader" scope="col"',
    '<th scope="row"': '<th role="rowheader" scope="row"',
    "<td ": '<td role="cell" ',
}


def labelled(page: str) -> str:
    """The page with names at the cells of its tables. Texts in it are escaped, so no tag is a text."""
    return _TABLE.sub(lambda found: _table(found[0]), page)


def _table(table: str) -> str:
    columns = _COLUMN.findall(table)[1:]  # the first one heads each row
    named = _ROW.sub(lambda row: _row(row[0], columns), table)
    for tag, with_role in _ROLES.items():
        named = named.replace(tag, with_role)
    return named


def _row(row: str, columns: list[str]) -> str:
    names = iter(columns)
    return _CELL.sub(lambda _: f'<td data-label="{next(names, "")}"', row)
