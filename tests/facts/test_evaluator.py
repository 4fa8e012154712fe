"""The evaluator itself: a test that leans on it must not pass because it says yes to everything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.facts.evaluator import NotKnownError, Request, allows, decision, holds, key_allows, matches

READ = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::lake/*"]}
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/secret"}


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::lake/x", "Allow"),
        ("S3:getobject", "arn:aws:s3:::lake/a/b", "Allow"),
        ("s3:GetObject", "arn:aws:s3:::lake/secret", "Deny"),
        ("s3:GetObjectVersion", "arn:aws:s3:::lake/secret", "Allow"),
        ("s3:PutObject", "arn:aws:s3:::lake/x", "None"),
        ("s3:GetObject", "arn:aws:s3:::Lake/x", "None"),
        ("s3:GetObject", "arn:aws:s3:::lake", "None"),
    ],
)
def test_deny_goes_before_allow_and_silence_allows_nothing(action: str, resource: str, expected: str) -> None:
    assert decision([READ, DENY], Request(action, resource)) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*", "a/b:c", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a]", "a", False),
        ("", "x", False),
    ],
)
def test_only_star_and_question_mark_are_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("operator", "expected", "actual", "holding"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringLike", "a*", "ab", True),
        ("ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x", True),
        ("ArnEquals", "arn:*:*:*:*:*lake-*", "arn:aws:sns:us-east-2:1:lake-x:y", True),
        ("ArnLike", "arn:aws:s3:::lake/*", "arn:aws:s3:::lake/a:b", True),
        ("ArnLike", "arn:aws:logs:*:log-group:x", "arn:aws:logs:us-east-2:1:log-group:x", False),
        ("ArnLike", "arn:*:us-?:*:*:lake", "arn:aws:sns:us-e:1:lake", False),
        ("ArnLike", "arn:aws:sns:*:*:lake", "arn:aws:sns:lake", False),
        ("ArnEquals", "arn:aws:sns:us-east-2:1:lake", "arn:aws:SNS:us-east-2:1:lake", False),
        ("ArnNotLike", "arn:*:*:*:1:lake-*", "arn:aws:sns:us-east-2:2:1:lake-x", True),
        ("ArnNotLike", "arn:*:*:*:1:lake-*", "arn:aws:sns:us-east-2:1:lake-x", False),
        ("ForAnyValue:ArnNotLike", "arn:*:*:*:*:lake", ["arn:aws:sns:x:1:lake", "arn:a:b:c:d:e"], True),
        ("ForAnyValue:StringNotLike", "lake-*", ["lake-x", "ec2"], True),
        ("ForAnyValue:StringNotLike", "lake-*", ["lake-x"], False),
        ("ForAnyValue:StringNotLike", "lake-*", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("ForAnyValue:StringLike", "alias/x", ["alias/y", "alias/x"], True),
        ("ForAnyValue:StringLike", "alias/x", None, False),
        ("ForAllValues:StringLike", "alias/x", None, True),
        ("ForAllValues:StringLike", "alias/x", ["alias/x", "alias/y"], False),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Bool", "false", "False", True),
    ],
)
def test_conditions(operator: str, expected: Any, actual: Any, holding: bool) -> None:
    context = {} if actual is None else {"key": actual}
    assert holds({operator: {"key": expected}}, context) is holding


def test_all_conditions_have_to_hold() -> None:
    conditions = {"StringEquals": {"a": "1", "b": "2"}, "Null": {"c": "true"}}
    assert holds(conditions, {"a": "1", "b": "2"})
    assert not holds(conditions, {"a": "1"})
    assert not holds(conditions, {"a": "1", "b": "2", "c": "3"})


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"k": "v"}}},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Some:StringEquals": {"k": "v"}}},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"k": "arn:*:lake"}}},
    ],
)
def test_what_it_does_not_know_is_an_error_and_no_answer(statement: dict[str, Any]) -> None:
    with pytest.raises(NotKnownError):
        allows([statement], Request("s3:GetObject", "x", {"k": "v"}))


ROLE = "arn:aws:iam::1:role/r"
ROOT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "kms:*", "Resource": "*"}
OWN = {"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"}
DIRECT = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": "kms:PutKeyPolicy",
    "Resource": "*",
    "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}},
}


@pytest.mark.parametrize(
    ("identity", "key_policy", "expected"),
    [
        ([], [ROOT], False),
        ([OWN], [ROOT], True),
        ([OWN], [], False),
        ([], [DIRECT], True),
        ([], [{**DIRECT, "Condition": {"ArnEquals": {"aws:PrincipalArn": f"{ROLE}2"}}}], False),
        ([{**OWN, "Effect": "Deny"}], [ROOT, DIRECT], False),
        ([OWN], [ROOT, {**DIRECT, "Effect": "Deny"}], False),
    ],
)
def test_a_key_is_for_whom_its_own_policy_lets_in(
    identity: list[Any], key_policy: list[Any], expected: bool
) -> None:
    request = Request("kms:PutKeyPolicy", "key", {"aws:PrincipalArn": ROLE}, ROLE)
    assert key_allows(identity, key_policy, request) is expected
