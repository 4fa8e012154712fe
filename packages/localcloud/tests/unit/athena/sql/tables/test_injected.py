"""Values of injected partition keys."""

from __future__ import annotations

import pytest
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.query import asked_of
from localcloud.athena.sql.tables.injected import named_values, require_stated
from localcloud.athena.sql.trino.syntax import parse

KEYS = [{"Name": "dt", "Type": "string"}, {"Name": "n", "Type": "int"}]


def source(sql: str, name: str = "t") -> exp.Table:
    """The reference to a table."""
    return next(one for one in parse(sql).find_all(exp.Table) if one.name == name)


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("dt = 'x'", ["x"]),
        ("'x' = t.dt AND id > 1", ["x"]),
        ("dt IN ('x', 'y', 'x')", ["x", "y"]),
        ("(dt = 'x')", ["x"]),
        ("(dt = 'x' OR dt = 'y' OR dt IN ('z')) AND id = 1", ["x", "y", "z"]),
        ("dt = 'x' OR dt > 'y'", []),
        ("dt = 'x' OR id = 1", []),
        ("dt > 'x'", []),
        ("dt = lower('X')", []),
        ("NOT dt = 'x'", []),
        ("n = 1", []),
    ],
)
def test_only_equality_gives_values_to_an_injected_key(condition: str, values: list[str]) -> None:
    sql = f"SELECT * FROM t WHERE {condition}"  # noqa: S608
    assert named_values(source(sql), "dt") == values
    injected = {"projection.enabled": "true", "projection.dt.type": "injected"}
    found = asked_of(source(sql), {"PartitionKeys": KEYS, "Parameters": injected}, None)
    assert found.values.get("dt", []) == values
    assert asked_of(source(sql), {"PartitionKeys": KEYS}, None).values == {}


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x WHERE dt = 'a'", ["a"]),
        ("WITH x AS (SELECT t.*, 1 a FROM t), y AS (SELECT dt AS d FROM x) SELECT * FROM y z WHERE z.d = 'a'",
         ["a"]),
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x WHERE dt = 'a' UNION SELECT * FROM x WHERE dt = 'b'",
         ["a", "b"]),
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x WHERE dt = 'a' UNION ALL SELECT * FROM x", []),
        ("SELECT * FROM (SELECT dt AS d, id FROM t WHERE id > 1) q WHERE d IN ('a', 'b')", ["a", "b"]),
        ("SELECT * FROM (SELECT id AS dt, dt AS d FROM t) q WHERE dt = 'a'", []),
        ("SELECT * FROM (SELECT * FROM t LIMIT 5) q WHERE dt = 'a'", []),
        ("SELECT * FROM (SELECT *, count(*) OVER () c FROM t) q WHERE dt = 'a'", []),
        ("SELECT * FROM u LEFT JOIN t ON u.id = t.id WHERE t.dt = 'a'", ["a"]),
        ("SELECT * FROM t CROSS JOIN UNNEST(xs) AS q(x) WHERE dt = 'a'", ["a"]),
        ("SELECT * FROM t CROSS JOIN UNNEST(xs) AS q(dt) WHERE dt = 'a'", []),
        ("SELECT * FROM t JOIN u ON t.id = u.id WHERE u.dt = 'a'", []),
    ],
)  # fmt: skip
def test_a_condition_around_the_select_counts_where_it_may_be_carried_in(sql: str, values: list[str]) -> None:
    assert named_values(source(sql), "dt") == values


def test_a_with_may_have_the_name_of_the_table_that_it_reads() -> None:
    tree = parse("WITH t AS (SELECT * FROM t) SELECT * FROM t WHERE dt = 'a'")
    assert [named_values(one, "dt") for one in tree.find_all(exp.Table)] == [["a"], ["a"]]


def test_a_condition_around_a_view_counts() -> None:
    outer = source("SELECT * FROM v WHERE d = 'a'", "v")
    inner = source("SELECT dt AS d, id FROM w", "w")
    assert named_values(source("SELECT * FROM t"), "dt", (inner, outer)) == ["a"]
    assert named_values(source("SELECT max(dt) d FROM t"), "dt", (inner, outer)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM (SELECT * FROM t LIMIT 5) q WHERE dt = 'a'",
        "WITH x AS (SELECT dt, count(*) c FROM t GROUP BY dt) SELECT * FROM x WHERE dt = 'a'",
        "SELECT * FROM t WHERE dt = lower('X')",
        "SELECT * FROM t WHERE dt = 'a' OR (dt = 'b' AND id = 1)",
        "SELECT * FROM t WHERE dt LIKE 'a'",
        "SELECT * FROM t JOIN u ON t.dt = u.dt WHERE u.dt = 'a'",
        "SELECT * FROM t JOIN u ON t.id = u.id WHERE dt = 'a'",
    ],
)
def test_what_athena_might_carry_in_and_localcloud_does_not_is_refused_by_name(sql: str) -> None:
    assert named_values(source(sql), "dt") == []
    with pytest.raises(
        QueryError, match="does not support this way to give the injected partition key dt of"
    ):
        require_stated(source(sql), "dt")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t",
        "WITH x AS (SELECT * FROM t) SELECT * FROM x",
        "SELECT * FROM t WHERE dt > 'a'",
        "SELECT * FROM t WHERE dt BETWEEN 'a' AND 'b'",
        "SELECT * FROM t WHERE dt LIKE 'a%'",
        "SELECT * FROM t WHERE NOT dt = 'a'",
        "SELECT * FROM t WHERE dt = 'a' OR id = 1",
        "SELECT * FROM t WHERE dt IN (SELECT 'a')",
        "SELECT * FROM t WHERE dt = other",
    ],
)
def test_what_says_no_value_to_athena_either_stays_its_own_error(sql: str) -> None:
    require_stated(source(sql), "dt")
    assert named_values(source(sql), "dt") == []
