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


def test_comments_and_semicolons_are_stripped() -> None:
    assert strip("-- a\n /* b */ SELECT 1 ; ") == "SELECT 1"
