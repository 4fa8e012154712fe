"""CSV as publishers write it: headers that change, byte order marks, line ends, gzip, ten time formats."""

from __future__ import annotations

import gzip

import pytest

from covidlake.laptop.source.from_description import ENTITIES, generate
from ingestion.description import Column, DataSet, NamedQuery, Partition, Source
from ingestion.errors import SchemaChangedError
from tests.unit.jobs.world import World

pytestmark = pytest.mark.usefixtures("compiled")

TIMES = (
    "yyyy-MM-dd'T'HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss",
    "M/d/yyyy H:mm",
    "M/d/yy H:mm",
)
REPORTS = DataSet(
    name="reports",
    description="Daily reports whose header changed four times",
    source=Source("reports/csv/", "csv"),
    columns=(
        Column("report_date", "date", from_name=r"(\d\d-\d\d-\d{4})\.csv", formats=("MM-dd-yyyy",)),
        Column("Province_State", "string", aliases=("Province/State",), nullable=True),
        Column("Country_Region", "string", required=True, aliases=("Country/Region",)),
        Column("Last_Update", "timestamp", aliases=("Last Update",), formats=TIMES),
        Column("Confirmed", "bigint"),
        Column("Incident_Rate", "double", aliases=("Incidence_Rate",)),
    ),
    key=("Province_State", "Country_Region", "report_date"),
    queries=(NamedQuery("all", "SELECT * FROM reports"),),
    partition=Partition("month", "report_date", "yyyy-MM"),
    max_rejected=1.0,
)
COLUMNS = ("province_state", "country_region", "cast(last_update as string)", "confirmed", "incident_rate")


@pytest.fixture
def reports(world: World) -> World:
    world.dataset = REPORTS
    return world


def put(world: World, name: str, content: str | bytes) -> None:
    path = world.source / "reports" / "csv" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_every_header_and_every_line_end_makes_the_same_columns(reports: World) -> None:
    put(
        reports,
        "01-22-2020.csv",
        "Province/State,Country/Region,Last Update,Confirmed\nHubei,China,1/22/2020 17:00,444",
    )
    put(
        reports,
        "03-22-2020.csv",
        "\ufeffCountry_Region,Province_State,Last_Update,Confirmed,Incidence_Rate\r\n"
        '"Korea, South",,2020-03-22 23:45:00,8897,1.5\r\nAzerbaijan,,2020-03-22T23:45:00,65,\r\n',
    )
    body = "Province_State,Country_Region,Last_Update,Confirmed,Incident_Rate\n,Italy,3/8/20 5:31,7375,2\n"
    put(reports, "11-09-2020.csv.gz", gzip.compress(body.encode()))

    result = reports.run()

    assert (result.rows_read, result.rows_new, result.rows_quarantined) == (4, 4, 0)
    assert reports.rows("cast(report_date as string)", *COLUMNS) == [
        ("2020-01-22", "Hubei", "China", "2020-01-22 17:00:00", 444, None),
        ("2020-03-22", None, "Azerbaijan", "2020-03-22 23:45:00", 65, None),
        ("2020-03-22", None, "Korea, South", "2020-03-22 23:45:00", 8897, 1.5),
        ("2020-11-09", None, "Italy", "2020-03-08 05:31:00", 7375, 2.0),
    ]
    assert reports.run().status == "NOTHING_NEW"


def test_what_is_no_row_stands_in_quarantine_with_its_line(reports: World) -> None:
    lines = [
        "Country_Region,Last_Update,Confirmed",
        "China,2020-01-22 17:00:00,444",
        "",
        "Italy,yesterday,1",
        "France,2020-01-22 17:00:00,many",
        "Spain,2020-01-22 17:00:00",
        ",2020-01-22 17:00:00,7",
        "Chile,2020-01-22 17:00:00,12.0",
    ]
    put(reports, "01-22-2020.csv", "\r\n".join(lines))

    result = reports.run()

    assert (result.rows_read, result.rows_new, result.rows_quarantined, result.quarantine_rows) == (
        6,
        2,
        4,
        4,
    )
    assert [(row["line"], row["reason"], row["raw"]) for row in reports.quarantine()] == [
        (4, "bad_last_update", lines[3]),
        (5, "wrong_type_confirmed", lines[4]),
        (6, "malformed_csv", lines[5]),
        (7, "missing_country_region", lines[6]),
    ]


@pytest.mark.prove
def test_a_field_that_is_not_described_becomes_a_column_of_text(reports: World) -> None:
    put(reports, "01-22-2020.csv", "Country_Region,Confirmed\nChina,444\n")
    reports.run()
    put(reports, "01-23-2020.csv", "Country_Region,Confirmed,People Hospitalized\nChina,639,17\n")

    result = reports.run()

    assert result.columns_added == ("People Hospitalized",)
    assert reports.rows("confirmed", "people_hospitalized") == [(444, None), (639, "17")]
    put(reports, "01-24-2020.csv", "Country_Region,Confirmed\nChina,700\n")
    assert reports.run().columns_added == ()
    assert reports.rows("confirmed", "people_hospitalized") == [(444, None), (639, "17"), (700, None)]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Confirmed,Last_Update", "field `Country_Region` is missing"),
        ("Country_Region,Confirmed,LastUpdate", "`Last_Update` is missing and `LastUpdate` is new"),
        ("CountryRegion,Confirmed", "`Country_Region` is missing and `CountryRegion` is new"),
        ("Country_Region,Confirmed,Confirmed", "`Confirmed` is 2 times in the header"),
    ],
)
def test_a_header_that_lost_or_renamed_a_field_is_refused(reports: World, header: str, words: str) -> None:
    put(reports, "01-22-2020.csv", "Country_Region,Confirmed\nChina,444\n")
    reports.run()
    put(reports, "01-23-2020.csv", f"{header}\n1,2,3\n")
    with pytest.raises(SchemaChangedError, match=r"01-23-2020\.csv") as caught:
        reports.run()
    assert words in str(caught.value)
    assert reports.rows("confirmed") == [(444,)]


def test_the_sample_of_a_description_is_read_but_for_its_dirt(reports: World) -> None:
    generate(REPORTS, reports.source)
    result = reports.run()
    assert (result.rows_new, result.rows_quarantined) == (result.rows_read - 3, 2)
    assert result.rows_new == 45 * ENTITIES
