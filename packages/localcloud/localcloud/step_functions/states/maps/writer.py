"""ResultWriter: the results of the child executions as objects in S3."""

from __future__ import annotations

import json
from typing import Any

from localcloud.step_functions.states.shapes import compact_json

Child = dict[str, Any]
_FIELDS = {
    "executionArn": "ExecutionArn",
    "input": "Input",
    "name": "Name",
    "output": "Output",
    "error": "Error",
    "cause": "Cause",
    "startDate": "StartDate",
    "stateMachineArn": "StateMachineArn",
    "status": "Status",
    "stopDate": "StopDate",
}


def write(
    client: Any, map_run_arn: str, place: dict[str, str], config: dict[str, str], children: list[Child]
) -> dict[str, Any]:
    """Write results and manifest to `place` (Bucket, Prefix); returns what the Map state outputs."""
    prefix = place.get("Prefix", "")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    folder += map_run_arn.rpartition(":")[2]
    groups = {
        "FAILED": ("FAILED", "TIMED_OUT", "ABORTED"),
        "PENDING": ("PENDING",),
        "SUCCEEDED": ("SUCCEEDED",),
    }
    files: dict[str, list[dict[str, Any]]] = {name: [] for name in groups}
    extension = "jsonl" if config.get("OutputType") == "JSONL" else "json"
    for name, statuses in groups.items():
        chosen = [child for child in children if child["status"] in statuses]
        if chosen:
            key = f"{folder}/{name}_0.{extension}"
            body = _content([_shown(child, config) for child in chosen], config)
            client.put_object(Bucket=place["Bucket"], Key=key, Body=body)
            files[name].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": place["Bucket"], "MapRunArn": map_run_arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    client.put_object(Bucket=place["Bucket"], Key=key, Body=json.dumps(manifest).encode())
    details = {"Bucket": place["Bucket"], "Key": key}
    return {"MapRunArn": map_run_arn, "ResultWriterDetails": details}


def results(children: list[Child], config: dict[str, str]) -> list[Any]:
    """What a Map without an S3 destination outputs of its child executions, by `Transformation`."""
    if config.get("Transformation") == "NONE":
        return [_record(child) for child in children]
    outputs = [json.loads(child["output"]) if child["status"] == "SUCCEEDED" else None for child in children]
    return _flat(outputs, config)


def _shown(child: Child, config: dict[str, str]) -> Any:
    if config.get("Transformation", "NONE") != "NONE" and child["status"] == "SUCCEEDED":
        return json.loads(child["output"])
    return _record(child)


def _record(child: Child) -> dict[str, Any]:
    shown = {_FIELDS[name]: child[name] for name in _FIELDS if child.get(name) is not None}
    details = {"InputDetails": {"Included": True}, "OutputDetails": {"Included": True}}
    return {**shown, **(details if "Output" in shown else {"InputDetails": details["InputDetails"]})}


def _flat(values: list[Any], config: dict[str, str]) -> list[Any]:
    if config.get("Transformation") != "FLATTEN":
        return values
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _content(values: list[Any], config: dict[str, str]) -> bytes:
    values = _flat(values, config)
    if config.get("OutputType") == "JSONL":
        return "".join(f"{compact_json(value)}\n" for value in values).encode()
    return compact_json(values).encode()
