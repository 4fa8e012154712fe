"""The Task state of a service integration: one API call as the state machine's role, and what follows it."""

from __future__ import annotations

import json
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
    LambdaFunctionErrorException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda

from localcloud.step_functions.states import clients, integrations, tokens, waiting
from localcloud.step_functions.states.failures import failure_event, missed_heartbeat
from localcloud.step_functions.states.integrations import TASK_TOKEN, Integration
from localcloud.step_functions.states.outcomes import HeartbeatMissedError, TaskFailedError
from localcloud.step_functions.states.shapes import UnsupportedFieldError, compact_json, to_request, to_result
from localcloud.step_functions.states.tasks import jobs, s3_objects, sdk_metadata
from localcloud.step_functions.states.tasks.errors import (
    api_failure,
    function_failure,
    json_or_text,
    parameters_failure,
)

_POLL_SECONDS = (0.03, 0.15)


class ServiceTask(StateTaskService):  # type: ignore[misc]
    """A Task whose Resource is a service integration, with the patterns .sync and .waitForTaskToken."""

    integration: Integration

    def _validate_service_integration_is_supported(self) -> None:
        self.integration = integrations.find(self.resource.resource_arn)

    def _get_supported_parameters(self) -> set[str]:
        return set()  # nothing is dropped silently: unknown parameters are refused

    def _get_sfn_resource(self) -> str:
        pattern = self.integration.pattern
        return f"{self.resource.api_action}.{pattern}" if pattern else str(self.resource.api_action)

    def _get_sfn_resource_type(self) -> str:
        if self.integration.optimised:
            return str(self.resource.service_name)
        return f"{self.resource.service_name}:{self.resource.api_name}"

    def _eval_body(self, env: Any) -> None:
        if self.integration.pattern:
            context = env.states.context_object.context_object_data
            context["Task"] = {"Token": tokens.new_token(context["StateMachine"]["Id"])}
        super()._eval_body(env)
        env.states.context_object.context_object_data.pop("Task", None)

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        region = resource_runtime_part.region
        client = clients.client_for(region, self.integration.botocore_name, state_credentials)
        self._parameters = normalised_parameters
        request = to_request(self.integration.operation, self._prepare(env, normalised_parameters))
        if self.integration.pattern == TASK_TOKEN:
            output = self._call_and_await_token(env, client, request, resource_runtime_part)
        elif self.integration.pattern:
            output = self._call_and_await_job(env, client, request, resource_runtime_part)
        else:
            output = self._output(self._call(client, request))
        if not env.is_running():
            raise InterruptedError(f"the state {self.name} is over")
        env.stack.append(output)

    def _prepare(self, env: Any, parameters: dict[str, Any]) -> dict[str, Any]:
        """What the optimised integrations add to or turn into JSON in their parameters."""
        name = self.integration.botocore_name if self.integration.optimised else ""
        if name == "lambda" and isinstance(parameters.get("Payload"), str):
            return {**parameters, "Payload": _json_bytes(parameters["Payload"])}
        if name == "events":
            context = env.states.context_object.context_object_data
            arns = [context["StateMachine"]["Id"], context["Execution"]["Id"]]
            entries = parameters.get("Entries", [])
            return {
                "Entries": [{**entry, "Resources": [*entry.get("Resources", []), *arns]} for entry in entries]
            }
        if name == "stepfunctions":
            return {"Input": {}, **parameters}
        if self.integration.operation.name == "PutObject" and "Body" in parameters:
            return {**s3_objects.TYPE_OF_TEXT, **parameters}
        return parameters

    def _call(self, client: Any, request: dict[str, Any]) -> dict[str, Any]:
        method = client.meta.method_to_api_mapping
        names = {operation: python_name for python_name, operation in method.items()}
        call = getattr(client, names[self.integration.operation.name])
        optimised = self.integration.optimised
        if optimised and self.integration.botocore_name == "events":
            return self._put_events(call, request)
        response: dict[str, Any] = call(**request)
        if response.get("FunctionError") and optimised:
            raise function_failure(response["Payload"].read().decode(), spaced=False)
        return response

    def _put_events(self, call: Any, request: dict[str, Any]) -> dict[str, Any]:
        response: dict[str, Any] = call(**request)
        if response["FailedEntryCount"]:
            failed = to_result(self.integration.operation, response, self.integration.stamp)
            raise TaskFailedError("EventBridge.FailedEntry", compact_json(failed))
        return response

    def _output(self, response: dict[str, Any]) -> dict[str, Any]:
        output = to_result(self.integration.operation, response, self.integration.stamp)
        output = self.integration.renamed(output)
        if self.integration.botocore_name == "s3":
            output = s3_objects.shown(
                self.integration.operation.name, output, getattr(self, "_parameters", {})
            )
        size = 0
        if self.integration.optimised and self.integration.botocore_name == "lambda":
            size = len(output.get("Payload", "").encode())
            output["Payload"] = json_or_text(output.get("Payload", ""))
        if self.integration.reports_metadata:
            output |= sdk_metadata.of(self.integration.botocore_name, response, size)
        return output

    def _call_and_await_job(self, env: Any, client: Any, request: dict[str, Any], runtime: Any) -> Any:
        response = self._call(client, request)
        job = jobs.job_of(client, self.integration, request, response)
        token = env.states.context_object.context_object_data["Task"]["Token"]
        with tokens.registered(token, runtime.account, runtime.region) as answer:
            return self._await_job(env, job, response, answer)

    def _await_job(self, env: Any, job: Any, response: dict[str, Any], answer: tokens.Answer) -> Any:
        self._submitted(env, {**self._output(response), **job.submitted()})
        first, last = _POLL_SECONDS
        pause = first
        while env.is_running():
            if answer.given():  # whoever has the token may end the Task before its work
                return answer.value()
            state, description = job.poll()
            if state == jobs.SUCCEEDED:
                return description
            if state == jobs.FAILED:
                raise TaskFailedError("States.TaskFailed", compact_json(description))
            waiting.wait(env, pause)
            pause = min(pause * 1.5, last)
        job.stop()
        raise InterruptedError(f"the state {self.name} was ended before its work")

    def _call_and_await_token(self, env: Any, client: Any, request: dict[str, Any], runtime: Any) -> Any:
        token = env.states.context_object.context_object_data["Task"]["Token"]
        with tokens.registered(token, runtime.account, runtime.region) as answer:
            self._submitted(env, self._output(self._call(client, request)))
            heartbeat = self._heartbeat_seconds(env)
            while env.is_running() and not answer.given():
                if heartbeat and time.time() - answer.last_heartbeat() > heartbeat:
                    raise HeartbeatMissedError
                waiting.wait(env, _POLL_SECONDS[0])
            return answer.value()

    def _heartbeat_seconds(self, env: Any) -> float | None:
        if self.heartbeat is None:
            return None
        self.heartbeat.eval(env=env)
        return float(env.stack.pop())

    def _submitted(self, env: Any, output: dict[str, Any]) -> None:
        details = {
            **self._event_resource(),
            "output": compact_json(output),
            "outputDetails": {"truncated": False},
        }
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.TaskSubmitted,
            event_details={"taskSubmittedEventDetails": details},
        )

    def _event_resource(self) -> dict[str, str]:
        return {"resourceType": self._get_sfn_resource_type(), "resource": self._get_sfn_resource()}

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if isinstance(ex, HeartbeatMissedError):
            return missed_heartbeat(self._get_timed_out_failure_event(env=env))
        failed = self._failure(ex)
        if failed is None:
            return super()._from_error(env=env, ex=ex)
        kind = HistoryEventType.TaskFailed
        if isinstance(ex, ClientError) and self.integration.pattern:
            kind = HistoryEventType.TaskSubmitFailed
        return failure_event(env, failed.error, failed.cause, kind, **self._event_resource())

    def _failure(self, ex: Exception) -> TaskFailedError | None:
        if isinstance(ex, TaskFailedError):
            return ex
        if isinstance(ex, ClientError):
            return api_failure(self.integration, ex)
        if isinstance(ex, UnsupportedFieldError | ParamValidationError):
            return parameters_failure(self.integration, ex, getattr(self, "_parameters", {}))
        if isinstance(ex, BotoCoreError):
            return TaskFailedError(f"{self.integration.name}.SdkClientException", str(ex))
        return None


class FunctionTask(StateTaskLambda):  # type: ignore[misc]
    """A Task whose Resource is a function's ARN: its output is what the function returns."""

    _INVOKE = "arn:aws:states:::lambda:invoke"

    def _verify_size_quota(self, env: Any, value: Any) -> None:
        if not env.is_running():
            raise InterruptedError(f"the state {self.name} is over")
        super()._verify_size_quota(env, value)

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if isinstance(ex, LambdaFunctionErrorException):
            failed = function_failure(ex.payload, spaced=True)
        elif isinstance(ex, ClientError):
            failed = api_failure(integrations.find(self._INVOKE), ex)
        elif isinstance(ex, TimeoutError):
            return super()._from_error(env=env, ex=ex)
        else:
            return ExecutionState._from_error(self, env=env, ex=ex)
        return failure_event(env, failed.error, failed.cause, HistoryEventType.LambdaFunctionFailed)


def _json_bytes(payload: str) -> bytes:
    """A Payload that is text: JSON as it is, any other text as a JSON string."""
    try:
        json.loads(payload)
    except ValueError:
        payload = json.dumps(payload)
    return payload.encode()
