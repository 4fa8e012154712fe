"""How this machine reaches a database: the one that a stack made, or that of an URL."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from covidlake import aws
from covidlake.base.errors import LocalCloudError, SourceError
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    import psycopg

SECRET = "MasterSecretArn"  # noqa: S105 - the output that names it
CONNECT_SECONDS = 10
PORT = 5432
FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


@dataclass(frozen=True)
class Access:
    """Where a database is and who we are there; the password is never shown."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Raises `SourceError`, without the URL, which holds a password, for one that names no database."""
        from urllib.parse import unquote, urlsplit

        try:
            parts = urlsplit(url)
            port = parts.port or PORT
        except ValueError:
            raise _malformed("it is no URL") from None
        if parts.scheme not in ("postgresql", "postgres"):
            raise _malformed(f"it begins with {parts.scheme or 'no scheme'!r}")
        name = unquote(parts.path.lstrip("/"))
        given = {"host": parts.hostname, "database": name, "user": parts.username, "password": parts.password}
        if missing := [what for what, value in given.items() if not value]:
            raise _malformed(f"its {missing[0]} is missing")
        return cls(
            str(parts.hostname), port, name, unquote(str(parts.username)), unquote(str(parts.password))
        )

    def connect(self) -> psycopg.Connection:
        """A connection. Raises `SourceError` with PostgreSQL's reason."""
        import psycopg

        try:
            return psycopg.connect(
                host=self.host,
                port=self.port,
                dbname=self.database,
                user=self.user,
                password=self.password,
                connect_timeout=CONNECT_SECONDS,
                application_name="covidlake",
            )
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise SourceError(f"{self}: {reason}: is it up, and are user and password right?") from error

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.database}"


def _malformed(reason: str) -> SourceError:
    return SourceError(f"--database: {reason}: give {FORM}")


def of_stack(environment: str) -> Access:
    """The database that an environment's stack has made, as its master user.

    Raises `LocalCloudError` where the stack has made none.
    """
    found = stack.find(environment)
    if SECRET not in found.outputs:
        raise LocalCloudError(
            f"stack {found.name} has made no database: its parameter DatabaseMode is not create"
        )
    outputs = found.outputs
    answer = aws.client("secretsmanager").get_secret_value(SecretId=outputs[SECRET])
    given = json.loads(answer["SecretString"])
    return Access(
        outputs["DatabaseEndpoint"],
        int(outputs["DatabasePort"]),
        outputs["SourceName"],
        given["username"],
        given["password"],
    )
