"""The published files have the columns of the lake's own table, whatever the day's objects leave out."""

from __future__ import annotations

import duckdb
import pytest

from tests.unit.jobs.world import ENGLAND, FULL, SCOTLAND, World, record

pytestmark = pytest.mark.usefixtures("compiled")

BANDS = "array<struct<age:string,value:bigint,rate:double>>"
# As the publisher's own catalog, CovidLakeStack.template.json, has it; only `date` is a string there.
LAKE_TABLE = f"""
areatype:string, areaname:string, areacode:string, date:date, newcasesbypublishdate:bigint,
cumcasesbypublishdate:bigint, newcasesbyspecimendate:bigint, cumcasesbyspecimendate:bigint, malecases:{BANDS},
femalecases:{BANDS}, newpillaronetestsbypublishdate:bigint, cumpillaronetestsbypublishdate:bigint,
newpillartwotestsbypublishdate:bigint, cumpillartwotestsbypublishdate:bigint,
newpillarthreetestsbypublishdate:bigint, cumpillarthreetestsbypublishdate:bigint,
newpillarfourtestsbypublishdate:bigint, cumpillarfourtestsbypublishdate:bigint, newadmissions:bigint,
cumadmissions:bigint, cumadmissionsbyage:{BANDS}, cumtestsbypublishdate:bigint, newtestsbypublishdate:bigint,
covidoccupiedmvbeds:bigint, hospitalcases:bigint, plannedcapacitybypublishdate:bigint,
newdeaths28daysbypublishdate:bigint, cumdeaths28daysbypublishdate:bigint,
cumdeaths28daysbypublishdaterate:double, newdeaths28daysbydeathdate:bigint,
cumdeaths28daysbydeathdate:bigint, cumdeaths28daysbydeathdaterate:double
"""
CATALOG_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "DOUBLE": "double",
    "DATE": "date",
    'STRUCT(age VARCHAR, "value" BIGINT, rate DOUBLE)[]': BANDS,
}


def test_published_files_have_the_columns_of_the_lakes_table(world: World) -> None:
    world.dataset = FULL
    one_band = [{"age": "90+", "rate": 35174.8, "value": 123646}]
    world.publish("2022-12-07.json", [record(maleCases=[], cumAdmissionsByAge=[]), record(SCOTLAND)])
    world.publish("2022-11-30.json", [record(date="2022-11-30", maleCases=one_band)])
    world.run()

    for month in ("2022-11", "2022-12"):
        file = world.lake / f"clean/uk_covid/month={month}/part-00000.parquet"
        described = duckdb.sql(f"DESCRIBE FROM read_parquet('{file}', hive_partitioning = false)").fetchall()
        columns = [f"{name}:{CATALOG_TYPES.get(kind, kind)}" for name, kind, *_ in described]
        assert columns == LAKE_TABLE.replace("\n", " ").strip().split(", ")
    sizes = ["areacode", "cast(date as string)", "size(malecases)", "size(femalecases)"]
    assert world.rows(*sizes) == [
        (ENGLAND, "2022-11-30", 1, -1),
        (ENGLAND, "2022-12-07", 0, -1),
        (SCOTLAND, "2022-12-07", -1, -1),
    ]
    band = ["malecases[0].age", "malecases[0].value", "malecases[0].rate"]
    assert world.rows(*band, where="month = '2022-11'") == [("90+", 123646, 35174.8)]
