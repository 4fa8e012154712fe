"""The operations of Glue on connections; the records stay ministack's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import AwsError, refusals, stacks
from localcloud.plugin.paging import page

SECRETS = ("PASSWORD", "ENCRYPTED_PASSWORD")
KINDS = ("JDBC", "NETWORK")
MAX_PAGE, LARGEST_PAGE = 100, 1000


def install(app: Any) -> None:
    """Answer for connections: ministack knows neither updates nor filters nor hidden passwords."""
    from ministack.services import glue

    if not hasattr(glue, "_connections"):
        raise plugin.UnsupportedMinistackError("this release of ministack has no glue._connections")
    actions = {
        "CreateConnection": create,
        "GetConnection": get,
        "GetConnections": get_all,
        "UpdateConnection": update,
        "DeleteConnection": delete,
        "BatchDeleteConnection": batch_delete,
        "TestConnection": _test,
    }
    plugin.route(app, "glue", actions)
    stacks.look_at("AWS::Glue::Connection", _problem)


def _problem(properties: Mapping[str, Any]) -> str | None:
    """What is wrong with a connection of a stack, which ministack makes past Glue's API."""
    try:
        checked({"Name": "named by the stack", **(properties.get("ConnectionInput") or {})})
    except AwsError as error:
        return f"{error.message} (Service: Glue, Status Code: 400)"
    return None


def create(request: dict[str, Any]) -> dict[str, Any]:
    given = checked(request.get("ConnectionInput", {}))
    if given["Name"] in _records():
        raise AwsError("AlreadyExistsException", f"Connection already exists: {given['Name']}")
    now = int(time.time())
    _records()[given["Name"]] = {**given, "CreationTime": now, "LastUpdatedTime": now}
    return {"CreateConnectionStatus": "READY"}


def get(request: dict[str, Any]) -> dict[str, Any]:
    return {"Connection": _shown(found(request.get("Name")), request)}


def get_all(request: dict[str, Any]) -> dict[str, Any]:
    """By name; `Filter` knows the type and the criteria that a connection has to match, all of them."""
    wanted = request.get("Filter") or {}
    kind, criteria = wanted.get("ConnectionType"), set(wanted.get("MatchCriteria") or [])
    matching = [
        record
        for _, record in sorted(_records().items())
        if kind in (None, record["ConnectionType"]) and criteria <= set(record.get("MatchCriteria") or [])
    ]
    shown, more = page(matching, request, LARGEST_PAGE, MAX_PAGE)
    return {"ConnectionList": [_shown(one, request) for one in shown], **more}


def update(request: dict[str, Any]) -> dict[str, Any]:
    """The input replaces the whole connection."""
    record, given = found(request.get("Name")), checked(request.get("ConnectionInput", {}))
    if given["Name"] != record["Name"]:
        raise AwsError("InvalidInputException", f"The name of connection {record['Name']} cannot be changed")
    times = {"CreationTime": record["CreationTime"], "LastUpdatedTime": int(time.time())}
    _records()[record["Name"]] = {**given, **times}
    return {}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    del _records()[found(request.get("ConnectionName"))["Name"]]
    return {}


def batch_delete(request: dict[str, Any]) -> dict[str, Any]:
    succeeded, errors = [], {}
    for name in request.get("ConnectionNameList", []):
        try:
            delete({"ConnectionName": name})
            succeeded.append(name)
        except AwsError as error:
            errors[name] = {"ErrorCode": error.code, "ErrorMessage": error.message}
    return {"Succeeded": succeeded, "Errors": errors}


def _test(_request: dict[str, Any]) -> dict[str, Any]:
    reason = refusals.not_supported(
        "glue:TestConnection", "run the crawler or the job that uses the connection"
    )
    raise AwsError("OperationNotSupportedException", reason)


def found(name: Any) -> dict[str, Any]:
    """The record of a connection. Raises `AwsError`."""
    record = _records().get(name)
    if record is None:
        raise AwsError("EntityNotFoundException", f"Connection {name} not found.")
    return dict(record)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """A ConnectionInput that something here acts on. Raises `AwsError`."""
    for field in ("Name", "ConnectionType"):
        if not given.get(field):
            raise AwsError("InvalidInputException", f"{field} of ConnectionInput is required")
    if given["ConnectionType"] not in KINDS:
        reason = refusals.not_supported(
            f"ConnectionType {given['ConnectionType']}", f"use {' or '.join(KINDS)}"
        )
        raise AwsError("InvalidInputException", reason)
    properties = given.get("ConnectionProperties") or {}
    if given["ConnectionType"] == "JDBC" and not properties.get("JDBC_CONNECTION_URL"):
        raise AwsError("InvalidInputException", "JDBC_CONNECTION_URL of ConnectionProperties is required")
    return dict(given)


def _shown(record: dict[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    if not request.get("HidePassword"):
        return record
    properties = record.get("ConnectionProperties") or {}
    hidden = {name: value for name, value in properties.items() if name not in SECRETS}
    return {**record, "ConnectionProperties": hidden}


def _records() -> Any:
    from ministack.services import glue

    return glue._connections
