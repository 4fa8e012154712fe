"""Texts in Hive's DDL."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.statements.hive_texts import unescape


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\t\n\r\b\0\Z", "\t\n\r\b\0\x1a"),
        (r"\001\177\u00e9", "\x01\x7f\u00e9"),
        (r"\\\'\"", "\\'\""),
        (r"\;\x\8\u12", ";x8u12"),
        (r"\377", "377"),
        (r"\%\_", r"\%\_"),
    ],
)
def test_hive_drops_the_backslash_before_what_means_nothing(text: str, meant: str) -> None:
    assert unescape(text) == meant
