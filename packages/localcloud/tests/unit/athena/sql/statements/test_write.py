"""CREATE TABLE AS and UNLOAD: what they take of their properties and columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.glue.catalog.storage import storage_format
from rigs.statements import Statements

_PARTED = "CREATE TABLE t WITH (partitioned_by = ARRAY['d']) AS SELECT "
_UNLOADED = "TO 's3://b/x' WITH (format = 'PARQUET'"


@pytest.fixture
def statements(tmp_path: Path) -> Statements:
    return Statements(tmp_path)


@pytest.mark.parametrize(
    ("code", "properties"),
    [
        ("SYNTAX_ERROR", ""),
        ("SYNTAX_ERROR", "format 'JSON'"),
        ("SYNTAX_ERROR", "format = 'JSON',"),
        ("DUPLICATE_PROPERTY", "format = 'JSON', FORMAT = 'PARQUET'"),
        ("INVALID_TABLE_PROPERTY", "format = PARQUET"),
        ("INVALID_TABLE_PROPERTY", "format = 'PARQUET' and more"),
        ("INVALID_TABLE_PROPERTY", "format = ARRAY['PARQUET']"),
        ("INVALID_TABLE_PROPERTY", "partitioned_by = 'a'"),
        ("INVALID_TABLE_PROPERTY", "partitioned_by = ARRAY[a]"),
        ("INVALID_TABLE_PROPERTY", "is_external = 5"),
        ("INVALID_TABLE_PROPERTY", "external_location = 'b/x'"),
        ("INVALID_TABLE_PROPERTY", "write_compression = 'NONSENSE'"),
        ("INVALID_TABLE_PROPERTY", "format = 'PARQUET', field_delimiter = ','"),
        ("INVALID_TABLE_PROPERTY", "format = 'TEXTFILE', field_delimiter = ',,'"),
        ("NOT_SUPPORTED", "format = 'PARQUET', write_compression = 'LZ4'"),
        ("INVALID_TABLE_PROPERTY", "write_compression = 'GZIP', parquet_compression = 'SNAPPY'"),
        ("NOT_SUPPORTED", "format = upper('json')"),
        ("NOT_SUPPORTED", "format = 'JS' || 'ON'"),
        ("NOT_SUPPORTED", "external_location = concat('s3://b/', 'x')"),
        ("NOT_SUPPORTED", "table_type = 'iceberg', location = 's3://b/x/'"),
        ("NOT_SUPPORTED", "bucket_count = 5"),
        ("NOT_SUPPORTED", "is_external = false"),
        ("NOT_SUPPORTED", "table_type = 'ICEBERG'"),
    ],
)
def test_properties_that_athena_refuses_are_refused(
    statements: Statements, code: str, properties: str
) -> None:
    with pytest.raises(QueryError) as caught:
        statements.run(f"CREATE TABLE t WITH ({properties}) AS SELECT 1 AS b, 2 AS a")
    assert caught.value.message.partition(":")[0] == code
    assert (statements.glue.made, statements.s3.keys) == ({}, [])


def test_properties_say_how_and_where_rows_are_written(statements: Statements) -> None:
    statements.run(
        "CREATE TABLE t WITH (-- how\n format = 'TEXTFILE', field_delimiter /* of fields */ = ';', "
        "is_external = true, "
        "external_location = 's3://b/there', partitioned_by = ARRAY['D']) AS SELECT 1 AS a, 'x' AS d"
    )
    described = statements.glue.made["StorageDescriptor"]
    assert described["SerdeInfo"]["Parameters"]["field.delim"] == ";"
    assert described["Location"] == "s3://b/there/"
    assert [one["Name"] for one in statements.glue.made["PartitionKeys"]] == ["d"]
    (key,) = statements.s3.keys
    assert key.startswith("there/d=x/")
    assert key.endswith(".gz")


@pytest.mark.parametrize(
    ("code", "sql"),
    [
        ("MISSING_COLUMN_NAME", "CREATE TABLE t AS SELECT 1"),
        ("DUPLICATE_COLUMN_NAME", "CREATE TABLE t AS SELECT 1 AS a, 2 AS A"),
        ("HIVE_COLUMN_ORDER_MISMATCH", f"{_PARTED} 'x' AS d, 1 AS a"),
        ("INVALID_TABLE_PROPERTY", f"{_PARTED} 'x' AS d"),
        ("INVALID_TABLE_PROPERTY", f"{_PARTED} 'x' AS a"),
        ("NOT_SUPPORTED", f"{_PARTED} 1 AS a, ARRAY[1] AS d"),
        ("NOT_SUPPORTED", "CREATE TABLE t AS SELECT ARRAY[row(1, 2)] AS a"),
        ("NOT_SUPPORTED", "CREATE TABLE t (a int) LOCATION 's3://b/x/'"),
        ("NOT_SUPPORTED", "CREATE TABLE t (b) AS SELECT 1 AS a"),
        ("NOT_SUPPORTED", 'CREATE TABLE "t"("b (x)") AS SELECT 1 AS a'),
        ("SYNTAX_ERROR", "CREATE TABLE t () AS SELECT 1 AS a"),
        ("NOT_SUPPORTED", "CREATE TABLE t COMMENT 'it''s' AS SELECT 1 AS a"),
        ("SYNTAX_ERROR", "UNLOAD (SELECT 1 AS a) TO 's3://b/x'"),
        ("INVALID_TABLE_PROPERTY", "UNLOAD (SELECT 1 AS a) TO 's3://b/x' WITH (compression = 'gzip')"),
        ("INVALID_TABLE_PROPERTY", "UNLOAD (SELECT 1 AS a) TO 'b/x' WITH (format = 'JSON')"),
        ("DUPLICATE_COLUMN_NAME", f"UNLOAD (SELECT 1 AS a, 2 AS a) {_UNLOADED})"),
        (
            "HIVE_COLUMN_ORDER_MISMATCH",
            f"UNLOAD (SELECT 'x' AS d, 1 AS a) {_UNLOADED}, partitioned_by = ARRAY['d'])",
        ),
        ("INVALID_TABLE_PROPERTY", f"UNLOAD (SELECT 'x' AS d) {_UNLOADED}, partitioned_by = ARRAY['d'])"),
    ],
)
def test_columns_that_cannot_be_written_are_refused(statements: Statements, code: str, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        statements.run(sql)
    assert caught.value.message.partition(":")[0] == code
    assert (statements.glue.made, statements.s3.keys) == ({}, [])


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        (" SELECT 1 AS a", 1),
        (" SELECT 1 AS a WITH DATA", 1),
        ("(SELECT 1 AS a)", 1),
        (" SELECT 1 AS a with  no data", 0),
        (" (SELECT 1 AS a)WITH NO DATA", 0),
    ],
)
def test_a_table_is_made_with_its_rows_or_without(statements: Statements, query: str, objects: int) -> None:
    statements.run(f"CREATE TABLE t AS{query}")
    assert [one["Name"] for one in statements.glue.made["StorageDescriptor"]["Columns"]] == ["a"]
    assert len(statements.s3.keys) == objects


def test_words_between_comments_are_words(statements: Statements) -> None:
    with pytest.raises(QueryError, match="cannot recognize input"):
        statements.run("CREATE TABLE t /* a */ BOGUS /* b */ AS SELECT 1 a")
    assert statements.glue.made == {}


def test_rows_are_unloaded_by_their_partitions(statements: Statements) -> None:
    statements.run(f"UNLOAD (SELECT 1, 'y' AS d) {_UNLOADED}, partitioned_by = ARRAY['d'])")
    (key,) = statements.s3.keys
    assert key.startswith("x/d=y/")


@pytest.mark.parametrize(
    ("parameters", "key", "reason"),
    [
        ({"skip.footer.line.count": "1"}, "string", "skip.footer.line.count property not supported"),
        ({"skip.header.line.count": "2"}, "string", "skip.header.line.count property greater than 1 is not"),
        ({"skip.header.line.count": "1"}, "string", "localcloud does not support INSERT INTO t, whose files"),
        (
            {"projection.enabled": "true", "projection.d.type": "injected",
             "storage.location.template": "s3://b/x/${d}"},
            "string",
            "localcloud does not support INSERT INTO t, whose folders are those of storage.location.template",
        ),
        (
            {"projection.enabled": "true", "projection.d.type": "date", "projection.d.format": "yyyy/MM/dd"},
            "date",
            "localcloud does not support INSERT INTO t, whose key d of the type date is projected",
        ),
    ],
)  # fmt: skip
def test_rows_that_would_be_lost_are_not_inserted(
    statements: Statements, parameters: dict[str, str], key: str, reason: str
) -> None:
    statements.glue.known = known = {
        "Name": "t",
        "Parameters": parameters,
        "PartitionKeys": [{"Name": "d", "Type": key}],
        "StorageDescriptor": {
            "Columns": [{"Name": "a", "Type": "int"}],
            "Location": "s3://b/x/",
            **storage_format("csv"),
        },
    }
    row = "1, date '2020-01-01'" if key == "date" else "1, 'y'"
    with pytest.raises(QueryError) as caught:
        statements.run(f"INSERT INTO t SELECT {row}")
    assert caught.value.message.startswith("NOT_SUPPORTED")
    assert reason in caught.value.message
    assert statements.s3.keys == []
    known["Parameters"] = {}
    statements.run(f"INSERT INTO t SELECT {row}")
    assert len(statements.s3.keys) == 1


def test_a_key_of_another_name_is_not_inserted(statements: Statements) -> None:
    stored = storage_format("json", {"mapping.a": "My-Key"})
    columns = [{"Name": "a", "Type": "int"}]
    statements.glue.known = {
        "Name": "t",
        "StorageDescriptor": {"Columns": columns, "Location": "s3://b/x/", **stored},
    }
    with pytest.raises(QueryError, match="INSERT INTO t, whose SerDe has the property mapping"):
        statements.run("INSERT INTO t SELECT 1")
    stored["SerdeInfo"]["SerializationLibrary"] = "org.apache.hive.hcatalog.data.JsonSerDe"
    statements.run("INSERT INTO t SELECT 1")
    assert len(statements.s3.keys) == 1
