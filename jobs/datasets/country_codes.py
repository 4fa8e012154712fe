"""country_codes: ISO 3166 codes of countries and where they lie, to join other data sets by.

The lake's own catalog has the coordinates as whole numbers, which they are not. `NA` is a code: Namibia's.
"""

from ingestion.description import CSV, Column, DataSet, Expectation, NamedQuery, Source, Unique, between

DATASET = DataSet(
    name="country_codes",
    description="ISO codes and coordinates of countries",
    source=Source(prefix="static-datasets/csv/countrycode/", format=CSV, trim=True),
    columns=(
        Column("Country", "string", required=True),
        Column("Alpha-2 code", "string"),
        Column("Alpha-3 code", "string"),
        Column("Numeric code", "bigint"),
        Column("Latitude", "double", aliases=("Latitude (average)",)),
        Column("Longitude", "double", aliases=("Longitude (average)",)),
    ),
    key=("Alpha-3 code",),
    expectations=(
        Expectation("bad_alpha_2_code", "alpha_2_code rlike '^[A-Z]{2}$'"),
        Expectation("bad_alpha_3_code", "alpha_3_code rlike '^[A-Z]{3}$'"),
        between("latitude", -90, 90),
        between("longitude", -180, 180),
    ),
    rules=(Unique(("alpha_2_code",)), Unique(("country",))),
    queries=(
        NamedQuery(
            "The northernmost countries",
            """
SELECT country, alpha_2_code, alpha_3_code, latitude
FROM country_codes
ORDER BY latitude DESC
LIMIT 10
""".strip(),
        ),
    ),
)
