"""A plan is read as it was written, and refused when it was changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covidlake.base.errors import PlanError
from covidlake.ship.plan import plan_file
from tests.unit.covidlake.ship.plan_samples import change, context, detail, plan_of

FUNCTION = change(
    "Start",
    "AWS::Lambda::Function",
    Details=[detail("Code", Path="/Properties/Code/S3Key")],
    BeforeContext=context(Code={"S3Key": "old"}),
    AfterContext=context(Code={"S3Key": "new"}),
)
TOPIC = change("Topic", "AWS::SNS::Topic", "Add", AfterContext=context(TopicName="t"))


def test_json_gives_the_same_plan_back(tmp_path: Path) -> None:
    made = plan_of(tmp_path, FUNCTION, TOPIC, parameters=({}, {"Areas": "*"}))
    text = plan_file.to_json(made)
    again = plan_file.from_json(text)
    assert again == made
    assert plan_file.to_json(again) == text
    assert json.loads(text)["fingerprint"] == made.fingerprint()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', '{"version": 2, "resources": 3}', "null"])
def test_what_is_no_plan_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanError, match=r"plan\.json: not a plan") as caught:
        plan_file.read_file(path)
    assert "\n" not in str(caught.value)


def test_a_missing_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.json: no plan here"):
        plan_file.read_file(tmp_path / "none.json")


def test_a_plan_that_was_changed_is_refused(tmp_path: Path) -> None:
    text = plan_file.to_json(plan_of(tmp_path, FUNCTION)).replace('"after": "new"', '"after": "evil"')
    with pytest.raises(PlanError, match="changed since it was written"):
        plan_file.from_json(text)


def test_a_plan_of_another_version_is_refused() -> None:
    with pytest.raises(PlanError, match="version 99"):
        plan_file.from_json('{"version": 99}')
