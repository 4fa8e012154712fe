"""Crawls of a database over a connection, with the role of the crawler: what reaches the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from rigs.database import DatabaseRig
from rigs.roles import allow
from rigs.waiting import until

CUSTOMERS = [
    ("customer_id", "bigint"),
    ("name", "string"),
    ("country", "string"),
    ("tags", "array<string>"),
    ("profile", "string"),
    ("external_id", "string"),
    ("created_at", "timestamp"),
]
PATHS = ("shop/crm/%", "shop/sales/%")


class Crawls:
    """Crawlers into databases of the catalog of their own."""

    def __init__(self, shop: DatabaseRig) -> None:
        self.shop, self.glue = shop, shop.cloud.client("glue")

    def make(self, name: str, *paths: str, without: str = "", **more: Any) -> str:
        """A crawler whose role lacks one of the actions that it needs."""
        targets = [{"ConnectionName": "shop", "Path": path} for path in paths or PATHS]
        fields = {"Targets": {"JdbcTargets": targets}, **more}
        actions = {
            "glue:GetConnection": "*",
            "glue:*Table*": "*",
            "glue:GetDatabase": "*",
            "secretsmanager:GetSecretValue": self.shop.outputs["Reader"],
            "ec2:DescribeSubnets": "*",
            "ec2:DescribeSecurityGroups": "*",
            "ec2:DescribeRouteTables": "*",
            "ec2:DescribeVpcEndpoints": "*",
        }
        rights = [allow(action, on) for action, on in actions.items() if action != without]
        role = self.shop.make_role(name, *rights, service="glue.amazonaws.com")
        self.glue.create_database(DatabaseInput={"Name": name})
        self.glue.create_crawler(Name=name, Role=role, DatabaseName=name, **fields)
        return name

    def run(self, name: str) -> str:
        """Why the crawl failed; nothing where it did not."""
        self.glue.start_crawler(Name=name)
        until(lambda: self.glue.get_crawler(Name=name)["Crawler"]["State"] == "READY")
        ended = self.glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]
        assert ended["Status"] == ("FAILED" if ended.get("ErrorMessage") else "SUCCEEDED")
        return str(ended.get("ErrorMessage", ""))

    def tables(self, name: str) -> dict[str, Any]:
        found = self.glue.get_tables(DatabaseName=name)["TableList"]
        return {table["Name"]: table for table in found}


@pytest.fixture(scope="module")
def crawls(shop: DatabaseRig) -> Crawls:
    return Crawls(shop)


@pytest.fixture
def one_more(shop: DatabaseRig) -> Iterator[None]:
    """A table that the test may change and drop."""
    shop.run("CREATE TABLE crm.brief (a int)", "GRANT SELECT ON crm.brief TO reader")
    yield
    shop.run("DROP TABLE IF EXISTS crm.brief")


def columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]


def test_tables_and_views_that_the_user_may_read_are_described_as_glue_does(crawls: Crawls) -> None:
    name = crawls.make("crawl-all")
    assert crawls.run(name) == ""
    found = crawls.tables(name)
    assert sorted(found) == [
        "shop_crm_customers",
        "shop_crm_newsletter",
        "shop_sales_monthly",
        "shop_sales_orders",
    ]
    customers = found["shop_crm_customers"]
    assert columns(customers) == CUSTOMERS
    assert ("amount", "decimal(12,2)") in columns(found["shop_sales_orders"])
    assert ("status", "string") in columns(found["shop_sales_orders"])
    parameters = {name: customers["Parameters"][name] for name in ("classification", "connectionName")}
    assert parameters == {"classification": "postgresql", "connectionName": "shop"}
    both = (found[table]["Parameters"] for table in ("shop_crm_customers", "shop_sales_monthly"))
    assert [one["typeOfData"] for one in both] == ["table", "view"]
    assert customers["StorageDescriptor"]["Location"] == "shop.crm.customers"
    assert "InputFormat" not in customers["StorageDescriptor"]
    assert customers["Parameters"]["UPDATED_BY_CRAWLER"] == name


def test_a_second_crawl_of_the_same_changes_nothing(crawls: Crawls) -> None:
    name = crawls.make("crawl-twice", "shop/crm/%")
    crawls.run(name)
    before = crawls.tables(name)
    assert crawls.run(name) == ""
    assert crawls.tables(name) == before


@pytest.mark.parametrize(
    ("name", "path", "exclusions", "found"),
    [
        ("one", "shop/crm/customers", [], ["shop_crm_customers"]),
        ("like", "shop/crm/news%", [], ["shop_crm_newsletter"]),
        ("everything", "shop/%", ["crm/*", "monthly"], ["shop_sales_orders"]),
        ("excluded", "shop/crm/%", ["news*"], ["shop_crm_customers"]),
        ("elsewhere", "other/crm/%", [], []),
    ],
)
def test_a_path_and_its_exclusions_choose(
    crawls: Crawls, name: str, path: str, exclusions: list[str], found: list[str]
) -> None:
    target = {"ConnectionName": "shop", "Path": path, "Exclusions": exclusions}
    crawler = crawls.make(f"path-{name}", Targets={"JdbcTargets": [target]})
    assert crawls.run(crawler) == ""
    assert sorted(crawls.tables(crawler)) == found


@pytest.mark.usefixtures("one_more")
@pytest.mark.parametrize("behavior", ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"])
def test_what_changes_or_vanishes_is_treated_by_the_policy(
    crawls: Crawls, shop: DatabaseRig, behavior: str
) -> None:
    update = "LOG" if behavior == "LOG" else "UPDATE_IN_DATABASE"
    policy = {"UpdateBehavior": update, "DeleteBehavior": behavior}
    name = crawls.make(f"policy-{behavior.lower()}", "shop/crm/%", SchemaChangePolicy=policy)
    crawls.run(name)
    shop.run("ALTER TABLE crm.brief ALTER a TYPE bigint, ADD b text")
    crawls.run(name)
    changed = [("a", "int")] if update == "LOG" else [("a", "bigint"), ("b", "string")]
    assert columns(crawls.tables(name)["shop_crm_brief"]) == changed
    shop.run("DROP TABLE crm.brief")
    assert crawls.run(name) == ""
    left = crawls.tables(name)
    assert ("shop_crm_brief" in left) == (behavior != "DELETE_FROM_DATABASE")
    parameters = left.get("shop_crm_brief", {}).get("Parameters", {})
    assert ("DEPRECATED_BY_CRAWLER" in parameters) == (behavior == "DEPRECATE_IN_DATABASE")


@pytest.mark.parametrize(
    "action",
    ["secretsmanager:GetSecretValue", "glue:GetConnection", "ec2:DescribeSubnets", "glue:*Table*"],
)
def test_a_crawl_needs_each_of_its_rights(crawls: Crawls, action: str) -> None:
    name = crawls.make(f"without-{action.partition(':')[2].strip('*').lower()}", without=action)
    words = crawls.run(name)
    assert action.partition(":")[2].strip("*") in words
    assert "not authorized to perform" in words


def test_a_crawl_says_in_the_words_of_the_driver_why_it_gets_nowhere(
    crawls: Crawls, shop: DatabaseRig
) -> None:
    name = crawls.make("nowhere", "shop/crm/%")
    password = shop.secret("Reader")["password"]
    shop.run("ALTER ROLE reader PASSWORD 'other'")
    assert crawls.run(name) == 'FATAL: password authentication failed for user "reader"'
    shop.run(f"ALTER ROLE reader PASSWORD '{password}'")
    rds, cluster = shop.cloud.client("rds"), shop.outputs["Cluster"]
    rds.stop_db_cluster(DBClusterIdentifier=cluster)
    try:
        assert f"Connection to 127.0.0.1:{shop.outputs['Port']} refused" in crawls.run(name)
    finally:
        rds.start_db_cluster(DBClusterIdentifier=cluster)
    assert crawls.run(name) == ""


def test_athena_does_not_read_a_table_of_a_database(cloud: LocalCloud, crawls: Crawls) -> None:
    name = crawls.make("asked", "shop/crm/customers")
    crawls.run(name)
    constraint = {"LocationConstraint": cloud.region}
    cloud.client("s3").create_bucket(Bucket="asked-results", CreateBucketConfiguration=constraint)
    athena = cloud.client("athena")
    query = athena.start_query_execution(
        QueryString="SELECT * FROM shop_crm_customers",
        QueryExecutionContext={"Database": name},
        ResultConfiguration={"OutputLocation": "s3://asked-results/"},
    )["QueryExecutionId"]
    until(lambda: status(athena, query)["State"] not in ("QUEUED", "RUNNING"))
    assert status(athena, query)["State"] == "FAILED"
    assert "Unable to create input format" in status(athena, query)["StateChangeReason"]


def status(athena: Any, query: str) -> dict[str, Any]:
    return dict(athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])
