"""The stack that the stubbed clients belong to."""

from __future__ import annotations

import pytest

from covidlake import aws
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack
from tests.unit.covidlake.conftest import Stubs

OUTPUTS = {
    "StateMachineArn": "arn:aws:states:us-east-2:111122223333:stateMachine:covid-lake-dev-ingestion",
    "DatabaseName": "covid_lake_dev",
    "CrawlerName": "covid-lake-dev",
    "WorkGroupName": "covid-lake-dev",
    "TopicArn": "arn:aws:sns:us-east-2:111122223333:covid-lake-dev",
}


@pytest.fixture
def stubs(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> Stubs:
    """Those of every room, beside a stack that is deployed."""
    monkeypatch.setattr(aws, "poll_interval", lambda _: 0.0)
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", OUTPUTS))
    return stubs
