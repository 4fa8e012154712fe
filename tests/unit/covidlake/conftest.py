"""CloudFormation as botocore's Stubber answers it."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "cloudformation", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"cloudformation": client}.__getitem__)
    monkeypatch.setattr(aws, "poll_interval", lambda _: 0.0)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
