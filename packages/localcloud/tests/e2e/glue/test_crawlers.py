from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.catalog import COMBINE, CatalogRig, allow

# Real objects of the public lake, which the repository never holds: in the folder of the root's own tests.
REAL_DATA = Path(os.environ.get("COVIDLAKE_REAL_DATA") or Path(__file__).parents[6] / "shared" / "data")
REAL_LAKE = REAL_DATA / "covid19-lake"
LEVEL_3 = {
    "Version": 1.0,
    "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3},
}


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> CatalogRig:
    return CatalogRig(cloud, "crawls", tmp_path_factory.mktemp("crawls"))


def test_parquet_partitions_become_one_table_at_the_configured_level(rig: CatalogRig) -> None:
    ages = "[{'age': 'a', 'rate': 1.5::DOUBLE, 'value': 3::BIGINT}] AS maleCases"
    for month in ("2022-11", "2022-12"):
        rig.put_parquet(f"clean/uk/month={month}/a.parquet", f"SELECT 1::BIGINT AS areaCode, {ages}")
    rig.put("clean/uk/_SUCCESS", "")
    rig.put_parquet("clean/us/month=2022-12/b.parquet", "SELECT 'x' AS state")
    last = rig.crawl("level", "clean/", configuration=LEVEL_3)
    assert last["Status"] == "SUCCEEDED"
    tables = rig.tables()
    assert {"uk", "us"} <= set(tables)
    assert rig.columns("uk") == {
        "areacode": "bigint",
        "malecases": "array<struct<age:string,rate:double,value:bigint>>",
    }
    assert tables["uk"]["PartitionKeys"] == [{"Name": "month", "Type": "string"}]
    assert rig.partition_values("uk") == [["2022-11"], ["2022-12"]]
    parameters = tables["uk"]["Parameters"]
    assert parameters["classification"] == "parquet"
    assert parameters["UPDATED_BY_CRAWLER"] == "crawls-level"
    assert (parameters["recordCount"], parameters["objectCount"]) == ("2", "2")


def test_types_of_files_merge_and_incompatible_ones_become_string(rig: CatalogRig) -> None:
    rig.put("mixed/a.json", '{"n": 1, "both": 1, "l": [], "s": {"a": 1}}\n')
    rig.put("mixed/b.json", '{"n": 1.5, "both": "x", "l": [3000000000], "s": {"b": true}}\n')
    rig.crawl("mixed", "mixed/", configuration=COMBINE)
    assert rig.columns("mixed") == {
        "n": "double",
        "both": "string",
        "l": "array<bigint>",
        "s": "struct<a:int,b:boolean>",
    }


def test_csv_header_delimiter_quotes_and_byte_order_mark(rig: CatalogRig) -> None:
    rows = '\ufeffname;amount;rate\n"Smith; John";12;1.5\nJones;;2\n'
    rig.put("semicolons/data.csv.gz", gzip.compress(rows.encode()))
    rig.crawl("csv", "semicolons/")
    table = rig.tables()["semicolons"]
    assert rig.columns("semicolons") == {"name": "string", "amount": "bigint", "rate": "double"}
    found = table["Parameters"]
    assert (found["delimiter"], found["skip.header.line.count"], found["compressionType"]) == (
        ";",
        "1",
        "gzip",
    )
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["field.delim"] == ";"


def test_csv_of_strings_only_has_no_header(rig: CatalogRig) -> None:
    rig.put("strings/data.csv", "a,b\nc,d\n")
    rig.crawl("strings", "strings/")
    assert rig.columns("strings") == {"col0": "string", "col1": "string"}
    assert "skip.header.line.count" not in rig.tables()["strings"]["Parameters"]


def test_plain_folders_become_partitions_and_other_schemas_other_tables(rig: CatalogRig) -> None:
    for year in ("2021", "2022"):
        rig.put(f"events/{year}/01/a.json", '{"id": 1, "name": "x"}\n')
    rig.put("shop/customers/a.json", '{"id": 1, "name": "x", "country": "y"}\n')
    rig.put("shop/orders/a.json", '{"order": 1, "amount": 2.5}\n')
    rig.crawl("plain", "events/", "shop/", TablePrefix="p_")
    tables = rig.tables("p_")
    assert set(tables) == {"p_events", "p_customers", "p_orders"}
    assert [key["Name"] for key in tables["p_events"]["PartitionKeys"]] == ["partition_0", "partition_1"]
    assert rig.partition_values("p_events") == [["2021", "01"], ["2022", "01"]]


def test_exclusions_hidden_and_empty_objects_are_not_crawled(rig: CatalogRig) -> None:
    rig.put("some/data.json", '{"a": 1}\n')
    rig.put("some/old/data.json", '{"b": 1}\n')
    rig.put("some/_temporary/data.json", '{"c": 1}\n')
    rig.put("some/.hidden", '{"d": 1}\n')
    rig.put("some/empty.json", "")
    targets = {"S3Targets": [{"Path": f"s3://{rig.bucket}/some/", "Exclusions": ["old/**"]}]}
    rig.crawl("some", Targets=targets)
    assert rig.columns("some") == {"a": "int"}


def test_a_new_column_updates_the_table_unless_changes_are_only_logged(rig: CatalogRig) -> None:
    rig.put_parquet("grow/dt=1/a.parquet", "SELECT 1::INTEGER AS id")
    log_only = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    crawler = rig.create_crawler("grow", "grow/", SchemaChangePolicy=log_only)
    rig.run_crawler(crawler)
    rig.put_parquet("grow/dt=2/a.parquet", "SELECT 1::INTEGER AS id, 'x' AS note")
    rig.run_crawler(crawler)
    assert rig.columns("grow") == {"id": "int"}
    assert rig.partition_values("grow") == [["1"], ["2"]]
    rig.glue.update_crawler(Name=crawler, SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE"})
    rig.run_crawler(crawler)
    assert rig.columns("grow") == {"id": "int", "note": "string"}


def test_vanished_data_is_deleted_or_deprecated_as_the_policy_says(rig: CatalogRig) -> None:
    for policy, prefix in (("DELETE_FROM_DATABASE", "gone"), ("DEPRECATE_IN_DATABASE", "marked")):
        for day in ("1", "2"):
            rig.put_parquet(f"{prefix}/dt={day}/a.parquet", "SELECT 1 AS id")
        change = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": policy}
        crawler = rig.create_crawler(prefix, f"{prefix}/", SchemaChangePolicy=change)
        rig.run_crawler(crawler)
        rig.s3.delete_object(Bucket=rig.bucket, Key=f"{prefix}/dt=1/a.parquet")
        rig.run_crawler(crawler)
    assert rig.partition_values("gone") == [["2"]]
    assert rig.partition_values("marked") == [["1"], ["2"]]
    found = rig.glue.get_partition(DatabaseName=rig.database, TableName="marked", PartitionValues=["1"])
    assert "DEPRECATED_BY_CRAWLER" in found["Partition"]["Parameters"]
    rig.s3.delete_object(Bucket=rig.bucket, Key="gone/dt=2/a.parquet")
    rig.run_crawler("crawls-gone")
    assert "gone" not in rig.tables()


def test_partitions_inherit_from_the_table_when_asked(rig: CatalogRig) -> None:
    rig.put_parquet("inherit/dt=1/a.parquet", "SELECT 1::INTEGER AS v")
    rig.put_parquet("inherit/dt=2/a.parquet", "SELECT 1.5::DOUBLE AS v")
    output = {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}
    rig.crawl("inherit", "inherit/", configuration={"Version": 1.0, "CrawlerOutput": output})
    found = rig.glue.get_partitions(DatabaseName=rig.database, TableName="inherit")["Partitions"]
    assert [p["StorageDescriptor"]["Columns"][0]["Type"] for p in found] == ["double", "double"]


def test_only_new_folders_are_read_again(rig: CatalogRig) -> None:
    rig.put_parquet("news/dt=1/a.parquet", "SELECT 1 AS id")
    policy: dict[str, Any] = {
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    }
    crawler = rig.create_crawler("news", "news/", **policy)
    rig.run_crawler(crawler)
    rig.put("news/dt=1/a.parquet", "no longer Parquet: reading it again would fail the crawl")
    rig.put_parquet("news/dt=2/a.parquet", "SELECT 1 AS id")
    assert rig.run_crawler(crawler)["Status"] == "SUCCEEDED"
    assert rig.partition_values("news") == [["1"], ["2"]]


def test_states_of_a_crawl(rig: CatalogRig) -> None:
    rig.put("states/a.json", '{"a": 1}\n')
    crawler = rig.create_crawler("states", "states/")
    assert "LastCrawl" not in rig.glue.get_crawler(Name=crawler)["Crawler"]
    with pytest.raises(rig.glue.exceptions.CrawlerNotRunningException):
        rig.glue.stop_crawler(Name=crawler)
    rig.glue.start_crawler(Name=crawler)
    assert rig.glue.get_crawler(Name=crawler)["Crawler"]["State"] == "RUNNING"
    with pytest.raises(rig.glue.exceptions.CrawlerRunningException):
        rig.glue.start_crawler(Name=crawler)
    with pytest.raises(rig.glue.exceptions.CrawlerRunningException):
        rig.glue.update_crawler(Name=crawler, Description="x")
    rig.glue.stop_crawler(Name=crawler)
    last = rig.wait_for_crawl(crawler)
    assert (last["Status"], last["LogGroup"], last["LogStream"]) == (
        "CANCELLED",
        "/aws-glue/crawlers",
        crawler,
    )
    assert rig.run_crawler(crawler)["Status"] == "SUCCEEDED"
    crawls = rig.glue.list_crawls(CrawlerName=crawler)["Crawls"]
    assert [crawl["State"] for crawl in crawls] == ["COMPLETED", "STOPPED"]
    assert json.loads(crawls[0]["Summary"])["TABLE"]["ADD"]["Details"]["names"] == ["states"]
    metrics = rig.glue.get_crawler_metrics(CrawlerNameList=[crawler])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["StillEstimating"]) == (1, False)
    found = rig.glue.batch_get_crawlers(CrawlerNames=[crawler, "none"])
    assert ([c["Name"] for c in found["Crawlers"]], found["CrawlersNotFound"]) == ([crawler], ["none"])
    logs = rig.cloud.client("logs").get_log_events(logGroupName="/aws-glue/crawlers", logStreamName=crawler)
    assert any("Created table states" in event["message"] for event in logs["events"])
    with pytest.raises(rig.glue.exceptions.EntityNotFoundException):
        rig.glue.start_crawler(Name="crawls-nosuch")


def test_an_include_path_without_objects_succeeds_and_creates_nothing(rig: CatalogRig) -> None:
    before = set(rig.tables())
    assert rig.crawl("nothing", "nothing/here/")["Status"] == "SUCCEEDED"
    assert set(rig.tables()) == before


def test_a_missing_bucket_fails_the_crawl(rig: CatalogRig) -> None:
    targets = {"S3Targets": [{"Path": "s3://crawls-no-such-bucket/x/"}]}
    last = rig.crawl("bucketless", Targets=targets)
    assert last["Status"] == "FAILED"
    assert "NoSuchBucket" in last["ErrorMessage"]


@pytest.mark.parametrize(
    ("name", "policy", "message"),
    [
        ("nos3", allow((["glue:*"], "*")), "s3:ListBucket"),
        ("noglue", allow((["s3:*"], "*"), (["glue:GetDatabase", "glue:GetTable"], "*")), "glue:CreateTable"),
    ],
)
def test_a_role_without_a_permission_fails_the_crawl(
    rig: CatalogRig, name: str, policy: str, message: str
) -> None:
    rig.put("denied/a.json", '{"a": 1}\n')
    last = rig.crawl(name, "denied/", Role=rig.make_role(name, policy), TablePrefix=f"{name}_")
    assert last["Status"] == "FAILED"
    assert "AccessDenied" in last["ErrorMessage"]
    assert message in last["ErrorMessage"]


def test_a_target_that_is_not_supported_fails_the_crawl(rig: CatalogRig) -> None:
    last = rig.crawl("dynamo", Targets={"DynamoDBTargets": [{"Path": "table"}]})
    assert (last["Status"], "DynamoDBTargets" in last["ErrorMessage"]) == ("FAILED", True)


def test_the_real_object_of_uk_covid(rig: CatalogRig) -> None:
    objects = sorted((REAL_LAKE / "uk_covid" / "json").glob("*.json"))
    if not objects:
        pytest.skip(f"no real object under {REAL_LAKE}/uk_covid/json: set COVIDLAKE_REAL_DATA")
    for path in objects:
        rig.put(f"real/uk_covid/{path.name}", path.read_bytes())
    rig.crawl("real", "real/uk_covid/")
    columns = rig.columns("uk_covid")
    assert len(columns) == 32
    assert columns["malecases"] == "array<struct<age:string,rate:double,value:int>>"
    assert columns["hospitalcases"] == "int"
    assert columns["cumdeaths28daysbydeathdaterate"] == "double"
    cases = "SELECT sum(hospitalcases) FROM uk_covid WHERE areatype = '{}' AND date = '2022-12-07'"
    assert rig.query(cases.format("nation")) == rig.query(cases.format("overview")) == [["6681"]]


def test_a_crawler_that_does_not_exist_is_not_found(rig: CatalogRig) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        rig.glue.get_crawler(Name="crawls-nosuch")
