"""What the tests of the state machine share; each module deploys a `stack` of its own."""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.ingestion.stack import Inbox, IngestionStack


@pytest.fixture(scope="module")
def subscribed(stack: IngestionStack) -> Inbox:
    return Inbox(stack, f"{stack.name}-people")


@pytest.fixture
def inbox(subscribed: Inbox) -> Inbox:
    """The notifications that people get from here on."""
    subscribed.clear()
    return subscribed


@pytest.fixture
def revision() -> str:
    return uuid.uuid4().hex
