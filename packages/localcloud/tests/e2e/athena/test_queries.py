from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.catalog import COMBINE, CatalogRig, allow

JSON_SERDE = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> CatalogRig:
    """A lake with one crawled table: `orders`, Parquet, two months of three rows."""
    made = CatalogRig(cloud, "queries", tmp_path_factory.mktemp("queries"))
    for month in ("2022-11", "2022-12"):
        made.put_parquet(
            f"orders/month={month}/a.parquet",
            "SELECT i AS id, i * 1.5::DOUBLE AS amount, [{'age': 'a' || i, 'rate': 0.5::DOUBLE}] AS ages, "
            "map {'k': i} AS m, TIMESTAMP '2022-12-01 10:00:00' AS ts, DATE '2022-12-01' AS d, "
            "CASE WHEN i = 1 THEN NULL ELSE 'n' END AS note FROM range(3) t(i)",
        )
    assert made.crawl("orders", "orders/", configuration=COMBINE)["Status"] == "SUCCEEDED"
    location = f"LOCATION 's3://{made.bucket}/unpartitioned/'"
    made.query(f"CREATE EXTERNAL TABLE unpartitioned (id bigint) COMMENT 'few' {JSON_SERDE} {location}")
    return made


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*), sum(amount) FROM orders", [["6", "9.0"]]),
        ("SELECT id, note FROM orders WHERE month = '2022-12' ORDER BY id",
         [["0", "n"], ["1", None], ["2", "n"]]),
        ("SELECT ages, m, ts, d FROM orders WHERE id = 0 AND month = '2022-11'",
         [["[{age=a0, rate=0.5}]", "{k=0}", "2022-12-01 10:00:00.000", "2022-12-01"]]),
        ("SELECT t.age, t.rate FROM orders CROSS JOIN UNNEST(ages) AS t(age, rate) "
         "WHERE id = 2 AND month = '2022-11'",
         [["a2", "0.5"]]),
        ("SELECT k, v FROM orders CROSS JOIN UNNEST(m) AS t(k, v) WHERE month = '2022-11' ORDER BY v",
         [["k", "0"], ["k", "1"], ["k", "2"]]),
        ("SELECT 7 / 2, 7.0E0 / 2, -7 / 2", [["3", "3.5", "-3"]]),
        ("SELECT date_format(ts, '%Y/%m'), date_add('day', 1, d), d + interval '1' month, "
         "date_trunc('year', d) FROM orders WHERE id = 0 AND month = '2022-11'",
         [["2022/12", "2022-12-02", "2023-01-01", "2022-01-01"]]),
        ("SELECT format_datetime(from_unixtime(0), 'yyyy-MM-dd HH:mm'), from_unixtime(0)",
         [["1970-01-01 00:00", "1970-01-01 00:00:00.000 UTC"]]),
        ("SELECT element_at(array[1, 2], -1), cardinality(array[1, 2]), any_match(array[1], x -> x > 0), "
         "map_filter(map(array['a', 'b'], array[1, 2]), (k, v) -> v > 1)", [["2", "2", "true", "{b=2}"]]),
        ("SELECT json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a.b'), try_cast('x' AS integer), try(1 / 0)",
         [["1", None, None]]),
        ("VALUES (1, 'a'), (2, null)", [["1", "a"], ["2", None]]),
        ("WITH o AS (SELECT id FROM orders WHERE month = '2022-11') SELECT count(*) FROM o", [["3"]]),
        ('SELECT month FROM "orders$partitions" ORDER BY 1', [["2022-11"], ["2022-12"]]),
        ("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'queries' "
         "AND table_name = 'orders' AND ordinal_position IN (1, 8) ORDER BY 1",
         [["id", "bigint"], ["month", "varchar"]]),
        ("SELECT sum(sequential_number) FROM TABLE(sequence(start => 0, stop => 10))", [["55"]]),
        ("SELECT x FROM TABLE(sequence(7, 1, -3)) t(x)", [["7"], ["4"], ["1"]]),
        ("SELECT x'68 65', uuid 'e50e499b-982f-4cbe-9f50-e11b1c83572e', X'' -- x'0'",
         [["68 65", "e50e499b-982f-4cbe-9f50-e11b1c83572e", ""]]),
        ("-- a comment\nSELECT 1.5e10, cast(1.50 AS decimal(10, 2)), x'0aff', true;",
         [["1.5E10", "1.50", "0a ff", "true"]]),
    ],
)  # fmt: skip
def test_select(rig: CatalogRig, sql: str, rows: list[list[str | None]]) -> None:
    assert rig.query(sql) == rows


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM nosuch",
         "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.queries.nosuch' does not exist"),
        ("SELECT *\nFROM nodb.t", "SCHEMA_NOT_FOUND: line 2:6: Schema 'nodb' does not exist"),
        ("SELECT id,\n  nosuch FROM orders",
         "COLUMN_NOT_FOUND: line 2:3: Column 'nosuch' cannot be resolved"),
        ("SELECT o.nosuch FROM orders o", "COLUMN_NOT_FOUND: line 1:8: Column 'o.nosuch' cannot be resolved"),
        ("SELECT frobnicate(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'frobnicate' not registered"),
        ("SELECT strftime(d, 'x') FROM orders",
         "FUNCTION_NOT_FOUND: line 1:8: Function 'strftime' not registered"),
        ("SELECT id FROM orders WHERE month = 202212",
         "TYPE_MISMATCH: line 1:35: Cannot apply operator: varchar = integer"),
        ("SELECT id, count(*) FROM orders", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'id'"),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO"),
        ("SELECT cast('x' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"),
        ("SELECT id FROM other.queries.orders", "CATALOG_NOT_FOUND: line 1:16"),
        ("MERGE INTO orders USING x ON true WHEN MATCHED THEN DELETE",
         "NOT_SUPPORTED: localcloud does not support the statement MERGE INTO"),
        ("UPDATE orders SET a = 1", "NOT_SUPPORTED: localcloud does not support the statement UPDATE ORDERS"),
        ("DELETE FROM orders", "NOT_SUPPORTED: localcloud does not support the statement DELETE FROM"),
        ("EXECUTE nosuch", "NOT_FOUND: Prepared statement not found: nosuch"),
        ("DEALLOCATE PREPARE nosuch", "NOT_FOUND: Prepared statement not found: nosuch"),
        ("SHOW PARTITIONS unpartitioned", "is not a partitioned table"),
        ("INSERT INTO unpartitioned (nosuch) VALUES (9)",
         "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: nosuch"),
        ("INSERT INTO unpartitioned VALUES ('a')",
         "Insert query has mismatched column types: Table: [bigint], Query: [varchar(1)]"),
        ("INSERT INTO unpartitioned VALUES (9223372036854775807.0)", "Out of range for bigint"),
        ("SELECT ipaddress '10.0.0.1'", "NOT_SUPPORTED: localcloud does not support the type ipaddress"),
        ("SELECT time '10:00:00 +01:00'", "localcloud does not support the type time with time zone"),
        ("SELECT * FROM TABLE(other(1))", "NOT_SUPPORTED: localcloud does not support `table(other(1))`"),
        ("ALTER TABLE orders REPLACE COLUMNS (a int, a int)", "Duplicate column name: a"),
        ("CREATE TABLE x AS SELECT current_time AS t", "NOT_SUPPORTED: Unsupported Hive type: time(3)"),
        ("CREATE TABLE i (a int) LOCATION 's3://b/i/' TBLPROPERTIES ('table_type'='ICEBERG')",
         "NOT_SUPPORTED: localcloud does not support the statement CREATE TABLE"),
        ("CREATE EXTERNAL TABLE o (a int) STORED AS RCFILE LOCATION 's3://b/o/'",
         "NOT_SUPPORTED: localcloud does not support STORED AS RCFILE"),
        ("ALTER TABLE orders RENAME TO x", "NOT_SUPPORTED: localcloud does not support ALTER TABLE"),
        ("DROP TABLE nosuch", "Table not found queries.nosuch"),
    ],
)  # fmt: skip
def test_failures_in_athenas_words(rig: CatalogRig, sql: str, reason: str) -> None:
    assert reason in rig.failure(sql)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("selekt 1", "line 1:1: mismatched input 'selekt'. Expecting: 'ALTER'"),
        ("SELECT id FROM orders WHERE", "line 1:"),
        ("SELECT id\nFROM `orders`", "line 2:6: backquoted identifiers are not supported"),
        ("SELECT 1; SELECT 2", "line 1:"),
        ("CREATE TABLE t WITH (format = 'JSON') AS ALTER TABLE x", "line 1:42: mismatched input 'ALTER'"),
    ],
)
@pytest.mark.claim("Athena", "supported", "a query that cannot be parsed is refused with the request")
def test_what_athena_cannot_read_does_not_start(rig: CatalogRig, sql: str, reason: str) -> None:
    with pytest.raises(rig.athena.exceptions.InvalidRequestException) as caught:
        rig.start(sql)
    assert reason in str(caught.value)


@pytest.mark.claim("Athena", "refused", "MATCH_RECOGNIZE, USING EXTERNAL FUNCTION, EXPLAIN ANALYZE")
@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT * FROM orders MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS id > 1)", "MATCH_RECOGNIZE"),
        (
            "USING EXTERNAL FUNCTION f(a int) RETURNS int LAMBDA 'g' SELECT f(1)",
            "the statement USING EXTERNAL",
        ),
        ("EXPLAIN ANALYZE SELECT 1", "EXPLAIN ANALYZE"),
    ],
)
def test_what_athena_has_and_localcloud_not_fails_by_name(rig: CatalogRig, sql: str, what: str) -> None:
    assert f"localcloud does not support {what}" in rig.failure(sql)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("INSERT INTO orders SELEC 1", "line 1:20: mismatched input 'SELEC'"),
        ("CREATE VIEW v AS SELECT a b c FROM orders", "line 1:29: mismatched input 'c'"),
        ("PREPARE p FROM SELECT FROM", "line 1:27: mismatched input '<EOF>'"),
    ],
)
def test_a_statement_with_a_query_that_cannot_be_read_does_not_start(
    rig: CatalogRig, sql: str, reason: str
) -> None:
    with pytest.raises(rig.athena.exceptions.InvalidRequestException, match=reason):
        rig.start(sql)


def test_output_names_types_and_pages(rig: CatalogRig) -> None:
    found = rig.execute("SELECT id, count(*), max(amount) AS Top FROM orders GROUP BY id ORDER BY id")
    query_id = found["QueryExecutionId"]
    page = rig.athena.get_query_results(QueryExecutionId=query_id, MaxResults=2)
    info = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"]) for column in info] == [
        ("id", "bigint"),
        ("_col1", "bigint"),
        ("Top", "double"),
    ]
    assert [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] == ["id", "0"]
    page = rig.athena.get_query_results(QueryExecutionId=query_id, NextToken=page["NextToken"])
    assert [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] == ["1", "2"]
    assert "NextToken" not in page
    location = found["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{rig.bucket}/athena/{query_id}.csv"
    body = rig.s3.get_object(Bucket=rig.bucket, Key=f"athena/{query_id}.csv")["Body"].read()
    assert body.splitlines()[:2] == [b'"id","_col1","Top"', b'"0","2","0.0"']
    assert found["Statistics"]["DataScannedInBytes"] > 0
    assert found["StatementType"] == "DML"


def test_only_registered_partitions_are_read_and_only_those_that_match(rig: CatalogRig) -> None:
    rig.put("events/dt=1/a.json", '{"id": 1}\n')
    rig.put("events/dt=2/a.json", '{"id": 2}\n{"id": 3}\n')
    rig.query(
        f"CREATE EXTERNAL TABLE events (id bigint) PARTITIONED BY (dt string) {JSON_SERDE} "
        f"LOCATION 's3://{rig.bucket}/events/'"
    )
    assert rig.query("SELECT count(*) FROM events") == [["0"]]
    rig.query("ALTER TABLE events ADD IF NOT EXISTS PARTITION (dt = '1') PARTITION (dt = '1')")
    assert rig.query("SELECT count(*) FROM events") == [["1"]]
    rig.query("MSCK REPAIR TABLE events")
    assert rig.query("SHOW PARTITIONS events") == [["dt=1"], ["dt=2"]]
    assert rig.query("SELECT count(*) FROM events") == [["3"]]
    scanned = [
        rig.execute(sql)["Statistics"]["DataScannedInBytes"]
        for sql in ("SELECT * FROM events WHERE dt = '1' AND id > 0", "SELECT * FROM events")
    ]
    assert scanned == [len('{"id": 1}\n'), 3 * len('{"id": 1}\n')]
    rig.query("ALTER TABLE events DROP PARTITION (dt = '2')")
    assert rig.query("SELECT count(*) FROM events") == [["1"]]


def test_projected_partitions_need_no_catalog_entry(rig: CatalogRig) -> None:
    for day in ("2022-01-01", "2022-01-02", "2022-01-09"):
        rig.put(f"projected/{day}/a.json", '{"id": 1}\n')
    rig.query(
        f"CREATE EXTERNAL TABLE projected (id int) PARTITIONED BY (day string) {JSON_SERDE} "
        f"LOCATION 's3://{rig.bucket}/projected/' TBLPROPERTIES ('projection.enabled' = 'true', "
        "'projection.day.type' = 'date', 'projection.day.format' = 'yyyy-MM-dd', "
        "'projection.day.range' = '2022-01-01,2022-01-05', "
        f"'storage.location.template' = 's3://{rig.bucket}/projected/${{day}}/')"
    )
    assert rig.query("SELECT day FROM projected ORDER BY 1") == [["2022-01-01"], ["2022-01-02"]]


def test_json_matches_keys_without_case_and_missing_ones_are_null(rig: CatalogRig) -> None:
    lines = '{"areaName": "x", "Cases": [{"Age": "a", "value": "3"}]}\n{"AREANAME": "y"}\n'
    rig.put("json/a.json.gz", gzip.compress(lines.split("\n")[0].encode()))
    rig.put("json/b.json", '{"areaName": "y"}\n')
    rig.query(
        "CREATE EXTERNAL TABLE people (areaname string, cases array<struct<age:string,value:bigint>>, "
        f"later double) {JSON_SERDE} LOCATION 's3://{rig.bucket}/json/'"
    )
    assert rig.query("SELECT areaname, cases, later FROM people ORDER BY 1") == [
        ["x", "[{age=a, value=3}]", None],
        ["y", None, None],
    ]
    rig.put("json/c.json", '{"areaName": \n')
    assert rig.failure("SELECT count(areaname) FROM people").startswith(
        "HIVE_CURSOR_ERROR: Row is not a valid JSON"
    )


def test_delimited_text_with_both_serdes(rig: CatalogRig) -> None:
    rig.put("text/a.csv", 'name,amount\n"Smith, John",5\nJones,\n')
    location = f"LOCATION 's3://{rig.bucket}/text/' TBLPROPERTIES ('skip.header.line.count' = '1')"
    rig.query(
        "CREATE EXTERNAL TABLE opened (name string, amount string) "
        f"ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' {location}"
    )
    assert rig.query("SELECT * FROM opened") == [["Smith, John", "5"], ["Jones", ""]]
    rig.query(
        "CREATE EXTERNAL TABLE lazy (name string, amount string) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' {location}"
    )
    assert rig.query("SELECT * FROM lazy") == [['"Smith', ' John"'], ["Jones", ""]]
    rig.query(
        "CREATE EXTERNAL TABLE numbers (name string, amount int) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' {location}"
    )
    assert "HIVE_BAD_DATA: Error parsing field value ' John\"' for field 1" in rig.failure(
        "SELECT * FROM numbers"
    )


def test_a_parquet_type_that_contradicts_the_table_is_bad_data(rig: CatalogRig) -> None:
    rig.put_parquet("wrong/a.parquet", "SELECT 1::BIGINT AS cases, 300 AS other")
    for name, kind in (("wrong", "string"), ("wider", "bigint"), ("narrower", "smallint")):
        described = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {
                "Columns": [{"Name": "cases", "Type": kind}, {"Name": "other", "Type": "bigint"}],
                "Location": f"s3://{rig.bucket}/wrong/",
                "SerdeInfo": rig.tables()["orders"]["StorageDescriptor"]["SerdeInfo"],
            },
        }
        rig.glue.create_table(DatabaseName=rig.database, TableInput=described)
    assert rig.query("SELECT cases, other FROM wider") == [["1", "300"]]
    assert rig.query("SELECT cases FROM narrower") == [["1"]]
    place = f"STORED AS PARQUET LOCATION 's3://{rig.bucket}/wrong/'"
    rig.query(f"CREATE EXTERNAL TABLE tiny (other tinyint) {place}")
    assert "Out of range for tinyint: 300" in rig.failure("SELECT other FROM tiny")
    assert rig.query("SELECT other FROM wrong") == [["300"]]
    assert rig.failure("SELECT cases FROM wrong") == (
        "HIVE_BAD_DATA: Malformed Parquet file. Field cases's type INT64 in parquet file "
        f"s3://{rig.bucket}/wrong/a.parquet is incompatible with type varchar defined in table schema"
    )


def test_a_partition_of_other_types_is_a_schema_mismatch(rig: CatalogRig) -> None:
    rig.put_parquet("drift/dt=1/a.parquet", "SELECT 1::INTEGER AS v")
    rig.put_parquet("drift/dt=2/a.parquet", "SELECT 1.5::DOUBLE AS v")
    rig.crawl("drift", "drift/", configuration=COMBINE)
    reason = rig.failure("SELECT v FROM drift")
    assert reason.startswith("HIVE_PARTITION_SCHEMA_MISMATCH")
    assert "'dt=1' declared column 'v' as type 'int'" in reason


def test_tables_made_by_queries(rig: CatalogRig) -> None:
    options = f"external_location = 's3://{rig.bucket}/copied/', partitioned_by = ARRAY['month']"
    rig.query(f"CREATE TABLE copied WITH ({options}) AS SELECT id, amount, month FROM orders")  # noqa: S608
    assert rig.query("SELECT month, count(*) FROM copied GROUP BY 1 ORDER BY 1") == [
        ["2022-11", "3"],
        ["2022-12", "3"],
    ]
    rig.query("INSERT INTO copied SELECT 9, 9.5, '2023-01'")
    assert rig.query("SELECT * FROM copied WHERE month = '2023-01'") == [["9", "9.5", "2023-01"]]
    assert rig.query("SHOW PARTITIONS copied") == [["month=2022-11"], ["month=2022-12"], ["month=2023-01"]]
    again = f"CREATE TABLE other WITH (external_location = 's3://{rig.bucket}/copied/') AS SELECT 1 AS a"
    assert "HIVE_PATH_ALREADY_EXISTS" in rig.failure(again)
    assert "TABLE_ALREADY_EXISTS" in rig.failure("CREATE TABLE copied AS SELECT 1 AS a")
    assert "position 1" in rig.failure("CREATE TABLE unnamed AS SELECT 1")
    target = f"s3://{rig.bucket}/unloaded/"
    rig.query(f"UNLOAD (SELECT id FROM copied WHERE month = '2022-11') TO '{target}' WITH (format = 'JSON')")  # noqa: S608
    (key,) = rig.keys("unloaded/")
    body = gzip.decompress(rig.s3.get_object(Bucket=rig.bucket, Key=key)["Body"].read())
    assert [json.loads(line) for line in body.splitlines()] == [{"id": 0}, {"id": 1}, {"id": 2}]
    rig.query("DROP TABLE copied")
    assert "copied" not in rig.tables()
    assert rig.keys("copied/")


def test_types_of_what_queries_write(rig: CatalogRig) -> None:
    big = "SELECT sum(x) AS total, decimal '0.10' AS part, 'abc' AS code FROM (VALUES 9007199254740993) t(x)"
    rig.query(f"CREATE TABLE totals WITH (external_location = 's3://{rig.bucket}/totals/') AS {big}")
    stored = rig.tables()["totals"]["StorageDescriptor"]["Columns"]
    assert [column["Type"] for column in stored] == ["bigint", "decimal(2,2)", "varchar(3)"]
    assert rig.query("SELECT * FROM totals") == [["9007199254740993", "0.10", "abc"]]
    rig.query(f"CREATE VIEW totals_view AS {big}")
    shown = rig.tables()["totals_view"]["StorageDescriptor"]["Columns"]
    assert [column["Type"] for column in shown] == ["bigint", "decimal(2,2)", "varchar(3)"]
    assert rig.query("SELECT * FROM totals_view") == [["9007199254740993", "0.10", "abc"]]
    rig.query("DROP VIEW totals_view")
    found = rig.execute("CREATE TABLE none AS SELECT id FROM orders WHERE false")
    assert found["Statistics"]["DataManifestLocation"].endswith("-manifest.csv")
    found = rig.execute(
        f"UNLOAD (SELECT 1 AS a WHERE false) TO 's3://{rig.bucket}/nothing/' WITH (format = 'PARQUET')"
    )
    assert found["Statistics"]["DataManifestLocation"].endswith("-manifest.csv")


def test_prepared_statements_and_parameters(rig: CatalogRig) -> None:
    rig.query("PREPARE by_id FROM SELECT id, note FROM orders WHERE id = ? AND month = ?")
    assert rig.query("EXECUTE by_id USING 2, '2022-12'") == [["2", "n"]]
    rig.query("DEALLOCATE PREPARE by_id")
    found = rig.execute(
        "SELECT id FROM orders WHERE month = ? AND id = ?", ExecutionParameters=["2022-12", "2"]
    )
    assert found["Status"]["State"] == "SUCCEEDED"
    page = rig.athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])
    assert [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] == ["id", "2"]


def test_the_object_that_a_row_comes_from(rig: CatalogRig) -> None:
    sql = """SELECT DISTINCT "$path", "$file_size" > 0 FROM orders WHERE month = '2022-12'"""
    assert rig.query(sql) == [[f"s3://{rig.bucket}/orders/month=2022-12/a.parquet", "true"]]


def test_maps_and_rows_in_delimited_text(rig: CatalogRig) -> None:
    rig.put("nested/a.txt", "1\ta:1,b:2\t3,x\tMTIz\n")
    rig.query(
        "CREATE EXTERNAL TABLE `nested` "
        "(`id` int, `m` map<string,int>, `r` struct<n:int,t:string>, `d` binary) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' COLLECTION ITEMS TERMINATED BY ',' "
        f"MAP KEYS TERMINATED BY ':' LOCATION 's3://{rig.bucket}/nested/'"
    )
    assert rig.query("SELECT id, m, r, d FROM nested") == [["1", "{a=1, b=2}", "{n=3, t=x}", "31 32 33"]]


def test_a_result_is_reused_where_the_request_says_so(rig: CatalogRig) -> None:
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}
    sql = "SELECT max(id) FROM orders"
    first = rig.execute(sql, ResultReuseConfiguration=reuse)
    second = rig.execute(sql, ResultReuseConfiguration=reuse)
    third = rig.execute(sql)
    told = [
        one["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] for one in (first, second, third)
    ]
    assert told == [False, True, False]
    assert second["ResultReuseConfiguration"] == reuse
    assert second["Statistics"]["DataScannedInBytes"] == 0
    page = rig.athena.get_query_results(QueryExecutionId=second["QueryExecutionId"])
    assert [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] == ["_col0", "2"]


def test_work_groups_have_all_settings(rig: CatalogRig) -> None:
    rig.athena.create_work_group(Name="queries-plain")
    for name, enforced in (("primary", False), ("queries-plain", True)):
        shown = rig.athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
        assert shown["EnforceWorkGroupConfiguration"] is enforced
        assert shown["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"


def test_a_work_group_with_managed_results_keeps_them_itself(rig: CatalogRig) -> None:
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    rig.athena.create_work_group(Name="queries-managed", Configuration=managed)
    asked = {"WorkGroup": "queries-managed", "QueryExecutionContext": {"Database": rig.database}}

    def run(sql: str) -> dict[str, Any]:
        started = rig.athena.start_query_execution(QueryString=sql, **asked)
        return rig.wait_for_query(started["QueryExecutionId"])

    found = run("SELECT max(id) AS m FROM orders")
    assert found["Status"]["State"] == "SUCCEEDED"
    assert "OutputLocation" not in found.get("ResultConfiguration", {})
    page = rig.athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]
    assert [row["Data"][0]["VarCharValue"] for row in page["Rows"]] == ["m", "2"]
    assert "external_location" in run("CREATE TABLE kept AS SELECT 1 AS a")["Status"]["StateChangeReason"]
    with pytest.raises(ClientError, match="managed query results"):
        rig.start("SELECT 1", WorkGroup="queries-managed")


def test_what_a_query_writes_may_be_null_in_every_field(rig: CatalogRig, tmp_path: Path) -> None:
    rig.query(f"UNLOAD (SELECT 1 AS a, 'x' AS b) TO 's3://{rig.bucket}/optional/' WITH (format = 'PARQUET')")
    (key,) = rig.keys("optional/")
    path = tmp_path / "a.parquet"
    path.write_bytes(rig.s3.get_object(Bucket=rig.bucket, Key=key)["Body"].read())
    read = f"SELECT name, repetition_type FROM parquet_schema('{path}')"  # noqa: S608
    fields = dict(duckdb.connect().execute(read).fetchall())
    assert (fields["a"], fields["b"]) == ("OPTIONAL", "OPTIONAL")


def test_a_created_table_leaves_a_manifest_and_no_text(rig: CatalogRig) -> None:
    found = rig.execute("CREATE TABLE left_over AS SELECT 1 AS a")
    query_id = found["QueryExecutionId"]
    names = {key.rpartition("/")[2] for key in rig.keys("athena/") if query_id in key}
    assert {name for name in names if "." in name} == {f"{query_id}-manifest.csv", f"{query_id}.metadata"}
    answer = rig.athena.get_query_results(QueryExecutionId=query_id)
    assert (answer["ResultSet"]["Rows"], answer["UpdateCount"]) == ([], 1)


def test_a_database_is_found_by_its_name_in_backquotes(rig: CatalogRig) -> None:
    context = {"Database": f"`{rig.database}`"}
    assert rig.query("SELECT count(*) FROM orders", QueryExecutionContext=context) == [["6"]]


def test_a_prepared_statement_is_updated(rig: CatalogRig) -> None:
    statement = {"StatementName": "updated", "WorkGroup": "primary"}
    rig.athena.create_prepared_statement(**statement, QueryStatement="SELECT 1")
    rig.athena.update_prepared_statement(**statement, QueryStatement="SELECT 2", Description="two")
    shown = rig.athena.get_prepared_statement(**statement)["PreparedStatement"]
    assert (shown["QueryStatement"], shown["Description"]) == ("SELECT 2", "two")
    assert rig.query("EXECUTE updated") == [["2"]]
    with pytest.raises(ClientError) as error:
        rig.athena.update_prepared_statement(
            StatementName="absent", WorkGroup="primary", QueryStatement="SELECT 1"
        )
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_reading_the_catalog_through_athena(rig: CatalogRig) -> None:
    catalog = {"CatalogName": "awsdatacatalog", "DatabaseName": rig.database}
    shown = rig.athena.get_table_metadata(**catalog, TableName="unpartitioned")["TableMetadata"]["Parameters"]
    assert (shown["location"], shown["comment"]) == (f"s3://{rig.bucket}/unpartitioned", "few")
    with pytest.raises(ClientError, match="MetadataException"):
        rig.athena.get_table_metadata(**catalog, TableName="nosuch")


def test_views(rig: CatalogRig) -> None:
    rig.query("CREATE VIEW cheap AS SELECT id, amount AS price, month FROM orders WHERE amount < 2")
    assert rig.query("SELECT count(*), max(c.price) FROM cheap c WHERE month = '2022-12'") == [["2", "1.5"]]
    assert "View already exists" in rig.failure("CREATE VIEW cheap AS SELECT 1 AS a")
    rig.query("CREATE OR REPLACE VIEW cheap AS SELECT count(*) AS n FROM orders")
    assert rig.query("SELECT * FROM cheap") == [["6"]]
    assert rig.query("SHOW VIEWS") == [["cheap"]]
    rig.query("DROP VIEW cheap")
    assert "TABLE_NOT_FOUND" in rig.failure("SELECT * FROM cheap")


def test_the_catalog_described(rig: CatalogRig) -> None:
    assert ["orders"] in rig.query("SHOW TABLES 'ord*'")
    assert [rig.database] in rig.query("SHOW DATABASES")
    described = [[str(cell).strip() for cell in row] for row in rig.query("DESCRIBE orders")]
    assert described[0] == ["id", "bigint", ""]
    assert described[-1] == ["month", "string", ""]
    assert [[str(row[0]).strip()] for row in (rig.query("SHOW COLUMNS IN orders")[i] for i in (0, -1))] == [
        ["id"],
        ["month"],
    ]
    statement = "\n".join(str(row[0]) for row in rig.query("SHOW CREATE TABLE orders"))
    assert statement.startswith("CREATE EXTERNAL TABLE `orders`(")
    assert f"LOCATION\n  's3://{rig.bucket}/orders" in statement
    assert "PARTITIONED BY ( \n  `month` string)" in statement


def test_parameters_take_the_places_of_question_marks(rig: CatalogRig) -> None:
    sql = "SELECT count(*) FROM orders WHERE month = ? AND id < ?"
    assert rig.query(sql, ExecutionParameters=["'2022-12'", "2"]) == [["2"]]
    assert "expected 2 but found 1" in rig.failure(sql, ExecutionParameters=["1"])


def test_a_work_group_enforces_its_result_location_and_its_scan_limit(rig: CatalogRig) -> None:
    configuration: dict[str, Any] = {
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": {"OutputLocation": f"s3://{rig.bucket}/enforced/"},
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    rig.athena.create_work_group(Name="queries-limited", Configuration=configuration)
    found = rig.execute("SELECT count(*) FROM orders", WorkGroup="queries-limited")
    assert found["Status"]["State"] == "SUCCEEDED"
    assert found["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{rig.bucket}/enforced/")
    assert rig.athena.list_query_executions(WorkGroup="queries-limited")["QueryExecutionIds"] == [
        found["QueryExecutionId"]
    ]
    rig.put("big/a.json", json.dumps({"text": "x" * 10_000_001}))
    rig.query(f"CREATE EXTERNAL TABLE big (text string) {JSON_SERDE} LOCATION 's3://{rig.bucket}/big/'")
    status = rig.execute("SELECT count(*) FROM big", WorkGroup="queries-limited")["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    rig.athena.update_work_group(WorkGroup="queries-limited", State="DISABLED")
    with pytest.raises(ClientError, match="disabled"):
        rig.start("SELECT 1", WorkGroup="queries-limited")
    with pytest.raises(ClientError, match="not found"):
        rig.start("SELECT 1", WorkGroup="queries-nosuch")
    with pytest.raises(ClientError, match="No output location provided"):
        rig.start("SELECT 1", ResultConfiguration={})


def test_one_token_starts_one_query(rig: CatalogRig) -> None:
    token = "queries-token-" + "0" * 32
    first = rig.start("SELECT 1", ClientRequestToken=token)
    assert rig.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        rig.start("SELECT 2", ClientRequestToken=token)


def test_a_query_can_be_stopped(rig: CatalogRig) -> None:
    query_id = rig.start("SELECT sum(a.x + b.x + c.x) FROM UNNEST(sequence(1, 10000)) AS a(x) "
                         "CROSS JOIN UNNEST(sequence(1, 10000)) AS b(x) "
                         "CROSS JOIN UNNEST(sequence(1, 10000)) AS c(x)")  # fmt: skip
    while (
        rig.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
        == "QUEUED"
    ):
        time.sleep(0.01)
    with pytest.raises(ClientError, match="not yet finished"):
        rig.athena.get_query_results(QueryExecutionId=query_id)
    rig.athena.stop_query_execution(QueryExecutionId=query_id)
    assert rig.wait_for_query(query_id)["Status"]["State"] == "CANCELLED"


def test_many_queries_at_once(rig: CatalogRig) -> None:
    started = [rig.start(f"SELECT count(*) + {number} FROM orders") for number in range(8)]  # noqa: S608
    assert {rig.wait_for_query(query_id)["Status"]["State"] for query_id in started} == {"SUCCEEDED"}
    found = rig.athena.batch_get_query_execution(QueryExecutionIds=[*started, "nosuch"])
    assert len(found["QueryExecutions"]) == 8
    assert [missing["QueryExecutionId"] for missing in found["UnprocessedQueryExecutionIds"]] == ["nosuch"]


CATALOG = (["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"], "*")
ATHENA = (["athena:*"], "*")


def _objects(rig: CatalogRig, folder: str) -> str:
    return f"arn:aws:s3:::{rig.bucket}/{folder}/*"


@pytest.mark.parametrize("missing", ["nothing", "data", "catalog", "result"])
def test_a_query_has_the_rights_of_its_caller(rig: CatalogRig, missing: str) -> None:
    rights: dict[str, tuple[list[str], str]] = {
        "athena": ATHENA,
        "bucket": (["s3:ListBucket", "s3:GetBucketLocation"], f"arn:aws:s3:::{rig.bucket}"),
        "data": (["s3:GetObject"], _objects(rig, "orders")),
        "catalog": CATALOG,
        "result": (["s3:PutObject", "s3:GetObject"], _objects(rig, "athena")),
    }
    policy = allow(*(right for name, right in rights.items() if name != missing))
    client = rig.user_client("athena", f"without-{missing}", policy)
    found = rig.execute("SELECT count(*) FROM orders", client)
    reason = found["Status"].get("StateChangeReason", "")
    expected = {
        "nothing": "",
        "data": "PERMISSION_DENIED: Access denied on operation: s3:GetObject",
        "catalog": "Insufficient permissions to execute the query. glue:GetTable",
        "result": "Access denied when writing output to url: s3://",
    }
    assert reason.startswith(expected[missing]) or expected[missing] in reason
    assert (found["Status"]["State"] == "SUCCEEDED") == (missing == "nothing")


def test_results_can_be_read_only_with_the_right_to_the_object(rig: CatalogRig) -> None:
    query_id = rig.start("SELECT 1")
    rig.wait_for_query(query_id)
    client = rig.user_client("athena", "reader", allow(ATHENA))
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client.get_query_results(QueryExecutionId=query_id)
