"""What the verbs call, recorded from botocore, as the actions that IAM is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from covidlake import aws
from covidlake.aws import retries

PREFIXES = {"stepfunctions": "states", "cloudwatch": "cloudwatch"}
# Operations that are asked for under other names than their own; the S3 API reference and the CloudFormation
# user guide name them under "Permissions".
ACTIONS = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObjects": "s3:DeleteObject s3:DeleteObjectVersion",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
}
NEVER_DENIED = {"sts:GetCallerIdentity"}


def actions_of(service: str, operation: str, parameters: dict[str, Any]) -> set[str]:
    name = f"{PREFIXES.get(service, service)}:{operation}"
    found = set(ACTIONS.get(name, name).split())
    if operation == "GetObject" and "VersionId" in parameters:
        found = {"s3:GetObjectVersion"}
    if service == "cloudformation" and parameters.get("RoleARN"):
        found.add("iam:PassRole")
    if service == "cloudformation" and parameters.get("Tags"):
        found.add("cloudformation:TagResource")
    return found - NEVER_DENIED


class Recorder:
    """The actions of every call of this process, by the role that is acted as."""

    def __init__(self) -> None:
        self.calls: dict[str, set[str]] = {}
        self.role = ""

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Hook every session that the verbs make from now on."""
        original = retries.install

        def install(session: Any) -> None:
            original(session)
            session.events.register("provide-client-params.*.*", self._record)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(retries, "install", install)
            aws.forget()
            yield
        aws.forget()

    @contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        self.role = role
        yield
        self.role = ""

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        self.calls.setdefault(self.role, set()).update(actions_of(service, model.name, params))
