"""Step Functions: ministack's API and records, executions by a faithful interpreter as the machine's role."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from localcloud import cleanup
from localcloud.seam import require
from localcloud.states import loading, roles
from localcloud.states.definition import InvalidDefinitionError, check
from localcloud.states.logs import put_metrics

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[Request], Response]

_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_MAXIMUM_INPUT_BYTES = 262144
_RESTART_CAUSE = "The local cloud was stopped while the execution was running"


def install(app: Any) -> None:
    """Put the interpreter behind ministack's Step Functions API."""
    from ministack.services import stepfunctions

    service = _StepFunctions(stepfunctions)
    service.plug_in()
    cleanup.at_exit(service.abort_all)
    _import_early(app)


def _import_early(app: Any) -> None:
    """Import the interpreter in the background of the first request that announces a state machine."""
    for name in ("states", "cloudformation"):
        app.SERVICE_HANDLERS[name] = _with_import(app.SERVICE_HANDLERS[name])


_imported = threading.Lock()


def _with_import(handler: Any) -> Any:
    async def handle(*arguments: Any) -> Any:
        if _imported.acquire(blocking=False):
            threading.Thread(target=loading.execution, daemon=True).start()
        return await handler(*arguments)

    return handle


class _StepFunctions:
    """The replaced functions of ministack's Step Functions module, and the executions that run now."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self._runs: dict[str, Any] = {}
        self._lock = threading.Lock()

    def plug_in(self) -> None:
        replacements: tuple[tuple[str, list[str], Callable[..., Any]], ...] = (
            ("_create_state_machine", ["data"], self.create_state_machine),
            ("_update_state_machine", ["data"], self.update_state_machine),
            ("_validate_state_machine_definition", ["data"], self.validate_definition),
            ("_start_execution", ["data"], self.start_execution),
            ("_stop_execution", ["data"], self.stop_execution),
            ("_describe_state_machine_for_execution", ["data"], self.describe_state_machine_for_execution),
            ("_run_execution", ["exec_arn"], self.run_execution),
            ("_restore_state", ["data"], self.restore_state),
        )
        require(self.service, "_emit_execution_status_event", ["execution"])
        require(self.service, "_register_sfn_jsonata_functions", ["expr"])
        self._original = {name: require(self.service, name, names) for name, names, _ in replacements}
        for name, _, replacement in replacements:
            setattr(self.service, name, replacement)
        self._check_stacks()

    def _check_stacks(self) -> None:
        """Refuse in a stack what CreateStateMachine refuses: ministack writes the record past its own API."""
        from ministack.services.cloudformation import provisioners

        definition_of = require(provisioners, "_sfn_definition", ["props"])
        error_of = require(provisioners, "_sfn_service_error", ["resp"])
        handlers = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
        create = handlers["create"]

        def checked(logical_id: str, properties: Request, *rest: Any) -> Any:
            data = {"definition": definition_of(properties), "roleArn": properties.get("RoleArn", "")}
            if refusal := self._refusal(data):
                raise error_of(refusal)
            return create(logical_id, properties, *rest)

        handlers["create"] = checked

    def _refuse(self, code: str, message: str) -> Response:
        response: Response = self.service.error_response_json(code, message, 400)
        return response

    def create_state_machine(self, data: Request) -> Response:
        return self._refusal(data) or self._original["_create_state_machine"](data)

    def update_state_machine(self, data: Request) -> Response:
        known = data.get("stateMachineArn") in self.service._state_machines
        return (known and self._refusal(data)) or self._original["_update_state_machine"](data)

    def _refusal(self, data: Request) -> Response | None:
        if "definition" in data:
            try:
                check(data["definition"])
            except InvalidDefinitionError as error:
                return self._refuse("InvalidDefinition", f"Invalid State Machine Definition: '{error}'")
        if "roleArn" in data and not roles.is_assumable(data["roleArn"]):
            return self._refuse("AccessDeniedException", roles.not_assumable(data["roleArn"]))
        return None

    def validate_definition(self, data: Request) -> Response:
        diagnostics = []
        try:
            check(data.get("definition", ""))
        except InvalidDefinitionError as error:
            code, _, message = str(error).partition(": ")
            diagnostics.append({"severity": "ERROR", "code": code, "message": message})
        result = {"result": "FAIL" if diagnostics else "OK", "diagnostics": diagnostics}
        response: Response = self.service.json_response(result)
        return response

    def start_execution(self, data: Request) -> Response:
        """A name that is in use is answered with its execution when that still runs with the same input."""
        text = data.get("input", "{}")
        if len(text.encode()) > _MAXIMUM_INPUT_BYTES:
            return self._refuse("ValidationException", f"input is over {_MAXIMUM_INPUT_BYTES} bytes")
        try:
            given = json.loads(text)
        except ValueError as error:
            return self._refuse("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
        running = self._named(data)
        if running and running["status"] == "RUNNING" and json.loads(running["input"]) == given:
            answer = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
            response: Response = self.service.json_response(answer)
            return response
        return self._original["_start_execution"](data)  # type: ignore[no-any-return]

    def _named(self, data: Request) -> dict[str, Any] | None:
        machine = self.service._resolve_state_machine_arn(data.get("stateMachineArn", ""))
        if machine is None or not data.get("name"):
            return None
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
        found: dict[str, Any] | None = self.service._executions.get(arn)
        return found

    def stop_execution(self, data: Request) -> Response:
        response: Response = self._original["_stop_execution"](data)
        record = self.service._executions.get(data.get("executionArn"))
        if record and record["status"] == "ABORTED":
            self._end(record)
        return response

    def _end(self, record: dict[str, Any]) -> None:
        """Give the last event, ExecutionAborted, its predecessor, and end the run of the record."""
        record["events"][-1].setdefault("previousEventId", 0)
        with self._lock:
            run = self._runs.pop(record["executionArn"], None)
        if run is not None:
            run.stop()
            self._measure(record)

    def describe_state_machine_for_execution(self, data: Request) -> Response:
        status, headers, body = self._original["_describe_state_machine_for_execution"](data)
        record = self.service._executions.get(data.get("executionArn"))
        if status != 200 or not record or "startedWith" not in record:
            return status, headers, body
        return status, headers, json.dumps({**json.loads(body), **record["startedWith"]}).encode()

    def run_execution(self, exec_arn: str) -> None:
        """Run an execution that ministack has recorded, in the thread that it has started for it."""
        record = self.service._executions[exec_arn]
        machine = copy.deepcopy(self.service._state_machines[record["stateMachineArn"]])
        record["startedWith"] = {
            key: machine[key] for key in ("definition", "roleArn", "loggingConfiguration") if key in machine
        }
        run = loading.execution().Run(record, machine)
        with self._lock:
            self._runs[exec_arn] = run
        put_metrics(record["stateMachineArn"], {"ExecutionsStarted": (1, "Count")})
        run.run()
        with self._lock:
            ended_here = self._runs.pop(exec_arn, None)
        if ended_here:
            self.service._emit_execution_status_event(record)
            self._measure(record)

    def _measure(self, record: dict[str, Any]) -> None:
        seconds = (
            datetime.fromisoformat(record["stopDate"]) - datetime.fromisoformat(record["startDate"])
        ).total_seconds()
        values = {
            _METRICS[record["status"]]: (1.0, "Count"),
            "ExecutionTime": (seconds * 1000, "Milliseconds"),
        }
        put_metrics(record["stateMachineArn"], values)

    def abort_all(self) -> None:
        """End every execution that runs: the cloud stops, and no execution can go on after that."""
        with self._lock:
            records = [run.record for run in self._runs.values()]
        for record in records:
            region, account = record["executionArn"].split(":")[3:5]
            _in_region(account, region, self.stop_execution, record["executionArn"], _RESTART_CAUSE)

    def restore_state(self, data: Any) -> None:
        """ministack fails what ran when the cloud was killed; the history must say so too."""
        self._original["_restore_state"](data)
        for record in self.service._executions.all_values():
            events = record["events"]
            if record.get("error") == "States.ServiceRestart" and events[-1]["type"] != "ExecutionFailed":
                details = {"error": record["error"], "cause": _RESTART_CAUSE}
                record["cause"] = _RESTART_CAUSE
                self.service._add_event(
                    record, "ExecutionFailed", {"executionFailedEventDetails": details, "previousEventId": 0}
                )


def _in_region(account: str, region: str, stop: Handler, execution_arn: str, cause: str) -> None:
    from ministack.core import responses

    responses.set_request_account_id(account)
    responses.set_request_region(region)
    stop({"executionArn": execution_arn, "error": "States.ServiceRestart", "cause": cause})
