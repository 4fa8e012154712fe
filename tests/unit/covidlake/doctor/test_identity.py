"""What doctor concludes about the OIDC provider, the roles, their trust and the boundary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.doctor import identity
from covidlake.doctor.check import Subject
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.bootstrap import ISSUER, ROLE_OUTPUTS
from covidlake.ship.bootstrap.repository import Repository

LAKE = Repository("acme", "77", "lake", "99")
DEV = Subject("dev", LAKE)
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("iam", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"iam": made}.__getitem__)
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    monkeypatch.setattr(bootstrap, "outputs_of", lambda _: {"PlanRoleArn": "arn"})
    monkeypatch.setattr(bootstrap, "parameters_of", lambda _: {"OperationsEnvironment": "dev-ops"})
    with Stubber(made) as stub:
        yield stub
        stub.assert_no_pending_responses()


def provider_is(iam: Stubber, url: str, *audiences: str) -> None:
    answer = {"Url": url, "ClientIDList": list(audiences)}
    iam.add_response("get_open_id_connect_provider", answer, {"OpenIDConnectProviderArn": PROVIDER})


@pytest.fixture
def trusts(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, Any]]]:
    """The statements of each role's trust policy, as IAM gives them to boto3."""
    statements: dict[str, list[dict[str, Any]]] = {}
    monkeypatch.setattr(identity, "_trust_document", lambda role: {"Statement": statements[role]})
    return statements


def trust(role: str) -> dict[str, Any]:
    return identity._trust(role, "dev", "dev-ops", LAKE)


@pytest.mark.parametrize(
    ("url", "audiences", "status", "found"),
    [
        (ISSUER, ["sts.amazonaws.com"], "OK", "audience sts.amazonaws.com"),
        ("https://example.org", ["sts.amazonaws.com"], "FAIL", "url example.org, expected"),
        (ISSUER, [], "FAIL", "audiences none"),
        (ISSUER, ["other"], "FAIL", "audiences other"),
    ],
)
def test_the_provider_is_githubs_and_takes_our_audience(
    iam: Stubber, url: str, audiences: list[str], status: str, found: str
) -> None:
    provider_is(iam, url, *audiences)
    (check,) = identity.oidc_provider(DEV)
    assert check.status == status
    assert found in check.found


def test_a_provider_that_was_deleted_is_made_again_with_its_stack(iam: Stubber) -> None:
    iam.add_client_error("get_open_id_connect_provider", "NoSuchEntity")
    (check,) = identity.oidc_provider(DEV)
    assert check.status == "FAIL"
    assert "delete that stack, then covidlake bootstrap dev" in check.hint


def test_each_role_trusts_one_subject(iam: Stubber, trusts: dict[str, Any]) -> None:
    for role in ROLE_OUTPUTS:
        trusts[f"covid-lake-dev-{role}"] = [trust(role)]
    found = {check.name: check for check in identity.roles(DEV)}
    assert {check.status for check in found.values()} == {"OK"}
    assert "cloudformation.amazonaws.com" in found["role cloudformation"].found
    assert found["role plan"].found.endswith(":pull_request")
    assert found["role deploy"].found.endswith(":environment:dev")
    assert found["role ops"].found.endswith(":environment:dev-ops")


@pytest.mark.parametrize("more", [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}, None])
def test_a_role_that_trusts_more_or_nobody_is_named(
    iam: Stubber, trusts: dict[str, Any], more: dict[str, Any] | None
) -> None:
    trusts["covid-lake-dev-plan"] = [trust("plan"), more] if more else []
    check = identity._role(DEV, "plan", trust("plan"))
    assert check.status == "FAIL"
    assert ("trusts nobody" in check.found) is (more is None)
    assert ", *, expected" in check.found or more is None


def test_a_statement_that_only_names_the_same_subject_is_not_enough(
    iam: Stubber, trusts: dict[str, Any]
) -> None:
    trusts["covid-lake-dev-plan"] = [{**trust("plan"), "Effect": "Deny"}]
    assert identity._role(DEV, "plan", trust("plan")).found.endswith("and nothing else")


def test_a_role_that_was_deleted_is_named(iam: Stubber) -> None:
    iam.add_client_error("get_role", "NoSuchEntity")
    check = identity._role(DEV, "plan", trust("plan"))
    assert (check.status, check.found) == ("FAIL", "covid-lake-dev-plan does not exist")


def test_without_a_bootstrap_nothing_is_asked(iam: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "outputs_of", lambda _: {})
    for examine in (identity.oidc_provider, identity.roles, identity.permissions_boundary):
        assert list(examine(DEV)) == []
    assert list(identity.shared_account(DEV)) == []


@pytest.mark.parametrize(
    ("others", "status", "found"),
    [
        ([], "OK", "no other environment"),
        (["prod"], "OK", "prod: each reaches its own resources only"),
        (["dev-x"], "FAIL", "dev-x: the roles of one would reach what the other owns"),
    ],
)
def test_environments_of_one_account_are_distinguished_by_name(
    iam: Stubber, monkeypatch: pytest.MonkeyPatch, others: list[str], status: str, found: str
) -> None:
    monkeypatch.setattr(bootstrap, "environments_of_account", lambda: ["dev", *others])
    (check,) = identity.shared_account(DEV)
    assert check.status == status
    assert check.found.startswith(found)
