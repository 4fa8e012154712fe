"""The lake bucket: private, encrypted, kept; reached by TLS alone, as topic and queue are."""

from __future__ import annotations

from typing import Any


def test_data_and_the_key_that_reads_it_outlive_the_stack(template: dict[str, Any]) -> None:
    for title in ("LakeBucket", "LakeBucketPolicy", "Key"):
        resource = template["Resources"][title]
        kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        assert kept == ("RetainExceptOnCreate", "Retain"), title


def test_the_lake_bucket_is_private_encrypted_and_versioned(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["LakeBucket"]["Properties"]
    assert "BucketName" not in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == {
        "Fn::If": ["EncryptWithKey", "aws:kms", "AES256"]
    }
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["ExpireAthenaResults"]["Prefix"] == "athena/"
    assert rules["ExpireRefusedRows"]["Prefix"] == "refused/"
    assert {"AbortIncompleteUploads", "ExpireNoncurrentVersions"} < set(rules)
    assert rules["ExpireNoncurrentVersions"]["ExpiredObjectDeleteMarker"] is True


def test_only_tls_reaches_bucket_topic_and_queue(template: dict[str, Any]) -> None:
    for title in ("LakeBucketPolicy", "TopicPolicy", "UndeliveredQueuePolicy"):
        statements = template["Resources"][title]["Properties"]["PolicyDocument"]["Statement"]
        denied = [statement for statement in statements if statement["Effect"] == "Deny"]
        assert [statement["Condition"] for statement in denied] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]
