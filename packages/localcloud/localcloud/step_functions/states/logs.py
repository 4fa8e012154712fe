"""What an execution sends to CloudWatch: its log events and its metrics."""

from __future__ import annotations

import json
import logging
import queue
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from localcloud import plugin
from localcloud.plugin import log_batches

_FATAL = {"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"}
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level
_ERROR = _FATAL | {
    *("FailStateEntered", "EvaluationFailed", "MapStateAborted", "MapStateFailed", "MapRunAborted"),
    *("LambdaFunctionFailed", "LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed"),
    *("LambdaFunctionTimedOut", "MapIterationAborted", "MapIterationFailed", "MapRunFailed"),
    *("ParallelStateAborted", "ParallelStateFailed", "TaskFailed", "TaskStartFailed", "TaskStateAborted"),
    *("TaskSubmitFailed", "TaskTimedOut", "WaitStateAborted"),
}
_DATA_FIELDS = ("input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables")
_logger = logging.getLogger(__name__)


class Deliveries:
    """One thread that writes to CloudWatch, so that no execution waits for it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, delivery: Callable[[], None]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="states-deliveries")
                self._thread.start()
        self._queue.put(delivery)

    def _work(self) -> None:
        while True:
            delivery = self._queue.get()
            try:
                delivery()
            except Exception:
                _logger.warning("Step Functions could not write to CloudWatch", exc_info=True)


deliveries = Deliveries()


def log_group_name(arn: str) -> str:
    """The group of `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`."""
    return arn.partition(":log-group:")[2].split(":")[0]


class LogStream:
    """The log events of one execution, by the state machine's loggingConfiguration."""

    def __init__(self, machine: dict[str, Any], execution_arn: str, redrive_count: int = 0) -> None:
        configuration = machine.get("loggingConfiguration") or {}
        self._level = configuration.get("level", "OFF")
        self._with_data = configuration.get("includeExecutionData", False)
        self._groups = [
            log_group_name(destination["cloudWatchLogsLogGroup"]["logGroupArn"])
            for destination in configuration.get("destinations", [])
        ]
        minute = datetime.now(UTC).strftime("%Y-%m-%d-%H-%M")
        self._stream = f"states/{machine['name']}/{minute}/{uuid.uuid4().hex[:8]}"
        self._execution_arn = execution_arn
        self._redrive_count = redrive_count
        self._region, self._account = execution_arn.split(":")[3:5]
        self._pending: list[dict[str, Any]] = []
        self._created = False

    def add(self, event: dict[str, Any]) -> None:
        """Keep the event for the next flush when the level asks for it."""
        wanted = {"ALL": {event["type"]}, "ERROR": _ERROR, "FATAL": _FATAL}.get(self._level, set())
        if event["type"] in wanted and self._groups:
            self._pending.append(self._log_event(event))

    def _log_event(self, event: dict[str, Any]) -> dict[str, Any]:
        moment = int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000)
        found = next((value for key, value in event.items() if key.endswith("EventDetails")), None)
        message = {
            "id": str(event["id"]),
            "type": event["type"],
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(moment),
            "execution_arn": self._execution_arn,
            "redrive_count": str(self._redrive_count),
        }
        if found is not None:
            hidden = () if self._with_data else _DATA_FIELDS
            message["details"] = {key: value for key, value in found.items() if key not in hidden}
        return {"timestamp": moment, "message": json.dumps(message)}

    def flush(self) -> None:
        """Have what is kept written to the log group, in the background."""
        pending, self._pending = self._pending, []
        if pending:
            deliveries.put(lambda: self._write(pending))

    def _write(self, events: list[dict[str, Any]]) -> None:
        client = plugin.client("logs", plugin.root_credentials(self._account), self._region)
        for group in self._groups:
            if not self._created:
                _create_stream(client, group, self._stream)
            log_batches.put(client, group, self._stream, events)
        self._created = True


def _create_stream(client: Any, group: str, stream: str) -> None:
    try:
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise


def put_metrics(state_machine_arn: str, values: dict[str, tuple[float, str]]) -> None:
    """Publish AWS/States metrics (name -> value and unit) of a state machine, in the background."""
    region, account = state_machine_arn.split(":")[3:5]
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Unit": unit,
            "Dimensions": [{"Name": "StateMachineArn", "Value": state_machine_arn}],
        }
        for name, (value, unit) in values.items()
    ]

    def deliver() -> None:
        client = plugin.client("cloudwatch", plugin.root_credentials(account), region)
        client.put_metric_data(Namespace="AWS/States", MetricData=data)

    deliveries.put(deliver)
