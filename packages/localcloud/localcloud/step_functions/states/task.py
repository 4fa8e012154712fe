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

from localcloud.step_functions.states import clients, integrations, jobs, tokens, waiting
from localcloud.step_functions.states.failures import failure_event
from localcloud.step_functions.states.integrations import TASK_TOKEN, Integration
from localcloud.step_functions.states.shapes import UnsupportedFieldError, compact_json, to_request, to_result

_POLL_SECONDS = (0.03, 0.15)


class TaskFailedError(Exception):
    """A Task that failed under a name of AWS's or of its own code."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


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
        if self.integration.pattern == TASK_TOKEN:
            env.states.context_object.update_task_token()
        super()._eval_body(env)
        env.states.context_object.context_object_data.pop("Task", None)

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        region = resource_runtime_part.region
        client = clients.client_for(region, self.integration.botocore_name, state_credentials)
        request = to_request(self.integration.operation, self._prepare(env, normalised_parameters))
        if self.integration.pattern == TASK_TOKEN:
            output = self._call_and_await_token(env, client, request, resource_runtime_part)
        elif self.integration.pattern:
            output = self._call_and_await_job(env, client, request)
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
        return parameters

    def _call(self, client: Any, request: dict[str, Any]) -> dict[str, Any]:
        method = client.meta.method_to_api_mapping
        names = {operation: python_name for python_name, operation in method.items()}
        response: dict[str, Any] = getattr(client, names[self.integration.operation.name])(**request)
        if response.get("FunctionError"):
            raise _function_failure(response["Payload"].read().decode())
        if response.get("FailedEntryCount") and self.integration.optimised:
            failed = to_result(self.integration.operation, response, self.integration.stamp)
            raise TaskFailedError("EventBridge.FailedEntry", compact_json(failed))
        return response

    def _output(self, response: dict[str, Any]) -> dict[str, Any]:
        output = to_result(self.integration.operation, response, self.integration.stamp)
        if self.integration.optimised and self.integration.botocore_name == "lambda":
            output["Payload"] = _json_or_text(output.get("Payload", ""))
        if self.integration.reports_metadata:
            metadata = response["ResponseMetadata"]
            output["SdkHttpMetadata"] = {
                "HttpHeaders": metadata["HTTPHeaders"],
                "HttpStatusCode": metadata["HTTPStatusCode"],
            }
            output["SdkResponseMetadata"] = {"RequestId": metadata.get("RequestId", "")}
        return output

    def _call_and_await_job(self, env: Any, client: Any, request: dict[str, Any]) -> dict[str, Any]:
        response = self._call(client, request)
        job = jobs.job_of(client, self.integration, request, response)
        self._submitted(env, job.submitted())
        first, last = _POLL_SECONDS
        pause = first
        while env.is_running():
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
                    raise TaskFailedError("States.HeartbeatTimeout", "")
                waiting.wait(env, _POLL_SECONDS[0])
            if answer.error:
                raise TaskFailedError(answer.error["Error"], answer.error["Cause"])
            return json.loads(answer.result)

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
        failed = self._failure(ex)
        if failed is None:
            return super()._from_error(env=env, ex=ex)
        kind = HistoryEventType.TaskFailed
        if failed.error == "States.HeartbeatTimeout":
            kind = HistoryEventType.TaskTimedOut
        elif isinstance(ex, ClientError) and self.integration.pattern:
            kind = HistoryEventType.TaskSubmitFailed
        return failure_event(env, failed.error, failed.cause, kind, **self._event_resource())

    def _failure(self, ex: Exception) -> TaskFailedError | None:
        if isinstance(ex, TaskFailedError):
            return ex
        if isinstance(ex, ClientError):
            return _api_failure(self.integration, ex)
        if isinstance(ex, UnsupportedFieldError | ParamValidationError):
            return TaskFailedError("States.Runtime", str(ex))
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
            failed = _function_failure(ex.payload)
        elif isinstance(ex, ClientError):
            failed = _api_failure(integrations.find(self._INVOKE), ex)
        elif isinstance(ex, TimeoutError):
            return super()._from_error(env=env, ex=ex)
        else:
            return ExecutionState._from_error(self, env=env, ex=ex)
        return failure_event(env, failed.error, failed.cause, HistoryEventType.LambdaFunctionFailed)


def _api_failure(integration: Integration, error: ClientError) -> TaskFailedError:
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", code)
    metadata = error.response["ResponseMetadata"]
    status, request_id = metadata["HTTPStatusCode"], metadata.get("RequestId", "")
    cause = integration.cause(message, code, status, request_id)
    modelled = type(error).__name__  # botocore's class of the error, where the service's model has one
    return TaskFailedError(integration.error_name(code if modelled == "ClientError" else modelled), cause)


def _function_failure(payload: str) -> TaskFailedError:
    """A function's own error: AWS names it by the exception's class, the cause is the whole payload."""
    content = _json_or_text(payload)
    error = content.get("errorType") if isinstance(content, dict) else None
    return TaskFailedError(error or "Lambda.Unknown", payload)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json_bytes(payload: str) -> bytes:
    """A Payload that is text: JSON as it is, any other text as a JSON string."""
    try:
        json.loads(payload)
    except ValueError:
        payload = json.dumps(payload)
    return payload.encode()
