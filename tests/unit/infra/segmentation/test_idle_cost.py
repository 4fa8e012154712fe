"""What an idle day costs: every endpoint and every secret of the template is in the table."""

from __future__ import annotations

import re
from typing import Any

from infra.segmentation import idle_cost
from tests.unit.infra.conftest import ROOT


def number_of(template: dict[str, Any], kind: str) -> int:
    return len([one for one in template["Resources"].values() if one["Type"] == kind])


def listed(what: str) -> int:
    (one,) = [one for one in idle_cost.IDLE if one.what == what]
    return one.number


def test_the_table_counts_what_the_template_makes(segmentation: dict[str, Any]) -> None:
    interfaces = [
        one
        for one in segmentation["Resources"].values()
        if one["Type"] == "AWS::EC2::VPCEndpoint" and one["Properties"]["VpcEndpointType"] == "Interface"
    ]
    assert listed("interface endpoints") == len(interfaces)
    assert listed("secrets") == number_of(segmentation, "AWS::SecretsManager::Secret") + 1  # the master's
    assert listed("alarms") == number_of(segmentation, "AWS::CloudWatch::Alarm")


def test_no_type_that_is_paid_for_by_the_hour_is_left_out(segmentation: dict[str, Any]) -> None:
    kinds = {one["Type"] for one in segmentation["Resources"].values()}
    by_the_hour = {"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::RDS::DBProxy"}
    assert not by_the_hour & kinds


def test_the_environment_files_say_what_the_table_says() -> None:
    for path in (ROOT / "environments" / "segmentation").glob("*.yaml"):
        (said,) = re.findall(r"idle day costs about \$([0-9.]+)", path.read_text())
        key = 0 if path.stem == "dev" else 1 / 30
        assert float(said) == round(idle_cost.a_day("create") - 1 / 30 + key, 2), path.name


def test_people_read_a_sum_for_each_mode() -> None:
    text = idle_cost.markdown()
    assert f"**{idle_cost.a_day('create'):.2f}**" in text
    assert text.count("\n") == len(idle_cost.IDLE) + 3
