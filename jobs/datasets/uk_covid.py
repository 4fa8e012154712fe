"""uk_covid: the United Kingdom's daily figures, one object a day, one record an area.

The publisher (coronavirus.data.gov.uk) omits a field that it does not know. English regions and NHS regions
share five names, so only the code identifies an area.
"""

from ingestion.description import (
    LINE,
    Chart,
    Column,
    DataSet,
    Expectation,
    NamedQuery,
    NonDecreasing,
    Partition,
    Source,
    SumOfParts,
    Unnested,
)

AGE_BANDS = "array<struct<age:string,value:bigint,rate:double>>"
ENGLAND = "areacode = 'E92000001'"
NHS_REGIONS = "areatype = 'nhsRegion'"
# Sums that hold in the publisher's data; of cases some belong to no region.
OF_NHS_REGIONS = ("newadmissions", "cumadmissions", "covidoccupiedmvbeds")
RUNNING_TOTALS = ("cumadmissions", "cumcasesbypublishdate", "cumdeaths28daysbypublishdate")
STOCKS = ("hospitalcases", "covidoccupiedmvbeds", "plannedcapacitybypublishdate")

DATASET = DataSet(
    name="uk_covid",
    description=(
        "COVID-19 cases, tests, hospital figures and deaths of the United Kingdom, its nations and regions"
    ),
    source=Source(prefix="uk_covid/json/"),
    columns=(
        Column("areaType", "string"),
        Column("areaName", "string"),
        Column("areaCode", "string"),
        Column("date", "date"),
        Column("newCasesByPublishDate", "bigint"),
        Column("cumCasesByPublishDate", "bigint"),
        Column("newCasesBySpecimenDate", "bigint"),
        Column("cumCasesBySpecimenDate", "bigint"),
        Column("maleCases", AGE_BANDS),
        Column("femaleCases", AGE_BANDS),
        Column("newPillarOneTestsByPublishDate", "bigint"),
        Column("cumPillarOneTestsByPublishDate", "bigint"),
        Column("newPillarTwoTestsByPublishDate", "bigint"),
        Column("cumPillarTwoTestsByPublishDate", "bigint"),
        Column("newPillarThreeTestsByPublishDate", "bigint"),
        Column("cumPillarThreeTestsByPublishDate", "bigint"),
        Column("newPillarFourTestsByPublishDate", "bigint"),
        Column("cumPillarFourTestsByPublishDate", "bigint"),
        Column("newAdmissions", "bigint"),
        Column("cumAdmissions", "bigint"),
        Column("cumAdmissionsByAge", AGE_BANDS),
        Column("cumTestsByPublishDate", "bigint"),
        Column("newTestsByPublishDate", "bigint"),
        Column("covidOccupiedMVBeds", "bigint"),
        Column("hospitalCases", "bigint"),
        Column("plannedCapacityByPublishDate", "bigint"),
        Column("newDeaths28DaysByPublishDate", "bigint"),
        Column("cumDeaths28DaysByPublishDate", "bigint"),
        Column("cumDeaths28DaysByPublishDateRate", "double"),
        Column("newDeaths28DaysByDeathDate", "bigint"),
        Column("cumDeaths28DaysByDeathDate", "bigint"),
        Column("cumDeaths28DaysByDeathDateRate", "double"),
    ),
    key=("areaCode", "date"),
    partition=Partition(name="month", field="date", pattern="yyyy-MM"),
    subset=("areaName", "areaCode"),
    expectations=(
        Expectation("bad_area_code", "areacode rlike '^[A-Z][0-9]{8}$'"),
        Expectation("date_before_pandemic", "date >= date '2020-01-01'"),
        # New cases and deaths may be negative where the publisher corrects a count; beds in use cannot.
        *(Expectation(f"negative_{stock}", f"{stock} >= 0") for stock in STOCKS),
    ),
    rules=(
        SumOfParts("hospitalcases", "areatype = 'overview'", "areatype = 'nation'", by=("date",)),
        *(SumOfParts(column, ENGLAND, NHS_REGIONS, by=("date",)) for column in OF_NHS_REGIONS),
        SumOfParts("newcasesbyspecimendate", ENGLAND, "areatype = 'region'", by=("date",), at_most=True),
        *(NonDecreasing(column, by=("areacode",), order="date") for column in RUNNING_TOTALS),
    ),
    history=True,
    unnested=(
        Unnested(
            "uk_covid_by_age",
            ("maleCases", "femaleCases", "cumAdmissionsByAge"),
            label="measure",
            carried=("areaName", "areaType"),
        ),
    ),
    queries=(
        NamedQuery(
            "People in hospital with COVID-19 by nation, the latest 14 days",
            """
SELECT "date",
       max(CASE WHEN areacode = 'K02000001' THEN hospitalcases END) AS united_kingdom,
       max(CASE WHEN areacode = 'E92000001' THEN hospitalcases END) AS england,
       max(CASE WHEN areacode = 'S92000003' THEN hospitalcases END) AS scotland,
       max(CASE WHEN areacode = 'W92000004' THEN hospitalcases END) AS wales,
       max(CASE WHEN areacode = 'N92000002' THEN hospitalcases END) AS northern_ireland
FROM uk_covid
WHERE areatype IN ('overview', 'nation')
GROUP BY "date"
ORDER BY "date" DESC
LIMIT 14
""".strip(),
        ),
    ),
    charts=(
        Chart(
            "People in hospital with COVID-19 by nation",
            """
SELECT "date", areaname AS nation, hospitalcases AS patients
FROM uk_covid
WHERE areatype = 'nation' AND hospitalcases IS NOT NULL
ORDER BY "date", areaname
""".strip(),
            LINE,
            x="date",
            y=("patients",),
            series="nation",
            unit="patients",
        ),
    ),
)
