"""owid_vaccinations: vaccinations by country and day, collected by Our World in Data.

The publisher leaves out what it does not know. Regions such as `World` have codes that begin with OWID_.
"""

from ingestion.description import (
    AREA,
    Chart,
    Column,
    DataSet,
    NamedQuery,
    NonDecreasing,
    Partition,
    Source,
    between,
)

RUNNING_TOTALS = ("total_vaccinations", "people_vaccinated", "people_fully_vaccinated")

DATASET = DataSet(
    name="owid_vaccinations",
    description="COVID-19 vaccinations by country and day",
    source=Source(prefix="owid_vaccinations/json/world_vaccinations/"),
    columns=(
        Column("country", "string"),
        Column("iso_code", "string"),
        Column("date", "date"),
        Column("total_vaccinations", "bigint"),
        Column("total_vaccinations_per_hundred", "double"),
        Column("daily_vaccinations_raw", "bigint"),
        Column("daily_vaccinations", "bigint"),
        Column("daily_vaccinations_per_million", "double"),
        Column("people_vaccinated", "bigint"),
        Column("people_vaccinated_per_hundred", "double"),
        Column("people_fully_vaccinated", "bigint"),
        Column("people_fully_vaccinated_per_hundred", "double"),
    ),
    key=("country", "date"),
    partition=Partition(name="month", field="date", pattern="yyyy-MM"),
    subset=("country", "iso_code"),
    expectations=(
        between("total_vaccinations", 0, None),
        between("people_vaccinated", 0, None),
    ),
    rules=tuple(NonDecreasing(name, by=("country",), order="date") for name in RUNNING_TOTALS),
    queries=(
        NamedQuery(
            "Countries by people vaccinated, the latest figure of each",
            """
SELECT country, max(people_vaccinated) AS people_vaccinated, max(total_vaccinations) AS doses
FROM owid_vaccinations
WHERE people_vaccinated IS NOT NULL
GROUP BY country
ORDER BY people_vaccinated DESC
LIMIT 10
""".strip(),
        ),
    ),
    charts=(
        Chart(
            "Vaccinations a day in the five countries with most of them",
            """
SELECT "date", country, daily_vaccinations
FROM owid_vaccinations
WHERE daily_vaccinations IS NOT NULL AND country IN (
  SELECT country
  FROM owid_vaccinations
  WHERE iso_code NOT LIKE 'OWID%'
  GROUP BY country
  ORDER BY max(total_vaccinations) DESC
  LIMIT 5
)
ORDER BY "date", country
""".strip(),
            AREA,
            x="date",
            y=("daily_vaccinations",),
            series="country",
            unit="doses",
        ),
    ),
)
