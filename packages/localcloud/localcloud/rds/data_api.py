"""The RDS Data API on the servers of clusters: the caller reads the secret, its user does what is asked.

https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud import plugin
from localcloud.plugin import AwsError, Headers, Response, cleanup, refusals
from localcloud.rds import clusters, fields

STATEMENT_SECONDS = 45
IDLE_SECONDS = 180
RESPONSE_BYTES = 1 << 20
_STATUS = {"AccessDeniedException": 403, "DatabaseUnavailableException": 504, "NotFoundException": 404}
_MULTIPLE = "cannot insert multiple commands into a prepared statement"


@dataclass
class Transaction:
    """An open transaction: one statement at a time."""

    connection: Any
    resource: str
    lock: threading.Lock = field(default_factory=threading.Lock)


_transactions: dict[str, Transaction] = {}


def install(_app: Any) -> None:
    """Answer in the place of ministack's, which knows servers in Docker only."""
    from ministack.services import rds, rds_data

    plugin.require(rds_data, "handle_request", ["method", "path", "headers", "body", "query_params"])
    plugin.require(rds, "_resolve_cluster", ["cluster_id"])
    rds_data.handle_request = handle
    cleanup.at_exit(_roll_back_all)


async def handle(_method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
    """Answer one request; IAM has judged the call itself."""
    call = _CALLS.get(path)
    try:
        if call is None:
            raise AwsError("BadRequestException", refusals.not_supported(f"rds-data:{path.strip('/')}"))
        plugin.note_caller(headers, query)
        context = contextvars.copy_context()
        answer = await asyncio.to_thread(context.run, call, json.loads(body or b"{}"))
        reply = plugin.to_json(answer)
        if len(reply) > RESPONSE_BYTES:
            message = "Database returned more than the allowed response size limit"
            raise AwsError("BadRequestException", message)
    except AwsError as error:
        reply = plugin.to_json({"message": error.message})
        sent = {"Content-Type": "application/json", "x-amzn-errortype": error.code}
        return _STATUS.get(error.code, 400), sent, reply
    return 200, {"Content-Type": "application/json"}, reply


def _execute(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("schema"):
        raise AwsError("ValidationException", "The schema parameter isn't supported")
    sql, values = fields.prepare(_required(request, "sql"), request.get("parameters", []))
    with _connection(request) as connection:
        result, updated = _run(connection, sql, values)
        answer: dict[str, Any] = {"numberOfRecordsUpdated": updated, "generatedFields": []}
        if not result.nfields:
            return answer
        rows = fields.records(result, request.get("resultSetOptions", {}))
        names = _type_names(connection, result) if request.get("includeResultMetadata") else {}
    if request.get("formatRecordsAs") == "JSON":
        labels = [result.fname(column).decode() for column in range(result.nfields)]
        return {**answer, "formattedRecords": fields.formatted(rows, labels)}
    answer["records"] = rows
    if names:
        answer["columnMetadata"] = fields.metadata(result, names)
    return answer


def _batch_execute(request: dict[str, Any]) -> dict[str, Any]:
    sql, sets = _required(request, "sql"), request.get("parameterSets") or [[]]
    with _connection(request) as connection:
        for one in sets:
            _run(connection, *fields.prepare(sql, one))
    return {"updateResults": [{"generatedFields": []} for _ in sets]}


def _begin(request: dict[str, Any]) -> dict[str, Any]:
    connection = _connect(request)
    connection.autocommit = False
    name = secrets.token_urlsafe(96)
    _transactions[name] = Transaction(connection, _required(request, "resourceArn"))
    return {"transactionId": name}


def _commit(request: dict[str, Any]) -> dict[str, Any]:
    return _complete(request, "commit", "Transaction Committed")


def _roll_back(request: dict[str, Any]) -> dict[str, Any]:
    return _complete(request, "rollback", "Rollback Complete")


def _complete(request: dict[str, Any], how: str, status: str) -> dict[str, Any]:
    _credentials(_required(request, "secretArn"))
    name, resource = _required(request, "transactionId"), _required(request, "resourceArn")
    found = _transactions.get(name)
    if found is None or found.resource != resource:
        raise AwsError("NotFoundException", f"Transaction {name} is not found")
    del _transactions[name]
    with found.lock, _errors(), contextlib.closing(found.connection):
        getattr(found.connection, how)()
    return {"transactionStatus": status}


_CALLS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/Execute": _execute,
    "/BatchExecute": _batch_execute,
    "/BeginTransaction": _begin,
    "/CommitTransaction": _commit,
    "/RollbackTransaction": _roll_back,
}


def _roll_back_all() -> None:
    while _transactions:
        _, left = _transactions.popitem()
        left.connection.close()


@contextlib.contextmanager
def _connection(request: Mapping[str, Any]) -> Iterator[Any]:
    """The connection of the transaction that is named, else one of its own whose statement is committed."""
    name = request.get("transactionId")
    if not name:
        with contextlib.closing(_connect(request)) as connection:
            if request.get("parameterSets"):
                with _errors(), connection.transaction():
                    yield connection
            else:
                yield connection
        return
    _credentials(_required(request, "secretArn"))
    found = _transactions.get(name)
    if found is None or found.resource != _required(request, "resourceArn"):
        raise AwsError("TransactionNotFoundException", f"Transaction {name} is not found")
    with found.lock:
        yield found.connection


def _connect(request: Mapping[str, Any]) -> Any:
    """A connection as the user of the secret. Without a database it is the user's, as in libpq."""
    import psycopg
    from psycopg.types.string import StrDumperVarchar

    record = _cluster(_required(request, "resourceArn"))
    user, password = _credentials(_required(request, "secretArn"))
    limits = {"statement_timeout": STATEMENT_SECONDS, "idle_in_transaction_session_timeout": IDLE_SECONDS}
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    with _errors():
        connection = psycopg.connect(
            host=record["Endpoint"],
            port=record["Port"],
            user=user,
            password=password,
            dbname=request.get("database") or user,
            options=options,
            connect_timeout=10,
            autocommit=True,
        )
    connection.adapters.register_dumper(str, StrDumperVarchar)
    return connection


def _cluster(arn: str) -> dict[str, Any]:
    """The record of a cluster that takes statements. Raises `AwsError`."""
    from ministack.services import rds

    record = rds._resolve_cluster(arn) if ":cluster:" in arn else None
    if record is None:
        raise AwsError("BadRequestException", f"Cluster {arn} is not found")
    if not record.get("HttpEndpointEnabled"):
        raise AwsError("HttpEndpointNotEnabledException", f"HttpEndpoint is not enabled for cluster {arn}")
    if not record.get("DBClusterMembers"):
        raise AwsError("DatabaseNotFoundException", f"The DB cluster {arn} doesn't have a DB instance.")
    if not clusters.is_available(record):
        message = f"The writer instance in the DB cluster {arn} isn't available."
        raise AwsError("DatabaseUnavailableException", message)
    return dict(record)


def _credentials(secret: str) -> tuple[str, str]:
    """User and password, read with the rights of the caller. Raises `AwsError`."""
    from botocore.exceptions import ClientError

    client = plugin.client("secretsmanager", plugin.caller_credentials())
    try:
        text = client.get_secret_value(SecretId=secret).get("SecretString", "")
    except ClientError as error:
        found = error.response["Error"]
        code = (
            "AccessDeniedException" if found["Code"] == "AccessDeniedException" else "SecretsErrorException"
        )
        raise AwsError(code, found.get("Message", "")) from error
    try:
        parts = json.loads(text)
        return str(parts["username"]), str(parts["password"])
    except (ValueError, TypeError, KeyError) as error:
        message = f"The secret {secret} has no username and password in a JSON object"
        raise AwsError("InvalidSecretException", message) from error


def _run(connection: Any, sql: str, values: Mapping[str, Any]) -> tuple[Any, int]:
    """The result of libpq and the number of changed rows; prepared, so that two statements are an error."""
    with _errors(), connection.cursor() as cursor:
        cursor.execute(sql, values, prepare=True)
        command = (cursor.statusmessage or "").split()
        changed = command and command[0] in ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY")
        return cursor.pgresult, max(cursor.rowcount, 0) if changed else 0


def _type_names(connection: Any, result: Any) -> dict[int, str]:
    kinds = [result.ftype(column) for column in range(result.nfields)]
    with _errors(), connection.cursor() as cursor:
        rows = cursor.execute("SELECT oid::int, typname FROM pg_type WHERE oid = ANY(%s)", [kinds])
        return dict(rows.fetchall())


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """What PostgreSQL says, in the form that the Data API gives it."""
    import psycopg

    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise AwsError("StatementTimeoutException", "Request timed out") from error
    except psycopg.Error as error:
        raise _as_aws(error) from error


def _as_aws(error: Any) -> AwsError:
    text, state = error.diag.message_primary, error.diag.sqlstate
    if text is None:  # no connection was made: libpq puts all into one text
        lines = [line for line in str(error).splitlines() if "FATAL:" in line]
        if not lines:
            return AwsError("DatabaseUnavailableException", str(error).splitlines()[0])
        text = lines[-1].partition("FATAL:")[2].strip()
        known = {"password authentication failed": "28P01", "does not exist": "3D000"}
        state = next((code for words, code in known.items() if words in text), "08001")
        return AwsError("DatabaseErrorException", f"FATAL: {text}; SQLState: {state}")
    if text == _MULTIPLE:
        return AwsError("ValidationException", "Multistatements aren't supported.")
    position = f"; Position: {error.diag.statement_position}" if error.diag.statement_position else ""
    return AwsError("DatabaseErrorException", f"{error.diag.severity}: {text}{position}; SQLState: {state}")


def _required(request: Mapping[str, Any], name: str) -> str:
    if not request.get(name):
        raise AwsError("BadRequestException", f"{name} is required")
    return str(request[name])
