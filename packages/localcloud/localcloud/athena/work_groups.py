"""Work groups, prepared statements and catalogs as Athena shows them: with what it fills in, in its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.plugin import AwsError

Original = Callable[[str, dict[str, Any]], dict[str, Any]]
Action = Callable[[dict[str, Any]], dict[str, Any]]
CATALOG = "AwsDataCatalog"
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


def defaults(name: str) -> dict[str, Any]:
    """The settings of a work group that says nothing of them."""
    own = name != "primary"
    return {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": own,
        "PublishCloudWatchMetricsEnabled": own,
        "RequesterPaysEnabled": False,
        "EngineVersion": ENGINE,
    }


def completed(group: dict[str, Any]) -> dict[str, Any]:
    """A work group with all of its settings."""
    given = group.get("Configuration") or group.get("WorkGroupConfiguration") or {}
    known = {name: value for name, value in given.items() if value is not None}
    made = {**defaults(group.get("Name", "")), **known}
    made["EngineVersion"] = {**ENGINE, **(known.get("EngineVersion") or {})}
    return {**group, "Configuration": made}


def actions(original: Original) -> dict[str, Action]:
    """The actions whose answers are completed or refused here."""

    def get_work_group(request: dict[str, Any]) -> dict[str, Any]:
        group = original("GetWorkGroup", request)["WorkGroup"]
        shown = completed(group)
        shown.pop("WorkGroupConfiguration", None)
        return {"WorkGroup": shown}

    def of_catalog(action: str) -> Action:
        return lambda request: _of_catalog(original, action, request)

    read = ("GetDataCatalog", "ListDatabases", "GetDatabase", "GetTableMetadata", "ListTableMetadata")
    return {
        "GetWorkGroup": get_work_group,
        "UpdatePreparedStatement": lambda request: _update_statement(original, request),
        **{action: of_catalog(action) for action in read},
    }


def _update_statement(original: Original, request: dict[str, Any]) -> dict[str, Any]:
    """Another statement of the same name; the old one stays where the new one is refused."""
    name = {key: request[key] for key in ("StatementName", "WorkGroup")}
    if not request.get("QueryStatement"):
        raise AwsError("InvalidRequestException", "QueryStatement is required")
    known = original("GetPreparedStatement", name)["PreparedStatement"]
    original("DeletePreparedStatement", name)
    try:
        return original("CreatePreparedStatement", request)
    except Exception:
        kept = {key: known[key] for key in ("QueryStatement", "Description") if key in known}
        original("CreatePreparedStatement", {**name, **kept})
        raise


def _of_catalog(original: Original, action: str, request: dict[str, Any]) -> dict[str, Any]:
    """A read of a catalog; the one that always exists has its name in any case."""
    name = "Name" if action == "GetDataCatalog" else "CatalogName"
    if str(request.get(name, "")).lower() == CATALOG.lower():
        request = {**request, name: CATALOG}
    return original(action, request)
