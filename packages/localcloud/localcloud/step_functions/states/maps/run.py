"""A map run: reads the items, runs a child execution for each or for each batch, and gathers the results."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType

from localcloud.step_functions.states import clients
from localcloud.step_functions.states.failures import failure
from localcloud.step_functions.states.maps import batching, readers, templates, writer
from localcloud.step_functions.states.maps.children import Child, Record, new_record
from localcloud.step_functions.states.shapes import iso_stamp

_MOST_THREADS = 40  # AWS runs up to 10,000 children at once
_SLICE_SECONDS = 0.05
EXCEEDED = "The specified tolerated failure threshold was exceeded"
_COUNTED = {
    "PENDING": "pending",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
}


def evaluate(component: Any, env: Any) -> None:
    """For moto's DistributedIterationComponent: `component` is the item processor of a Map state."""
    run = MapRun(component, env, env.stack.pop())
    run.add_event(
        HistoryEventType.MapRunStarted, {"mapRunStartedEventDetails": {"mapRunArn": run.record["mapRunArn"]}}
    )
    try:
        output = run.run()
    except Exception as error:
        run.close("FAILED" if env.is_running() else "ABORTED")
        run.add_event(HistoryEventType.MapRunFailed, {"mapRunFailedEventDetails": _reason(error)})
        raise
    run.close("SUCCEEDED" if env.is_running() else "ABORTED")
    run.add_event(HistoryEventType.MapRunSucceeded, None)
    env.stack.append(output)


def _reason(error: Exception) -> dict[str, str]:
    pair = error.extract_error_cause_pair() if hasattr(error, "extract_error_cause_pair") else None
    return {name: value for name, value in zip(("error", "cause"), pair or (), strict=False) if value}


class MapRun:
    """`record` is what DescribeMapRun answers; the children's records are executions like any."""

    def __init__(self, component: Any, env: Any, given: Any) -> None:
        from ministack.services import stepfunctions

        self.component, self.env, self.given = component, env, given
        self.definition: dict[str, Any] = component.map_definition
        self.children: list[Record] = []
        self._inputs: list[Any] = []
        self._running: dict[str, Child] = {}
        self._over = threading.Event()
        self._written = False
        self._lock = threading.Lock()
        made = given.map_run_record
        self.record: Record = {
            "mapRunArn": made.map_run_arn,
            "executionArn": made.execution_arn,
            "status": "RUNNING",
            "startDate": iso_stamp(datetime.now(UTC)),
            "maxConcurrency": made.max_concurrency,
            "toleratedFailureCount": given.tolerated_failure_count or 0,
            "toleratedFailurePercentage": float(given.tolerated_failure_percentage or 0),
            "_stateMachineArn": made.map_state_machine_arn,
            **self._counts(),
        }
        self._service = stepfunctions
        self._enter_account()
        stepfunctions._map_runs[made.map_run_arn] = self.record

    def _enter_account(self) -> None:
        """Each thread has a context of its own, and ministack's stores are per account and region."""
        from ministack.core import responses

        region, account = self.given.map_run_record.map_run_arn.split(":")[3:5]
        responses.set_request_account_id(account)
        responses.set_request_region(region)

    def add_event(self, kind: Any, details: Any) -> None:
        self.env.event_manager.add_event(
            context=self.env.event_history_context, event_type=kind, event_details=details
        )

    def run(self) -> Any:
        self._prepare(self._items())
        self._run_children()
        config = (self.definition.get("ResultWriter") or {}).get("WriterConfig", {})
        place = self._destination()
        output = writer.results(self.children, config) if place is None else self._write(place, config)
        if self._exceeded():
            raise failure(self.env, "States.ExceedToleratedFailureThreshold", EXCEEDED)
        return output

    def _items(self) -> list[Any]:
        reader = self.given.item_reader
        if reader is None:
            return list(self.given.input_items)
        config = templates.reader_config(reader, self.definition, self.env)
        parameters = templates.value(reader.parargs, self.env) if reader.parargs else {}
        try:
            return readers.read(self._s3(), reader.resource.api_action, parameters, config)
        except readers.ItemReaderError as error:
            raise failure(self.env, "States.ItemReaderFailed", str(error)) from error

    def _s3(self) -> Any:
        from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials

        details = self.env.aws_execution_details
        return clients.client_for(details.region, "s3", StateCredentials(role_arn=details.role_arn))

    def _prepare(self, items: list[Any]) -> None:
        """Make the children's records: AWS lists them as soon as the items are read."""
        inputs = [templates.item_input(self.given, self.env, index, item) for index, item in enumerate(items)]
        batcher = self.definition.get("ItemBatcher")
        if batcher:
            fields = templates.batcher(batcher, self.definition, self.env)
            inputs = list(batching.batches(inputs, *fields))
        express = self._kind() == "EXPRESS"
        for child_input in inputs:
            record = new_record(self.record, self.env, child_input, express)
            self.children.append(record)
            self._inputs.append(child_input)
            self._service._executions[record["executionArn"]] = record
        self._count()

    def _kind(self) -> str:
        processor = self.definition.get("ItemProcessor") or self.definition.get("Iterator") or {}
        return str(processor.get("ProcessorConfig", {}).get("ExecutionType", "STANDARD"))

    def _run_children(self) -> None:
        most = min(self.record["maxConcurrency"] or _MOST_THREADS, _MOST_THREADS, len(self.children))
        program = self.component._get_iteration_program()
        with ThreadPoolExecutor(max(1, most), thread_name_prefix="map-run") as pool:
            futures = [
                pool.submit(self._run_child, record, given, program)
                for record, given in zip(self.children, self._inputs, strict=True)
            ]
            while not all(future.done() for future in futures):
                if not self.env.is_running() or self._exceeded():
                    self._stop()
                self._over.wait(_SLICE_SECONDS)
                self._over.clear()
        for future in futures:
            future.result()

    def _run_child(self, record: Record, child_input: Any, program: Any) -> None:
        self._enter_account()
        child = Child(record, child_input, self.env, self._kind())
        with self._lock:
            if not self.env.is_running() or self._exceeded():
                record["status"], record["stopDate"] = "ABORTED", iso_stamp(datetime.now(UTC))
                return
            self._running[record["executionArn"]] = child
        child.run(program)
        with self._lock:
            del self._running[record["executionArn"]]
        self._count()
        self._over.set()

    def _stop(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for child in running:
            child.stop()

    def _exceeded(self) -> bool:
        """Whether more children failed than the Map tolerates."""
        failed = sum(1 for child in self.children if child["status"] in ("FAILED", "TIMED_OUT"))
        share = 100 * failed / max(len(self.children), 1)
        limits = (self.given.tolerated_failure_count or 0, self.given.tolerated_failure_percentage or 0)
        exceeded = [value > limit for value, limit in zip((failed, share), limits, strict=True) if limit]
        return any(exceeded) or bool(failed and not exceeded)

    def _destination(self) -> dict[str, str] | None:
        result_writer = self.definition.get("ResultWriter") or {}
        template = result_writer.get("Parameters") or result_writer.get("Arguments")
        if template is None or "Resource" not in result_writer:
            return None
        return templates.evaluated(template, self.definition, self.env)  # type: ignore[no-any-return]

    def _write(self, place: dict[str, str], config: dict[str, str]) -> dict[str, Any]:
        try:
            written = writer.write(self._s3(), self.record["mapRunArn"], place, config, self.children)
        except Exception as error:
            raise failure(self.env, "States.ResultWriterFailed", str(error)) from error
        self._written = True
        self._count()
        return written

    def _counts(self) -> dict[str, Any]:
        counts = dict.fromkeys(("pending", *list(_COUNTED.values())[1:], "resultsWritten", "total"), 0)
        items = dict(counts)
        for child, given in zip(self.children, self._inputs, strict=True):
            name = _COUNTED[child["status"]]
            size = len(given["Items"]) if self.definition.get("ItemBatcher") else 1
            for counted, number in ((counts, 1), (items, size)):
                counted[name] += number
                counted["total"] += number
        return {"executionCounts": counts, "itemCounts": items}

    def _count(self) -> None:
        counts = self._counts()
        for counted in counts.values():
            counted["resultsWritten"] = counted["total"] if self._written else counted["succeeded"]
        self.record.update(counts)

    def close(self, status: str) -> None:
        self._count()
        self.record["stopDate"] = iso_stamp(datetime.now(UTC))
        self.record["status"] = status
