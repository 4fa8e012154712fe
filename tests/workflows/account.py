"""The account that the workflows deploy to: what GitHub's variables say of it, and what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localcloud.cloud import ACCOUNT, LocalCloud

ENVIRONMENTS = ("dev", "staging", "prod")
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/covid-lake-ENVIRONMENT-"


class Account:
    """A bootstrapped account."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def variables(self) -> dict[str, str]:
        """The repository's variables; `ENVIRONMENT` stands where a GitHub environment's own would differ."""
        found = {"AWS_REGION": self.cloud.region, "INGEST_ENVIRONMENT": "dev"}
        found |= {f"AWS_{role.upper()}_ROLE_ARN": f"{_ROLE}{role}" for role in ("deploy", "ops", "drift")}
        for environment in (*ENVIRONMENTS, "preview"):
            found[f"AWS_PLAN_ROLE_ARN_{environment.upper()}"] = f"{_ROLE}plan"
            found[f"AWS_REGION_{environment.upper()}"] = self.cloud.region
        return found

    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.cloud.endpoint_url}

    def stack(self, environment: str) -> dict[str, Any] | None:
        formation = self.cloud.client("cloudformation")
        try:
            (found,) = formation.describe_stacks(StackName=f"covid-lake-{environment}")["Stacks"]
        except formation.exceptions.ClientError:
            return None
        return dict(found)

    def digest(self, environment: str) -> str:
        """The digest of the bundle that is deployed there; empty where there is no stack."""
        return self.outputs(environment).get("BundleDigest", "")

    def outputs(self, environment: str) -> dict[str, str]:
        found = self.stack(environment) or {}
        return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}

    @contextmanager
    def role_without_permissions(self, name: str) -> Iterator[None]:
        """Take everything from a role for a while."""
        iam = self.cloud.client("iam")
        policy = iam.get_role_policy(RoleName=name, PolicyName="Permissions")["PolicyDocument"]
        iam.delete_role_policy(RoleName=name, PolicyName="Permissions")
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=name, PolicyName="Permissions", PolicyDocument=json.dumps(policy))

    @contextmanager
    def job_that_raises(self, environment: str, text: str) -> Iterator[None]:
        """Have the Glue job's script raise for a while."""
        glue, s3 = self.cloud.client("glue"), self.cloud.client("s3")
        job = glue.get_job(JobName=self.outputs(environment)["JobName"])["Job"]
        bucket, key = job["Command"]["ScriptLocation"].removeprefix("s3://").split("/", 1)
        good = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.put_object(Bucket=bucket, Key=key, Body=f"raise ValueError({text!r})\n".encode())
        try:
            yield
        finally:
            s3.put_object(Bucket=bucket, Key=key, Body=good)
