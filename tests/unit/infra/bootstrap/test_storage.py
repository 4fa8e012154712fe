"""The artifact bucket: private, kept, and written once."""

from __future__ import annotations

from typing import Any

from infra.bootstrap.names import ROLES
from infra.bootstrap.role_shape import title
from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    REGION,
    properties,
    statements,
)
from tests.unit.infra.intrinsics import permits


def test_the_artifact_bucket_is_private_versioned_encrypted_and_kept(bootstrap: dict[str, Any]) -> None:
    bucket = bootstrap["Resources"]["ArtifactBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    found = properties(bootstrap, "ArtifactBucket")
    assert found["BucketName"] == f"covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert found["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    denied, once = properties(bootstrap, "ArtifactBucketPolicy")["PolicyDocument"]["Statement"]
    arn = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert (denied["Effect"], denied["Action"], denied["Resource"]) == ("Deny", "s3:*", [arn, f"{arn}/*"])
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (once["Effect"], once["Action"], once["Resource"]) == ("Deny", "s3:PutObject", f"{arn}/*")
    assert (once["Principal"], once["Condition"]) == ("*", {"Null": {"s3:if-none-match": "true"}})


def test_no_role_deletes_an_artifact(bootstrap: dict[str, Any]) -> None:
    artifact = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}/covid-lake-dev/artifacts/x"
    for role in (*map(title, ROLES), "PreviewPolicy", "Boundary"):
        for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging"):
            assert not any(permits(one, action, artifact) for one in statements(bootstrap, role)), role


def test_current_artifacts_never_expire(bootstrap: dict[str, Any]) -> None:
    rules = properties(bootstrap, "ArtifactBucket")["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Id"]: rule.get("Prefix") for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {"ExpirePlans": "plans/"}
