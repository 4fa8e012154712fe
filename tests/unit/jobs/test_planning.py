"""Which objects a run reads, by load mode, range and ledger; without Spark."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import datasets
from ingestion import planning
from ingestion.arguments import Arguments
from ingestion.description import Column
from ingestion.errors import SourceNotFoundError
from ingestion.planning import day_reader
from ingestion.read.date_range import DateRange
from ingestion.state.ledger import Ledger, LoadedObject, Plan
from ingestion.state.places import Places
from ingestion.state.storage import Prefix, Storage, StoredObject
from tests.unit.jobs.world import SMALL

UK = datasets.load("uk_covid")
NAMES = ("2022-11-30", "2022-12-06", "2022-12-07")
LISTED = [StoredObject(f"uk_covid/json/{day}.json", "1", 10) for day in NAMES]
LEDGER = Ledger(
    UK.fingerprint(()),
    objects={item.key: LoadedObject("1", 10, (item.key[14:21],), 2, n % 2) for n, item in enumerate(LISTED)},
    partitions={"2022-11": 2, "2022-12": 4},
)


def plan(ledger: Ledger, mode: str, first: str = "any", last: str = "any") -> Plan:
    roots = Prefix("source"), Prefix("lake")
    arguments = Arguments("uk_covid", "run-1", mode, DateRange.parse(first, last), False, (), *roots)
    places = Places.of(UK, *roots, "run-1")
    return planning.plan(arguments, UK, Storage(), places, ledger, LISTED)


@pytest.mark.parametrize(
    ("mode", "first", "last", "days"),
    [
        ("incremental", "any", "any", []),
        ("full", "any", "any", list(NAMES)),
        ("full", "2022-12-01", "any", list(NAMES[1:])),
        ("full", "any", "2022-12-06", list(NAMES[:2])),
        ("full", "latest", "any", [NAMES[2]]),
        ("incremental", "latest", "any", []),
        ("replay", "any", "any", [NAMES[1]]),
    ],
)
def test_a_loaded_table_is_read_again_as_the_arguments_say(
    mode: str, first: str, last: str, days: list[str]
) -> None:
    found = plan(LEDGER, mode, first, last)
    assert [item.key[14:24] for item in found.fresh] == days
    assert found.everything == (len(days) == 3)


@pytest.mark.parametrize("first", ["any", "2022-12-01"])
def test_another_description_rebuilds_the_whole_table(first: str) -> None:
    found = plan(replace(LEDGER, fingerprint="other"), "incremental", first)
    assert (found.everything, found.partial, len(found.fresh)) == (True, False, 3)


def test_the_first_run_of_a_range_reads_a_part() -> None:
    found = plan(Ledger(), "incremental", "2022-12-01")
    assert (found.everything, found.partial, len(found.fresh)) == (True, True, 2)
    assert not plan(Ledger(), "incremental").partial


def test_a_range_without_objects_is_refused() -> None:
    with pytest.raises(SourceNotFoundError, match="no object under s3://source/uk_covid/json/ is of 2030-"):
        plan(LEDGER, "full", "2030-01-01")


REPORTS = r"(\d{1,2}-\d{1,2}-\d{4})\.csv$"


@pytest.mark.parametrize(
    ("expression", "pattern", "name", "day"),
    [
        (REPORTS, "MM-dd-yyyy", "01-22-2020.csv", date(2020, 1, 22)),
        (REPORTS, "M-d-yyyy", "2021-12-31/1-2-2020.csv", date(2020, 1, 2)),
        (REPORTS, "MM-dd-yyyy", "22-01-2020.csv", None),
        (REPORTS, "MM-dd-yyyy", "README.csv", None),
        (r"_(\d{8})\.json", "yyyyMMdd", "cases_20200122.json", date(2020, 1, 22)),
        (r"_(\d{6})\.json", "ddMMyy", "cases_220120.json", date(2020, 1, 22)),
        (r"^(.*)\.json", "d.M.yyyy", "22.1.2020.json", date(2020, 1, 22)),
        # What has more than a day is left to Spark: here the name is searched for an ISO date.
        (r"^(.*)\.json", "MMM d yyyy", "Jan 22 2020.json", None),
        (r"^(.*)\.json", "yyyy-MM-dd'T'HH", "2020-01-22T09.json", date(2020, 1, 22)),
    ],
)
def test_the_day_is_read_as_the_description_takes_it_from_the_name(
    expression: str, pattern: str, name: str, day: date | None
) -> None:
    column = Column("report_date", "date", from_name=expression, formats=(pattern,))
    assert day_reader(replace(SMALL, columns=(column, *SMALL.columns)))(name) == day
