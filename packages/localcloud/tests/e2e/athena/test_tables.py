"""Tables that statements make and fill: what the catalog and S3 have then, and what a query reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from localcloud.cloud import LocalCloud
from rigs.catalog import CatalogRig

JSON_SERDE = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> CatalogRig:
    """A lake with one table, `orders`."""
    made = CatalogRig(cloud, "tables", tmp_path_factory.mktemp("tables"))
    made.query("CREATE TABLE orders AS SELECT 1 AS id")
    return made


def test_a_table_is_shown_under_the_name_that_was_asked_for(rig: CatalogRig) -> None:
    rig.query("CREATE OR REPLACE VIEW few AS SELECT id FROM orders")
    rig.query('CREATE OR REPLACE VIEW "1few" AS SELECT id FROM orders')
    first = [rig.query(f"SHOW CREATE {what}")[0] for what in (f"TABLE {rig.database}.orders", "VIEW few")]
    assert first == [["CREATE EXTERNAL TABLE `tables.orders`("], ["CREATE VIEW tables.few AS"]]
    assert rig.query('SHOW CREATE VIEW "1few"')[0] == ['CREATE VIEW tables."1few" AS']


def test_the_statement_that_makes_a_table_is_as_hive_prints_it(rig: CatalogRig) -> None:
    rig.query(
        "CREATE EXTERNAL TABLE printed (a string COMMENT 'first', b array<int>) COMMENT 'of two' "
        f"PARTITIONED BY (p int) STORED AS PARQUET LOCATION 's3://{rig.bucket}/printed/' "
        "TBLPROPERTIES ('z'='1', 'b'='2')"
    )
    made = rig.tables()["printed"]["Parameters"]["transient_lastDdlTime"]
    hive = "org.apache.hadoop.hive.ql.io.parquet."
    assert [row[0] for row in rig.query("SHOW CREATE TABLE printed")] == [
        "CREATE EXTERNAL TABLE `printed`(",
        "  `a` string COMMENT 'first', ",
        "  `b` array<int>)",
        "COMMENT 'of two'",
        "PARTITIONED BY ( ",
        "  `p` int)",
        "ROW FORMAT SERDE ",
        f"  '{hive}serde.ParquetHiveSerDe' ",
        "STORED AS INPUTFORMAT ",
        f"  '{hive}MapredParquetInputFormat' ",
        "OUTPUTFORMAT ",
        f"  '{hive}MapredParquetOutputFormat'",
        "LOCATION",
        f"  's3://{rig.bucket}/printed/'",
        "TBLPROPERTIES (",
        "  'b'='2', ",
        f"  'transient_lastDdlTime'='{made}', ",
        "  'z'='1')",
    ]


def test_the_statement_that_is_printed_makes_the_same_table(rig: CatalogRig) -> None:
    rig.query(
        "CREATE EXTERNAL TABLE remade (a string COMMENT 'it\\'s', b map<string,int>) COMMENT 'one\\'s' "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' COLLECTION ITEMS TERMINATED BY '\\002' "
        f"LINES TERMINATED BY '\\n' LOCATION 's3://{rig.bucket}/remade/' TBLPROPERTIES ('says'='it\\'s')"
    )
    made, lines = rig.tables()["remade"], rig.query("SHOW CREATE TABLE remade")
    rig.query("DROP TABLE remade")
    rig.query("\n".join(str(line[0]) for line in lines))
    again = rig.tables()["remade"]
    for part in ("StorageDescriptor", "Parameters"):
        assert again[part] == made[part]
    assert rig.query("SHOW CREATE TABLE remade") == lines


@pytest.mark.claim("Athena", "refused", "queries of tables of ORC, AVRO, RegexSerDe and Grok")
@pytest.mark.parametrize("form", ["ORC", "AVRO"])
def test_a_table_of_a_format_that_is_not_read_is_in_the_catalog_and_its_query_refused(
    rig: CatalogRig, form: str
) -> None:
    rig.query(
        f"CREATE EXTERNAL TABLE of_{form} (a int) STORED AS {form} LOCATION 's3://{rig.bucket}/{form}/'"
    )
    assert form.lower() in rig.tables()[f"of_{form.lower()}"]["StorageDescriptor"]["InputFormat"].lower()
    assert "localcloud does not support the SerDe" in rig.failure(f"SELECT * FROM of_{form}")  # noqa: S608


def test_columns_are_inserted_by_name_in_any_type_that_has_one_in_common(rig: CatalogRig) -> None:
    columns = "n int, word varchar(3), part decimal(5,2), d date, `my-col` string, `select` int"
    place = f"STORED AS PARQUET LOCATION 's3://{rig.bucket}/stocked/'"
    rig.query(f"CREATE EXTERNAL TABLE stocked ({columns}) {place}")
    moment = "timestamp '2020-01-01 10:00:00'"
    values = f"VALUES (bigint '5', 'abc  ', 1.239, {moment})"
    rig.query(f"INSERT INTO stocked (n, word, part, d) {values}")
    rig.query("INSERT INTO stocked (\"my-col\", \"select\") (SELECT 'x', decimal '7')")
    assert rig.query("SELECT * FROM stocked ORDER BY n") == [
        ["5", "abc", "1.24", "2020-01-01", None, None],
        [None, None, None, None, "x", "7"],
    ]
    for values, reason in {
        "(n) VALUES (3000000000)": "Out of range for integer: 3000000000",
        "(word) VALUES ('abcd')": "Cannot truncate non-space characters when casting from varchar(4) to",
        "(n) VALUES ('1')": "Table: [integer], Query: [varchar(1)]",
    }.items():
        assert reason in rig.failure(f"INSERT INTO stocked {values}")
    for values, reason in {
        "(`n`) VALUES (1)": "line 1:22: backquoted identifiers are not supported",
        "(n) ": "mismatched input",
    }.items():
        with pytest.raises(rig.athena.exceptions.InvalidRequestException, match=reason):
            rig.start(f"INSERT INTO stocked {values}")
    rig.query("ALTER TABLE stocked REPLACE COLUMNS (n bigint, added string)")
    assert rig.query("SELECT * FROM stocked ORDER BY n") == [["5", None], [None, None]]


@pytest.mark.claim(
    "Athena", "differs", "timestamps are written to Parquet as INT64 of microseconds, on AWS as INT96"
)
def test_timestamps_are_written_as_whole_numbers(rig: CatalogRig, tmp_path: Path) -> None:
    rig.query("CREATE TABLE moments AS SELECT timestamp '2020-01-01 10:00:00.123' AS at")
    location = rig.tables()["moments"]["StorageDescriptor"]["Location"]
    (key,) = rig.keys(location.partition(f"{rig.bucket}/")[2])
    copy = tmp_path / "moments.parquet"
    copy.write_bytes(rig.s3.get_object(Bucket=rig.bucket, Key=key)["Body"].read())
    kinds = duckdb.sql(f"SELECT type FROM parquet_schema('{copy}') WHERE name = 'at'").fetchall()  # noqa: S608
    assert kinds == [("INT64",)]


@pytest.mark.claim(
    "Athena", "differs", "SHOW CREATE VIEW has the query as it was written, on AWS in Trino's layout"
)
def test_the_query_of_a_view_is_shown_as_it_was_written(rig: CatalogRig) -> None:
    rig.query("CREATE VIEW written AS SELECT id  FROM orders WHERE id=1")
    assert rig.query("SHOW CREATE VIEW written") == [
        ["CREATE VIEW tables.written AS"],
        ["SELECT id  FROM orders WHERE id=1"],
    ]


def test_the_folders_of_partitions_are_named_as_hive_names_them(rig: CatalogRig) -> None:
    location = f"s3://{rig.bucket}/odd/"
    options = f"external_location = '{location}', partitioned_by = ARRAY['p']"
    values = "VALUES (1, 'a/b'), (2, '10:00'), (3, ''), (4, NULL)"
    rig.query(f"CREATE TABLE odd WITH ({options}) AS SELECT * FROM ({values}) t(a, p)")  # noqa: S608
    folders = ["p=10%3A00", "p=__HIVE_DEFAULT_PARTITION__", "p=a%2Fb"]
    assert sorted({key.split("/")[1] for key in rig.keys("odd/")}) == folders
    assert rig.partition_values("odd") == [["10:00"], ["__HIVE_DEFAULT_PARTITION__"], ["a/b"]]
    assert rig.query("SELECT p, count(*) FROM odd GROUP BY p ORDER BY p") == [
        ["10:00", "1"],
        ["a/b", "1"],
        [None, "2"],
    ]
    assert rig.query("SHOW PARTITIONS odd") == [[folder] for folder in folders]
    place = f"STORED AS PARQUET LOCATION '{location}'"
    rig.query(f"CREATE EXTERNAL TABLE found (a int) PARTITIONED BY (p string) {place}")
    rig.query("MSCK REPAIR TABLE found")
    assert rig.partition_values("found") == rig.partition_values("odd")
    rig.query(f"ALTER TABLE found ADD PARTITION (p='x:y') PARTITION (p='z') LOCATION \"{location}z/\"")
    partitions = rig.glue.get_partitions(DatabaseName=rig.database, TableName="found")["Partitions"]
    places = {one["Values"][0]: one["StorageDescriptor"]["Location"] for one in partitions}
    assert (places["x:y"], places["z"]) == (f"{location}p=x%3Ay/", f"{location}z/")


@pytest.mark.claim(
    "Athena", "differs", "of a table in buckets all files are read, and counted as scanned, whatever is asked"
)
def test_no_bucket_is_left_out(rig: CatalogRig) -> None:
    bodies = {"000000_0": '{"a": 2}\n', "000001_0": '{"a": 1}\n'}
    for name, body in bodies.items():
        rig.put(f"buckets/{name}", body)
    place = f"{JSON_SERDE} LOCATION 's3://{rig.bucket}/buckets/'"
    rig.query(f"CREATE EXTERNAL TABLE buckets (a int) CLUSTERED BY (a) INTO 2 BUCKETS {place}")
    found = rig.execute("SELECT a FROM buckets WHERE a = 1")
    assert found["Statistics"]["DataScannedInBytes"] == sum(map(len, bodies.values()))


def test_columns_may_be_called_as_what_a_query_uses_inside(rig: CatalogRig) -> None:
    rig.put_parquet("inside/dt=1/a.parquet", "SELECT 1 AS file, 'x' AS filename, 2 AS f, 3 AS p, 'in' AS dt")
    columns = "`file` int, filename string, f int, p int"
    place = f"STORED AS PARQUET LOCATION 's3://{rig.bucket}/inside/'"
    rig.query(f"CREATE EXTERNAL TABLE inside ({columns}) PARTITIONED BY (dt string) {place}")
    rig.query("MSCK REPAIR TABLE inside")
    assert rig.query('SELECT file, filename, f, p, dt, "$path" FROM inside') == [
        ["1", "x", "2", "3", "1", f"s3://{rig.bucket}/inside/dt=1/a.parquet"]
    ]


def test_a_table_in_buckets_takes_no_rows(rig: CatalogRig) -> None:
    place = f"STORED AS PARQUET LOCATION 's3://{rig.bucket}/cut/'"
    rig.query(f"CREATE EXTERNAL TABLE cut (a int) CLUSTERED BY (a) INTO 4 BUCKETS {place}")
    assert "INSERT INTO is not supported on bucketed tables" in rig.failure("INSERT INTO cut VALUES (1)")


def test_a_table_may_have_no_partition_yet(rig: CatalogRig) -> None:
    place = f"{JSON_SERDE} LOCATION 's3://{rig.bucket}/bare/'"
    rig.query(f"CREATE EXTERNAL TABLE bare (id int) PARTITIONED BY (p string) {place}")
    assert rig.query('SELECT * FROM "bare$partitions"') == rig.query("SELECT * FROM bare") == []
    assert rig.query("SHOW PARTITIONS bare") == []


def test_the_plan_of_a_query_has_a_heading(rig: CatalogRig) -> None:
    found = rig.execute("EXPLAIN SELECT 1")
    result = rig.athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]
    assert (found["StatementType"], len(result["Rows"]) > 1) == ("UTILITY", True)
    assert result["Rows"][0]["Data"] == [{"VarCharValue": "Query Plan"}]
    assert found["ResultConfiguration"]["OutputLocation"].endswith(".csv")


def test_the_place_of_a_create_table_as_has_no_ending(rig: CatalogRig) -> None:
    made = rig.execute("CREATE TABLE placed AS SELECT 1 AS a")
    location = made["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{rig.bucket}/athena/{made['QueryExecutionId']}"
    assert made["Statistics"]["DataManifestLocation"] == f"{location}-manifest.csv"


@pytest.mark.claim("Athena", "supported", "partition projection of enum, integer, date and injected keys")
def test_a_query_names_the_values_of_an_injected_partition(rig: CatalogRig) -> None:
    for user in ("ann", "bob"):
        rig.put(f"injected/{user}.d/a.json", f'{{"n": "{user}"}}\n')
    rig.query(
        f"CREATE EXTERNAL TABLE injected (n string) PARTITIONED BY (who string) {JSON_SERDE} "
        f"LOCATION 's3://{rig.bucket}/injected/' TBLPROPERTIES ('projection.enabled'='true', "
        "'projection.who.type'='injected', "
        f"'storage.location.template'='s3://{rig.bucket}/injected/${{who}}.d/')"
    )
    assert rig.query("SELECT n, who FROM injected WHERE who = 'ann'") == [["ann", "ann"]]
    both = "SELECT n FROM injected WHERE who IN ('ann', 'bob', 'cy') AND n <> 'x' ORDER BY 1"
    assert rig.query(both) == [["ann"], ["bob"]]
    assert rig.query("SELECT n FROM injected WHERE who = ?", ExecutionParameters=["'bob'"]) == [["bob"]]
    either = "SELECT n FROM injected WHERE who = 'ann' OR who = 'bob' ORDER BY 1"
    assert rig.query(either) == [["ann"], ["bob"]]
    assert rig.query("WITH x AS (SELECT * FROM injected) SELECT n FROM x WHERE who = 'bob'") == [["bob"]]
    rig.query("CREATE VIEW of_injected AS SELECT who AS name, n FROM injected")
    assert rig.query("SELECT n FROM of_injected WHERE name = 'ann'") == [["ann"]]
    grouped = "SELECT * FROM (SELECT who, count(*) FROM injected GROUP BY who) WHERE who = 'ann'"
    assert "localcloud does not support this way to give the injected" in rig.failure(grouped)
    assert "CONSTRAINT_VIOLATION" in rig.failure("SELECT n FROM of_injected")
    for condition in ("", "WHERE who > 'a'", "WHERE n = 'ann'"):
        reason = rig.failure(f"SELECT n FROM injected {condition}")  # noqa: S608
        assert "CONSTRAINT_VIOLATION: For the injected projected partition column who" in reason


def test_what_is_inserted_is_found_by_the_projection(rig: CatalogRig) -> None:
    rig.query(
        "CREATE EXTERNAL TABLE hourly (a int) PARTITIONED BY (kind string, at string) STORED AS PARQUET "
        f"LOCATION 's3://{rig.bucket}/hourly/' TBLPROPERTIES ('projection.enabled'='true', "
        "'projection.kind.type'='enum', 'projection.kind.values'='a:b,c', 'projection.at.type'='date', "
        "'projection.at.format'='yyyy-MM-dd HH:mm', "
        "'projection.at.range'='2020-01-01 10:00,2020-01-01 11:00', "
        "'projection.at.interval'='1', 'projection.at.interval.unit'='HOURS')"
    )
    rig.query("INSERT INTO hourly VALUES (1, 'a:b', '2020-01-01 10:00'), (2, 'c', '2020-01-01 11:00')")
    assert rig.query("SELECT * FROM hourly ORDER BY a") == [
        ["1", "a:b", "2020-01-01 10:00"],
        ["2", "c", "2020-01-01 11:00"],
    ]
