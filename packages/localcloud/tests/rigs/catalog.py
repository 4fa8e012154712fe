"""What the tests of crawlers and of Athena share: a bucket, a role, a database, crawls and queries."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from localcloud.cloud import LocalCloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
COMBINE = {"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}


def allow(*statements: tuple[list[str], str | list[str]]) -> str:
    """A policy document that allows each list of actions on its resources."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": actions, "Resource": resources}
                for actions, resources in statements
            ],
        }
    )


class CatalogRig:
    """A lake of its own in the shared cloud: every name begins with `name`."""

    def __init__(self, cloud: LocalCloud, name: str, folder: Path) -> None:
        self.cloud = cloud
        self.name = name
        self.folder = folder
        self.bucket = f"{name}-lake"
        self.database = name.replace("-", "_")
        self.s3, self.glue, self.athena = (cloud.client(service) for service in ("s3", "glue", "athena"))
        self.iam = cloud.client("iam")
        self.s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region}
        )
        self.glue.create_database(DatabaseInput={"Name": self.database})
        self.role = self.make_role("crawler", allow((["s3:*", "glue:*"], "*")))

    def make_role(self, name: str, policy: str) -> str:
        role = f"{self.name}-{name}"
        arn: str = self.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
            "Arn"
        ]
        self.iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=policy)
        return arn

    def user_client(self, service: str, name: str, policy: str) -> Any:
        """A client with the rights of a new user that has this policy only."""
        user = f"{self.name}-{name}"
        self.iam.create_user(UserName=user)
        self.iam.put_user_policy(UserName=user, PolicyName="inline", PolicyDocument=policy)
        return self.cloud.client(service, self.iam.create_access_key(UserName=user)["AccessKey"])

    def put(self, key: str, body: str | bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)

    def put_parquet(self, key: str, query: str) -> None:
        """Write the rows of a DuckDB query as one Parquet object."""
        path = self.folder / "rows.parquet"
        duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        self.put(key, path.read_bytes())

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]

    def create_crawler(self, name: str, *paths: str, **options: Any) -> str:
        crawler = f"{self.name}-{name}"
        targets = {"S3Targets": [{"Path": f"s3://{self.bucket}/{path}"} for path in paths]}
        configuration = options.pop("configuration", {})
        arguments = {
            "Role": self.role,
            "DatabaseName": self.database,
            "Targets": targets,
            "Configuration": json.dumps(configuration),
            **options,
        }
        self.glue.create_crawler(Name=crawler, **arguments)
        return crawler

    def run_crawler(self, crawler: str) -> dict[str, Any]:
        """Start a crawl and return LastCrawl once the crawler is READY."""
        self.glue.start_crawler(Name=crawler)
        return self.wait_for_crawl(crawler)

    def wait_for_crawl(self, crawler: str) -> dict[str, Any]:
        while (found := self.glue.get_crawler(Name=crawler)["Crawler"])["State"] != "READY":
            time.sleep(0.02)
        last: dict[str, Any] = found["LastCrawl"]
        return last

    def crawl(self, name: str, *paths: str, **options: Any) -> dict[str, Any]:
        return self.run_crawler(self.create_crawler(name, *paths, **options))

    def tables(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        found = self.glue.get_tables(DatabaseName=self.database)["TableList"]
        return {table["Name"]: table for table in found if table["Name"].startswith(prefix)}

    def columns(self, table: str) -> dict[str, str]:
        stored = self.glue.get_table(DatabaseName=self.database, Name=table)["Table"]["StorageDescriptor"]
        return {column["Name"]: column["Type"] for column in stored["Columns"]}

    def partition_values(self, table: str) -> list[list[str]]:
        found = self.glue.get_partitions(DatabaseName=self.database, TableName=table)["Partitions"]
        return sorted(partition["Values"] for partition in found)

    def start(self, sql: str, client: Any = None, **options: Any) -> str:
        arguments = {
            "QueryExecutionContext": {"Database": self.database},
            "ResultConfiguration": {"OutputLocation": f"s3://{self.bucket}/athena/"},
            **options,
        }
        query_id: str = (client or self.athena).start_query_execution(QueryString=sql, **arguments)[
            "QueryExecutionId"
        ]
        return query_id

    def state(self, query_id: str) -> str:
        found = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        return str(found["Status"]["State"])

    def wait_for_query(self, query_id: str) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=query_id)[
                "QueryExecution"
            ]
            if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return found
            time.sleep(0.02)

    def execute(self, sql: str, client: Any = None, **options: Any) -> dict[str, Any]:
        return self.wait_for_query(self.start(sql, client, **options))

    def query(self, sql: str, **options: Any) -> list[list[str | None]]:
        """The rows of a query that must succeed, without the header."""
        found = self.execute(sql, **options)
        assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
        rows = list(self._rows(found["QueryExecutionId"]))
        return rows[1:] if found["StatementType"] == "DML" or found["SubstatementType"] == "EXPLAIN" else rows

    def _rows(self, query_id: str) -> Iterator[list[str | None]]:
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        for page in pages:
            for row in page["ResultSet"]["Rows"]:
                yield [cell.get("VarCharValue") for cell in row["Data"]]

    def failure(self, sql: str, client: Any = None, **options: Any) -> str:
        """The reason of a query that must fail."""
        status = self.execute(sql, client, **options)["Status"]
        assert status["State"] == "FAILED", status
        reason: str = status["StateChangeReason"]
        return reason
