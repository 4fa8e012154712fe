"""Clients of AWS as botocore's Stubber answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws

Stubs = Callable[[str], Stubber]


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
