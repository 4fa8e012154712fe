"""What is in the database: a Glue database of its own, and the crawler that keeps it."""

from __future__ import annotations

from typing import Any

from troposphere import AccountId, GetAtt, If, Join, NoValue, Ref, Sub, glue

from infra.common import names
from infra.segmentation import connection
from infra.segmentation.parameters import MAX_SCHEMAS, schema, schema_condition

DATABASE = "SourceDatabase"
END = "_source"  # of its name
CRAWLER = "DatabaseCrawler"
CRAWLER_NAME = "${AWS::StackName}-database-crawler"


def database() -> glue.Database:
    """Apart from the lake's tables: Athena reads none of these."""
    return glue.Database(
        DATABASE,
        CatalogId=AccountId,
        DatabaseInput=glue.DatabaseInput(
            Name=Join("_", [names.database(), END.removeprefix("_")]),
            Description=Sub("Tables of the database of ${AWS::StackName}, as its crawler found them"),
        ),
    )


def _target(number: int) -> Any:
    """The tables and views of one schema."""
    path = Sub("${DatabaseName}/${Schema}/%", Schema=schema(number))
    target = glue.JdbcTarget(ConnectionName=connection.ref(), Path=path)
    return If(schema_condition(number), target, NoValue) if number else target


def crawler() -> glue.Crawler:
    """Crawls the schemas on demand. What vanishes from the database is marked, and counts as missing."""
    return glue.Crawler(
        CRAWLER,
        Name=Sub(CRAWLER_NAME),
        Description="Registers the tables of the database; started by the state machine",
        Role=GetAtt("DatabaseCrawlerRole", "Arn"),
        DatabaseName=Ref(DATABASE),
        Targets=glue.Targets(JdbcTargets=[_target(number) for number in range(MAX_SCHEMAS)]),
        RecrawlPolicy=glue.RecrawlPolicy(RecrawlBehavior="CRAWL_EVERYTHING"),
        SchemaChangePolicy=glue.SchemaChangePolicy(
            UpdateBehavior="UPDATE_IN_DATABASE", DeleteBehavior="DEPRECATE_IN_DATABASE"
        ),
    )
