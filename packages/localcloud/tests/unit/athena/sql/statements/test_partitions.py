"""ALTER TABLE: clauses are read as a whole, and what is refused changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.glue.catalog.storage import storage_format
from rigs.statements import Statements


@pytest.fixture
def statements(tmp_path: Path) -> Statements:
    made = Statements(tmp_path)
    made.glue.known = {
        "Name": "t",
        "PartitionKeys": [{"Name": "p", "Type": "string"}],
        "StorageDescriptor": {
            "Columns": [{"Name": "a", "Type": "int"}],
            "Location": "s3://b/x",
            **storage_format("csv"),
        },
    }
    made.glue.places = {("old",): "s3://b/x/p=old/", ("a(b",): "s3://b/x/p=a(b/"}
    return made


@pytest.mark.parametrize(
    ("clauses", "places"),
    [
        (r"PARTITION (p='it\'s')", {"it's": "s3://b/x/p=it%27s/"}),
        ("PARTITION (p=date '2020-01-01')", {"2020-01-01": "s3://b/x/p=2020-01-01/"}),
        ("IF NOT EXISTS PARTITION (p='old') PARTITION (`P` = -5)", {"-5": "s3://b/x/p=-5/"}),
        ("PARTITION (p='') LOCATION 's3://b/y/'", {"": "s3://b/y/"}),
        (
            """PARTITION(p="a)b")LOCATION"s3://b/y/"partition (p='c, d')""",
            {"a)b": "s3://b/y/", "c, d": "s3://b/x/p=c, d/"},
        ),
    ],
)
def test_partitions_are_added(statements: Statements, clauses: str, places: dict[str, str]) -> None:
    known = dict(statements.glue.places)
    statements.run(f"ALTER TABLE t ADD {clauses}")
    assert statements.glue.places == {**known, **{(value,): place for value, place in places.items()}}


def test_partitions_are_dropped(statements: Statements) -> None:
    statements.run(
        "ALTER TABLE t DROP IF EXISTS PARTITION (p='old'), PARTITION (p='none'), PARTITION(p='a(b')"
    )
    assert statements.glue.places == {}


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("FAILED: ParseException", "ADD PARTITION (p=abc)"),
        ("FAILED: ParseException", "ADD PARTITION (p='x' q)"),
        ("FAILED: ParseException", "ADD PARTITION (p='x',)"),
        ("FAILED: ParseException", "ADD PARTITION ()"),
        ("FAILED: ParseException", "ADD PARTITION (p='x'"),
        ("FAILED: ParseException", "ADD PARTITION (p='x'), PARTITION (p='y')"),
        ("FAILED: ParseException", "ADD PARTITION (p='x') LOCATION s3"),
        ("FAILED: ParseException", "ADD PARTITION (p='x') and more"),
        ("FAILED: ParseException", "DROP PARTITION (p='old') PARTITION (p='a(b')"),
        ("FAILED: ParseException", "DROP PARTITION (p='old') LOCATION 's3://b/x/p=old/'"),
        ("FAILED: ParseException", "DROP PARTITION (p='old') PURGE"),
        ("FAILED: ParseException", "DROP PARTITION (p='old'),"),
        ("FAILED: SemanticException", "ADD PARTITION (p='x', p='y')"),
        ("FAILED: SemanticException", "ADD PARTITION (q='x')"),
        ("FAILED: SemanticException Unable to convert", "ADD PARTITION (p=date 'May')"),
        (
            "NOT_SUPPORTED: localcloud does not support a timestamp",
            "ADD PARTITION (p=timestamp '2020-01-01')",
        ),
        ("NOT_SUPPORTED: localcloud does not support `>`", "DROP PARTITION (p > 'a')"),
        ("FAILED: ParseException", "SET TBLPROPERTIES ('a'='b', c='d')"),
        ("FAILED: ParseException", "SET TBLPROPERTIES ()"),
        ("NOT_SUPPORTED: localcloud does not support ALTER TABLE with", "ADD COLUMNS (b int, d date)"),
        ("NOT_SUPPORTED: localcloud does not support ALTER TABLE with", "REPLACE COLUMNS (d date)"),
    ],
)
def test_a_clause_that_is_not_read_as_a_whole_is_refused(
    statements: Statements, reason: str, change: str
) -> None:
    known = dict(statements.glue.places)
    with pytest.raises(QueryError) as caught:
        statements.run(f"ALTER TABLE t {change}")
    assert caught.value.message.startswith(reason)
    assert (statements.glue.places, statements.glue.made) == (known, {})


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("json", "DDLTask. Replace columns is not supported for table shop.t. SerDe may be incompatible."),
        ("avro", "DDLTask. Replace columns is not supported for table shop.t. SerDe may be incompatible."),
        ("orc", "NOT_SUPPORTED: localcloud does not support REPLACE COLUMNS of t, a table of ORC"),
    ],
)
def test_columns_are_replaced_where_hive_does_it(statements: Statements, form: str, reason: str) -> None:
    stored = statements.glue.known["StorageDescriptor"]
    stored.update(storage_format(form))
    with pytest.raises(QueryError) as caught:
        statements.run("ALTER TABLE t REPLACE COLUMNS (b int)")
    assert reason in caught.value.message
    assert statements.glue.made == {}
    stored.update(storage_format("parquet"))
    statements.run("ALTER TABLE t REPLACE COLUMNS (b int)")
    assert statements.glue.made["StorageDescriptor"]["Columns"] == [{"Name": "b", "Type": "int"}]
