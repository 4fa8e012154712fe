"""The named queries of a ref, asked of its own tables: a crawl, then Athena, both of the local cloud."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from covidlake import aws
from covidlake.base.errors import CovidLakeError, QueryError
from covidlake.laptop.preview.cloud import ROLE, bucket_of
from covidlake.laptop.preview.model import Answer, QueryChange
from covidlake.run import query
from infra.common import catalog, names

Row = tuple[str | None, ...]
Rows = Counter[Row]

ROWS = 10  # of an answer that are kept
LENGTH = 200  # characters of a value
CRAWL_SECONDS = 300.0


def database_of(lake: str) -> str:
    """The database of a lake's tables."""
    return f"preview_{lake}"


def crawl(lake: str) -> None:
    """Register the tables of a lake, as the stack's crawler would. Raises `QueryError` where it fails."""
    glue, database = aws.client("glue"), database_of(lake)
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_crawler(
        Name=database,
        Role=aws.client("iam").get_role(RoleName=ROLE)["Role"]["Arn"],
        DatabaseName=database,
        Targets={
            "S3Targets": [{"Path": f"s3://{bucket_of(lake)}/{prefix}"} for prefix in names.TABLE_PREFIXES]
        },
        Configuration=catalog.configuration(),
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    )
    glue.start_crawler(Name=database)
    started = time.monotonic()
    while (found := glue.get_crawler(Name=database)["Crawler"])["State"] != "READY":
        if time.monotonic() - started > CRAWL_SECONDS:
            raise QueryError(f"the crawl of {database} takes longer than {CRAWL_SECONDS:.0f} s")
        time.sleep(0.1)
    last = found.get("LastCrawl", {})
    if last.get("Status") != "SUCCEEDED":
        raise QueryError(
            f"the crawl of {database} ended {last.get('Status')}: {last.get('ErrorMessage', '')}"
        )


def answers(lake: str, queries: Mapping[str, str]) -> dict[str, tuple[Answer, Rows]]:
    """Each query's answer, cut to be shown, and how often it has each row, to be compared."""
    return {title: _answer(lake, sql) for title, sql in queries.items()}


def _answer(lake: str, sql: str) -> tuple[Answer, Rows]:
    try:
        columns, rows = query.ask(sql, database_of(lake), f"s3://{bucket_of(lake)}/answers/")
    except CovidLakeError as error:
        return Answer(problem=str(error)[:500]), Counter()
    whole = [tuple(row) for row in rows]
    shown = tuple(tuple(None if cell is None else cell[:LENGTH] for cell in row) for row in whole[:ROWS])
    return Answer(tuple(columns), shown, len(whole)), Counter(whole)


def compared(
    before: Mapping[str, str],
    after: Mapping[str, str],
    then: Mapping[str, tuple[Answer, Rows]],
    now: Mapping[str, tuple[Answer, Rows]],
) -> tuple[QueryChange, ...]:
    """How the answers of named queries differ, by their titles."""
    found = []
    for title in dict.fromkeys([*after, *before]):
        one, other = then.get(title), now.get(title)
        differ = 0
        if one and other:
            differ = sum(((one[1] - other[1]) + (other[1] - one[1])).values())
        rewritten = title in before and title in after and before[title] != after[title]
        found.append(
            QueryChange(title, one[0] if one else None, other[0] if other else None, differ, rewritten)
        )
    return tuple(found)
