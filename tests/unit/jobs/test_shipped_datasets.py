"""The shipped data sets on real objects of the public lake, with the defects that are known of them."""

from __future__ import annotations

import csv
import json
import shutil
from typing import Any

import pytest

import datasets
from covidlake.laptop.source import make_sample
from ingestion.description import REMOVE
from tests.environment import REAL_LAKE
from tests.unit.jobs.world import World

real = pytest.mark.skipif(not REAL_LAKE.is_dir(), reason=f"no real objects in {REAL_LAKE}")


def load(world: World, name: str) -> dict[str, tuple[int, str]]:
    """Load the real objects of a data set; returns what its rules found: failures and an example."""
    world.dataset = datasets.load(name)
    prefix = world.dataset.source.prefix
    shutil.copytree(REAL_LAKE / prefix, world.source / prefix)
    return {rule["rule"]: (rule["failures"], rule["example"]) for rule in world.run().rules}


@real
@pytest.mark.parametrize("maker", ["pfizer", "moderna"])
def test_the_cdcs_files_are_flagged_as_cut_off(world: World, maker: str) -> None:
    name = f"cdc_{maker}_vaccine_distribution"
    found = load(world, name)
    failures, example = found["rows_multiple_of_1000"]
    assert failures == 1
    assert "has exactly 1000 rows" in example
    failures, example = found["complete_week_of_allocations"]
    assert failures == 1
    assert example.endswith(": 55 of 63 different jurisdiction")
    (original,) = (REAL_LAKE / f"cdc-{maker}-vaccine-distribution" / "csv").glob("*.csv")
    columns = ("jurisdiction", "week_of_allocations", "first_dose_allocations", "second_dose_allocations")
    published = world.rows(*(f"cast({column} as string)" for column in columns))
    with original.open(newline="") as file:
        rows = [
            (place, week[:10], first, second) for place, week, first, second in list(csv.reader(file))[1:]
        ]
    assert published == sorted(rows)


@real
def test_decreases_of_running_totals_are_reported(world: World) -> None:
    found = load(world, "enigma_us_states")
    assert found["non_decreasing_cases"][0] == 20
    assert {rule: found[rule][0] for rule in found if "deaths" in rule} == {
        "deaths_out_of_range": 0,
        "non_decreasing_deaths": 48,
    }
    record = json.loads((world.lake / "runs" / "enigma_us_states" / "run-1.json").read_text())
    assert (record["rows_read"], record["rows_new"], record["rows_quarantined"]) == (11_619, 11_619, 0)
    assert record["findings"].startswith("non_decreasing_cases 20 times, as ")


@real
def test_every_rule_of_uk_covid_holds_on_the_real_day(world: World) -> None:
    found = load(world, "uk_covid")
    assert len(found) > 10
    assert {rule: result for rule, result in found.items() if result[0]} == {}
    bands = world.table("uk_covid_by_age").groupBy("measure").count().collect()
    assert {row[0] for row in bands} == {"malecases", "femalecases", "cumadmissionsbyage"}


@pytest.mark.parametrize("name", ["cdc_moderna_vaccine_distribution", "country_codes"])
def test_the_sample_of_each_data_set_is_loaded_and_accounted_for(world: World, name: str) -> None:
    world.dataset = datasets.load(name)
    assert world.dataset.source.vanished == REMOVE, "the lake's habit is to publish all anew"
    make_sample(world.source)
    result = world.run()
    assert (result.rows_duplicate, result.rows_quarantined) == (1, 2)
    assert result.findings == ""
    assert result.rows_new == result.table_rows > 20
    assert world.run().status == "NOTHING_NEW"


def test_namibias_code_is_not_taken_for_no_value(world: World) -> None:
    world.dataset = datasets.load("country_codes")
    header = "Country,Alpha-2 code,Alpha-3 code,Numeric code,Latitude,Longitude"
    path = world.source / world.dataset.source.prefix / "countries.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f'{header}\nNamibia,NA,NAM,516,-22,17\n"Korea, Republic of",KR,KOR,410,37,127.5\n')
    world.run()
    columns: tuple[Any, ...] = ("country", "alpha_2_code", "numeric_code", "longitude")
    assert world.rows(*columns) == [("Korea, Republic of", "KR", 410, 127.5), ("Namibia", "NA", 516, 17.0)]
