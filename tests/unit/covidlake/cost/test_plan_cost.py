"""What a plan costs more or less, worked by hand in us-east-1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from covidlake.cost import plan_cost
from covidlake.cost.plan_cost import PlanCost
from tests.unit.covidlake.ship.plan_samples import change, context, detail, plan_of

SMALL = {"WorkerType": "G.1X", "NumberOfWorkers": "2", "ExecutionClass": "STANDARD", "Timeout": "15"}


def cost_of(folder: Path, *changes: dict[str, Any], region: str = "us-east-1") -> PlanCost:
    return plan_cost.of_plan(plan_of(folder, *changes), region)


def modified(kind: str, before: dict[str, Any], after: dict[str, Any], name: str = "Job") -> dict[str, Any]:
    details = [detail(one) for one in after if after[one] != before.get(one)]
    sides = {"BeforeContext": context(**before), "AfterContext": context(**after)}
    return change(name, kind, Details=details, **sides)


@pytest.mark.parametrize(
    ("changed", "after"),
    [
        # 4 workers of 2 DPU: 8 x 0.44 = 3.52 an hour; a minute 0.0587; a quarter of an hour 0.88
        (
            {"WorkerType": "G.2X", "NumberOfWorkers": "4"},
            "4 x G.2X STANDARD: 8 DPU x $0.44 = at most $3.52 an hour, $0.0587 for the shortest run, "
            "$0.88 for one of 15 min (the time-out)",
        ),
        (
            {"ExecutionClass": "FLEX"},
            "2 x G.1X FLEX: 2 DPU x $0.29 = at most $0.58 an hour, $0.00967 for the shortest run, "
            "$0.145 for one of 15 min (the time-out)",
        ),
        (
            {"Timeout": "60"},
            "2 x G.1X STANDARD: 2 DPU x $0.44 = at most $0.88 an hour, $0.0147 for the shortest run, "
            "$0.88 for one of 60 min (the time-out)",
        ),
        ({"WorkerType": "R.1X"}, "2 x R.1X STANDARD: not known what it costs"),
    ],
)
def test_a_job_costs_by_workers_class_and_time_out(
    tmp_path: Path, changed: dict[str, str], after: str
) -> None:
    (only,) = cost_of(tmp_path, modified("AWS::Glue::Job", SMALL, {**SMALL, **changed})).changes
    assert only.what == "each run of Job"
    assert only.before.startswith("2 x G.1X STANDARD: 2 DPU x $0.44 = at most $0.88 an hour, $0.0147 ")
    assert only.after == after


def test_a_schedule_says_how_many_runs_a_month_has(tmp_path: Path) -> None:
    before = {"ScheduleExpression": "rate(1 day)", "State": "DISABLED"}
    after = {"ScheduleExpression": "rate(1 day)", "State": "ENABLED"}
    (only,) = cost_of(tmp_path, modified("AWS::Events::Rule", before, after, "ScheduleRule")).changes
    assert (only.what, only.before) == ("runs by ScheduleRule", "rate(1 day): disabled, none")
    assert only.after in {f"rate(1 day): {days} in this month" for days in (28, 29, 30, 31)}


def test_what_stands_is_added_up(tmp_path: Path) -> None:
    endpoint = {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}
    cluster = {"ServerlessV2ScalingConfiguration": {"MinCapacity": "0", "MaxCapacity": "4"}}
    cost = cost_of(
        tmp_path,
        change("Key", "AWS::KMS::Key", "Add", AfterContext=context(EnableKeyRotation=True)),
        change("Alarm", "AWS::CloudWatch::Alarm", "Remove", BeforeContext=context(MetricName="x")),
        change("Endpoint", "AWS::EC2::VPCEndpoint", "Add", AfterContext=context(**endpoint)),
        change("Cluster", "AWS::RDS::DBCluster", "Add", AfterContext=context(**cluster)),
    )
    found = {one.what: one.usd_a_month for one in cost.changes}
    assert found == {
        "Key (AWS::KMS::Key), a month": pytest.approx(1.00),
        "Alarm (AWS::CloudWatch::Alarm), a month": pytest.approx(-0.10),
        "Endpoint (AWS::EC2::VPCEndpoint), a month": pytest.approx(2 * 730 * 0.01),
    }
    assert cost.usd_a_month == pytest.approx(1.00 - 0.10 + 14.60)
    assert cost.notes == (
        "Cluster: $0.12 for each ACU-hour in use, 4 ACU at most: $0.48 an hour; "
        "$0.1 a month for each GB stored",
    )


def test_what_costs_nothing_is_not_mentioned(tmp_path: Path) -> None:
    cost = cost_of(
        tmp_path,
        change("Queue", "AWS::SQS::Queue", "Add", AfterContext=context(QueueName="x")),
        modified("AWS::Glue::Job", {**SMALL, "Description": "a"}, {**SMALL, "Description": "b"}),
        change("Watch", "AWS::Events::Rule", "Add", AfterContext=context(EventPattern={})),
    )
    assert cost.is_empty


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    cost = cost_of(
        tmp_path,
        change("Odd", "AWS::Odd::Thing", "Add"),
        change("Key", "AWS::KMS::Key", "Add"),
    )
    assert cost.unknown == (
        "Key: CloudFormation does not show its properties",
        "Odd: CloudFormation does not show its properties",
    )
    shown = change("Odd", "AWS::Odd::Thing", "Add", AfterContext=context(Name="x"))
    assert cost_of(tmp_path, shown).unknown == ("what AWS::Odd::Thing costs by being there (Odd)",)


def test_a_region_without_prices_is_said_where_it_matters(tmp_path: Path) -> None:
    key = change("Key", "AWS::KMS::Key", "Add", AfterContext=context(Enabled=True))
    (only,) = cost_of(tmp_path, key, region="ap-south-2").unknown
    assert only.startswith("region ap-south-2: ")
    assert cost_of(tmp_path, change("Queue", "AWS::SQS::Queue", "Add"), region="ap-south-2").is_empty
