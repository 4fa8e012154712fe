"""What the CDC's weekly allocations of vaccines to jurisdictions have in common, whoever makes the vaccine.

The lake's copies end with the first page of the source's API: exactly 1,000 rows, and the oldest week lacks
jurisdictions. Two rules report it.
"""

from ingestion.description import Column, Complete, DataSet, NamedQuery, NotRound, Source, between, required

TIMESTAMP = "yyyy-MM-dd'T'HH:mm:ss.SSS"


def allocations(maker: str, title: str) -> DataSet:
    """The data set of one maker; `maker` is how the lake spells it."""
    name = f"cdc_{maker}_vaccine_distribution"
    return DataSet(
        name=name,
        description=f"Weekly allocations of the {title} vaccine to the jurisdictions of the United States",
        source=Source(prefix=f"cdc-{maker}-vaccine-distribution/json/"),
        columns=(
            Column("jurisdiction", "string"),
            Column("week_of_allocations", "date", formats=(TIMESTAMP, "yyyy-MM-dd")),
            Column("first_dose_allocations", "bigint", aliases=("_1st_dose_allocations",)),
            Column("second_dose_allocations", "bigint", aliases=("_2nd_dose_allocations",)),
        ),
        key=("jurisdiction", "week_of_allocations"),
        subset=("jurisdiction",),
        expectations=(
            required("first_dose_allocations"),
            between("first_dose_allocations", 0, None),
            between("second_dose_allocations", 0, None),
        ),
        rules=(Complete("jurisdiction", period="week_of_allocations"), NotRound(1000)),
        queries=(
            NamedQuery(
                f"Doses of {title} allocated by week",
                f"""
SELECT week_of_allocations AS week,
       sum(first_dose_allocations) AS first_doses,
       sum(second_dose_allocations) AS second_doses,
       count(*) AS jurisdictions
FROM {name}
GROUP BY week_of_allocations
ORDER BY week_of_allocations DESC
LIMIT 10
""".strip(),  # noqa: S608 - the name is a constant
            ),
        ),
    )
