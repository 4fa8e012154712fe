"""Where the database is and who enters it: a Glue connection and the secret that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from segmentation.errors import ConnectionUnreadableError, SecretUnreadableError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

DRIVER = "org.postgresql.Driver"
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Access:
    """`url` is JDBC's, without credentials. `tls` refuses a connection that is not encrypted."""

    url: str
    user: str
    password: str = field(repr=False)
    tls: bool = True

    @property
    def place(self) -> str:
        """Host, port and database, as people write them."""
        return self.url.partition("://")[2].partition("?")[0]

    def properties(self) -> dict[str, str]:
        """The driver's; Spark takes them as options of a read or a write."""
        return {
            "user": self.user,
            "password": self.password,
            "driver": DRIVER,
            "sslmode": "require" if self.tls else "prefer",
            "connectTimeout": str(CONNECT_SECONDS),
            "tcpKeepAlive": "true",
            "ApplicationName": "covid-lake",
        }

    @classmethod
    def of(cls, connection: str, glue: GlueClient | None = None, secrets: Any = None) -> Access:
        """Of the Glue connection of this name.

        Raises ConnectionUnreadableError and SecretUnreadableError, which say what AWS says: it names the
        role.
        """
        said = _connection(connection, glue or boto3.client("glue"))
        url, secret = said.get("JDBC_CONNECTION_URL", ""), said.get("SECRET_ID", "")
        if not re.match(r"jdbc:postgresql://[^/]+/[^/?]+", url) or "password" in url.lower():
            raise ConnectionUnreadableError(
                f"connection {connection}: JDBC_CONNECTION_URL is not jdbc:postgresql://HOST:PORT/DATABASE "
                "without a password: correct it"
            )
        if not secret:
            raise ConnectionUnreadableError(f"connection {connection} has no SECRET_ID: name a secret in it")
        entry = _secret(secret, secrets or boto3.client("secretsmanager"))
        tls = said.get("JDBC_ENFORCE_SSL", "false").lower() == "true"
        return cls(url, entry["username"], entry["password"], tls)


def _connection(name: str, glue: GlueClient) -> Mapping[str, str]:
    try:
        answer = glue.get_connection(Name=name, HidePassword=True)
    except (ClientError, BotoCoreError) as error:
        raise ConnectionUnreadableError(
            f"Glue connection {name}: {_words(error)}: deploy the stack again, or let the job's role have "
            "glue:GetConnection on it"
        ) from error
    return {str(key): value for key, value in answer["Connection"].get("ConnectionProperties", {}).items()}


def _secret(name: str, secrets: Any) -> Mapping[str, str]:
    try:
        text = secrets.get_secret_value(SecretId=name)["SecretString"]
    except (ClientError, BotoCoreError) as error:
        raise SecretUnreadableError(
            f"secret {name}: {_words(error)}: let the job's role have secretsmanager:GetSecretValue on it, "
            "and kms:Decrypt on its key"
        ) from error
    except KeyError as error:
        raise SecretUnreadableError(_shape(name)) from error
    try:
        content = json.loads(text)
    except ValueError:
        content = None  # its text stays out of every message
    if not isinstance(content, dict) or not all(
        isinstance(content.get(key), str) and content[key] for key in ("username", "password")
    ):
        raise SecretUnreadableError(_shape(name))
    return content


def _shape(name: str) -> str:
    return f'secret {name} is not {{"username": "...", "password": "..."}}: write both into it'


def _words(error: Exception) -> str:
    if isinstance(error, ClientError):
        said = error.response["Error"]
        return f"{said.get('Code', '')}: {said.get('Message', '')}"
    return str(error)
