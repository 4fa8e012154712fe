"""Which numbers of a line of JSON are made texts, so that no digit is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.athena.sql.tables.json_numbers import as_texts, matter
from localcloud.glue.catalog.types import parse

LONG = "0.12345678901234567"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f'{{"a": {LONG}}}', f'{{"a": "{LONG}"}}'),
        (f'{{"a": [-{LONG},{LONG}]}}', f'{{"a": ["-{LONG}","{LONG}"]}}'),
        ('{"a": 1.234567890123456789e-5}', '{"a": "1.234567890123456789e-5"}'),
        (f'{{"a {LONG}": "{LONG} \\\\" }}', f'{{"a {LONG}": "{LONG} \\\\" }}'),
        ('{"a": 12345678901234567890123}', '{"a": 12345678901234567890123}'),
        ('{"a": 1.5, "b": true}', '{"a": 1.5, "b": true}'),
        ('{"a": 1.2.345678901234567}', '{"a": 1.2.345678901234567}'),
        ('{"a": 01.2345678901234567}', '{"a": 01.2345678901234567}'),
    ],
)
def test_long_fractions_are_texts_and_nothing_else_is(line: str, expected: str) -> None:
    assert as_texts(line) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("decimal(38,9)", LONG, True),
        ("string", LONG, True),
        ("array<struct<a:varchar(9)>>", LONG, True),
        ("map<string,decimal(38,9)>", LONG, True),
        ("double", LONG, False),
        ("bigint", LONG, False),
        ("decimal(38,9)", "1.5", False),
    ],
)
def test_they_matter_where_a_column_keeps_them(tmp_path: Path, kind: str, text: str, expected: bool) -> None:
    path = tmp_path / "one.json"
    path.write_text(f'{{"a": {text}}}\n')
    assert matter([parse(kind)], [path]) is expected
