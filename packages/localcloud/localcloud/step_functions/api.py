"""Step Functions: ministack's API and records, executions by a faithful interpreter as the machine's role."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

from localcloud import plugin
from localcloud.iam.delivery_policies import role_allows
from localcloud.plugin import cleanup, refusals, require, state
from localcloud.step_functions.states import loading
from localcloud.step_functions.states.definition import InvalidDefinitionError, check
from localcloud.step_functions.states.logs import log_group_name
from localcloud.step_functions.states.running import Executions, Record

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

_MAXIMUM_INPUT_BYTES = 262144
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_NOT_ASSUMABLE = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume "
    "the provided role: {}"
)
_NO_LOGS = "The state machine IAM Role is not authorized to access the Log Destination: {} needs logs:{}"
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
_LOG_ACTIONS = (
    *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
    *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
)
_RESTART_ERROR = "States.ServiceRestart"
_RESTART_CAUSE = "The local cloud was stopped while the execution was running"


def install(app: Any) -> None:
    """Put the interpreter behind ministack's Step Functions API."""
    from ministack.services import stepfunctions

    service = _StepFunctions(stepfunctions)
    service.plug_in()
    cleanup.at_exit(service.abort_all)
    state.keep("step_functions", save=dict, restore=lambda _: None, reset=service.executions.forget)
    for name in ("states", "cloudformation"):
        app.SERVICE_HANDLERS[name] = _importing(app.SERVICE_HANDLERS[name])


_import_begun = threading.Lock()


def _importing(handler: Any) -> Any:
    """Begin to import the interpreter with the first request that announces a state machine."""

    async def handle(*arguments: Any) -> Any:
        if _import_begun.acquire(blocking=False):
            threading.Thread(target=loading.execution, daemon=True).start()
        return await handler(*arguments)

    return handle


class _StepFunctions:
    """What stands in for functions of ministack's Step Functions module, and calls them in its turn."""

    def __init__(self, service: Any) -> None:
        self.service = service
        announce = require(service, "_emit_execution_status_event", ["execution"])
        self.executions = Executions(announce)

    def plug_in(self) -> None:
        replacements: tuple[tuple[str, list[str], Callable[..., Any]], ...] = (
            ("_create_state_machine", ["data"], self.create_state_machine),
            ("_update_state_machine", ["data"], self.update_state_machine),
            ("_validate_state_machine_definition", ["data"], self.validate_definition),
            ("_test_state", ["data"], self.refuse_test_state),
            ("_start_execution", ["data"], self.start_execution),
            ("_start_sync_execution", ["data"], self.start_sync_execution),
            ("_stop_execution", ["data"], self.stop_execution),
            ("_describe_state_machine_for_execution", ["data"], self.describe_state_machine_for_execution),
            ("_run_execution", ["exec_arn"], self.run_execution),
            ("_restore_state", ["data"], self.restore_state),
        )
        require(self.service, "_register_sfn_jsonata_functions", ["expr"])
        require(self.service, "_add_event", ["execution", "event_type", "details"])
        self._original = {name: require(self.service, name, names) for name, names, _ in replacements}
        for name, _, replacement in replacements:
            setattr(self.service, name, replacement)

    def _refuse(self, code: str, message: str) -> Response:
        response: Response = self.service.error_response_json(code, message, 400)
        return response

    def _answer(self, body: dict[str, Any]) -> Response:
        response: Response = self.service.json_response(body)
        return response

    def create_state_machine(self, data: Request) -> Response:
        scope = f"{plugin.current_region()}:{plugin.current_account()}"
        arn = f"arn:aws:states:{scope}:stateMachine:{data.get('name')}"
        return self._refusal(data, arn) or self._original["_create_state_machine"](data)

    def update_state_machine(self, data: Request) -> Response:
        arn = data.get("stateMachineArn", "")
        refusal = self._refusal(data, arn) if arn in self.service._state_machines else None
        return refusal or self._original["_update_state_machine"](data)

    def _refusal(self, data: Request, arn: str) -> Response | None:
        known = self.service._state_machines.get(arn, {})
        if "definition" in data:
            try:
                check(data["definition"], data.get("type") or known.get("type", "STANDARD"))
            except InvalidDefinitionError as error:
                return self._refuse("InvalidDefinition", f"Invalid State Machine Definition: '{error}'")
        role = data.get("roleArn") or known.get("roleArn", "")
        if "roleArn" in data and not _is_assumable(role, arn):
            return self._refuse("AccessDeniedException", _NOT_ASSUMABLE.format(role))
        refusal = _log_refusal(data.get("loggingConfiguration") or {}, role, arn)
        return self._refuse(*refusal) if refusal else None

    def validate_definition(self, data: Request) -> Response:
        diagnostics = []
        try:
            check(data.get("definition", ""), data.get("type", "STANDARD"))
        except InvalidDefinitionError as error:
            code, _, message = str(error).partition(": ")
            diagnostics.append({"severity": "ERROR", "code": code, "message": message})
        return self._answer({"result": "FAIL" if diagnostics else "OK", "diagnostics": diagnostics})

    def refuse_test_state(self, _data: Request) -> Response:
        return self._refuse("ValidationException", refusals.not_supported("TestState"))

    def start_sync_execution(self, data: Request) -> Response:
        machine = self.service._state_machines.get(data.get("stateMachineArn"))
        if machine and machine.get("type") != "EXPRESS":
            message = "This operation is not supported by this type of state machine"
            return self._refuse("StateMachineTypeNotSupported", message)
        response: Response = self._original["_start_sync_execution"](data)
        return response

    def start_execution(self, data: Request) -> Response:
        """A name in use is answered with its execution while that runs with the same input."""
        text = data.get("input", "{}")
        if len(text.encode()) > _MAXIMUM_INPUT_BYTES:
            return self._refuse("ValidationException", f"the input is over {_MAXIMUM_INPUT_BYTES} bytes")
        if "name" in data and not _NAME.fullmatch(data["name"]):
            return self._refuse("InvalidName", f"Invalid Name: '{data['name']}'")
        try:
            given = json.loads(text)
        except ValueError as error:
            return self._refuse("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
        record = self._named(data)
        if record and record["status"] == "RUNNING" and json.loads(record["input"]) == given:
            return self._answer({key: record[key] for key in ("executionArn", "startDate")})
        response: Response = self._original["_start_execution"](data)
        return response

    def _named(self, data: Request) -> Record | None:
        machine = self.service._resolve_state_machine_arn(data.get("stateMachineArn", ""))
        if machine is None or "name" not in data:
            return None
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
        record: Record | None = self.service._executions.get(arn)
        return record

    def stop_execution(self, data: Request) -> Response:
        def abort() -> Response:
            response: Response = self._original["_stop_execution"](data)
            record = self.service._executions.get(data.get("executionArn"))
            if record and record["status"] == "ABORTED":
                record["events"][-1].setdefault("previousEventId", 0)
            return response

        response: Response = self.executions.stop(data.get("executionArn", ""), abort)
        return response

    def describe_state_machine_for_execution(self, data: Request) -> Response:
        """ministack describes the state machine of today; the execution runs the one that it started with."""
        status, headers, body = self._original["_describe_state_machine_for_execution"](data)
        record = self.service._executions.get(data.get("executionArn"))
        if status != 200 or not record or "startedWith" not in record:
            return status, headers, body
        return status, headers, json.dumps({**json.loads(body), **record["startedWith"]}).encode()

    def run_execution(self, exec_arn: str) -> None:
        record = self.service._executions[exec_arn]
        self.executions.run(record, self.service._state_machines[record["stateMachineArn"]])

    def abort_all(self) -> None:
        """Abort what runs: the cloud stops, and no execution can go on after that."""
        for record in list(self.service._executions.all_values()):
            if record["status"] == "RUNNING":
                self._abort(record["executionArn"])
        self.executions.wait()

    def _abort(self, execution_arn: str) -> None:
        from ministack.core import responses

        region, account = execution_arn.split(":")[3:5]
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        self.stop_execution({"executionArn": execution_arn, "error": _RESTART_ERROR, "cause": _RESTART_CAUSE})

    def restore_state(self, data: Any) -> None:
        """ministack fails what ran when the cloud was killed; the history must say so too."""
        self._original["_restore_state"](data)
        for record in self.service._executions.all_values():
            if record["status"] == "FAILED" and record.get("error") == _RESTART_ERROR:
                _close_history(self.service, record)


def _close_history(service: Any, record: Record) -> None:
    if record["events"][-1]["type"] != "ExecutionFailed":
        record["cause"] = _RESTART_CAUSE
        details = {"error": _RESTART_ERROR, "cause": _RESTART_CAUSE}
        event = {"executionFailedEventDetails": details, "previousEventId": record["events"][-1]["id"]}
        service._add_event(record, "ExecutionFailed", event)


def _log_refusal(configuration: dict[str, Any], role_arn: str, machine_arn: str) -> tuple[str, str] | None:
    """Why AWS would not take the logging configuration, as code and message, or None."""
    from ministack.services import cloudwatch_logs

    if configuration.get("level", "OFF") == "OFF":
        return None
    for destination in configuration.get("destinations", []):
        group_arn = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
        if log_group_name(group_arn) not in cloudwatch_logs._log_groups:
            return "InvalidLoggingConfiguration", f"Log Destination {group_arn} does not exist"
    for action in _LOG_ACTIONS:
        if not role_allows(role_arn, "states.amazonaws.com", machine_arn, f"logs:{action}", "*"):
            return "AccessDeniedException", _NO_LOGS.format(role_arn, action)
    return None


def _is_assumable(role_arn: str, machine_arn: str) -> bool:
    regional = f"states.{plugin.current_region()}.amazonaws.com"
    principals = ("states.amazonaws.com", regional)
    return any(plugin.role_trusts(role_arn, principal, machine_arn) for principal in principals)
