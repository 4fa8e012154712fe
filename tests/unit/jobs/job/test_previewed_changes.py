"""Seeded changes of a description and of the library, previewed: each is found; refactorings are not.

What the preview says of rows and columns is held against plain Python over the rows of the same tables.
`make prove` tries all of them, `make test` some.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from covidlake.laptop.preview import changes, describe_script, gate, model
from covidlake.laptop.preview.changes import Lakes, Pair
from covidlake.laptop.preview.descriptions import Described
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import DataSetChange, Preview, TableChange
from ingestion.description import (
    Column,
    DataSet,
    Expectation,
    NamedQuery,
    NonDecreasing,
    Partition,
    Unique,
    Unnested,
)
from ingestion.errors import IngestionError
from ingestion.write.table import Builder
from tests.environment import PROVE
from tests.unit.jobs.conftest import new_world
from tests.unit.jobs.world import ENGLAND, SCOTLAND, SMALL, WALES, World, record

EVERY = 1 if PROVE else 29
BASE = replace(
    SMALL,
    rules=(NonDecreasing("cumadmissions", by=("areacode",), order="date"),),
    max_rejected=0.9,
    subset=("areaCode",),
)
Change = Callable[[DataSet], DataSet]


def records() -> list[dict[str, Any] | str]:
    """Days of two years: stocks that are negative once, values that are missing, a row and its correction."""
    found: list[dict[str, Any] | str] = []
    for number in range(24):
        code = (ENGLAND, SCOTLAND, WALES)[number % 3]
        day = f"{2021 + number // 12}-{number % 12 + 1:02}-07"
        more: dict[str, Any] = {
            "hospitalCases": -4 if number == 1 else number * 3,
            "cumAdmissions": number * 10,
        }
        if number % 4:
            more["covidOccupiedMVBeds"] = number % 5
        if number % 6 == 0:
            more["maleCases"] = [{"age": "0_to_4", "value": number, "rate": 0.5}]
        more["plannedCapacity" if number % 5 == 0 else "plannedCapacityByPublishDate"] = number
        found.append(record(code, day, **more))
    found.append(record(ENGLAND, "2021-01-07", hospitalCases=99, cumAdmissions=-1))
    return [*found, '{"areaCode": "E92']


def columns(change: Callable[[Column], Column], name: str) -> Change:
    def changed(dataset: DataSet) -> DataSet:
        return replace(
            dataset, columns=tuple(change(one) if one.name == name else one for one in dataset.columns)
        )

    return changed


def typed(name: str, kind: str) -> Change:
    return columns(lambda one: replace(one, type=kind), name)


def rule(name: str, **more: Any) -> Change:
    def changed(dataset: DataSet) -> DataSet:
        found = [replace(one, **more) if one.name == name else one for one in dataset.expectations]
        return replace(dataset, expectations=tuple(found))

    return changed


def without(name: str) -> Change:
    return lambda one: replace(one, expectations=tuple(r for r in one.expectations if r.name != name))


def expecting(condition: str) -> Change:
    return lambda one: replace(one, expectations=(*one.expectations, Expectation("seeded", condition)))


def with_(**more: Any) -> Change:
    return lambda one: replace(one, **more)


def same(dataset: DataSet) -> DataSet:
    return dataset


UNNESTED = (Unnested("by_age", ("maleCases",), label="measure"),)
# What is changed, by what it is called, and the finding or the kind of difference that it must show.
SEEDED: dict[str, tuple[Change, str]] = {
    # The job keeps a field that nothing describes as text.
    "a column less": (lambda one: replace(one, columns=one.columns[:-1]), "type"),
    "a column more": (
        lambda one: replace(one, columns=(*one.columns, Column("newCases", "bigint"))),
        "added",
    ),
    "bigint to int": (typed("hospitalCases", "int"), "type"),
    "bigint to double": (typed("hospitalCases", "double"), "type"),
    "bigint to string": (typed("plannedCapacityByPublishDate", "string"), "type"),
    "bigint to tinyint": (typed("cumAdmissions", "tinyint"), "type"),
    "another field of an array": (typed("maleCases", "array<struct<age:string,value:bigint>>"), "type"),
    "a column renamed": (
        columns(lambda one: replace(one, name="name", aliases=("areaName",)), "areaName"),
        "column gone",
    ),
    "an alias more": (
        columns(lambda one: replace(one, aliases=("plannedCapacity",)), "plannedCapacityByPublishDate"),
        "values",
    ),
    "a column required": (
        columns(lambda one: replace(one, required=True), "covidOccupiedMVBeds"),
        "rows gone",
    ),
    "a key part more": (with_(key=("areaCode", "date", "areaName")), "key"),
    "a key part less": (with_(key=("date",), partition=None), "key"),
    "years": (with_(partition=Partition("year", "date", "yyyy")), "partition key"),
    "no partitions": (with_(partition=None), "partition key"),
    "a rule less": (without("negative_hospitalcases"), "rule"),
    "a bound lower": (rule("negative_hospitalcases", condition="hospitalcases >= -9"), "rule"),
    "a bound higher": (rule("negative_hospitalcases", condition="hospitalcases >= 20"), "rows gone"),
    "a rule that only warns": (rule("negative_hospitalcases", severity="warn"), "rule"),
    "a rule more": (expecting("cumadmissions <= 150"), "quarantine"),
    "a rule of the table less": (with_(rules=()), "rule"),
    "a part kept": (with_(keep="areacode like 'E%'"), "rows gone"),
    "days kept": (with_(keep="date >= date '2022-01-01'"), "rows gone"),
    "the newest by a version": (with_(version="cumAdmissions"), "values"),
    "more may be rejected": (with_(max_rejected=0.95), "rule"),
    "a table more": (with_(unnested=UNNESTED), "new table"),
    "rejects that end the run": (rule("negative_hospitalcases", severity="fail"), "fails"),
}
Transformation = Callable[[DataFrame], DataFrame]
# What the library would do otherwise to the rows that it has accepted.
LIBRARY: dict[str, tuple[Transformation, str]] = {
    "rows lost": (lambda rows: rows.where(F.col("areacode") != WALES), "rows gone"),
    "names in capitals": (lambda rows: rows.withColumn("areaname", F.upper("areaname")), "values"),
    "one off": (
        lambda rows: rows.withColumn(
            "hospitalcases", F.col("hospitalcases") + (F.col("areacode") == ENGLAND).cast("bigint")
        ),
        "values",
    ),
    "values lost": (
        lambda rows: rows.withColumn("covidoccupiedmvbeds", F.expr("nullif(covidoccupiedmvbeds, 3)")),
        "values",
    ),
}
REFACTORED: dict[str, Change] = {
    "rules in another order": lambda one: replace(one, expectations=one.expectations[::-1]),
    "another text": with_(description="The same, in other words"),
    "no charts": with_(charts=()),
    "a query more": with_(queries=(*BASE.queries, NamedQuery("All of it", "SELECT * FROM uk_covid"))),
    "conditions in capitals": rule("negative_hospitalcases", condition="HOSPITALCASES  >=  0"),
    "conditions in brackets": rule("negative_hospitalcases", condition="(hospitalcases >= 0)"),
    "a rule renamed": rule("negative_covidoccupiedmvbeds", reason="beds_below_zero"),
    "a condition over two lines": rule("negative_hospitalcases", condition="hospitalcases\n    >= 0"),
    "an alias that no object has": columns(lambda one: replace(one, aliases=("cases",)), "hospitalCases"),
    "a format spelled out": columns(lambda one: replace(one, formats=("yyyy-MM-dd",)), "date"),
    "required what is always there": columns(lambda one: replace(one, required=True), "areaName"),
    "another subset": with_(subset=("areaName",)),
    "fewer may be rejected": with_(max_rejected=0.85),
    "fewer may be removed": with_(max_removed=0.5),
    "kept what all are": with_(keep="areacode is not null"),
    "a rule of the table called otherwise": with_(rules=(replace(BASE.rules[0], called="totals"),)),
    "a rule of the table more": with_(rules=(*BASE.rules, Unique(("areacode", "date")))),
    "a rule more that all keep": expecting("areatype is not null"),
    "a key nobody may lack": columns(lambda one: replace(one, required=True), "areaCode"),
    "columns in another order": lambda one: replace(one, columns=(*one.columns[1:], one.columns[0])),
}
REWRITTEN: dict[str, Transformation] = {
    "a column added and dropped": lambda rows: rows.withColumn("more", F.lit(1)).drop("more"),
    "another order of rows": lambda rows: rows.repartition(3),
    "a filter that keeps all": lambda rows: rows.where("true"),
    "a column computed in two steps": lambda rows: rows.withColumn(
        "hospitalcases", F.expr("hospitalcases + 1 - 1")
    ),
    "a name through a struct": lambda rows: rows.withColumn("areaname", F.struct("areaname")["areaname"]),
    "a cast to its own type": lambda rows: rows.withColumn("date", F.col("date").cast("date")),
    "a union of two halves": lambda rows: rows.where("hospitalcases > 9").unionByName(
        rows.where("hospitalcases <= 9 or hospitalcases is null")
    ),
    "a coalesce that changes none": lambda rows: rows.withColumn(
        "areatype", F.coalesce("areatype", "areatype")
    ),
    "columns selected by name": lambda rows: rows.select(*rows.columns),
    "columns in another order": lambda rows: rows.select(*rows.columns[::-1]),
}


def some(given: dict[str, Any]) -> list[str]:
    return list(given)[::EVERY]


@dataclass
class Rig:
    """A source, the lake that base makes of it, and places for more lakes."""

    buckets: Path
    world: World
    number: int = 0

    def run(
        self, dataset: DataSet, name: str, lake: str = "", rewritten: Transformation | None = None
    ) -> Lake:
        self.number += 1
        lake = lake or f"{name}-{self.number}"
        roots = {"lake_root": f"s3://lake/{self.world.lake.name}-{lake}/"}
        # What fails is in its run record.
        with as_library(rewritten), contextlib.suppress(IngestionError):
            self.world.run_batch([dataset], f"preview-{name}", **roots)
        return Lake(self.folder(lake), name)

    def folder(self, lake: str) -> Path:
        return self.world.lake.with_name(f"{self.world.lake.name}-{lake}")

    def previewed(
        self, dataset: DataSet, rewritten: Transformation | None = None
    ) -> tuple[DataSetChange, Lakes]:
        base = Lake(self.folder("base"), "base")
        head = self.run(dataset, "head", rewritten=rewritten)
        upgraded = f"upgrade-{self.number}"
        shutil.copytree(base.folder, self.folder(upgraded))
        upgrade = self.run(dataset, "upgrade", upgraded, rewritten)
        lakes = Lakes(base, head, upgrade)
        return changes.of(Pair(described(BASE), described(dataset), ("seeded",)), lakes), lakes


@contextmanager
def as_library(rewritten: Transformation | None) -> Iterator[None]:
    """The library, but that it does something more to the rows that it accepts."""
    original = Builder._candidates

    def candidates(self: Builder, *given: Any) -> DataFrame | None:
        found = original(self, *given)
        return found if found is None or rewritten is None else rewritten(found)

    with mock.patch.object(Builder, "_candidates", candidates):
        yield


def described(dataset: DataSet) -> Described:
    return Described(dataset.name, "", json.loads(json.dumps(describe_script._facts(dataset), default=str)))


@pytest.fixture(scope="module")
def rig(spark: object, buckets: Path) -> Rig:
    world = new_world(buckets, "previewed")
    world.dataset = BASE
    world.publish("2022.json", records())
    made = Rig(buckets, world)
    made.run(BASE, "base", "base")
    return made


def rows_of(lake: Lake, name: str) -> list[dict[str, Any]]:
    table = lake.table(name)
    if table is None:
        return []
    with duckdb.connect() as database:
        table.view(database, "rows")
        found = database.table("rows")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def check_rows(change: TableChange, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """The counts of the preview against dictionaries of rows by key."""
    then, now = ({tuple(row[name] for name in change.key): row for row in rows} for rows in (before, after))
    if len(then) < len(before) or len(now) < len(after):
        assert change.before
        assert change.after
        assert change.before.repeated + change.after.repeated
        return
    both = then.keys() & now.keys()
    assert (change.added, change.gone) == (len(now.keys() - both), len(then.keys() - both))
    names = [one.name for one in change.columns if one.before_type and one.after_type]
    differ = {name: sum(not alike(then[key][name], now[key][name]) for key in both) for name in names}
    assert {one.name: one.differ for one in change.columns if one.name in differ} == differ
    changed = sum(any(not alike(then[key][name], now[key][name]) for name in names) for key in both)
    assert change.changed == changed


def alike(one: Any, other: Any) -> bool:
    """As the preview compares: numbers as numbers, all else of two types as text."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if type(one) is type(other) or numbers or one is None or other is None:
        return bool(one == other)
    return str(one) == str(other)


def check(change: DataSetChange, lakes: Lakes, wanted: str) -> None:
    for table in change.tables:
        if table.before and table.after and table.rows_compared:
            check_rows(table, rows_of(lakes.base, table.before_name), rows_of(lakes.head, table.name))
    findings = gate.judge(Preview("a", "b", "s", (change,)))
    shown = {one.kind for one in findings} | {
        column.kind for table in change.tables for column in table.columns
    }
    shown |= {"new table" for table in change.tables if table.before is None}
    assert wanted in shown, shown
    assert change.status != model.IDENTICAL


@pytest.mark.parametrize("name", some(SEEDED))
def test_a_seeded_change_of_the_description_is_found_exactly(rig: Rig, name: str) -> None:
    change, wanted = SEEDED[name]
    found, lakes = rig.previewed(change(BASE))
    check(found, lakes, wanted)
    assert found.disagreements == (), "the job rebuilds a table whose description has changed"


@pytest.mark.parametrize("name", some(LIBRARY))
def test_a_seeded_change_of_the_library_is_found_exactly_and_needs_a_full_load(rig: Rig, name: str) -> None:
    rewritten, wanted = LIBRARY[name]
    found, lakes = rig.previewed(BASE, rewritten)
    check(found, lakes, wanted)
    check(found, lakes, "migration")


@pytest.mark.parametrize("name", some(REFACTORED))
def test_a_refactoring_of_the_description_is_no_finding(rig: Rig, name: str) -> None:
    found, lakes = rig.previewed(REFACTORED[name](BASE))
    unchanged(found, lakes)


@pytest.mark.parametrize("name", some(REWRITTEN))
def test_a_refactoring_of_the_library_is_identical(rig: Rig, name: str) -> None:
    found, lakes = rig.previewed(BASE, REWRITTEN[name])
    unchanged(found, lakes)
    assert found.status == model.IDENTICAL


def unchanged(found: DataSetChange, lakes: Lakes) -> None:
    assert gate.judge(Preview("a", "b", "s", (found,))) == []
    assert not found.fails_after
    assert all(table.identical for table in found.tables), found.tables
    (table,) = (one for one in found.tables if one.name == BASE.name)
    check_rows(table, rows_of(lakes.base, BASE.name), rows_of(lakes.head, BASE.name))


def test_there_are_thirty_of_each() -> None:
    counts: Sequence[int] = (len(SEEDED) + len(LIBRARY), len(REFACTORED) + len(REWRITTEN))
    assert counts == (30, 30)
