"""Addresses and users of JDBC connections, and what the driver says of a server that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.glue.connections import jdbc
from localcloud.plugin.refusals import UnsupportedError
from localcloud.rds.postgres import free_port


def connection(url: str, **more: str) -> dict[str, Any]:
    return {"Name": "c", "ConnectionProperties": {"JDBC_CONNECTION_URL": url, **more}}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("jdbc:postgresql://h:1/d", jdbc.Address("h", 1, "d")),
        ("jdbc:postgresql://h.example.org/d?sslmode=require", jdbc.Address("h.example.org", 5432, "d")),
    ],
)
def test_the_address_of_a_url(url: str, address: jdbc.Address) -> None:
    assert jdbc.address(connection(url)) == address


def test_another_engine_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="jdbc:mysql://h/d of connection c"):
        jdbc.address(connection("jdbc:mysql://h/d"))


def test_a_connection_without_a_secret_names_its_user_itself() -> None:
    found = jdbc.credentials(connection("x", USERNAME="me", PASSWORD="hush"), None)
    assert found == ("me", "hush")


def test_a_server_that_is_not_there_is_said_as_the_driver_does() -> None:
    port = free_port()
    refused = connection(f"jdbc:postgresql://127.0.0.1:{port}/d", USERNAME="me", PASSWORD="hush")
    with pytest.raises(jdbc.ConnectionFailedError, match=f"Connection to 127.0.0.1:{port} refused"):
        jdbc.connect(refused, None)
