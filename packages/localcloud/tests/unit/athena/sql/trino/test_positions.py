"""Where a name stands in a statement."""

from __future__ import annotations

from localcloud.athena.sql.trino.functions import TRINO_FUNCTIONS
from localcloud.athena.sql.trino.positions import find_name, function_calls


def test_places_of_names_and_functions() -> None:
    sql = "SELECT a.b,\n  count(*), foo(1)\nFROM a"
    assert find_name(sql, "a", "b") == "line 1:8"
    assert find_name(sql, "foo") == "line 2:13"
    assert [name for name, _ in function_calls(sql)] == ["count", "foo"]
    assert "count" in TRINO_FUNCTIONS
