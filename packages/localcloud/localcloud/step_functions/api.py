"""Step Functions: AWS's API over ministack's records, and an interpreter that acts as the machine's role."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from localcloud.iam import policies
from localcloud.plugin import AwsError, cleanup, require, state
from localcloud.step_functions.control import authorization, single_states
from localcloud.step_functions.control.activities import Activities
from localcloud.step_functions.control.announcing import announce
from localcloud.step_functions.control.callbacks import Callbacks
from localcloud.step_functions.control.executions import ExecutionRequests
from localcloud.step_functions.control.machines import Machines
from localcloud.step_functions.control.map_runs import MapRuns
from localcloud.step_functions.control.redrives import Redrives
from localcloud.step_functions.control.requests import Body, Operation, Request
from localcloud.step_functions.control.tags import Tags
from localcloud.step_functions.control.versions import Versions
from localcloud.step_functions.definition.check import problems
from localcloud.step_functions.states import loading
from localcloud.step_functions.states.resuming import Point
from localcloud.step_functions.states.running import Executions, Record

Response = tuple[int, dict[str, str], bytes]

_RESTART_ERROR = "States.ServiceRestart"
_RESTART_CAUSE = "The local cloud was stopped while the execution was running"


def install(app: Any) -> None:
    """Put the interpreter and the answers of AWS behind ministack's Step Functions API."""
    from ministack.services import stepfunctions

    service = _StepFunctions(stepfunctions)
    service.plug_in()
    policies.RESOURCE_OF["states"] = authorization.resource
    cleanup.at_exit(service.abort_all)
    state.keep("step_functions", save=dict, restore=lambda _: None, reset=service.executions.forget)
    app.SERVICE_HANDLERS["states"] = service.with_own_operations(app.SERVICE_HANDLERS["states"])
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
        self.executions = Executions(announce)
        self.machines = Machines(service)
        self.requests = ExecutionRequests(service, self.machines, self.run)
        self.requests.announce = announce
        self.requests.begin = self.executions.begin
        self.requests.redrives = Redrives(
            self.executions.settled,
            announce,
            lambda record, point: self.executions.begin(self.go_on, record, point),
        )
        self.activities = Activities(service)
        self.tags = Tags(service)

    def plug_in(self) -> None:
        own = self._operations()
        kept = {
            "_restore_state": self.restore_state,
            "_run_execution": self.run_execution,
            "_emit_execution_status_event": announce,
        }
        arguments = {"_run_execution": ["exec_arn"], "_emit_execution_status_event": ["execution"]}
        require(self.service, "_register_sfn_jsonata_functions", ["expr"])
        require(self.service, "_add_event", ["execution", "event_type", "details"])
        names = [*own, *kept, "_get_activity_task"]
        self._original = {name: require(self.service, name, arguments.get(name, ["data"])) for name in names}
        for name, operation in own.items():
            setattr(self.service, name, self._answering(operation))
        for name, function in kept.items():
            setattr(self.service, name, function)
        self.service._get_activity_task = self.get_activity_task
        self._take_over()

    def _take_over(self) -> None:
        """Give the operations what of ministack they go on using."""
        self.machines.create = self._asked("_create_state_machine")
        self.machines.update = self._asked("_update_state_machine")
        self.machines.delete = self._asked("_delete_state_machine")
        self.requests.history = self._asked("_get_execution_history")
        self.activities.create = self._asked("_create_activity")
        self.tags.tag = self._asked("_tag_resource")
        self.tags.untag = self._asked("_untag_resource")
        self.tags.listed = self._asked("_list_tags_for_resource")

    def _operations(self) -> dict[str, Operation]:
        versions, runs = Versions(self.service), MapRuns(self.service)
        callbacks, requests = Callbacks(self.service), self.requests
        methods: tuple[Operation, ...] = (
            self.machines.create_state_machine,
            self.machines.update_state_machine,
            self.machines.delete_state_machine,
            self.machines.describe_state_machine,
            self.machines.list_state_machines,
            self.validate_state_machine_definition,
            single_states.test_state,
            requests.start_execution,
            requests.start_sync_execution,
            self.stop_execution,
            requests.describe_execution,
            requests.list_executions,
            requests.get_execution_history,
            requests.describe_state_machine_for_execution,
            versions.publish_state_machine_version,
            versions.list_state_machine_versions,
            versions.delete_state_machine_version,
            versions.create_state_machine_alias,
            versions.update_state_machine_alias,
            versions.describe_state_machine_alias,
            versions.list_state_machine_aliases,
            runs.list_map_runs,
            runs.describe_map_run,
            runs.update_map_run,
            self.activities.create_activity,
            self.activities.describe_activity,
            self.activities.delete_activity,
            self.activities.list_activities,
            self.tags.tag_resource,
            self.tags.untag_resource,
            self.tags.list_tags_for_resource,
            callbacks.send_task_success,
            callbacks.send_task_failure,
            callbacks.send_task_heartbeat,
        )
        return {f"_{method.__name__}": method for method in methods}

    def _asked(self, name: str) -> Operation:
        """ministack's operation, whose error is raised."""
        original = self._original[name]

        def ask(request: Request) -> Body:
            status, _, body = original(request)
            answer: Body = json.loads(body)
            if status >= 400:
                raise AwsError(answer.get("__type", "").rpartition("#")[2], answer.get("message", ""))
            return answer

        return ask

    def _answering(self, operation: Operation) -> Callable[[Request], Response]:
        def answer(data: Request) -> Response:
            try:
                response: Response = self.service.json_response(operation(data))
            except AwsError as error:
                refused: Response = self.service.error_response_json(error.code, error.message, 400)
                return refused
            return response

        return answer

    def with_own_operations(self, handler: Any) -> Any:
        """ministack's handler, and before it the operations that it has not."""
        redrive = self._answering(self.requests.redrive_execution)

        async def handle(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
            if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
                context = contextvars.copy_context()  # it waits: what it waits for needs the loop
                return await asyncio.to_thread(context.run, redrive, json.loads(body or b"{}"))
            return await handler(method, path, headers, body, query_params)

        return handle

    async def get_activity_task(self, data: Request) -> Response:
        try:
            response: Response = self.service.json_response(await self.activities.task(data))
        except AwsError as error:
            refused: Response = self.service.error_response_json(error.code, error.message, 400)
            return refused
        return response

    def validate_state_machine_definition(self, request: Request) -> Body:
        """AWS's findings, warnings aside; the answer of a good definition is an empty list."""
        found = problems(request.get("definition", ""), request.get("type", "STANDARD"))
        diagnostics = [problem.diagnostic() for problem in found[: request.get("maxResults") or 100]]
        result = "FAIL" if diagnostics else "OK"
        return {"result": result, "diagnostics": diagnostics, "truncated": len(diagnostics) < len(found)}

    def stop_execution(self, request: Request) -> Body:
        def stop(asked: Request) -> Body:
            def abort() -> Body:
                answer: Body = self._asked("_stop_execution")(asked)
                self.requests.tell_abortion(asked)
                return answer

            stopped: Body = self.executions.stop(asked["executionArn"], abort)
            return stopped

        return self.requests.stop_execution(request, stop)

    def run_execution(self, exec_arn: str) -> None:
        self.run(self.service._executions[exec_arn])

    def run(self, record: Record) -> None:
        """Interpret the machine, or the version of it that the execution was started with."""
        arn = record.get("stateMachineVersionArn") or record["stateMachineArn"]
        self.executions.run(record, self.machines.found(arn) or {})

    def go_on(self, record: Record, point: Point) -> None:
        """Interpret what is left of an execution that is redriven."""
        arn = record.get("stateMachineVersionArn") or record["stateMachineArn"]
        self.executions.go_on(record, self.machines.found(arn) or {"name": arn.split(":")[6]}, point)

    def abort_all(self) -> None:
        """Abort what runs: the cloud stops, and no execution can go on after that."""
        for record in list(self.service._executions.all_values()):
            if record["status"] == "RUNNING":
                self._abort(record)
        self.executions.wait()

    def _abort(self, record: Record) -> None:
        from ministack.core import responses

        region, account = record["executionArn"].split(":")[3:5]
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        why = {"error": _RESTART_ERROR, "cause": _RESTART_CAUSE}
        request = {**why, "executionArn": record["executionArn"]}

        def abort() -> None:
            self._original["_stop_execution"](request)
            self.requests.tell_abortion(request)

        self.executions.stop(record["executionArn"], abort)

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
