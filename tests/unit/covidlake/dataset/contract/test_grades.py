"""Forty-odd changes of a description, each with the grade that its readers would give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from covidlake.dataset.contract import document
from covidlake.dataset.contract.grades import BREAKING, CARE, COMPATIBLE, Change, changes, worst
from ingestion.description import (
    Column,
    Complete,
    DataSet,
    Expectation,
    Fresh,
    NamedQuery,
    NonDecreasing,
    Partition,
    Source,
    Unique,
    Unnested,
)

BANDS = "array<struct<age:string,value:bigint>>"
BASE = DataSet(
    name="feed",
    description="A feed",
    source=Source("feed/json/"),
    columns=(
        Column("place", "string"),
        Column("day", "date", formats=("yyyy-MM-dd", "M/d/yyyy")),
        Column("cases", "int", aliases=("confirmed",)),
        Column("beds", "int"),
        Column("rate", "float"),
        Column("price", "decimal(10,2)"),
        Column("seen", "date"),
        Column("flag", "string", required=True),
        Column("bands", BANDS),
        Column("where", "struct<lat:double,lon:double>"),
    ),
    key=("place", "day"),
    partition=Partition("month", "day", "yyyy-MM"),
    queries=(NamedQuery("All", "SELECT * FROM feed"),),
    expectations=(Expectation("negative", "cases >= 0"), Expectation("odd", "rate < 1", "warn")),
    rules=(Fresh("day", 3), NonDecreasing("cases", by=("place",), order="day", severity="fail")),
    history=True,
    unnested=(Unnested("feed_by_age", ("bands",), label="band"),),
    keep="cases is not null",
)


def column(name: str, /, **other: object) -> Callable[[DataSet], DataSet]:
    """The description with other settings of a column."""

    def changed(base: DataSet) -> DataSet:
        columns = (replace(one, **other) if one.name == name else one for one in base.columns)
        return replace(base, columns=tuple(columns))

    return changed


def without(name: str) -> Callable[[DataSet], DataSet]:
    return lambda base: replace(base, columns=tuple(one for one in base.columns if one.name != name))


def and_column(new: Column) -> Callable[[DataSet], DataSet]:
    return lambda base: replace(base, columns=(*base.columns, new))


def setting(**other: object) -> Callable[[DataSet], DataSet]:
    return lambda base: replace(base, **other)


NEGATIVE, ODD = BASE.expectations
BIG = Expectation("big", "cases < 9")
LATE = Fresh("day", 9, severity="fail", called="late")
FULL = Complete("place", "day", severity="fail")
FRESH, RUNNING = BASE.rules
CASES = [
    (BREAKING, "feed.beds", without("beds")),
    (BREAKING, "feed.beds", column("beds", type="string")),
    (CARE, "feed.beds", column("beds", type="bigint")),
    (BREAKING, "feed.beds", column("beds", type="smallint")),
    (BREAKING, "feed.beds", column("beds", type="double")),
    (CARE, "feed.rate", column("rate", type="double")),
    (CARE, "feed.price", column("price", type="decimal(12,2)")),
    (CARE, "feed.price", column("price", type="decimal(12,4)")),
    (BREAKING, "feed.price", column("price", type="decimal(10,4)")),
    (BREAKING, "feed.price", column("price", type="decimal(8,2)")),
    (BREAKING, "feed.price", column("price", type="double")),
    (BREAKING, "feed.seen", column("seen", type="timestamp")),
    (BREAKING, "feed.flag", column("flag", required=False)),
    (CARE, "feed.cases", column("cases", required=True)),
    (BREAKING, "feed.place", column("place", nullable=True)),
    (CARE, "feed.bands", column("bands", type="array<struct<age:string,value:bigint,rate:double>>")),
    (BREAKING, "feed.bands", column("bands", type="array<struct<age:string>>")),
    (BREAKING, "feed.bands", column("bands", type="array<struct<age:string,value:decimal(38,0)>>")),
    (BREAKING, "feed.bands", column("bands", type="array<struct<age:string,value:string>>")),
    (CARE, "feed.where", column("where", type="struct<lat:double,lon:double,height:double>")),
    (BREAKING, "feed.where", column("where", type="struct<lat:double>")),
    (BREAKING, "feed.where", column("where", type="string")),
    (COMPATIBLE, "feed.deaths", and_column(Column("deaths", "bigint"))),
    (COMPATIBLE, "aliases of cases", column("cases", aliases=("confirmed", "Cases"))),
    (CARE, "aliases of cases", column("cases", aliases=())),
    (COMPATIBLE, "formats of day", column("day", formats=("yyyy-MM-dd", "M/d/yyyy", "yyyyMMdd"))),
    (CARE, "formats of day", column("day", formats=("yyyy-MM-dd",))),
    (CARE, "formats of day", column("day", formats=("M/d/yyyy", "yyyy-MM-dd"))),
    (BREAKING, "feed", setting(key=("flag", "day"))),
    (BREAKING, "feed", setting(key=("place", "day", "flag"))),
    (BREAKING, "feed.month", setting(partition=None)),
    (BREAKING, "feed.month", setting(partition=Partition("month", "day", "yyyy"))),
    (BREAKING, "feed.month", setting(partition=Partition("year", "day", "yyyy"))),
    (BREAKING, "feed_history", setting(history=False)),
    (BREAKING, "feed_by_age", setting(unnested=())),
    (CARE, "feed: rule negative", setting(expectations=(ODD,))),
    (CARE, "feed: rule negative", setting(expectations=(replace(NEGATIVE, severity="warn"), ODD))),
    (CARE, "feed: rule odd", setting(expectations=(NEGATIVE, replace(ODD, severity="reject")))),
    (CARE, "feed: rule negative", setting(expectations=(replace(NEGATIVE, condition="cases > 0"), ODD))),
    (COMPATIBLE, "feed: rule big", setting(expectations=(NEGATIVE, ODD, replace(BIG, severity="warn")))),
    (CARE, "feed: rule big", setting(expectations=(NEGATIVE, ODD, BIG))),
    (CARE, "feed: rule non_decreasing_cases", setting(rules=(FRESH,))),
    (COMPATIBLE, "feed: rule unique_flag", setting(rules=(FRESH, RUNNING, Unique(("flag",))))),
    (CARE, "feed: rule complete_day", setting(rules=(FRESH, RUNNING, FULL))),
    (CARE, "feed: rule fresh_day", setting(rules=(RUNNING,))),
    (CARE, "feed: rule fresh_day", setting(rules=(Fresh("day", 7), RUNNING))),
    (COMPATIBLE, "feed: rule fresh_day", setting(rules=(Fresh("day", 2), RUNNING))),
    (CARE, "feed: rule fresh_day", setting(rules=(Fresh("day", 2, severity="fail"), RUNNING))),
    (CARE, "feed: rule late", setting(rules=(FRESH, RUNNING, LATE))),
    (CARE, "feed.deaths", and_column(Column("deaths", "bigint", required=True))),
    (CARE, "field of beds", column("beds", name="BEDS")),
    (CARE, "field of seen", column("seen", from_name=r"(\d{4}-\d\d-\d\d)")),
    (CARE, "numbersAsText", column("beds", text=True)),
    (CARE, "maximumRejectedShare", setting(max_rejected=0.5)),
    (COMPATIBLE, "maximumRejectedShare", setting(max_rejected=0.1)),
    (CARE, "maximumRemovedShare", setting(max_removed=1.0)),
    (CARE, "keptRows", setting(keep="")),
    (CARE, "newerVersion", setting(version="seen")),
    (CARE, "sourcePrefix", setting(source=Source("elsewhere/json/"))),
    (CARE, "vanishedObjects", setting(source=Source("feed/json/", vanished="keep"))),
    (CARE, "feed", setting(queries=(NamedQuery("Some", "SELECT place FROM feed"),))),
    (COMPATIBLE, "feed", setting(description="A feed in other words")),
]  # fmt: skip


def graded(change: Callable[[DataSet], DataSet]) -> list[Change]:
    return changes(document.of(BASE), document.of(change(BASE)))


@pytest.mark.parametrize(("grade", "where", "change"), CASES)
def test_a_change_has_its_grade(grade: str, where: str, change: Callable[[DataSet], DataSet]) -> None:
    found = graded(change)
    assert worst(found) == grade
    assert (where, grade) in {(one.where, one.grade) for one in found}


READING: dict[str, dict[str, Any]] = {
    "sourceTrim": {"trim": True},
    "sourceNulls": {"nulls": ("", "0")},
    "sourceDelimiter": {"delimiter": ";"},
}


@pytest.mark.parametrize("where", READING)
def test_another_way_to_read_a_csv_needs_care(where: str) -> None:
    flat = replace(BASE, columns=tuple(one for one in BASE.columns if not one.is_nested), unnested=())
    one = replace(flat, source=Source("feed/", "csv"))
    other = replace(flat, source=Source("feed/", "csv", **READING[where]))
    found = changes(document.of(one), document.of(other))
    assert [(change.where, change.grade) for change in found] == [(where, CARE)]


def test_the_same_description_has_no_change() -> None:
    assert graded(lambda base: base) == []
    assert worst([]) == COMPATIBLE


def test_the_gravest_comes_first() -> None:
    found = graded(lambda base: replace(without("beds")(base), description="other", keep=""))
    assert [one.grade for one in found] == sorted(
        (one.grade for one in found), key=[BREAKING, CARE, COMPATIBLE].index
    )
    assert found[0].line == "breaking: feed.beds: the column is gone"


def test_a_change_the_other_way_round_is_seen_too() -> None:
    """A table or column that is new one way is gone the other way."""
    found = changes(document.of(replace(BASE, unnested=(), history=False)), document.of(BASE))
    assert {(one.where, one.what, one.grade) for one in found} == {
        ("feed_by_age", "a new table", COMPATIBLE),
        ("feed_history", "a new table", COMPATIBLE),
    }
