"""The cost of one execution: every service in it, and what is not there is said."""

from __future__ import annotations

import pytest

from covidlake.base.errors import IngestionError, PriceError
from covidlake.cost import prices, run_cost
from covidlake.run import execution
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack
from tests.unit.covidlake.conftest import Stubs
from tests.unit.covidlake.cost.events import whole

MACHINE = "arn:aws:states:us-east-2:111122223333:stateMachine:covid-lake-dev-ingestion"
ARN = f"{MACHINE.replace(':stateMachine:', ':execution:')}:today"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {"StateMachineArn": MACHINE}
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", outputs))
    monkeypatch.setattr(stack, "describe", lambda _: {"Parameters": []})
    monkeypatch.setattr(execution, "history", lambda _: whole().events)
    monkeypatch.setattr(execution, "names", lambda _: ["today"])
    monkeypatch.setattr(execution, "status_of", lambda _, name: "SUCCEEDED" if name == "today" else None)


def answer_nothing(stubs: Stubs) -> None:
    stubs("glue").add_response("get_job_runs", {"JobRuns": []})
    stubs("glue").add_response("list_crawls", {"Crawls": []})
    for _ in range(3):
        stubs("logs").add_response("filter_log_events", {"events": []})


@pytest.mark.usefixtures("deployed")
def test_every_service_of_a_run_has_its_line(stubs: Stubs) -> None:
    answer_nothing(stubs)
    cost = run_cost.of_execution("dev", "today")
    names = {line.price.name for line in cost.lines}
    assert names == {
        "states_transition",
        "glue_dpu_hour",
        "lambda_arm_gb_second",
        "lambda_request",
        "athena_terabyte",
        "sns_publish",
        "s3_write",
        "s3_read",
        "logs_gigabyte",
        "xray_trace",
    }
    # 9 transitions, 2 DPU for 90 s, 13 MB, one message, by hand; the rest is below a tenth of a cent.
    by_hand = 9 * 0.000025 + 2 * 90 / 3600 * 0.44 + 13 / 1e6 * 5.0 + 0.0000005
    assert cost.usd == pytest.approx(by_hand, abs=0.001)
    assert (cost.region, cost.title) == ("us-east-2", "execution today")
    assert cost.unknown == ()


@pytest.mark.usefixtures("deployed")
def test_a_run_of_a_stack_with_a_dashboard_has_a_line_for_its_metrics(
    stubs: Stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {"ParameterKey": "CloudWatchDashboard", "ParameterValue": "true"}
    monkeypatch.setattr(stack, "describe", lambda _: {"Parameters": [drawn]})
    answer_nothing(stubs)
    (line,) = (one for one in run_cost.of_execution("dev", "today").lines if one.price.name == "metric_month")
    assert line.usd == pytest.approx(4 / 730 * 0.30)


@pytest.mark.usefixtures("deployed")
def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(IngestionError, match=r"todya.*today"):
        run_cost.of_execution("dev", "todya")


def test_a_region_without_prices_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"StateMachineArn": MACHINE.replace("us-east-2", "ap-south-2")}
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", elsewhere))
    monkeypatch.setattr(stack, "describe", lambda _: None)
    with pytest.raises(PriceError, match="ap-south-2"):
        run_cost.of_execution("dev", "today")


def test_what_a_report_has_collected_is_priced_without_a_call(stubs: Stubs) -> None:
    assert run_cost.of_facts(ARN.replace("us-east-2", "ap-south-2"), whole().events) is None
    found = run_cost.of_facts(ARN, whole().events, [{"Id": "jr_1", "DPUSeconds": 3600, "ExecutionTime": 90}])
    assert found is not None
    by_price = {line.price.name: line.usd for line in found.lines}
    assert by_price["glue_dpu_hour"] == pytest.approx(0.44)
    assert by_price["glue_crawler_dpu_hour"] == pytest.approx(2 * 600 / 3600 * 0.44)
    # 1 GB for 3 s, and 0.25 GB for what the three calls of the crawler's functions took
    assert by_price["lambda_arm_gb_second"] == pytest.approx((3.0 + 0.25 * 1.5) * 0.0000133334)
    without = run_cost.of_facts(ARN, whole().events)
    assert without is not None
    glue = next(line for line in without.lines if line.price.name == "glue_dpu_hour")
    assert glue.usd == pytest.approx(2 * 90 / 3600 * 0.44), "the history says how long it ran"
    assert stubs


def test_a_job_run_alone_has_a_price_in_known_regions() -> None:
    run = {"DPUSeconds": 3600}
    assert run_cost.job_run_usd(run, "us-east-1") == pytest.approx(0.44)
    assert run_cost.job_run_usd(run, "ap-south-2") is None
    assert "ap-south-2" not in prices.regions()
