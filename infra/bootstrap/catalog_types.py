"""The types of the Data Catalog: databases, the tables that a template declares, crawlers."""

from __future__ import annotations

from infra.bootstrap import names
from infra.bootstrap.access import Access, access, tags
from infra.common.policies import Statement, allow


def types() -> list[Access]:
    catalog, databases = names.catalog_arn(), names.database_arns()
    return [
        access(
            "Database",
            "glue",
            "Glue::Database",
            "GetDatabase",
            "CreateDatabase UpdateDatabase",
            catalog,
            *databases,
        ),
        access(
            "DeleteDatabase",
            "glue",
            "",
            "",
            "DeleteDatabase",
            *(catalog, *databases, *names.table_arns(), *names.user_function_arns()),
        ),
        access(
            "Table",
            "glue",
            "Glue::Table",
            "GetTable",
            "CreateTable DeleteTable UpdateTable",
            *(catalog, *databases, *names.declared_table_arns()),
        ),
        access(
            "Crawler",
            "glue",
            "Glue::Crawler",
            "GetCrawler GetTags",
            "DeleteCrawler StopCrawler UpdateCrawler TagResource UntagResource",
            names.arn("glue", f"crawler/{names.STACK}-*"),
        ),
    ]


def without_resources() -> list[Statement]:
    """AWS has no resource for these.

    So a crawler's name can be taken before another environment of the account is first deployed; no right
    over that crawler follows. The condition is on tags if there are any: no source says that CloudFormation
    sends CreateCrawler with them.
    """
    return [
        allow("CreateCrawler", ["glue:CreateCrawler"], "*", {"StringEqualsIfExists": tags("Request")}),
    ]
