from __future__ import annotations

import re
from typing import Any

import pytest

from infra.common import datazone
from ingestion.state.datazone import ARGUMENT


@pytest.fixture(params=["template", "segmentation"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(request.param)
    return found


def test_it_is_off_unless_a_domain_is_given(made: dict[str, Any]) -> None:
    assert made["Parameters"][datazone.PARAMETER]["Default"] == ""
    assert made["Conditions"][datazone.CONDITION] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": datazone.PARAMETER}, ""]}]
    }


def test_every_job_has_the_domain_and_the_right_to_send_only_then(made: dict[str, Any]) -> None:
    resources = made["Resources"]
    jobs = [title for title, one in resources.items() if one["Type"] == "AWS::Glue::Job"]
    assert jobs
    for title in jobs:
        given = resources[title]["Properties"]["DefaultArguments"][f"--{ARGUMENT}"]
        assert given["Fn::If"][:2] == [datazone.CONDITION, {"Ref": datazone.PARAMETER}]
        (policy,) = resources[f"{title}Role"]["Properties"]["Policies"]
        rights = [one["Fn::If"] for one in policy["PolicyDocument"]["Statement"] if "Fn::If" in one]
        (right,) = (one for one in rights if one[0] == datazone.CONDITION)
        assert right[1]["Action"] == ["datazone:PostLineageEvent"]
        assert right[2] == {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("", True),
        ("dzd_4abc5defghijkl", True),
        ("dzd-4abc", True),
        ("4abc", False),
        ("dzd_", False),
        ("dzd_a b", False),
        ("arn:aws:datazone:us-east-2:111122223333:domain/dzd_a", False),
    ],
)
def test_only_the_id_of_a_domain_is_taken(made: dict[str, Any], value: str, taken: bool) -> None:
    pattern = made["Parameters"][datazone.PARAMETER]["AllowedPattern"]
    assert bool(re.search(pattern, value)) is taken
