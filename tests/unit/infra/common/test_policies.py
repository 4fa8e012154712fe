"""The statements that policies are made of."""

from __future__ import annotations

from infra.common import policies


def test_a_service_is_trusted_for_one_resource_where_it_says_for_which_it_acts() -> None:
    (plain,) = policies.trust("glue.amazonaws.com")["Statement"]
    (held,) = policies.trust("states.amazonaws.com", "arn:machine")["Statement"]
    assert "Condition" not in plain
    assert held["Condition"]["ArnEquals"] == {"aws:SourceArn": "arn:machine"}
    assert set(held["Condition"]["StringEquals"]) == {"aws:SourceAccount"}


def test_the_artifact_bucket_is_reached_by_tls_alone_and_written_once() -> None:
    denied = policies.artifact_bucket_statements("arn:bucket", "arn:bucket/*")
    assert [one["Effect"] for one in denied] == ["Deny", "Deny"]
    assert [one["Condition"] for one in denied] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Null": {"s3:if-none-match": "true"}},
    ]


def test_a_statement_has_a_condition_only_if_one_is_given() -> None:
    assert "Condition" not in policies.allow("Read", ["s3:GetObject"], "*")
    assert policies.allow("Read", ["s3:GetObject"], "*", {"Bool": {}})["Condition"] == {"Bool": {}}
