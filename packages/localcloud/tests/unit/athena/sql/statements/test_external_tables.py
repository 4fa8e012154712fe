"""CREATE EXTERNAL TABLE and what changes such a table: taken as Hive's parser takes it, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.athena.sql.errors import QueryError
from rigs.statements import Statements

_AT = "LOCATION 's3://b/x/'"
PARSED, MEANT = "FAILED: ParseException", "FAILED: SemanticException"


@pytest.fixture
def statements(tmp_path: Path) -> Statements:
    return Statements(tmp_path)


@pytest.mark.parametrize(
    ("reason", "rest"),
    [
        (f"{PARSED} line 1:31 cannot recognize input near 'NOT'", f"t (a int NOT NULL) {_AT}"),
        (PARSED, f"t (a int PRIMARY KEY) {_AT}"),
        (PARSED, f"t (a int DEFAULT 1) {_AT}"),
        (PARSED, f"t (a varchar) {_AT}"),
        (PARSED, f"t (a text) {_AT}"),
        (PARSED, f"t (a struct<x:json>) {_AT}"),
        (PARSED, f"t (a decimal(39,2)) {_AT}"),
        (PARSED, f"t (a decimal(5,9)) {_AT}"),
        (PARSED, f"t (a decimal(0)) {_AT}"),
        (PARSED, f"t (a varchar(70000)) {_AT}"),
        (PARSED, f"t (a char(256)) {_AT}"),
        (PARSED, f"t (date date) {_AT}"),
        (PARSED, f"t (_id int) {_AT}"),
        (PARSED, f"_t (a int) {_AT}"),
        (PARSED, f"shop._t (a int) {_AT}"),
        (PARSED, f"t (`_a` int) CLUSTERED BY (_a) INTO 4 BUCKETS {_AT}"),
        (PARSED, f"t (a map<array<int>,int>) {_AT}"),
        (PARSED, f"t (a int) PARTITIONED BY (timestamp string) {_AT}"),
        (
            f"{MEANT} [Error 10002]: Invalid column reference",
            f"t (a int) CLUSTERED BY (zz) INTO 4 BUCKETS {_AT}",
        ),
        (PARSED, f"t () {_AT}"),
        (PARSED, f"t (a int,) {_AT}"),
        (PARSED, f"t (a int) PARTITIONED BY (d) {_AT}"),
        (PARSED, f"t (a int) {_AT} STORED AS PARQUET"),
        (PARSED, f"t (a int) TBLPROPERTIES ('a' = 'b') {_AT}"),
        (PARSED, f"t (a int) {_AT} {_AT}"),
        (PARSED, f'"t" (a int) {_AT}'),
        (f"{MEANT} [Error 10036]: Duplicate column name: a", f"t (a int, A string) {_AT}"),
        (f"{MEANT} [Error 10035]", f"t (a int) PARTITIONED BY (a string) {_AT}"),
        (f"{MEANT} [Error 10070]", f"t (a int) {_AT} AS SELECT 1 AS a"),
        (f"{MEANT}: `x/y` is not an S3 location", "t (a int) LOCATION 'x/y'"),
        (f"{MEANT} [Error 10082]", f"t (a int) ROW FORMAT DELIMITED LINES TERMINATED BY '|' {_AT}"),
        ("NOT_SUPPORTED", f"t (a int) CLUSTERED BY (a) SORTED BY (a) INTO 4 BUCKETS {_AT}"),
    ],
)
def test_what_hive_does_not_take_is_refused(statements: Statements, reason: str, rest: str) -> None:
    with pytest.raises(QueryError) as caught:
        statements.run(f"CREATE EXTERNAL TABLE {rest}")
    assert caught.value.message.startswith(reason)
    assert statements.glue.made == {}


def test_every_clause_in_its_place_makes_a_table(statements: Statements) -> None:
    statements.run(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `shop`.`t` (`location` int COMMENT 'a (first', `_id` int, "
        "b struct<x:array<map<string,decimal(3,1)>>,y:varchar(2)>) COMMENT 'stored' "
        "PARTITIONED BY (d string COMMENT 'row', e char(2)) CLUSTERED BY (`location`) INTO 4 BUCKETS "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('a'='b') "
        "STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION 's3://b/x/' "
        "TBLPROPERTIES ('location'=')', '_a'='_b')"
    )
    described = statements.glue.made["StorageDescriptor"]
    assert [(one["Name"], one["Type"]) for one in described["Columns"]] == [
        ("location", "int"),
        ("_id", "int"),
        ("b", "struct<x:array<map<string,decimal(3,1)>>,y:varchar(2)>"),
    ]
    assert [one["Name"] for one in statements.glue.made["PartitionKeys"]] == ["d", "e"]
    assert (described["NumberOfBuckets"], described["BucketColumns"]) == (4, ["location"])


@pytest.mark.parametrize(
    "change", ["ADD COLUMNS (a int)", "ADD COLUMNS (d int)", "ADD COLUMNS (b text)", "SET LOCATION 'x/y'"]
)
def test_a_change_that_hive_does_not_take_is_refused(statements: Statements, change: str) -> None:
    stored = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/x/"}
    keys = [{"Name": "d", "Type": "string"}]
    statements.glue.known = {"Name": "t", "StorageDescriptor": stored, "PartitionKeys": keys}
    with pytest.raises(QueryError, match="FAILED"):
        statements.run(f"ALTER TABLE t {change}")
    assert statements.glue.made == {}
    statements.run("ALTER TABLE t ADD COLUMNS (b int)")
    assert [one["Name"] for one in statements.glue.made["StorageDescriptor"]["Columns"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("clauses", "parameters"),
    [
        (
            "FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' NULL DEFINED AS 'NA'",
            {"field.delim": ",", "escape.delim": "\\", "line.delim": "\n", "serialization.null.format": "NA"},
        ),
        ("FIELDS TERMINATED BY '\\u0007'", {"field.delim": "\x07"}),
        ("NULL DEFINED AS ''", {"field.delim": "\x01", "serialization.null.format": ""}),
        (
            'FIELDS TERMINATED BY "|" COLLECTION ITEMS TERMINATED BY ";" MAP KEYS TERMINATED BY "="',
            {"field.delim": "|", "collection.delim": ";", "mapkey.delim": "="},
        ),
    ],
)
def test_every_delimiter_is_kept(statements: Statements, clauses: str, parameters: dict[str, str]) -> None:
    statements.run(f"CREATE EXTERNAL TABLE t (a string, b string) ROW FORMAT DELIMITED {clauses} {_AT}")
    kept = dict(statements.glue.made["StorageDescriptor"]["SerdeInfo"]["Parameters"])
    assert kept.pop("serialization.format") == (
        "1" if parameters["field.delim"] == "\x01" else parameters["field.delim"]
    )
    assert kept == parameters


@pytest.mark.parametrize("name", ["location", "shop.location", "`stored`", "tblproperties"])
def test_a_table_may_be_called_as_a_clause(statements: Statements, name: str) -> None:
    clauses = "COMMENT '' ROW FORMAT DELIMITED FIELDS TERMINATED BY '(' STORED AS TEXTFILE"
    statements.run(f"CREATE EXTERNAL TABLE {name} (city string COMMENT '') {clauses} {_AT}")
    kept = statements.glue.made["StorageDescriptor"]["SerdeInfo"]["Parameters"]
    assert kept == {"field.delim": "(", "serialization.format": "("}


CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES"


def test_properties_of_a_serde_may_have_quotes_that_are_escaped(statements: Statements) -> None:
    pairs = r""""separatorChar" = ";", "quoteChar" = "\"", 'escapeChar'='\\', 'x' = ')\'(' """
    statements.run(f"CREATE EXTERNAL TABLE t (a string) {CSV} ({pairs}) {_AT}")
    assert statements.glue.made["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {
        "separatorChar": ";",
        "quoteChar": '"',
        "escapeChar": "\\",
        "x": ")'(",
    }


@pytest.mark.parametrize(
    "pairs", ["()", "('a'='b',)", "('a'=1)", "('a'='b', 'c'=FALSE)", "('a'='b' 'c'='d')"]
)
def test_properties_of_a_serde_are_read_as_a_whole(statements: Statements, pairs: str) -> None:
    with pytest.raises(QueryError, match="FAILED: ParseException"):
        statements.run(f"CREATE EXTERNAL TABLE t (a string) {CSV} {pairs} {_AT}")
    assert statements.glue.made == {}


@pytest.mark.parametrize(
    ("reason", "clauses"),
    [
        (PARSED, f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY {_AT}"),
        ("NOT_SUPPORTED", f"ROW FORMAT DELIMITED ESCAPED BY '!' {_AT}"),
        (PARSED, f"{CSV} ('a'='b') WITH SERDEPROPERTIES ('c'='d') {_AT}"),
        (PARSED, f"{CSV} ('a'='b') STORED AS TEXTFILE WITH SERDEPROPERTIES ('c'='d') {_AT}"),
        (PARSED, f"STORED AS 'PARQUET' {_AT}"),
        ("NOT_SUPPORTED", f"STORED BY 'x.Handler' {_AT}"),
        (PARSED, f"{_AT} TBLPROPERTIES ('a'=1)"),
        (PARSED, f"{_AT} TBLPROPERTIES ('a'=TRUE)"),
        (PARSED, f"{_AT} TBLPROPERTIES (a='b')"),
    ],
)
def test_clauses_of_storage_are_read_as_a_whole(statements: Statements, reason: str, clauses: str) -> None:
    with pytest.raises(QueryError) as caught:
        statements.run(f"CREATE EXTERNAL TABLE t (a string) {clauses}")
    assert caught.value.message.startswith(reason)
    assert statements.glue.made == {}


@pytest.mark.parametrize("head", ["", "STORED AS TEXTFILE ", "ROW FORMAT DELIMITED "])
def test_properties_of_a_serde_stand_behind_any_clause_of_storage(statements: Statements, head: str) -> None:
    clauses = f"{head}WITH SERDEPROPERTIES ('field.delim'='|')"
    statements.run(f"CREATE EXTERNAL TABLE t (a string) {clauses} {_AT}")
    assert statements.glue.made["StorageDescriptor"]["SerdeInfo"]["Parameters"]["field.delim"] == "|"


def test_what_a_comment_says_is_no_clause(statements: Statements) -> None:
    statements.run(
        "CREATE EXTERNAL TABLE t (a string COMMENT 'stored as parquet', b int COMMENT 'escaped by \\'x\\'')"
        f" COMMENT 'row format delimited fields terminated by \\'|\\'' ROW FORMAT DELIMITED {_AT}"
    )
    stored = statements.glue.made["StorageDescriptor"]
    assert stored["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert stored["SerdeInfo"]["Parameters"] == {"field.delim": "\x01", "serialization.format": "1"}


@pytest.mark.parametrize(
    ("clauses", "output"),
    [
        ("", "HiveIgnoreKeyTextOutputFormat"),
        ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "IgnoreKeyTextOutputFormat"),
        (
            "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE",
            "HiveIgnoreKeyTextOutputFormat",
        ),
        ("STORED AS ORC", "orc.OrcOutputFormat"),
        ("STORED AS AVRO", "avro.AvroContainerOutputFormat"),
    ],
)
def test_output_formats_are_those_of_athena(statements: Statements, clauses: str, output: str) -> None:
    statements.run(f"CREATE EXTERNAL TABLE t (a string) {clauses} {_AT}")
    assert statements.glue.made["StorageDescriptor"]["OutputFormat"] == (
        f"org.apache.hadoop.hive.ql.io.{output}"
    )
