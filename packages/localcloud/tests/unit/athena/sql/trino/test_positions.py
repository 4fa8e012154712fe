"""Where a name stands in a statement."""

from __future__ import annotations

from localcloud.athena.sql.trino.positions import find_name, place


def test_places_of_names() -> None:
    sql = "SELECT a.b,\n  count(*), foo(1)\nFROM a"
    assert find_name(sql, "a", "b") == "line 1:8"
    assert find_name(sql, "foo") == "line 2:13"
    assert place(sql, 14) == "line 2:3"
