"""What resources cost by being there: one example for each type, worked by hand in us-east-1."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from covidlake.base import project
from covidlake.bundle import template
from covidlake.cost import prices, standing
from covidlake.environment import pipelines

US = prices.load("us-east-1")


@pytest.mark.parametrize(
    ("kind", "given", "usd"),
    [
        ("AWS::KMS::Key", {}, 1.00),
        ("AWS::CloudWatch::Alarm", {"MetricName": "Failed"}, 0.10),
        (
            "AWS::CloudWatch::Alarm",
            {"Metrics": [{"MetricStat": {}}, {"MetricStat": {}}, {"Expression": "x"}]},
            0.20,
        ),
        ("AWS::CloudWatch::Dashboard", {}, 3.00),
        ("AWS::SecretsManager::Secret", {}, 0.40),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, 2 * 730 * 0.01),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, 0.0),
        ("AWS::RDS::DBCluster", {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5}}, 0.5 * 730 * 0.12),
        ("AWS::RDS::DBCluster", {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0}}, 0.0),
        ("AWS::RDS::DBCluster", {"ManageMasterUserPassword": True}, 0.40),
        ("AWS::S3::Bucket", {}, 0.0),
    ],
)
def test_a_month_of_a_resource(kind: str, given: dict[str, Any], usd: float) -> None:
    assert sum(line.usd for line in standing.month(US, kind, "X", given)) == pytest.approx(usd)


def test_a_cluster_says_what_its_use_costs() -> None:
    given = {"ServerlessV2ScalingConfiguration": {"MinCapacity": "0", "MaxCapacity": "4"}}
    assert standing.notes(US, "AWS::RDS::DBCluster", "Cluster", given) == [
        "Cluster: $0.12 for each ACU-hour in use, 4 ACU at most: $0.48 an hour; "
        "$0.1 a month for each GB stored"
    ]
    assert standing.notes(US, "AWS::KMS::Key", "Key", {}) == []


def test_a_type_that_nobody_has_looked_up_is_unknown() -> None:
    assert standing.is_known("AWS::Lambda::Function")
    assert standing.is_known("AWS::EC2::Subnet")
    assert not standing.is_known("AWS::EC2::NatGateway")
    assert not standing.is_known("AWS::Odd::Thing")


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_the_files_of_the_segmentation_say_what_an_idle_day_costs(name: str) -> None:
    text = (project.ROOT / f"environments/segmentation/{name}.yaml").read_text()
    (said,) = re.findall(r"idle day costs about \$([0-9]+\.[0-9]+)", text)
    left_out = {
        kind
        for kind, parameter in {
            "AWS::KMS::Key": 'Encryption: "SSE-KMS"',
            "AWS::CloudWatch::Dashboard": 'CloudWatchDashboard: "true"',
        }.items()
        if f"\n  {parameter}" not in text
    }
    resources = json.loads(template.local_template("segmentation"))["Resources"]
    month = sum(
        line.usd
        for logical_id, one in resources.items()
        if one["Type"] not in left_out
        for line in standing.month(prices.load("us-east-2"), one["Type"], logical_id, one.get("Properties"))
    )
    assert f"{month / prices.HOURS_OF_MONTH * 24:.2f}" == said


def test_a_value_that_is_not_resolved_has_no_price() -> None:
    given = {"ServerlessV2ScalingConfiguration": {"MinCapacity": {"Ref": "MinCapacity"}}}
    assert standing.month(US, "AWS::RDS::DBCluster", "Cluster", given) == []


def test_every_type_in_our_templates_has_been_looked_up() -> None:
    kinds = {
        str(one["Type"])
        for pipeline in pipelines.names()
        for one in json.loads(template.local_template(pipeline))["Resources"].values()
    }
    assert "AWS::Glue::Job" in kinds
    assert [kind for kind in sorted(kinds) if not standing.is_known(kind)] == []
