"""Clients of AWS as botocore's Stubber answers them."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws

Stubs = Callable[[str], Stubber]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """CloudFormation's; each answer must be used."""
    client = boto3.client(
        "cloudformation", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"cloudformation": client}.__getitem__)
    monkeypatch.setattr(aws, "poll_interval", lambda _: 0.0)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    """The stubbed client of a service, made when a test first asks for it; each answer must be used."""
    made: dict[str, Stubber] = {}

    def stubber(service: str) -> Stubber:
        if service not in made:
            keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
            made[service] = Stubber(boto3.client(service, region_name="us-east-2", **keys))  # type: ignore[call-overload]
            made[service].activate()
        return made[service]

    monkeypatch.setattr(aws, "client", lambda service: stubber(service).client)
    yield stubber
    for one in made.values():
        one.assert_no_pending_responses()
