"""What was not reviewed is not done, and what holds data goes only when it is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from covidlake.base.errors import DeployError
from covidlake.ship.plan import review
from covidlake.ship.plan.live_drift import LiveValue
from covidlake.ship.plan.model import Plan, ValueChange
from covidlake.ship.plan.resource_changes import PropertyChange, ResourceChange

TIMEOUT = PropertyChange("Timeout", 60, 30)
JOB = ResourceChange("Modify", "Job", "AWS::Glue::Job", replacement="False", properties=(TIMEOUT,))
BUCKET = ResourceChange("Remove", "LakeBucket", "AWS::S3::Bucket", policy_action="Delete")
TOPIC = ResourceChange("Modify", "Topic", "AWS::SNS::Topic", replacement="Conditional")
ROLE = ResourceChange("Remove", "JobRole", "AWS::IAM::Role")


def plan(*resources: ResourceChange, **more: object) -> Plan:
    made = Plan("dev", "covid-lake-dev", "UPDATE", "0" * 64, resources)
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_same_plan_from_another_bundle_is_agreed_to() -> None:
    review.check_reviewed(plan(JOB), plan(JOB, digest="1" * 64))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (plan(JOB, TOPIC), "resource Topic changes and was not in the plan"),
        (plan(), "resource Job was to change and no longer does"),
        (plan(replace(JOB, replacement="True")), "resource Job changes in another way"),
        (plan(replace(JOB, properties=(replace(TIMEOUT, after=31),))), "resource Job changes in another way"),
        (plan(JOB, parameters=(ValueChange("Areas", "*", "Wales"),)), "parameter Areas changes and was not"),
        (plan(JOB, tags=(ValueChange("Team", None, "data"),)), "tag Team changes and was not in the plan"),
        (plan(JOB, kind="CREATE"), "reviewed UPDATE, now CREATE"),
        (plan(JOB, mode="REVERT_DRIFT"), "reviewed STANDARD, now REVERT_DRIFT"),
    ],
)
def test_what_differs_from_the_reviewed_plan_is_reported(actual: Plan, expected: str) -> None:
    with pytest.raises(DeployError, match=expected) as caught:
        review.check_reviewed(plan(JOB), actual)
    assert str(caught.value).endswith("review it again with: covidlake plan dev")
    assert "\n" not in str(caught.value)


BY_HAND = LiveValue("Job", "AWS::Glue::Job", "Timeout", "60", "90", "30", "overwritten")


@pytest.mark.parametrize(
    ("reviewed", "actual"),
    [
        ((BY_HAND,), (BY_HAND,)),
        (None, (BY_HAND,)),
        ((), None),
        ((), (replace(BY_HAND, effect="stays"),)),
        ((), (replace(BY_HAND, ignored="an incident"),)),
    ],
)
def test_drift_that_was_shown_or_is_not_lost_or_could_not_be_seen_is_agreed_to(
    reviewed: tuple[LiveValue, ...] | None, actual: tuple[LiveValue, ...] | None
) -> None:
    review.check_reviewed(plan(JOB, drift=reviewed), plan(JOB, drift=actual))


@pytest.mark.parametrize("reviewed", [(), (replace(BY_HAND, live="75"),)])
def test_what_was_changed_by_hand_after_the_review_is_not_overwritten(
    reviewed: tuple[LiveValue, ...],
) -> None:
    with pytest.raises(DeployError, match=r"Job\.Timeout was changed by hand since: overwritten: review"):
        review.check_reviewed(plan(JOB, drift=reviewed), plan(JOB, drift=(BY_HAND,)))


def test_many_differences_are_counted() -> None:
    others = [replace(JOB, logical_id=f"Job{number}") for number in range(8)]
    with pytest.raises(DeployError, match=r"Job4 changes and was not in the plan \(and 3 more\)"):
        review.check_reviewed(plan(), plan(*others))


def test_a_plan_for_another_stack_is_refused() -> None:
    reviewed = replace(plan(JOB), stack_name="covid-lake-prod")
    with pytest.raises(DeployError, match="the reviewed plan is for stack covid-lake-prod"):
        review.check_reviewed(reviewed, plan(JOB))


def test_each_destructive_change_is_refused_by_name() -> None:
    with pytest.raises(DeployError) as caught:
        review.check_destructive(plan(BUCKET, JOB, ROLE, TOPIC), ())
    text = str(caught.value)
    assert "LakeBucket (AWS::S3::Bucket): deleted with what it holds" in text
    assert text.endswith("to allow it: --allow-destructive LakeBucket --allow-destructive Topic")


def test_allowing_one_does_not_allow_the_other() -> None:
    with pytest.raises(DeployError, match=r"to allow it: --allow-destructive Topic$"):
        review.check_destructive(plan(BUCKET, TOPIC), ["LakeBucket"])


def test_what_is_allowed_by_name_is_done() -> None:
    review.check_destructive(plan(BUCKET, TOPIC, JOB, ROLE), ["LakeBucket", "Topic"])
