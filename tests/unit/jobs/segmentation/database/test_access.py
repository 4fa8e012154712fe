"""A Glue connection and its secret, and what is said where one of them cannot be read."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from segmentation.database.access import Access
from segmentation.errors import ConnectionUnreadableError, SecretUnreadableError

URL = "jdbc:postgresql://db.example:5432/shop"
SECRET = {"username": "covid_lake", "password": "very-secret"}
REFUSED = "User: arn:aws:sts::1:assumed-role/stack-extract/x is not authorized to perform"


def found(properties: dict[str, str] | None = None, secret: Any = None) -> Access:
    glue, secrets = mock.Mock(), mock.Mock()
    given = {"JDBC_CONNECTION_URL": URL, "SECRET_ID": "the-secret", "JDBC_ENFORCE_SSL": "true"}
    glue.get_connection.return_value = {"Connection": {"ConnectionProperties": given | (properties or {})}}
    if isinstance(secret, Exception):
        secrets.get_secret_value.side_effect = secret
    else:
        secrets.get_secret_value.return_value = {"SecretString": secret or json.dumps(SECRET)}
    access = Access.of("shop", glue, secrets)
    glue.get_connection.assert_called_once_with(Name="shop", HidePassword=True)
    return access


def test_url_user_and_tls_come_from_connection_and_secret() -> None:
    access = found()
    assert (access.url, access.user, access.password, access.tls) == (URL, "covid_lake", "very-secret", True)
    assert access.properties()["sslmode"] == "require"
    assert found({"JDBC_ENFORCE_SSL": "false"}).properties()["sslmode"] == "prefer"
    assert access.place == "db.example:5432/shop"


def test_the_password_is_in_no_text_of_it() -> None:
    assert "very-secret" not in f"{found()!r} {found()}"


@pytest.mark.parametrize(
    "secret",
    ["no json very-secret", '{"username": "a"}', '["very-secret"]', '{"username": "a", "password": 1}'],
)
def test_a_secret_of_another_shape_is_refused_without_its_text(secret: str) -> None:
    with pytest.raises(SecretUnreadableError, match="secret the-secret is not") as said:
        found(secret=secret)
    assert "very-secret" not in f"{said.value} {said.value.__cause__}"


def test_a_secret_that_may_not_be_read_names_role_and_secret() -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException", "Message": REFUSED}}, "GetSecretValue")
    with pytest.raises(
        SecretUnreadableError, match=r"secret the-secret: .*assumed-role/stack-extract.*GetSecretValue"
    ):
        found(secret=refused)


@pytest.mark.parametrize("url", ["", "jdbc:mysql://h/d", "jdbc:postgresql://h:1", f"{URL}?password=x"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ConnectionUnreadableError, match="JDBC_CONNECTION_URL is not"):
        found({"JDBC_CONNECTION_URL": url})


def test_a_connection_without_a_secret_or_none_at_all_is_refused() -> None:
    with pytest.raises(ConnectionUnreadableError, match="has no SECRET_ID"):
        found({"SECRET_ID": ""})
    glue = mock.Mock()
    glue.get_connection.side_effect = ClientError(
        {"Error": {"Code": "EntityNotFoundException"}}, "GetConnection"
    )
    with pytest.raises(ConnectionUnreadableError, match="Glue connection shop: EntityNotFoundException"):
        Access.of("shop", glue, mock.Mock())
