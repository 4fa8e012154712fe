"""enigma_us_states: cases, deaths and tests of the states of the United States, aggregated by Enigma.

Running totals, of which many fall where a state corrected itself, and fields often left out. Each time
all of it is published anew, as one object under another name.
"""

from ingestion.description import (
    BAR,
    Chart,
    Column,
    DataSet,
    Expectation,
    NamedQuery,
    NonDecreasing,
    Partition,
    Source,
    between,
)

RUNNING_TOTALS = ("cases", "deaths", "tests", "tests_positive", "recovered")
COUNTS = (
    "cases",
    "deaths",
    "tests",
    "tests_pending",
    "tests_negative",
    "tests_positive",
    "patients_icu",
    "patients_hosp",
    "patients_vent",
    "recovered",
)

DATASET = DataSet(
    name="enigma_us_states",
    description="COVID-19 cases, deaths, tests and patients of the states of the United States, by day",
    source=Source(prefix="enigma-aggregation/json/us_states/"),
    columns=(
        Column("state_fips", "string"),
        Column("state_name", "string"),
        Column("lat", "double"),
        Column("long", "double"),
        Column("date", "date"),
        *(Column(name, "double") for name in COUNTS),
    ),
    key=("state_fips", "date"),
    partition=Partition(name="month", field="date", pattern="yyyy-MM"),
    subset=("state_name", "state_fips"),
    expectations=(
        Expectation("bad_state_fips", "state_fips rlike '^[0-9]{2}$'"),
        between("cases", 0, None),
        between("deaths", 0, None),
    ),
    rules=tuple(NonDecreasing(name, by=("state_fips",), order="date") for name in RUNNING_TOTALS),
    queries=(
        NamedQuery(
            "States with most cases on the latest day",
            """
SELECT state_name, cast(cases AS bigint) AS cases, cast(deaths AS bigint) AS deaths
FROM enigma_us_states
WHERE "date" = (SELECT max("date") FROM enigma_us_states)
ORDER BY cases DESC
LIMIT 10
""".strip(),
        ),
    ),
    charts=(
        Chart(
            "Cases in the ten states with most of them, on the latest day",
            "States with most cases on the latest day",
            BAR,
            x="state_name",
            y=("cases",),
            unit="cases",
        ),
    ),
)
