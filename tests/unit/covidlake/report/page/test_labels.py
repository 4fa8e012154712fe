"""A table that is shown as a list: each cell says its column, and each part what it is."""

from __future__ import annotations

import re

from covidlake.report.page.labels import labelled

TABLE = (
    '<table class="many"><caption>Rows</caption>'
    '<thead><tr><th scope="col">name</th><th scope="col" class="number">rows &#34;read&#34;</th></tr></thead>'
    '<tbody><tr><th scope="row">cases</th><td class="number">1</td></tr>'
    '<tr><th scope="row">codes</th><td>2</td></tr></tbody></table>'
)


def test_each_cell_says_its_column() -> None:
    assert re.findall(r'<td[^>]* data-label="(.*?)"', labelled(TABLE)) == ["rows &#34;read&#34;"] * 2


def test_each_part_keeps_its_role() -> None:
    roles = re.findall(r'role="(\w+)"', labelled(TABLE))
    row = ["row", "rowheader", "cell"]
    assert roles == ["table", "rowgroup", "row", "columnheader", "columnheader", "rowgroup", *row, *row]


def test_a_row_with_more_cells_than_columns_has_no_label_for_them() -> None:
    assert 'data-label=""' in labelled(TABLE.replace("<td>2</td>", "<td>2</td><td>3</td>"))


def test_the_rest_of_the_page_is_as_it_was() -> None:
    assert labelled("<p>&lt;table&gt;&lt;td&gt;</p>") == "<p>&lt;table&gt;&lt;td&gt;</p>"
