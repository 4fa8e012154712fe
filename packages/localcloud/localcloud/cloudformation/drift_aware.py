"""Drift-aware change sets: what was changed behind CloudFormation's back, where this cloud compares the type.

They can be looked at. Executing one would have to bring the live values back, which this cloud does not
do, so it refuses; and it refuses Express mode, because nothing here takes longer than its configuration.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from localcloud.plugin import refusals

REVERT = "REVERT_DRIFT"
MODE = "_deployment_mode"
STATUS = "ResourceDriftStatus"
DRIFTS = "_drifts"
NO_CHANGE = "didn't contain changes"
NOT_SET = object()


def refusal(params: Any) -> str | None:
    """Why CreateChangeSet cannot be made with these options; None where it can."""
    mode = _parameter(params, "DeploymentMode")
    if mode not in {"", REVERT}:
        return (
            f"1 validation error detected: Value '{mode}' at 'deploymentMode' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{REVERT}]"
        )
    if mode and _parameter(params, "ChangeSetType") == "CREATE":
        return "DeploymentMode REVERT_DRIFT needs a stack that was deployed before"
    config = _parameter(params, "DeploymentConfig.Mode")
    if config not in {"", "STANDARD"}:
        what = f"DeploymentConfig Mode {config}"
        return refusals.not_supported(what, "nothing here becomes ready later")
    if _parameter(params, "DeploymentConfig.DisableRollback") == "true":
        return refusals.not_supported("DeploymentConfig DisableRollback", "give it to ExecuteChangeSet")
    return None


def complete(change_set: dict[str, Any], params: Any) -> None:
    """Add the drift of each resource to a drift-aware change set, and the resources that only drifted."""
    from ministack.services.cloudformation import _stacks

    if _parameter(params, "DeploymentMode") != REVERT:
        return
    change_set[MODE] = REVERT
    stack = _stacks[change_set["StackName"]]
    changes = {one["ResourceChange"]["LogicalResourceId"]: one for one in change_set["Changes"]}
    for logical_id, record in stack["_resources"].items():
        drift = _drift(stack, logical_id, record)
        if logical_id not in changes and drift["StackResourceDriftStatus"] in {"MODIFIED", "DELETED"}:
            changes[logical_id] = _only_drifted(logical_id, record, drift)
            change_set["Changes"].append(changes[logical_id])
        if logical_id in changes:
            given = changes[logical_id]["ResourceChange"]
            given[STATUS] = drift["StackResourceDriftStatus"]
            given[DRIFTS] = drift.get("PropertyDifferences", [])
    if change_set["Changes"] and NO_CHANGE in change_set["StatusReason"]:
        change_set |= {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "StatusReason": ""}


def with_drift(body: bytes, change_set: dict[str, Any]) -> bytes:
    """The description of a drift-aware change set with what `complete` has added."""
    *parts, end = body.decode().split("</ResourceChange>")
    for index, change in enumerate(change_set["Changes"]):
        given = change["ResourceChange"]
        head, _, tail = parts[index].rpartition("</Details>")
        details = "".join(_details(given))
        status = f"<{STATUS}>{given[STATUS]}</{STATUS}>" if STATUS in given else ""
        parts[index] = f"{head}{details}</Details>{status}{tail}"
    statuses = {change["ResourceChange"].get(STATUS) for change in change_set["Changes"]}
    drifted = "DRIFTED" if statuses & {"MODIFIED", "DELETED"} else "IN_SYNC"
    said = f"<StackDriftStatus>{drifted}</StackDriftStatus><DeploymentMode>{REVERT}</DeploymentMode>"
    result = "</DescribeChangeSetResult>"
    return "</ResourceChange>".join([*parts, end]).replace(result, said + result).encode()


def _drift(stack: dict[str, Any], logical_id: str, record: dict[str, Any]) -> dict[str, Any]:
    from ministack.core.responses import now_iso
    from ministack.services.cloudformation import drift

    if not drift.supports_drift(record.get("ResourceType", "")):
        return {"StackResourceDriftStatus": "UNSUPPORTED"}
    found: dict[str, Any] = drift.detect_resource_drift(stack, logical_id, record, now_iso())
    return found


def _only_drifted(logical_id: str, record: dict[str, Any], drift: dict[str, Any]) -> dict[str, Any]:
    gone = drift["StackResourceDriftStatus"] == "DELETED"
    return {
        "ResourceChange": {
            "Action": "Add" if gone else "Modify",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": record.get("PhysicalResourceId", ""),
            "ResourceType": record.get("ResourceType", ""),
            "Scope": [] if gone else ["Properties"],
            "Details": [],
            **({} if gone else {"Replacement": "False"}),
        }
    }


def _details(given: dict[str, Any]) -> Iterator[str]:
    from ministack.core.responses import now_iso

    for one in given.get(DRIFTS, []):
        after = _wanted(given, one)
        synced = after == one["ActualValue"]
        target = {
            "Attribute": "Properties",
            "Name": one["PropertyPath"].split("/")[1],
            "Path": f"/Properties{one['PropertyPath']}",
            "RequiresRecreation": "Never",
            "BeforeValue": one["ActualValue"],
            "AfterValue": after,
            "BeforeValueFrom": "ACTUAL_STATE",
            "AfterValueFrom": "TEMPLATE",
            "AttributeChangeType": "SyncWithActual" if synced else "Modify",
        }
        drift = {
            "PreviousValue": one["ExpectedValue"],
            "ActualValue": one["ActualValue"],
            "DriftDetectionTimestamp": now_iso(),
        }
        source = "NoModification" if synced else "DirectModification"
        yield (
            f"<member><Target>{_elements(target)}<Drift>{_elements(drift)}</Drift></Target>"
            f"<Evaluation>Static</Evaluation><ChangeSource>{source}</ChangeSource></member>"
        )


def _wanted(given: dict[str, Any], difference: dict[str, Any]) -> str:
    """The new template's value; that of the last deploy where the resource only drifted."""
    from ministack.services.cloudformation import drift

    if "AfterContext" not in given:
        return str(difference["ExpectedValue"])
    node: Any = json.loads(given["AfterContext"]).get("Properties", {})
    for part in difference["PropertyPath"].split("/")[1:]:
        node = _child(node, part)
    return str(drift._scalar_text(None if node is NOT_SET else node))


def _child(node: Any, part: str) -> Any:
    if isinstance(node, dict):
        return node.get(part, NOT_SET)
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    return NOT_SET


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def _parameter(params: Any, name: str) -> str:
    from ministack.services.cloudformation import helpers

    return str(helpers._p(params, name, ""))
