from __future__ import annotations

from typing import Any

from infra.bootstrap import policies
from tests.unit.infra.bootstrap.resolved import statement, statements


def test_a_deployment_makes_the_tables_that_templates_declare_and_no_other(bootstrap: dict[str, Any]) -> None:
    tables = {
        arn.partition(":table/")[2].rpartition("/")[2]
        for one in statements(bootstrap, "CloudFormationRole")
        if {"glue:CreateTable", "glue:UpdateTable"} & set(one["Action"]) and one["Effect"] == "Allow"
        for arn in one["Resource"]
        if ":table/" in arn
    }
    assert tables == {"runs", "lineage_events"}


def test_a_database_goes_with_all_of_its_tables(bootstrap: dict[str, Any]) -> None:
    (deleting,) = (
        one for one in statements(bootstrap, policies.CATALOG) if one["Action"] == ["glue:DeleteDatabase"]
    )
    assert any(arn.endswith("/*") and ":table/" in arn for arn in deleting["Resource"])


def test_a_crawler_is_made_for_the_environment_only(bootstrap: dict[str, Any]) -> None:
    condition = statement(bootstrap, policies.CATALOG, "CreateCrawler")["Condition"]
    assert set(condition["StringEqualsIfExists"]) == {
        "aws:RequestTag/Application",
        "aws:RequestTag/Environment",
    }
