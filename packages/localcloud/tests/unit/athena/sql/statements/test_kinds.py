"""Kinds of statements, and what is stripped of them."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.statements.kinds import classify, malformed, strip


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("-- c\n/* d */ select 1;", ("DML", "SELECT")),
        ("(select 1) union (select 2)", ("DML", "SELECT")),
        ("create table t with (format='ORC') as (select 1 a)", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("create table t as\n-- the rows\n  select 1 a", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("create -- a\n table /* b */ t as /* c */ select 1 a", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("insert /* a */ into -- b\n t select 1", ("DML", "INSERT")),
        ("create or replace view v as select 1 a", ("DDL", "CREATE_VIEW")),
        ("msck repair table t", ("DDL", "MSCK_REPAIR_TABLE")),
        ("show partitions t", ("UTILITY", "SHOW_PARTITIONS")),
        ("selekt 1", ("UTILITY", "")),
    ],
)
def test_kinds_of_statements(sql: str, kind: tuple[str, str]) -> None:
    assert classify(sql)[:2] == kind


@pytest.mark.parametrize(
    ("sql", "stripped"),
    [
        ("SELECT 1; -- end", "SELECT 1"),
        ("DROP TABLE t /* tail */", "DROP TABLE t"),
        ("DROP TABLE /* a */ junk /* b */ t", "DROP TABLE         junk         t"),
        ("SELECT '-- no', \"/* no */\", `--` -- yes\n, 2", "SELECT '-- no', \"/* no */\", `--`       \n, 2"),
        ("SELECT 'it''s -- no' /* yes */", "SELECT 'it''s -- no'"),
        ("SELECT 'a\\' -- yes", "SELECT 'a\\'"),
        ("CREATE EXTERNAL TABLE t (a string COMMENT 'it\\'s -- no')", None),
        ("SELECT 1 /* no end", "SELECT 1"),
    ],
)
def test_comments_are_blanks_and_what_looks_like_one_in_quotes_stays(sql: str, stripped: str | None) -> None:
    assert strip(sql) == (stripped or sql)


def test_many_comments_take_no_time() -> None:
    assert classify("CREATE TABLE t AS\n" + "/* a line */\n" * 20_000 + "SELEC 1")[1] == ""


def test_comments_and_semicolons_are_stripped() -> None:
    assert strip("-- a\n /* b */ SELECT 1 ; ") == "SELECT 1"


NO_QUERY = "Expecting: '(', 'SELECT', 'TABLE', 'VALUES', 'WITH'"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT FROM", "line 1:12: mismatched input '<EOF>'"),
        ("selekt 1", "line 1:1: mismatched input 'selekt'. Expecting: 'ALTER'"),
        ("INSERT INTO t SELEC 1", f"line 1:15: mismatched input 'SELEC'. {NO_QUERY}"),
        ("INSERT INTO t (a)\n  SELECT 1 a b", "line 2:14: mismatched input 'b'"),
        ("CREATE TABLE t AS SELECT FROM WHERE", "line 1:"),
        ("CREATE TABLE t WITH (format = 'as x') AS\nSELEC 1",
         f"line 2:1: mismatched input 'SELEC'. {NO_QUERY}"),
        ("EXPLAIN SELECT FROM", "line 1:20: mismatched input '<EOF>'"),
        ("EXPLAIN (TYPE LOGICAL) SELEC 1", "line 1:24: mismatched input 'SELEC'"),
        ("EXPLAIN INSERT INTO t SELEC 1", "line 1:23: mismatched input 'SELEC'"),
        ("UNLOAD ( SELECT FROM) TO 's3://b/x/' WITH (format = 'JSON')",
         "line 1:21: mismatched input '<EOF>'"),
        ("CREATE VIEW v AS SELECT a b c FROM t", "line 1:29: mismatched input 'c'"),
        ("PREPARE p FROM SELECT FROM", "line 1:27: mismatched input '<EOF>'"),
        ("PREPARE p FROM INSERT INTO t SELEC 1", "line 1:30: mismatched input 'SELEC'"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused_wherever_it_stands(sql: str, said: str) -> None:
    assert malformed(sql).startswith(said)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("CREATE TABLE t (id int) STORED  AS PARQUET LOCATION 's3://b/x/'", "the statement CREATE TABLE"),
        ("CREATE TABLE t (id int COMMENT 'same as before') TBLPROPERTIES ('table_type'='ICEBERG')",
         "the statement CREATE TABLE"),
        ("CREATE TABLE t (id int COMMENT 'it\\'s as before') TBLPROPERTIES ('table_type'='ICEBERG')",
         "the statement CREATE TABLE"),
        ("CREATE TABLE t (id int COMMENT 'use as table') TBLPROPERTIES ('table_type'='ICEBERG')",
         "the statement CREATE TABLE"),
        ("USING EXTERNAL FUNCTION f(a int) RETURNS int LAMBDA 'g' SELECT f(1)",
         "the statement USING EXTERNAL"),
        ("MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE", "the statement MERGE INTO"),
    ],
)  # fmt: skip
def test_what_athena_has_and_localcloud_not_is_taken_and_fails_by_name(sql: str, named: str) -> None:
    assert malformed(sql) == ""
    with pytest.raises(QueryError, match=f"NOT_SUPPORTED: localcloud does not support {named}"):
        classify(sql)[2](None, sql)  # type: ignore[arg-type] # nothing is asked of the session


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)",
        "INSERT INTO t SELECT 1",
        'INSERT INTO "t"(select) (SELECT 1)',
        "INSERT INTO t VALUES (1), (?)",
        "CREATE TABLE t AS (SELECT 1 a) WITH NO DATA",
        "CREATE TABLE t WITH (field_delimiter = '\\') AS SELECT 'a' a",
        "EXPLAIN (FORMAT TEXT) SELECT 1",
        "EXPLAIN (SELECT 1)",
        "EXPLAIN SHOW TABLES",
        "PREPARE p FROM SHOW TABLES",
        "UNLOAD (SELECT 1 a) TO 's3://b/x/' WITH (format = 'JSON')",
    ],
)
def test_what_can_be_read_is_taken(sql: str) -> None:
    assert malformed(sql) == ""


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("EXPLAIN ANALYZE VERBOSE SELECT 1", "EXPLAIN ANALYZE"),
        ("EXPLAIN SHOW TABLES", "EXPLAIN of SHOW TABLES"),
        ("EXPLAIN (TYPE LOGICAL, FORMAT JSON) SELECT 1", r"EXPLAIN \(TYPE LOGICAL, FORMAT JSON\)"),
    ],
)
def test_a_plan_of_another_kind_is_refused_by_name(sql: str, what: str) -> None:
    with pytest.raises(QueryError, match=f"localcloud does not support {what}"):
        classify(sql)[2](None, sql)  # type: ignore[arg-type] # as above
