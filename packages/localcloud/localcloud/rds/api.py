"""The plug-in for RDS: clusters of aurora-postgresql on real servers, everything else refused by name.

A cluster is declared in a CloudFormation stack. The API describes, stops, starts and deletes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from localcloud import plugin
from localcloud.plugin import cleanup, refusals, state
from localcloud.rds import clusters, data_api
from localcloud.rds.postgres import PostgresError

_logger = logging.getLogger(__name__)

_DECLARE = "declare it in a CloudFormation stack"
_MODIFIABLE = {"Action", "Version", "DBClusterIdentifier", "DeletionProtection", "ApplyImmediately"}
# What ministack would do in Docker, or pretend.
_REFUSED = {
    **dict.fromkeys(("CreateDBCluster", "CreateDBInstance", "ModifyDBInstance"), _DECLARE),
    **dict.fromkeys(
        ("DeleteDBCluster", "DeleteDBInstance", "EnableHttpEndpoint", "DisableHttpEndpoint"),
        "change or delete its stack",
    ),
    **dict.fromkeys(
        ("StartDBInstance", "StopDBInstance", "RebootDBInstance"), "stop or start the cluster of the instance"
    ),
    **dict.fromkeys(
        (
            *("RestoreDBInstanceFromDBSnapshot", "CreateDBSnapshot", "CreateDBClusterSnapshot"),
            *("RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"),
        ),
        "only the deletion of a stack makes a snapshot, a copy of the folder",
    ),
    **dict.fromkeys(
        (
            *("CreateDBInstanceReadReplica", "FailoverDBCluster", "CreateGlobalCluster", "CreateDBProxy"),
            *("CreateOptionGroup", "CreateDBParameterGroup"),
        ),
        "a cluster here is one server",
    ),
}


def install(app: Any) -> None:
    """Replace what ministack would run in Docker; servers of an earlier run come back with the state."""
    from ministack.services import rds

    plugin.require(rds, "_start_cluster_shared_container", ["cluster_id", "cluster", "remove_stale"])
    plugin.require(rds, "_resolve_cluster_in_request_region", ["cluster_id"])
    rds._start_cluster_shared_container = _kept_address
    actions = rds._ACTION_MAP
    for action, reason in _REFUSED.items():
        actions[action] = _refusing(rds, action, reason)
    actions["ModifyDBCluster"] = _modifying(rds, actions["ModifyDBCluster"])
    actions["StopDBCluster"] = _stopping(rds)
    actions["StartDBCluster"] = _starting(rds)
    data_api.install(app)
    state.keep("databases", save=dict, restore=lambda _: _start_again(), reset=clusters.remove_all)
    cleanup.at_exit(clusters.stop_all)


def _kept_address(*_: Any, **__: Any) -> dict[str, Any]:
    """What ministack does when it restores a cluster with members: `_start_again` starts the server."""
    return {"started": False, "failed": False, "readiness_host": None, "readiness_port": None}


def _start_again() -> None:
    """Start the servers of the clusters that the state knows; one that cannot start is said in the log."""
    for record in clusters.records():
        if record.get("Status") in ("stopped", "stopping"):
            continue
        try:
            clusters.start(record)
        except PostgresError:
            _logger.exception("the database of %s does not start", record["DBClusterIdentifier"])


def _refusing(rds: Any, action: str, reason: str) -> Callable[[Any], Any]:
    def refused(_params: Any) -> Any:
        return rds._error("UnsupportedOperation", refusals.not_supported(f"rds:{action}", reason), 501)

    return refused


def _modifying(rds: Any, modify: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Protection alone can be changed beside the stack: a deletion that it has stopped needs that."""

    def modified(params: Any) -> Any:
        if others := sorted(set(params) - _MODIFIABLE):
            reason = refusals.not_supported(f"{others[0]} of rds:ModifyDBCluster", _DECLARE)
            return rds._error("UnsupportedOperation", reason, 501)
        return modify(params)

    return modified


def _stopping(rds: Any) -> Callable[[Any], Any]:
    return _changing(rds, "StopDBCluster", "available", "stopped", clusters.stop)


def _starting(rds: Any) -> Callable[[Any], Any]:
    return _changing(rds, "StartDBCluster", "stopped", "available", clusters.start)


def _changing(
    rds: Any, action: str, before: str, after: str, change: Callable[[Any], None]
) -> Callable[[Any], Any]:
    """The answer to an action that stops or starts a cluster that is in the state `before`."""

    def changed(params: Any) -> Any:
        name = rds._p(params, "DBClusterIdentifier")
        record = rds._resolve_cluster_in_request_region(name)
        if record is None:
            return rds._error("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
        if record["Status"] != before:
            message = (
                f"DbCluster {name} is in {record['Status']} state but expected it to be one of {before}."
            )
            return rds._error("InvalidDBClusterStateFault", message, 400)
        try:
            change(record)
        except PostgresError as error:
            return rds._error("InternalFailure", str(error), 500)
        record["Status"] = after
        rds._set_cluster_members_status(record, after)
        shown = f"<DBCluster>{rds._cluster_xml(record)}</DBCluster>"
        return rds._xml(200, f"{action}Response", f"<{action}Result>{shown}</{action}Result>")

    return changed
