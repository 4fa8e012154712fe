"""A Task whose Resource is an activity: a worker takes its input and answers with its token."""

from __future__ import annotations

import time
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy import (
    StateTaskActivity,
)

from localcloud.step_functions.states import tokens, waiting
from localcloud.step_functions.states.expressions import to_json_str
from localcloud.step_functions.states.failures import failure, failure_event, missed_heartbeat
from localcloud.step_functions.states.outcomes import HeartbeatMissedError, TaskFailedError

_POLL_SECONDS = 0.03


class ActivityTask(StateTaskActivity):  # type: ignore[misc]
    """moto's, whose workers ask ministack for their tasks."""

    def _eval_execution(self, env: Any) -> None:
        from ministack.services import stepfunctions

        given = self._eval_parameters(env=env)
        text = given if isinstance(given, str) else to_json_str(given)
        arn = self.resource.resource_arn
        token = tokens.new_token(arn)
        region, account = arn.split(":")[3:5]
        env.states.context_object.context_object_data["Task"] = {"Token": token}
        with tokens.registered(token, account, region) as answer:
            if arn not in stepfunctions._activities:
                raise failure(env, "States.Runtime", f"The activity {arn} does not exist.")
            self._add(env, HistoryEventType.ActivityScheduled, self._scheduled(env, arn, text))
            stepfunctions._activity_tasks.setdefault(arn, []).append({"taskToken": token, "input": text})
            value = self._await(env, answer)
        details = {"output": to_json_str(value), "outputDetails": {"truncated": False}}
        env.stack.append(value)
        self._add(env, HistoryEventType.ActivitySucceeded, details)

    def _scheduled(self, env: Any, arn: str, text: str) -> dict[str, Any]:
        details: dict[str, Any] = {"resource": arn, "input": text, "inputDetails": {"truncated": False}}
        if not self.timeout.is_default_value():
            self.timeout.eval(env=env)
            details["timeoutInSeconds"] = env.stack.pop()
        if (seconds := self._heartbeat(env)) is not None:
            details["heartbeatInSeconds"] = seconds
        return details

    def _heartbeat(self, env: Any) -> Any:
        if self.heartbeat is None:
            return None
        self.heartbeat.eval(env=env)
        return env.stack.pop()

    def _await(self, env: Any, answer: tokens.Answer) -> Any:
        while env.is_running() and answer.worker is None:
            waiting.wait(env, _POLL_SECONDS)
        name = {"workerName": answer.worker} if answer.worker else {}
        self._add(env, HistoryEventType.ActivityStarted, name)
        began, heartbeat = time.time(), self._heartbeat(env)
        while env.is_running() and not answer.given():
            if heartbeat and time.time() - max(began, answer.last_heartbeat()) > heartbeat:
                raise HeartbeatMissedError
            waiting.wait(env, _POLL_SECONDS)
        if not env.is_running():
            raise InterruptedError(f"the state {self.name} is over")
        return answer.value()

    def _add(self, env: Any, kind: Any, details: dict[str, Any]) -> None:
        name = f"{kind.value[0].lower()}{kind.value[1:]}EventDetails"
        env.event_manager.add_event(
            context=env.event_history_context, event_type=kind, event_details={name: details}
        )

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if isinstance(ex, TaskFailedError):
            return failure_event(env, ex.error, ex.cause, HistoryEventType.ActivityFailed)
        if isinstance(ex, HeartbeatMissedError):
            return missed_heartbeat(super()._from_error(env=env, ex=TimeoutError()))
        if isinstance(ex, TimeoutError):
            return super()._from_error(env=env, ex=ex)
        return super(StateTaskActivity, self)._from_error(env=env, ex=ex)
