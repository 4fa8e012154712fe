"""Work groups, prepared statements and catalogs as Athena shows them: with what it fills in, in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from localcloud.athena.sql.statements.kinds import strip
from localcloud.plugin import AwsError

Original = Callable[[str, dict[str, Any]], dict[str, Any]]
Action = Callable[[dict[str, Any]], dict[str, Any]]
CATALOG = "AwsDataCatalog"
_PLACED_TABLE = re.compile(
    r"create\s+table\b[^()]*\bwith\s*\((?:[^()']|'[^']*')*\bexternal_location\s*=", re.IGNORECASE
)
_PLACED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property "
    "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)
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


def result_settings(request: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
    """The request's result configuration, or the work group's where it is enforced or nothing is asked."""
    asked = dict(request.get("ResultConfiguration") or {})
    group = dict(configuration.get("ResultConfiguration") or {})
    return group if _enforces(configuration) and group else {**group, **asked}


def _enforces(configuration: dict[str, Any]) -> bool:
    return str(configuration.get("EnforceWorkGroupConfiguration", "false")).lower() == "true"


def keeps_results(configuration: dict[str, Any]) -> bool:
    """Whether Athena keeps the results itself."""
    managed = configuration.get("ManagedQueryResultsConfiguration") or {}
    return str(managed.get("Enabled", "false")).lower() == "true"


def refusal(sql: str, configuration: dict[str, Any]) -> str:
    """Why a work group does not take a statement at all; empty when it does."""
    located = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    if _enforces(configuration) and located and _PLACED_TABLE.match(strip(sql)):
        return _PLACED
    return ""


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
