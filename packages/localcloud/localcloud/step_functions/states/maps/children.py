"""One child execution of a distributed Map: a record of its own, with its own history and variables."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramTimedOut

from localcloud.step_functions.states.history import History
from localcloud.step_functions.states.shapes import compact_json, iso_stamp

Record = dict[str, Any]


def new_record(run: Record, parent: Any, child_input: Any, express: bool) -> Record:
    """The record of a child that has not begun: ministack's, and our PENDING."""
    machine_arn, name = run["_stateMachineArn"], str(uuid.uuid4())
    kind = "express" if express else "execution"
    arn = f"{machine_arn.replace(':stateMachine:', f':{kind}:')}:{name}"
    context = parent.states.context_object.context_object_data
    return {
        "executionArn": f"{arn}:{uuid.uuid4()}" if express else arn,
        "stateMachineArn": machine_arn,
        "name": name,
        "status": "PENDING",
        "startDate": iso_stamp(datetime.now(UTC)),
        "stopDate": None,
        "input": compact_json(child_input),
        "inputDetails": {"included": True},
        "output": None,
        "mapRunArn": run["mapRunArn"],
        "events": [],
        "startedWith": {"roleArn": context["Execution"]["RoleArn"]},
        **({"sync": True} if express else {}),
    }


class Child:
    """A child while it runs."""

    def __init__(self, record: Record, child_input: Any, parent: Any, kind: str) -> None:
        self.record = record
        given = parent.states.context_object.context_object_data
        execution = {
            **given["Execution"],
            "Id": record["executionArn"],
            "Name": record["name"],
            "Input": child_input,
            "StartTime": record["startDate"],
        }
        self.environment = Environment(
            aws_execution_details=parent.aws_execution_details,
            execution_type=kind,
            context={
                "Execution": execution,
                "StateMachine": {**given["StateMachine"], "Id": record["stateMachineArn"]},
            },
            event_history_context=EventHistoryContext.of_program_start(),
            cloud_watch_logging_session=None,
            activity_store=parent.activity_store,
        )
        self.environment.states.reset(input_value=child_input)

    def run(self, program: Any) -> None:
        """Interpret the item processor; the record then holds the outcome."""
        record, environment = self.record, self.environment
        record["status"], record["startDate"] = "RUNNING", iso_stamp(datetime.now(UTC))
        environment.event_manager = History(record, lambda _event: None)
        details = {
            "input": record["input"],
            "inputDetails": {"truncated": False},
            "roleArn": record["startedWith"]["roleArn"],
        }
        environment.event_manager.add_event(
            context=environment.event_history_context,
            event_type=HistoryEventType.ExecutionStarted,
            event_details={"executionStartedEventDetails": details},
            update_source_event_id=False,
        )
        program.eval(environment)
        self._close()

    def _close(self) -> None:
        state = self.environment.program_state()
        status = "ABORTED"
        if isinstance(state, ProgramEnded):
            status = "SUCCEEDED"
            self.record["output"] = compact_json(self.environment.states.get_input())
        elif isinstance(state, ProgramTimedOut):
            status = "TIMED_OUT"
        elif isinstance(state, ProgramError):
            status = "FAILED"
            for name in ("error", "cause"):
                self.record[name] = (state.error or {}).get(name)
        self.record["stopDate"] = iso_stamp(datetime.now(UTC))
        self.record["status"] = status

    def stop(self) -> None:
        self.environment.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)
