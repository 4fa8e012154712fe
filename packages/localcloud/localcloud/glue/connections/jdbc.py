"""A PostgreSQL behind a JDBC connection: its address, and the user of the connection or of its secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.plugin.refusals import UnsupportedError

_URL = re.compile(r"jdbc:postgresql://([^:/?]+)(?::(\d+))?/([^?]+)(?:\?(.*))?")


class ConnectionFailedError(Exception):
    """The database cannot be reached or does not let the user in; in the words of driver and service."""


@dataclass(frozen=True)
class Address:
    """Where a database is."""

    host: str
    port: int
    database: str


def address(connection: Mapping[str, Any]) -> Address:
    """The address in a connection's URL. Raises `UnsupportedError` for another engine than PostgreSQL."""
    url = connection["ConnectionProperties"]["JDBC_CONNECTION_URL"]
    match = _URL.fullmatch(url)
    if match is None:
        raise UnsupportedError(
            f"the URL {url} of connection {connection['Name']}", "jdbc:postgresql://HOST:PORT/DB"
        )
    return Address(match[1], int(match[2] or 5432), match[3])


def credentials(connection: Mapping[str, Any], secrets: Any) -> tuple[str, str]:
    """User and password: of the secret, read by the client that is given, or of the connection itself.

    Raises `ConnectionFailedError`, or the client's `ClientError`.
    """
    properties = connection["ConnectionProperties"]
    secret = properties.get("SECRET_ID")
    if not secret:
        return properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    text = secrets.get_secret_value(SecretId=secret).get("SecretString", "")
    try:
        parts = json.loads(text)
        return str(parts["username"]), str(parts["password"])
    except (ValueError, TypeError, KeyError) as error:
        raise ConnectionFailedError(
            f"Secret {secret} of connection {connection['Name']} has no username and password"
        ) from error


def connect(connection: Mapping[str, Any], secrets: Any) -> Any:
    """A psycopg connection that only reads. Raises `ConnectionFailedError`, or the client's `ClientError`."""
    import psycopg

    where = address(connection)
    user, password = credentials(connection, secrets)
    enforced = str(connection["ConnectionProperties"].get("JDBC_ENFORCE_SSL")).lower() == "true"
    try:
        made = psycopg.connect(
            host=where.host,
            port=where.port,
            dbname=where.database,
            user=user,
            password=password,
            connect_timeout=10,
            sslmode="require" if enforced else "prefer",
        )
    except psycopg.OperationalError as error:
        raise ConnectionFailedError(_in_words(str(error), where)) from error
    made.read_only = True
    return made


def _in_words(text: str, where: Address) -> str:
    """What PostgreSQL's JDBC driver says where libpq says this."""
    if "FATAL:" in text:
        return f"FATAL: {text.rpartition('FATAL:')[2].strip().splitlines()[0]}"
    if "Connection refused" in text:
        return (
            f"Connection to {where.host}:{where.port} refused. Check that the hostname and port are correct "
            "and that the postmaster is accepting TCP/IP connections."
        )
    if "does not support SSL" in text:
        return "The server does not support SSL."
    return "The connection attempt failed."
