"""What SNS refuses to publish or to subscribe."""

from __future__ import annotations

import pytest

from localcloud.sns.requests import message_problem, subscription_problem


@pytest.mark.parametrize(
    ("subject", "message", "structure", "problem"),
    [
        ("", "text", "", ""),
        ("x" * 100, "text", "", ""),
        ("Größe", "text", "", ""),
        ("x" * 101, "text", "", "Subject"),
        ("a\nb", "text", "", "Subject"),
        ("a\x00b", "text", "", "Subject"),
        (" a", "text", "", "Subject"),
        ("", "", "", "Empty message"),
        ("", "", "json", "Empty message"),
        ("", '{"default": "x"}', "json", ""),
        ("", '{"default": "x", "sqs": "y"}', "json", ""),
        ("", "{", "json", "Message Structure - JSON message body failed to parse"),
        ("", "[1]", "json", "Message Structure - JSON message body failed to parse"),
        ("", '{"sqs": "y"}', "json", "Message Structure - No default entry in JSON message body"),
        ("", '{"default": 1}', "json", "Message Structure - No default entry in JSON message body"),
        ("", "text", "xml", "MessageStructure"),
    ],
)
def test_a_message_is_as_sns_takes_it(subject: str, message: str, structure: str, problem: str) -> None:
    assert message_problem(subject, message, structure) == problem


@pytest.mark.parametrize(
    ("protocol", "endpoint", "fits"),
    [
        ("sqs", "arn:aws:sqs:us-east-2:000000000000:q", True),
        ("email", "a@example.com", True),
        ("email", "nobody", False),
        ("email-json", "nobody", False),
        ("https", "https://example.com", True),
        ("https", "http://example.com", False),
        ("http", "https://example.com", False),
        ("nosuch", "x", False),
        ("SQS", "arn:aws:sqs:us-east-2:000000000000:q", False),
        ("kinesis", "x", False),
    ],
)
def test_a_subscription_is_one_that_there_can_be(protocol: str, endpoint: str, fits: bool) -> None:
    assert (subscription_problem(protocol, endpoint) == "") == fits
