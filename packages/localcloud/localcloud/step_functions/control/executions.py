"""Executions: started, stopped, described, listed, with their histories."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud import plugin
from localcloud.plugin import AwsError
from localcloud.step_functions.control.machines import Machines
from localcloud.step_functions.control.redrives import Redrives, redrive_fields
from localcloud.step_functions.control.requests import (
    Body,
    Operation,
    Request,
    check_arn,
    check_enum,
    check_failure,
    check_name,
    check_size,
    check_token,
    page,
    refuse,
    without_nothing,
)
from localcloud.step_functions.definition import json_text
from localcloud.step_functions.definition.references import variable_references
from localcloud.step_functions.states.shapes import iso_stamp

Record = dict[str, Any]
_LONGEST_TOKEN = 3096
_STATUSES = ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING")
_EXPRESS_MEMORY_MB = 64
_BILLED_MILLISECONDS = 100
_WRONG_TYPE = "This operation is not supported by this type of state machine"
_DESCRIBED = (
    *("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "input", "inputDetails"),
    *("output", "error", "cause", "mapRunArn", "stateMachineVersionArn", "stateMachineAliasArn"),
)
_LISTED = (
    *("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "mapRunArn", "itemCount"),
    *("stateMachineVersionArn", "stateMachineAliasArn", "redriveCount", "redriveDate"),
)


class ExecutionRequests:
    """The operations on executions; `service` is ministack's module, `run` interprets a record to its end."""

    def __init__(self, service: Any, machines: Machines, run: Callable[[Record], None]) -> None:
        self.service = service
        self.machines = machines
        self.run = run
        self.begin: Callable[[Callable[[Record], None], Record], None]
        self.history: Operation
        self.redrives: Redrives
        self.announce: Callable[[Record], None]

    def start_execution(self, request: Request) -> Body:
        """A name in use is answered with its execution while that runs with the same input."""
        record, known = self._record(request)
        if known is not None:
            if known["status"] != "RUNNING" or json.loads(known["input"]) != json.loads(record["input"]):
                refuse("ExecutionAlreadyExists", record["executionArn"])
            return {key: known[key] for key in ("executionArn", "startDate")}
        self.service._executions[record["executionArn"]] = record
        if not record.get("sync"):
            self.announce(record)
        self.begin(self.run, record)
        return {key: record[key] for key in ("executionArn", "startDate")}

    def start_sync_execution(self, request: Request) -> Body:
        machine = self._machine(request)
        if machine["type"] != "EXPRESS":
            raise AwsError("StateMachineTypeNotSupported", _WRONG_TYPE)
        record, _ = self._record(request)
        record["answersCall"] = True
        self.service._executions[record["executionArn"]] = record
        self.run(record)
        body = {name: record.get(name) for name in _DESCRIBED}
        body["outputDetails"] = {"included": True}
        begin, end = (datetime.fromisoformat(record[name]) for name in ("startDate", "stopDate"))
        milliseconds = (end - begin).total_seconds() * 1000
        billed = _BILLED_MILLISECONDS * max(1, math.ceil(milliseconds / _BILLED_MILLISECONDS))
        details = {"billedMemoryUsedInMB": _EXPRESS_MEMORY_MB, "billedDurationInMilliseconds": billed}
        return without_nothing({**body, "billingDetails": details})

    def _machine(self, request: Request) -> dict[str, Any]:
        arn = check_arn(request.get("stateMachineArn", ""), "stateMachine")
        machine = self.machines.found(arn)
        if machine is None:
            refuse("StateMachineDoesNotExist", arn)
        return machine

    def _record(self, request: Request) -> tuple[Record, Record | None]:
        """The record of a new execution, and that of one with its name."""
        machine, text = self._machine(request), request.get("input", "{}")
        _check_input(text)
        name = request.get("name") or str(uuid.uuid4())
        check_name(name)
        express = machine["type"] == "EXPRESS"
        scope = f"arn:aws:states:{plugin.current_region()}:{plugin.current_account()}"
        arn = f"{scope}:execution:{machine['name']}:{name}"
        if express:
            arn = f"{scope}:express:{machine['name']}:{name}:{uuid.uuid4()}"
        started = iso_stamp(datetime.now(UTC))
        record = {
            "executionArn": arn,
            "name": name,
            "status": "RUNNING",
            "startDate": started,
            "stopDate": None,
            "input": text,
            "inputDetails": {"included": True},
            "output": None,
            "events": [_started(text, machine["roleArn"], started)],
            **({"sync": True} if express else {}),
            **_started_by(machine, request["stateMachineArn"]),
        }
        return record, self.service._executions.get(arn)

    def stop_execution(self, request: Request, stop: Callable[[Request], Body]) -> Body:
        check_failure(request)
        return stop({**request, "executionArn": self._standard(request)})

    def tell_abortion(self, request: Request) -> None:
        """Complete the last event of an execution that was stopped just now, before anybody logs it."""
        record = self.service._executions[request["executionArn"]]
        event = record["events"][-1]
        if record["status"] == "ABORTED" and event["type"] == "ExecutionAborted":
            event.setdefault("previousEventId", 0)
            told = {name: request[name] for name in ("error", "cause") if name in request}
            event["executionAbortedEventDetails"] = told

    def _standard(self, request: Request) -> str:
        """The ARN of an execution that there is, of a standard workflow."""
        arn = check_arn(request.get("executionArn", ""), "execution")
        if arn not in self.service._executions:
            refuse("ExecutionDoesNotExist", arn)
        return arn

    def describe_execution(self, request: Request) -> Body:
        record = self.service._executions[self._standard(request)]
        body = {name: record.get(name) for name in _DESCRIBED}
        if record.get("output") is not None:
            body["outputDetails"] = {"included": True}
        return without_nothing({**body, **redrive_fields(record)})

    def list_executions(self, request: Request) -> Body:
        check_enum(request.get("statusFilter"), "statusFilter", _STATUSES)
        check_enum(request.get("redriveFilter"), "redriveFilter", ("REDRIVEN", "NOT_REDRIVEN"))
        records = self._map_run(request) if "mapRunArn" in request else self._of_machine(request)
        if status := request.get("statusFilter"):
            records = [record for record in records if record["status"] == status]
        if wanted := request.get("redriveFilter"):
            records = [one for one in records if bool(one.get("redriveCount")) == (wanted == "REDRIVEN")]
        records.sort(key=lambda record: str(record["startDate"]), reverse=True)
        shown, more = page(records, request, _LONGEST_TOKEN)
        bodies = [without_nothing({name: record.get(name) for name in _LISTED}) for record in shown]
        return {"executions": [{"redriveCount": 0, **body} for body in bodies], **more}

    def _map_run(self, request: Request) -> list[Record]:
        arn = check_arn(request["mapRunArn"], "mapRun")
        if arn not in self.service._map_runs:
            raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'")
        return [one for one in self.service._executions.values() if one.get("mapRunArn") == arn]

    def _of_machine(self, request: Request) -> list[Record]:
        arn = request.get("stateMachineArn", "")
        if self._machine(request)["type"] == "EXPRESS":
            raise AwsError("StateMachineTypeNotSupported", _WRONG_TYPE)
        names = ("stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn")
        records = [one for one in self.service._executions.values() if "mapRunArn" not in one]
        return [one for one in records if arn in (one.get(name) for name in names)]

    def get_execution_history(self, request: Request) -> Body:
        self._standard(request)
        return self.history(request)

    def describe_state_machine_for_execution(self, request: Request) -> Body:
        """The machine that the execution started with, whatever it is today."""
        record = self.service._executions[self._standard(request)]
        started = record.get("startedWith") or {}
        base = self.machines.found(record["stateMachineArn"])
        if base is None:
            refuse("StateMachineDoesNotExist", record["stateMachineArn"])
        machine = {**base, **started, "stateMachineArn": record["stateMachineArn"]}
        names = ("stateMachineArn", "name", "definition", "roleArn", "loggingConfiguration", "label")
        body = {name: machine.get(name) for name in names}
        body["tracingConfiguration"] = machine.get("tracingConfiguration") or {"enabled": False}
        body["encryptionConfiguration"] = machine.get("encryptionConfiguration") or {"type": "AWS_OWNED_KEY"}
        body["updateDate"] = machine.get("updateDate") or machine["creationDate"]
        body["mapRunArn"] = record.get("mapRunArn")
        body["revisionId"] = started.get("revision")
        body["variableReferences"] = variable_references(json.loads(machine["definition"])) or None
        return without_nothing(body)

    def redrive_execution(self, request: Request) -> Body:
        check_token(request.get("clientToken"))
        record = self.service._executions[self._standard(request)]
        return self.redrives.redrive(record, request.get("clientToken"))


def _started(text: str, role: str, moment: str) -> Body:
    details = {"input": text, "inputDetails": {"truncated": False}, "roleArn": role}
    event = {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "timestamp": moment}
    return {**event, "executionStartedEventDetails": details}


def _started_by(machine: dict[str, Any], asked: str) -> Record:
    """The machine of the record; the version and the alias that the start named."""
    version = machine.get("stateMachineVersionArn")
    base = asked if version is None else version.rpartition(":")[0]
    named = {"stateMachineVersionArn": version, "stateMachineAliasArn": asked if asked != version else None}
    return {"stateMachineArn": base, **({} if version is None else without_nothing(named))}


def _check_input(text: str) -> None:
    check_size(text, "input")
    reason = json_text.reason(text) if text.strip() else "Invalid execution input."
    if reason:
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")
