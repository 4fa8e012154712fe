"""What a query knows before it runs: conditions on partitions, parameters."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.query import asked_of, bind_parameters
from localcloud.athena.sql.trino.syntax import parse as parse_sql
from localcloud.athena.sql.trino.translate import tables_of

TABLE = {"PartitionKeys": [{"Name": "dt", "Type": "string"}, {"Name": "n", "Type": "int"}]}


@pytest.mark.parametrize(
    ("condition", "predicate"),
    [
        ("dt = '1' AND id > 2", """("dt" = '1')"""),
        ("t.dt IN ('1', '2') AND n > 1", """("dt" IN ('1', '2')) AND ("n" > CAST(1 AS INTEGER))"""),
        ("dt = '1' OR id = 2", None),
        ("dt = (SELECT max(dt) FROM t)", None),
        ("id = 1", None),
    ],
)
def test_conditions_on_partition_keys(condition: str, predicate: str | None) -> None:
    tree = parse_sql(f"SELECT * FROM t WHERE {condition}")  # noqa: S608
    reference = next(table for table in tables_of(tree) if table.parent_select is tree)
    assert asked_of(reference, TABLE, None).predicate == predicate


def test_the_absent_side_of_an_outer_join_is_not_pruned() -> None:
    tree = parse_sql("SELECT * FROM x LEFT JOIN t ON x.id = t.id WHERE t.dt = '1'")
    assert all(asked_of(table, TABLE, None).predicate is None for table in tables_of(tree))


def test_parameters_are_literals_in_order() -> None:
    tree = bind_parameters(parse_sql("SELECT ? WHERE 'a' = ?"), ["1", "'b'"])
    assert tree.sql("trino") == "SELECT 1 WHERE 'a' = 'b'"
    texts = ["new york", "2020-01-31", "it's", "a"]
    tree = bind_parameters(parse_sql("SELECT ?, ?, ?, ?"), texts)
    assert [one.name for one in tree.selects] == texts
    with pytest.raises(QueryError, match="expected 1 but found 0"):
        bind_parameters(parse_sql("SELECT ?"), [])
