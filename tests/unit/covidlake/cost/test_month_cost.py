"""The month: executions of all pages, what stands for as long as it stood, and the forecast by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from covidlake.cost import month_cost
from covidlake.cost.lines import dollars
from covidlake.run import execution
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack
from tests.unit.covidlake.conftest import Stubs
from tests.unit.covidlake.cost.events import History

MACHINE = "arn:aws:states:us-east-2:111122223333:stateMachine:covid-lake-dev-ingestion"
NOW = datetime(2026, 11, 16, tzinfo=UTC)  # half of November
DAILY = {"ScheduleExpression": "cron(15 4 * * ? *)", "ScheduleState": "ENABLED"}


def states(count: int) -> History:
    """An execution of nothing but states: each costs $0.000025, and a trace and its logs come on top."""
    made = History()
    for number in range(count):
        made.enter(f"S{number}", "Pass")
        made.leave(f"S{number}", "Pass")
    return made


def item(name: str, started: datetime, status: str = "SUCCEEDED") -> dict[str, Any]:
    arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"
    return {
        "executionArn": arn,
        "stateMachineArn": MACHINE,
        "name": name,
        "status": status,
        "startDate": started,
    }


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    parameters = dict(DAILY)
    outputs = {"StateMachineArn": MACHINE}
    described = {
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", outputs))
    monkeypatch.setattr(stack, "describe", lambda _: described)
    monkeypatch.setattr(execution, "history", lambda _: states(4).events)
    return parameters


def answer_stack(stubs: Stubs, **resources: str) -> None:
    listed = [
        {
            "LogicalResourceId": name,
            "ResourceType": kind,
            "LastUpdatedTimestamp": NOW,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name, kind in resources.items()
    ]
    stubs("cloudformation").add_response("list_stack_resources", {"StackResourceSummaries": listed})
    stubs("cloudformation").add_response("get_template", {"TemplateBody": '{"Resources": {}}'})


@pytest.mark.usefixtures("deployed")
def test_the_month_is_read_on_all_pages_down_to_its_first_day(stubs: Stubs) -> None:
    states_client = stubs("stepfunctions")
    first = [item("c", NOW - timedelta(hours=1), "RUNNING"), item("b", NOW - timedelta(days=1))]
    second = [item("a", NOW - timedelta(days=2)), item("october", datetime(2026, 10, 31, tzinfo=UTC))]
    states_client.add_response("list_executions", {"executions": first, "nextToken": "more"})
    states_client.add_response("list_executions", {"executions": second, "nextToken": "never asked for"})
    answer_stack(stubs, Key="AWS::KMS::Key", Failed="AWS::CloudWatch::Alarm", Odd="AWS::Odd::Thing")
    month = month_cost.of_month("dev", NOW)
    assert [run.name for run in month.runs] == ["c", "b", "a"]
    each = 4 * 0.000025 + 0.000005 + 40 / 1e6 * 0.50  # states, a trace, 40 kB of logs
    each += 0.5 * 0.0000133334 + 0.0000002 + 2 * 0.000005 + 2 * 0.0000004  # and the record: a call, requests
    assert month.so_far.usd == pytest.approx(3 * each)
    assert month.standing.usd == pytest.approx(1.10 * 15 / 30)  # a key and an alarm for half a month
    assert month.standing.unknown == ("what AWS::Odd::Thing costs by being there",)
    assert month.forecast is not None
    # 15 starts to come at 04:15 of the 16th to the 30th; only the two that ended say what one costs.
    assert month.forecast.runs == 15
    assert month.forecast.usd == pytest.approx(3 * each + 15 * each + 1.10)
    ways = month.forecast.arithmetic
    assert ways.endswith(f" = {dollars(month.forecast.usd)}"), "as the sum that stands before it"
    assert f"{dollars(month.forecast.standing_usd)} standing" in ways


@pytest.mark.usefixtures("deployed")
def test_without_an_ended_run_there_is_no_forecast_and_it_says_why(stubs: Stubs) -> None:
    stubs("stepfunctions").add_response("list_executions", {"executions": []})
    answer_stack(stubs)
    month = month_cost.of_month("dev", NOW)
    assert month.forecast is None
    assert month.why_not == "15 runs to come, and none has ended this month to say what one costs"


@pytest.mark.usefixtures("deployed")
def test_more_executions_than_are_read_are_said(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_cost, "MOST_EXECUTIONS", 1)
    listed = [item("b", NOW - timedelta(hours=1)), item("a", NOW - timedelta(hours=2))]
    stubs("stepfunctions").add_response("list_executions", {"executions": listed})
    answer_stack(stubs)
    month = month_cost.of_month("dev", NOW)
    assert [run.name for run in month.runs] == ["b"]
    assert month.so_far.unknown == ("executions before the newest 1 of the month: not counted",)


@pytest.mark.usefixtures("deployed")
def test_a_stack_that_may_not_be_looked_at_is_said(stubs: Stubs) -> None:
    stubs("stepfunctions").add_response("list_executions", {"executions": []})
    stubs("cloudformation").add_client_error("list_stack_resources", service_error_code="AccessDenied")
    month = month_cost.of_month("dev", NOW)
    assert month.standing.lines == ()
    assert "what stands in stack covid-lake-dev: ClientError" in month.standing.unknown[0]


def test_a_disabled_schedule_brings_no_more_runs(
    stubs: Stubs, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {"CreationTime": NOW - timedelta(days=1), "Parameters": []}
    monkeypatch.setattr(stack, "describe", lambda _: described)
    stubs("stepfunctions").add_response("list_executions", {"executions": []})
    answer_stack(stubs, Key="AWS::KMS::Key")
    month = month_cost.of_month("dev", NOW)
    assert deployed
    assert month.standing.usd == pytest.approx(1 / 30)  # since the stack is there: a day
    assert month.forecast is not None
    assert (month.forecast.runs, month.forecast.schedule) == (0, "no schedule")
    assert month.forecast.usd == pytest.approx(16 / 30)
