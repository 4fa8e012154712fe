"""Parameters of a Data API statement: found where they are, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.rds import fields

NUMBER = {"name": "a", "value": {"longValue": 1}}


@pytest.mark.parametrize(
    ("sql", "prepared"),
    [
        ("SELECT :a", "SELECT %(a)s"),
        ("SELECT :a::text, :ab, x[1:a]", "SELECT %(a)s::text, :ab, x[1%(a)s]"),
        ("SELECT ':a', \":a\" -- :a\n, :a /* :a */", "SELECT ':a', \":a\" -- :a\n, %(a)s /* :a */"),
        ("DO $x$ BEGIN :a; END $x$", "DO $x$ BEGIN :a; END $x$"),
        ("SELECT 'it''s :a' || :a", "SELECT 'it''s :a' || %(a)s"),
        ("SELECT 10 % 3, '10%'", "SELECT 10 %% 3, '10%%'"),
    ],
)
def test_a_parameter_is_one_outside_of_texts_names_bodies_comments_and_casts(sql: str, prepared: str) -> None:
    assert fields.prepare(sql, [NUMBER])[0] == prepared


def test_a_hint_is_a_cast_and_an_unknown_one_is_refused() -> None:
    given = {"name": "a", "value": {"stringValue": "1.20"}, "typeHint": "DECIMAL"}
    assert fields.prepare("SELECT :a", [given]) == ("SELECT %(a)s::numeric", {"a": "1.20"})
    with pytest.raises(AwsError, match="typeHint MONEY is not one of DATE"):
        fields.prepare("SELECT :a", [given | {"typeHint": "MONEY"}])


@pytest.mark.parametrize(
    ("value", "words"),
    [({}, "Parameter a has no value"), ({"arrayValue": {"longValues": [1]}}, "Array parameters")],
)
def test_a_value_that_cannot_be_sent_is_refused(value: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        fields.prepare("SELECT :a", [{"name": "a", "value": value}])
