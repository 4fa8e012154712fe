"""A smoke test is a success only if no task was left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from covidlake.base.errors import EnvironmentFileError, IngestionError
from covidlake.run import smoke
from covidlake.run.execution import Execution, StateVisit
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

DEFINITION = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "States": {
                    "RunJob": {"Type": "Task"},
                    "Crawl": {"Type": "Task"},
                    "NotifyDataSetFailed": {"Type": "Task"},
                    "Done": {"Type": "Pass"},
                }
            },
        },
        "Announce": {"Type": "Task"},
    },
}


def ended(*states: str) -> Execution:
    arn = f"{OUTPUTS['StateMachineArn'].replace(':stateMachine:', ':execution:')}:smoke-1"
    return Execution(arn, "SUCCEEDED", 9.0, {}, "", "", [StateVisit(name, 1.0) for name in states])


def described(stubs: Stubs) -> None:
    answer = {
        "stateMachineArn": OUTPUTS["StateMachineArn"],
        "name": "x",
        "definition": json.dumps(DEFINITION),
        "roleArn": "arn:aws:iam::111122223333:role/x",
        "type": "STANDARD",
        "creationDate": datetime(2022, 12, 7, tzinfo=UTC),
    }
    stubs("stepfunctions").add_response(
        "describe_state_machine", answer, {"stateMachineArn": OUTPUTS["StateMachineArn"]}
    )


def test_every_task_was_passed_but_those_that_tell_of_failures(stubs: Stubs) -> None:
    described(stubs)
    smoke.check(ended("RunJob", "Crawl", "Done", "Each", "Announce"))


def test_a_task_that_was_left_out_is_named(stubs: Stubs) -> None:
    described(stubs)
    with pytest.raises(IngestionError, match="smoke-1 succeeded, but did not go through Crawl, Announce: "):
        smoke.check(ended("RunJob", "Done", "Each"))


def test_it_asks_for_the_newest_day_of_one_data_set() -> None:
    content = smoke.request("uk_covid").content()
    assert content == {"mode": "smoke", "datasets": ["uk_covid"], "from": "latest"}


def test_another_pipeline_is_refused_with_what_goes_through_every_step() -> None:
    with pytest.raises(EnvironmentFileError, match="covidlake ingest segmentation/dev --full"):
        smoke.check_pipeline("segmentation/dev")
    smoke.check_pipeline("dev")
