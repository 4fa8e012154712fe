"""What the translation names by itself is never taken for a column of the table."""

from __future__ import annotations

import pytest

from rigs import trino
from rigs.trino import Engine

NAMES = ("e", "i", "v", "k", "v0", "e0", "e1", "key", "item", "state")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine with a table whose columns have the names that lambdas tend to have."""
    numbers = ", ".join(f"{name} integer" for name in NAMES)
    monkeypatch.setitem(trino.TABLES, "named", f"xs array(integer), m map(varchar, integer), {numbers}")
    values = ", ".join("50" for _ in NAMES)
    monkeypatch.setitem(trino.ROWS, "named", [f"[1, 2, NULL], map {{'q': 1}}, {values}"])
    return Engine()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("reduce(xs, 0, (s, x) -> s + coalesce(x, 10), s -> s)", "13"),
        ("map_entries(m)", "[{field0=q, field1=1}]"),
        ("CAST(m AS map(varchar, double))", "{q=1.0}"),
        ("coalesce(m, CAST(NULL AS map(varchar, bigint)))", "{q=1}"),
        ("repeat(i, 2)", "[50, 50]"),
        ("zip(xs, xs)", "[{field0=1, field1=1}, {field0=2, field1=2}, {field0=null, field1=null}]"),
        ("contains(xs, 9)", None),
        ("any_match(xs, x -> x > 5)", None),
        ("all_match(xs, x -> x < 5)", None),
        ("none_match(xs, x -> x > 5)", None),
        ("transform(xs, x -> x + e)", "[51, 52, null]"),
        ("transform(xs, e -> e + v0)", "[51, 52, null]"),
        ("zip_with(xs, xs, (k, v) -> k + v + e1)", "[52, 54, null]"),
        ("transform_values(m, (k, v) -> v + i)", "{q=51}"),
        ("map_filter(m, (k, v) -> v < e)", "{q=1}"),
    ],
)
def test_a_column_is_not_taken_for_a_parameter(engine: Engine, expression: str, value: str | None) -> None:
    assert engine.query(f"SELECT {expression} FROM named") == [[value]]  # noqa: S608
