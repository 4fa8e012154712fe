"""One session and one client of each service, made from the environment and forgotten together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoRegionError

from covidlake import aws
from covidlake.aws import clients


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws.forget()
    yield
    aws.forget()


def error(code: str, message: str | None = None) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetObject")  # type: ignore[typeddict-item]


def test_a_client_is_made_once_until_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    first = aws.client("s3")
    assert aws.client("s3") is first
    aws.forget()
    assert aws.client("s3") is not first


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_both_variables_of_a_region_count(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "eu-west-1")
    assert aws.region() == "eu-west-1"


def test_without_a_region_nothing_is_called() -> None:
    with pytest.raises(NoRegionError):
        aws.region()
    with pytest.raises(NoRegionError):
        aws.account()


@pytest.mark.parametrize(
    ("arn", "partition"),
    [
        ("arn:aws:sts::111122223333:assumed-role/deploy/run-7", "aws"),
        ("arn:aws-cn:iam::111122223333:user/me", "aws-cn"),
    ],
)
def test_the_caller_is_asked_once(monkeypatch: pytest.MonkeyPatch, arn: str, partition: str) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    asked: list[Any] = []

    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            asked.append(None)
            return {"Account": "111122223333", "Arn": arn}

    monkeypatch.setattr(clients, "client", lambda _service: Sts())
    assert (aws.account(), aws.caller(), aws.partition()) == ("111122223333", arn, partition)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("region", "suffix"), [("us-east-2", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")]
)
def test_each_partition_has_its_own_host_names(
    monkeypatch: pytest.MonkeyPatch, region: str, suffix: str
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    assert aws.dns_suffix() == suffix


def test_a_message_is_one_line() -> None:
    assert aws.message(error("AccessDenied", "not\n  this way")) == "not this way"
    assert aws.message(error("AccessDenied")) == ""


@pytest.mark.parametrize(("code", "denied"), [("AccessDenied", True), ("403", True), ("404", False)])
def test_a_denial_has_many_names(code: str, denied: bool) -> None:
    assert clients.is_denied(error(code)) is denied


def test_polling_is_quick_at_first_and_sparing_later() -> None:
    assert aws.poll_interval(0) == 0.1
    assert aws.poll_interval(50) == 1.0
    assert aws.poll_interval(3600) == 5.0
