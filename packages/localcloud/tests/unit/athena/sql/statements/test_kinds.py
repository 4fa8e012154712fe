"""Kinds of statements, and what is stripped of them."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.statements.kinds import classify, strip


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
