"""What a `.sync` Task waits for: how its state is read, what it returns, how it is stopped."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

from botocore.model import OperationModel

from localcloud.step_functions.states import naming
from localcloud.step_functions.states.integrations import SYNC_2, Integration
from localcloud.step_functions.states.shapes import to_result

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"


class Job(ABC):
    """One piece of work that a Task started. `poll` and `stop` call the API as the state machine's role."""

    polled: str  # the action that tells the work's state

    def __init__(
        self, client: Any, integration: Integration, request: dict[str, Any], response: dict[str, Any]
    ) -> None:
        self.client = client
        self.integration = integration
        self.request = request
        self.response = response

    @abstractmethod
    def poll(self) -> tuple[str, dict[str, Any]]:
        """RUNNING, SUCCEEDED or FAILED, and the work's description: the Task's output, or its cause."""

    @abstractmethod
    def stop(self) -> None:
        """Ask the service to end the work."""

    def submitted(self) -> dict[str, Any]:
        """What the TaskSubmitted event says about the work."""
        return to_result(self.integration.operation, self.response, self.integration.stamp)

    def _result(self, response: dict[str, Any]) -> dict[str, Any]:
        shape = naming.operation(self.integration.service, self.polled)
        return to_result(shape, response, self.integration.stamp) if shape else {}


class GlueJobRun(Job):
    polled = "getJobRun"

    def submitted(self) -> dict[str, Any]:
        return {**super().submitted(), "JobName": self.request["JobName"]}

    def poll(self) -> tuple[str, dict[str, Any]]:
        response = self.client.get_job_run(JobName=self.request["JobName"], RunId=self.response["JobRunId"])
        run = self._result(response)["JobRun"]
        states = {"SUCCEEDED": SUCCEEDED}
        states |= dict.fromkeys(("FAILED", "ERROR", "TIMEOUT", "STOPPED", "EXPIRED"), FAILED)
        return states.get(run["JobRunState"], RUNNING), {**run, "JobName": self.request["JobName"]}

    def stop(self) -> None:
        self.client.batch_stop_job_run(JobName=self.request["JobName"], JobRunIds=[self.response["JobRunId"]])


class AthenaQuery(Job):
    polled = "getQueryExecution"

    def poll(self) -> tuple[str, dict[str, Any]]:
        response = self.client.get_query_execution(QueryExecutionId=self.response["QueryExecutionId"])
        result = self._result(response)
        states = {"SUCCEEDED": SUCCEEDED, "FAILED": FAILED, "CANCELLED": FAILED}
        return states.get(result["QueryExecution"]["Status"]["State"], RUNNING), result

    def stop(self) -> None:
        self.client.stop_query_execution(QueryExecutionId=self.response["QueryExecutionId"])


class NestedExecution(Job):
    polled = "describeExecution"

    def poll(self) -> tuple[str, dict[str, Any]]:
        response = self.client.describe_execution(executionArn=self.response["executionArn"])
        result = self._result(response)
        if "Output" not in result:
            result.pop("OutputDetails", None)
        if self.integration.pattern == SYNC_2:
            for name in ("Input", "Output"):
                if name in result:
                    result[name] = json.loads(result[name])
        states = {"SUCCEEDED": SUCCEEDED, "RUNNING": RUNNING, "PENDING_REDRIVE": RUNNING}
        return states.get(result["Status"], FAILED), result

    def stop(self) -> None:
        self.client.stop_execution(executionArn=self.response["executionArn"])


_KINDS: dict[str, type[Job]] = {"glue": GlueJobRun, "athena": AthenaQuery, "stepfunctions": NestedExecution}


def job_of(client: Any, integration: Integration, request: dict[str, Any], response: dict[str, Any]) -> Job:
    """What a `.sync` integration has started, by its service."""
    return _KINDS[integration.botocore_name](client, integration, request, response)


def polled_operation(integration: Integration) -> OperationModel | None:
    """What a `.sync` integration polls: its answer is the Task's result, or has it as a part (Glue)."""
    return naming.operation(integration.service, _KINDS[integration.botocore_name].polled)
