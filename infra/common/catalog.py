"""The Glue database and the crawler that keeps its tables."""

from __future__ import annotations

import json

from troposphere import AccountId, GetAtt, Ref, Sub, glue

from infra.common import names

DATABASE = "Database"
CRAWLER = "Crawler"
# s3://LAKE/ is level 1, clean/ level 2 and clean/<data set>/ level 3: one table for each data set.
TABLE_LEVEL = 3


def database() -> glue.Database:
    return glue.Database(
        DATABASE,
        CatalogId=AccountId,
        DatabaseInput=glue.DatabaseInput(
            Name=names.database(), Description=Sub("Tables of ${AWS::StackName}, made by its crawler")
        ),
    )


def configuration() -> str:
    """Compatible schemas make one table, and partitions take the table's schema, which Athena insists on.

    A crawler makes a partition index unless the configuration says no: it needs rights of its own, and pays
    for thousands of partitions, not for months.
    """
    configuration = {
        "Version": 1.0,
        "CreatePartitionIndex": False,
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
        "Grouping": {
            "TableGroupingPolicy": "CombineCompatibleSchemas",
            "TableLevelConfiguration": TABLE_LEVEL,
        },
    }
    return json.dumps(configuration, sort_keys=True)


def crawler() -> glue.Crawler:
    """Crawls the published tables on demand. What vanishes from S3 is logged and stays in the catalog."""
    return glue.Crawler(
        CRAWLER,
        Name=Sub(names.CRAWLER),
        Description="Registers the published tables and their partitions; started by the state machine",
        Role=GetAtt("CrawlerRole", "Arn"),
        DatabaseName=Ref(DATABASE),
        Targets=glue.Targets(
            S3Targets=[
                glue.S3Target(Path=Sub(f"s3://${{{names.LAKE_BUCKET}}}/{prefix}"))
                for prefix in names.TABLE_PREFIXES
            ]
        ),
        Configuration=configuration(),
        RecrawlPolicy=glue.RecrawlPolicy(RecrawlBehavior="CRAWL_EVERYTHING"),
        SchemaChangePolicy=glue.SchemaChangePolicy(UpdateBehavior="UPDATE_IN_DATABASE", DeleteBehavior="LOG"),
    )
