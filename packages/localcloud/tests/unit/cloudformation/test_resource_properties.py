"""Bucket properties in the words of the S3 API, and the table of the properties that a type may have."""

from __future__ import annotations

from localcloud.cloudformation import bucket_properties
from localcloud.cloudformation.resource_properties import PROPERTIES


def test_a_lifecycle_rule_is_translated_to_the_api() -> None:
    rule = {
        "Id": "r",
        "Status": "Enabled",
        "ObjectSizeGreaterThan": "10",
        "TagFilters": [{"Key": "k", "Value": "v"}],
        "ExpiredObjectDeleteMarker": "true",
        "NoncurrentVersionTransition": {"StorageClass": "GLACIER", "TransitionInDays": "4"},
    }
    assert bucket_properties._lifecycle_rule(rule) == {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"And": {"ObjectSizeGreaterThan": 10, "Tags": [{"Key": "k", "Value": "v"}]}},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 4, "StorageClass": "GLACIER"}],
    }


def test_a_rule_without_filter_is_for_the_whole_bucket() -> None:
    assert bucket_properties._lifecycle_rule({"Status": "Enabled"})["Filter"] == {"Prefix": ""}


def test_the_property_table_is_read_as_types_and_their_properties() -> None:
    assert PROPERTIES["AWS::SQS::QueuePolicy"] == {"PolicyDocument", "Queues"}
    assert "ReplicationConfiguration" not in PROPERTIES["AWS::S3::Bucket"]
    assert all(name.startswith("AWS::") and PROPERTIES[name] for name in PROPERTIES)
