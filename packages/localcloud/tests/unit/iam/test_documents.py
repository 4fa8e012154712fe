"""Policy documents that IAM takes, and those that it refuses in these words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.iam.documents import identity_problem, trust_problem

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    "statement",
    [
        ALLOW,
        {**ALLOW, "Action": "*", "Resource": "*"},
        {**ALLOW, "Action": ["s3:*", "glue:Get*"], "Resource": ["*", "arn:aws:s3:::b"]},
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b"},
    ],
)
def test_a_good_policy_is_taken(statement: dict[str, Any]) -> None:
    assert identity_problem(document(statement)) is None
    assert identity_problem(json.dumps({"Statement": statement})) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Action": "GetObject"}, "must be prefaced by a vendor"),
        ({"Action": ["s3:GetObject", "all"]}, "must be prefaced by a vendor"),
        ({"Resource": "my-bucket"}, 'Resource my-bucket must be in ARN format or "*".'),
        ({"Resource": ["*", "s3://b"]}, "Resource s3://b must be in ARN format"),
        ({"Principal": "*"}, "should not specify a principal"),
    ],
)
def test_a_policy_that_aws_does_not_take_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in str(identity_problem(document({**ALLOW, **change})))


@pytest.mark.parametrize(
    "statement",
    [
        TRUST,
        {**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]},
        {**TRUST, "Principal": {"Federated": "arn"}, "Action": "sts:AssumeRoleWithWebIdentity"},
        {**TRUST, "Effect": "Deny", "Principal": "*", "Action": "*"},
    ],
)
def test_a_good_trust_policy_is_taken(statement: dict[str, Any]) -> None:
    assert trust_problem(document(statement)) is None
    assert trust_problem(json.dumps(document(statement))) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"Statement": [{"Effect": "Allow",}]}', "invalid Json"),
        ("[]", "Syntax errors"),
        ("{}", "Syntax errors"),
        (document({**TRUST, "Effect": "allow"}), "Syntax errors"),
        (document({**TRUST, "Resource": "*"}), "prohibited field Resource"),
        (document({**TRUST, "Action": "s3:GetObject"}), "only specify STS AssumeRole actions"),
        (document({key: TRUST[key] for key in ("Effect", "Action")}), "required field Principal"),
        (document({key: TRUST[key] for key in ("Effect", "Principal")}), "required field Action"),
    ],
)
def test_a_trust_policy_that_aws_does_not_take_is_refused(given: Any, words: str) -> None:
    assert words in str(trust_problem(given))
