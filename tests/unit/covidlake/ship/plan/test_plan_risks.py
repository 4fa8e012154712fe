"""What a reviewer must not overlook is called out."""

from pathlib import Path
from typing import Any

import pytest

from covidlake.ship.plan import plan_risks
from tests.unit.covidlake.ship.plan_samples import change, context, detail, plan_of

READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}
WRITE = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def texts(folder: Path, *changes: dict[str, Any], kind: str | None = None) -> list[str]:
    found = plan_risks.risks(plan_of(folder, *changes))
    return [risk.text for risk in found if kind in (None, risk.kind)]


@pytest.mark.parametrize(
    ("action", "more", "expected"),
    [
        ("Remove", {"PolicyAction": "Delete"}, "deleted with what it holds"),
        ("Remove", {}, "deleted with what it holds"),
        ("Remove", {"PolicyAction": "Snapshot"}, "deleted, a snapshot is taken"),
        ("Remove", {"PolicyAction": "Retain"}, "data stay, but nothing manages them"),
        ("Modify", {"Replacement": "True", "PolicyAction": "ReplaceAndDelete"}, "the old one is deleted"),
        ("Modify", {"Replacement": "True", "PolicyAction": "ReplaceAndRetain"}, "stay, but leave the stack"),
        ("Modify", {"Replacement": "True", "PolicyAction": "ReplaceAndSnapshot"}, "a snapshot is taken"),
        ("Modify", {"Replacement": "Conditional"}, "may be replaced"),
    ],
)
def test_losing_a_stateful_resource_is_destructive(
    tmp_path: Path, action: str, more: dict[str, str], expected: str
) -> None:
    made = plan_of(tmp_path, change("LakeBucket", "AWS::S3::Bucket", action, **more))
    (risk,) = plan_risks.destructive(made)
    assert (risk.kind, risk.logical_id) == ("destructive", "LakeBucket")
    assert expected in risk.text


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("Retain", "its data would stay"), ("Delete", "would be deleted with what it holds")],
)
def test_what_may_be_replaced_follows_its_policy(tmp_path: Path, policy: str, expected: str) -> None:
    template = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "UpdateReplacePolicy": policy}}}
    given = change("B", "AWS::S3::Bucket", Replacement="Conditional")
    (risk,) = plan_risks.destructive(plan_of(tmp_path, given, template=template))
    assert expected in risk.text


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::DynamoDB::Table",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::RDS::DBInstance",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    ],
)
def test_these_are_stateful(tmp_path: Path, kind: str) -> None:
    assert plan_risks.destructive(plan_of(tmp_path, change("X", kind, "Remove")))


@pytest.mark.parametrize(
    "kind", ["AWS::StepFunctions::StateMachine", "AWS::Lambda::Function", "AWS::Glue::Job"]
)
def test_what_the_template_brings_back_is_not_stateful(tmp_path: Path, kind: str) -> None:
    assert not plan_risks.destructive(plan_of(tmp_path, change("X", kind, "Remove")))


@pytest.mark.parametrize(
    ("action", "more"), [("Add", {}), ("Import", {}), ("Modify", {"Replacement": "False"})]
)
def test_keeping_a_stateful_resource_is_not_destructive(
    tmp_path: Path, action: str, more: dict[str, str]
) -> None:
    assert not plan_risks.destructive(plan_of(tmp_path, change("X", "AWS::S3::Bucket", action, **more)))


def test_only_the_statements_that_differ_are_reported(tmp_path: Path) -> None:
    def role(*statements: dict[str, Any], trusted: str, **more: Any) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
        policies = [{"PolicyName": "P", "PolicyDocument": document(*statements)}]
        return context(AssumeRolePolicyDocument=document(trust), Policies=policies, **more)

    given = change(
        "JobRole",
        "AWS::IAM::Role",
        BeforeContext=role(READ, trusted="glue.amazonaws.com", ManagedPolicyArns=["arn:old"]),
        AfterContext=role(
            READ,
            WRITE,
            trusted="lambda.amazonaws.com",
            ManagedPolicyArns=["arn:new"],
            PermissionsBoundary="b",
        ),
    )
    assert texts(tmp_path, given, kind="iam") == [
        "trust removed: Allow sts:AssumeRole for Service glue.amazonaws.com",
        "trust added: Allow sts:AssumeRole for Service lambda.amazonaws.com",
        "statement added: Allow s3:PutObject on arn:aws:s3:::b/*",
        "managed policy removed: arn:old",
        "managed policy added: arn:new",
        "permissions boundary none -> b",
    ]


def test_a_policy_that_goes_takes_its_statements_along(tmp_path: Path) -> None:
    given = change(
        "P", "AWS::IAM::ManagedPolicy", "Remove", BeforeContext=context(PolicyDocument=document(READ))
    )
    assert texts(tmp_path, given) == ["statement removed: Allow s3:GetObject on arn:aws:s3:::b/*"]


def test_a_role_whose_description_changes_is_no_call_out(tmp_path: Path) -> None:
    given = change(
        "R", "AWS::IAM::Role", BeforeContext=context(Description="a"), AfterContext=context(Description="b")
    )
    assert texts(tmp_path, given) == []


def test_iam_without_values_is_still_called_out(tmp_path: Path) -> None:
    given = change("R", "AWS::IAM::Role", Details=[detail("Policies")])
    assert texts(tmp_path, given) == ["modified; CloudFormation did not show the values"]


EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (EVERYBODY, "access added, PUBLIC: Allow s3:GetObject on * for *"),
        ({**EVERYBODY, "Principal": {"AWS": ["*"]}}, "access added, PUBLIC: "),
        (
            {**EVERYBODY, "Condition": {"Bool": {"a": "b"}}},
            "access added, to everybody whom its condition admits",
        ),
        ({**EVERYBODY, "Effect": "Deny"}, "access added: Deny"),
        ({**EVERYBODY, "Principal": {"Service": "glue.amazonaws.com"}}, "access added: Allow"),
        (
            {"Effect": "Allow", "NotPrincipal": {"AWS": "a"}, "Action": "*", "Resource": "*"},
            "access added, PUBLIC: Allow * on * for everything but AWS a",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"])
def test_whom_a_resource_policy_lets_in(
    tmp_path: Path, kind: str, statement: dict[str, Any], expected: str
) -> None:
    given = change("P", kind, "Add", AfterContext=context(PolicyDocument=document(statement)))
    (text,) = texts(tmp_path, given, kind="public")
    assert text.startswith(expected)


def test_a_denial_that_goes_is_reported(tmp_path: Path) -> None:
    before = context(PolicyDocument=document({**EVERYBODY, "Effect": "Deny"}, READ))
    after = context(PolicyDocument=document(READ))
    given = change("P", "AWS::S3::BucketPolicy", BeforeContext=before, AfterContext=after)
    assert texts(tmp_path, given) == ["access removed: Deny s3:GetObject on * for *"]


CLOSED = dict.fromkeys(plan_risks.ACCESS_BLOCKS, True)


def test_a_loosened_public_access_block_is_reported(tmp_path: Path) -> None:
    given = change(
        "B",
        "AWS::S3::Bucket",
        BeforeContext=context(PublicAccessBlockConfiguration=CLOSED),
        AfterContext=context(PublicAccessBlockConfiguration={**CLOSED, "BlockPublicPolicy": "false"}),
    )
    assert texts(tmp_path, given) == ["public access block: BlockPublicPolicy is turned off"]


def test_a_new_bucket_without_the_block_is_reported(tmp_path: Path) -> None:
    given = change("B", "AWS::S3::Bucket", "Add", AfterContext=context(AccessControl="PublicRead"))
    shown = texts(tmp_path, given)
    assert len(shown) == 5
    assert shown[-1] == "PUBLIC access control list: PublicRead"


def test_a_new_bucket_with_the_block_is_not(tmp_path: Path) -> None:
    given = change("B", "AWS::S3::Bucket", "Add", AfterContext=context(PublicAccessBlockConfiguration=CLOSED))
    assert texts(tmp_path, given) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "permission added, PUBLIC: s3.amazonaws.com may lambda:InvokeFunction f"),
        (
            {"SourceArn": "arn:x"},
            "permission added: s3.amazonaws.com may lambda:InvokeFunction f SourceArn arn:x",
        ),
    ],
)
def test_who_may_call_a_function(tmp_path: Path, more: dict[str, str], expected: str) -> None:
    permission = {"Principal": "s3.amazonaws.com", "Action": "lambda:InvokeFunction", "FunctionName": "f"}
    given = change("P", "AWS::Lambda::Permission", "Add", AfterContext=context(**permission, **more))
    assert texts(tmp_path, given) == [expected]


def test_a_function_url_for_all_is_reported(tmp_path: Path) -> None:
    given = change("U", "AWS::Lambda::Url", "Add", AfterContext=context(AuthType="NONE"))
    assert texts(tmp_path, given) == ["PUBLIC function URL: AuthType is NONE"]


def test_what_may_lose_data_comes_first(tmp_path: Path) -> None:
    role = change("A", "AWS::IAM::Role", "Add", AfterContext=context(Policies=[]))
    opened = change(
        "B", "AWS::S3::BucketPolicy", "Add", AfterContext=context(PolicyDocument=document(EVERYBODY))
    )
    lost = change("C", "AWS::S3::Bucket", "Remove")
    found = plan_risks.risks(plan_of(tmp_path, role, opened, lost))
    assert [risk.kind for risk in found] == ["destructive", "public", "iam"]
