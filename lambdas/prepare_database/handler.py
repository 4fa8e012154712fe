"""Makes what the jobs need in the database, by RDS's Data API as its master: again and again the same.

The role of the jobs with the password of their secret, the right to read the schemas, and the schema of the
result, which belongs to it. The password is in no statement: PostgreSQL takes what it would keep of one, the
SCRAM verifier, which is neither logged nor part of an error here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

ITERATIONS = 4096  # PostgreSQL's own number
SAID = 50  # tables in the answer: the state of an execution is limited
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
TRANSIENT_CODES = {
    "DatabaseResumingException",
    "DatabaseUnavailableException",
    "InternalServerErrorException",
    "InternalServiceError",
    "RequestLimitExceeded",
    "ServiceUnavailableError",
    "StatementTimeoutException",
    "ThrottlingException",
}


class InvalidSettingError(ValueError):
    """A variable of the function, or the secret, does not hold what it should."""


class PrepareDatabaseError(RuntimeError):
    """The database refused a statement, which says what it was for."""


class PrepareDatabaseUnavailableError(RuntimeError):
    """The database is waking up, or AWS is down: the state machine retries this by its name."""


@cache
def client(service: str) -> Any:
    retries = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=50)
    return boto3.client(service, config=retries)  # type: ignore[call-overload]


def identifier(name: str) -> str:
    """The name as SQL takes it; the template lets no other through."""
    if not IDENTIFIER.fullmatch(name):
        raise InvalidSettingError(f"name {name!r}: use small letters, digits and underscores")
    return f'"{name}"'


def verifier(password: str, salt: bytes) -> str:
    """What PostgreSQL keeps of a password (RFC 5802): it checks one with it, and nobody can log in by it."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (salt, hashlib.sha256(client_key).digest(), server_key)
    salt_text, stored, server = (base64.b64encode(part).decode() for part in parts)
    return f"SCRAM-SHA-256${ITERATIONS}:{salt_text}${stored}:{server}"


def jobs_login() -> tuple[str, str]:
    """Name and verifier of the role of the jobs. The salt follows from the secret: no run changes a thing."""
    arn = os.environ["JOBS_SECRET_ARN"]
    answer = client("secretsmanager").get_secret_value(SecretId=arn)
    try:
        secret = json.loads(answer["SecretString"])
        name, password = secret["username"], secret["password"]
    except (KeyError, TypeError, ValueError):
        # Not even as a cause: the text of such an error may hold the secret.
        raise InvalidSettingError(f"secret {arn}: no JSON object with username and password") from None
    salt = hashlib.sha256(f"{arn} {answer.get('VersionId', '')}".encode()).digest()[:16]
    return name, verifier(password, salt)


def execute(what: str, sql: str) -> list[list[dict[str, Any]]]:
    """The rows of a statement. An error of the database says `what` it was about, not the statement."""
    try:
        answer = client("rds-data").execute_statement(
            resourceArn=os.environ["CLUSTER_ARN"],
            secretArn=os.environ["MASTER_SECRET_ARN"],
            database=os.environ["DATABASE"],
            sql=sql,
        )
    except (ConnectionFailure, HTTPClientError) as error:
        raise PrepareDatabaseUnavailableError(f"{what}: {error}") from error
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        message = re.sub(r"SCRAM-SHA-256\S*", "(verifier)", error.response["Error"].get("Message", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in TRANSIENT_CODES or status >= 500 or "is resuming" in message:
            raise PrepareDatabaseUnavailableError(f"{what}: {code}: {message}") from None
        raise PrepareDatabaseError(f"{what}: {code}: {message}") from None
    return list(answer.get("records", []))


def schemas_of_database(role: str) -> dict[str, bool]:
    """The schemas that there are, and whether the role may look into each already."""
    sql = f"SELECT nspname::text, has_schema_privilege('{role}', oid, 'USAGE')::text FROM pg_namespace"  # noqa: S608
    return {name: may == "true" for name, may in texts("the list of schemas", sql)}


def unread(role: str, schema: str) -> list[tuple[str, str, bool]]:
    """Tables and views that the role may not read: name, owner, and whether the master can let it."""
    sql = f"""
SELECT c.relname::text, pg_get_userbyid(c.relowner)::text,
    has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION')::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = '{schema}' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT has_table_privilege('{role}', c.oid, 'SELECT')
ORDER BY 1
"""  # noqa: S608 - both are plain names
    found = texts(f"the tables of schema {schema}", sql)
    return [(name, owner, may == "true") for name, owner, may in found]


def texts(what: str, sql: str) -> list[list[str]]:
    return [[cell["stringValue"] for cell in row] for row in execute(what, sql)]


def role_exists(name: str) -> bool:
    rows = execute("the role of the jobs", f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'")  # noqa: S608
    return bool(rows)


def reads(role: str, schema: str, is_open: bool) -> Iterator[tuple[str, str]]:
    """What lets the role read a schema. A table of another owner is granted only where that is possible: one
    that is not would fail the grant for all of them.
    """
    me, name, what = identifier(role), identifier(schema), f"the right to read schema {schema}"
    if not is_open:
        yield what, f"GRANT USAGE ON SCHEMA {name} TO {me}"
    tables = [table.replace('"', '""') for table, _, can_be in unread(role, schema) if can_be]
    if tables:
        listed = ", ".join(f'{name}."{table}"' for table in tables)
        yield what, f"GRANT SELECT ON TABLE {listed} TO {me}"
    yield what, f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {me}"


def statements(role: str, schemas: dict[str, bool]) -> Iterator[tuple[str, str]]:
    """What each is for, and the statement; each may run any number of times."""
    me, database = identifier(role), identifier(os.environ["DATABASE"])
    result = identifier(os.environ["RESULT_SCHEMA"])
    yield "the right to connect", f"GRANT CONNECT ON DATABASE {database} TO {me}"
    for schema, is_open in schemas.items():
        yield from reads(role, schema, is_open)
    # Who is no superuser gives a schema only to a role that he is a member of.
    yield "membership in the role of the jobs", f"GRANT {me} TO CURRENT_USER"
    yield "the schema of the result", f"CREATE SCHEMA IF NOT EXISTS {result} AUTHORIZATION {me}"
    if os.environ["SEES_TRANSACTIONS"] == "true":  # a described table follows a cursor
        yield "the right to see open transactions", f"GRANT pg_read_all_stats TO {me}"


def prepare() -> dict[str, Any]:
    asked = [name for name in os.environ["SCHEMAS"].split(",") if name]
    role, secret = jobs_login()
    name = identifier(role)
    verb = "ALTER" if role_exists(role) else "CREATE"
    execute("the role of the jobs", f"{verb} ROLE {name} LOGIN PASSWORD '{secret}'")
    there = schemas_of_database(role)
    schemas = {schema: there[schema] for schema in asked if schema in there}
    for what, sql in statements(role, schemas):
        execute(what, sql)
    left = [
        {"place": f"{schema}.{table}", "owner": owner}
        for schema in schemas
        for table, owner, _ in unread(role, schema)
    ]
    return {
        "role": role,
        "made": verb == "CREATE",
        "schemas": list(schemas),
        "missing_schemas": [schema for schema in asked if schema not in there],
        "unreadable": left[:SAID],
    }


def handler(_event: Any, _context: Any) -> dict[str, Any]:
    """-> the role, whether it was made now, which of the schemas there are, and what nobody lets it read.

    Raises PrepareDatabaseUnavailableError when another attempt may succeed; InvalidSettingError,
    PrepareDatabaseError and errors of AWS, such as AccessDeniedException, when it will not.
    """
    answer = prepare()
    sys.stdout.write(json.dumps({"message": "prepare_database", **answer}) + "\n")
    return answer
