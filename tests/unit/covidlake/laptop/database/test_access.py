"""An URL names a database completely or is refused; a password is in no text."""

from __future__ import annotations

import json

import pytest

from covidlake.base.errors import LocalCloudError, SourceError
from covidlake.laptop.database import access
from covidlake.laptop.database.access import Access
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack
from tests.unit.covidlake.run.conftest import Stubs, stubs

__all__ = ["stubs"]
ARN = "arn:aws:secretsmanager:us-east-2:111122223333:secret:master"
OUTPUTS = {"DatabaseEndpoint": "host", "DatabasePort": "5433", "SourceName": "shop", "MasterSecretArn": ARN}


def test_an_url_names_everything() -> None:
    found = Access.of_url("postgresql://me:p%40ss@db.example:6543/shop")
    assert found == Access("db.example", 6543, "shop", "me", "p@ss")
    assert Access.of_url("postgres://me:x@host/shop").port == access.PORT
    assert "p@ss" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:pw@host/shop", "begins with 'mysql'"),
        ("host/shop", "begins with 'no scheme'"),
        ("postgresql://me:pw@host/", "its database is missing"),
        ("postgresql://me@host/shop", "its password is missing"),
        ("postgresql://me:pw@host:port/shop", "it is no URL"),
    ],
)
def test_anything_less_is_refused_without_the_url(url: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        Access.of_url(url)
    assert "pw@" not in str(refused.value)


def test_a_database_that_is_down_is_said_in_one_line() -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:1/shop: .*is it up") as failed:
        Access("127.0.0.1", 1, "shop", "me", "hidden").connect()
    assert "hidden" not in str(failed.value)
    assert "\n" not in str(failed.value)


def test_that_of_a_stack_is_reached_as_its_master(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", OUTPUTS))
    answer = {"SecretString": json.dumps({"username": "master", "password": "pw"})}
    stubs("secretsmanager").add_response("get_secret_value", answer, {"SecretId": ARN})
    assert access.of_stack("segmentation/dev") == Access("host", 5433, "shop", "master", "pw")


def test_a_stack_without_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", {}))
    with pytest.raises(LocalCloudError, match="DatabaseMode is not create"):
        access.of_stack("segmentation/dev")
