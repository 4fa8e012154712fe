"""What IAM and CloudFormation take at most, for the longest names that there can be."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from covidlake.ship.bootstrap import bootstrap
from infra.bootstrap import policies as bootstrap_policies
from tests.facts import templates
from tests.facts.templates import BOOTSTRAP, CASES, Case

# White space does not count. A role's inline policies count together.
INLINE, MANAGED, TRUST, KEY_POLICY, TEMPLATE = 10_240, 6_144, 2_048, 32_768, 51_200
LONGEST = [
    Case(environment="e" * 13, stack="covid-lake-" + "e" * 13, encryption="SSE-KMS"),
    Case(environment="preview", stack="covid-lake-pr-999999999", encryption="SSE-KMS"),
]


class Far(Case):
    """In the region with the longest name, for the partition with the longest name."""

    region = "ap-southeast-99"


FAR = [Far(**{**dataclasses.asdict(case), "partition": "aws-us-gov"}) for case in LONGEST]


def size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def documents(case: Case, module: str, *kinds: str) -> dict[str, int]:
    """By logical id: the size of all its policies of these kinds."""
    found: dict[str, int] = {}
    for policy in templates.policies(templates.render(module, case)):
        if policy.kind in kinds:
            whole = {"Version": "2012-10-17", "Statement": list(policy.statements)}
            found[policy.logical_id] = found.get(policy.logical_id, 0) + size(whole)
    return found


@pytest.mark.parametrize("case", [*CASES, *FAR], ids=str)
def test_shared_policies_fit(case: Case) -> None:
    sizes = documents(case, BOOTSTRAP, "identity")
    assert {name: sizes[name] for name in bootstrap_policies.ENDS if sizes[name] > MANAGED} == {}


@pytest.mark.parametrize("case", [*CASES, *FAR], ids=str)
@pytest.mark.parametrize("module", sorted(templates.builders()))
def test_policies_fit(case: Case, module: str) -> None:
    limits = {("identity",): INLINE, ("boundary",): MANAGED, ("trust",): TRUST, ("resource",): KEY_POLICY}
    for kinds, limit in limits.items():
        sizes = documents(case, module, *kinds)
        assert {name: found for name, found in sizes.items() if found > limit} == {}


def test_a_policy_that_is_attached_counts_with_its_role() -> None:
    for case in FAR:
        sizes = documents(case, BOOTSTRAP, "identity")
        assert sizes["DeployRole"] + sizes.get("PreviewPolicy", 0) <= INLINE


def test_the_first_bootstrap_template_can_be_sent_without_a_bucket() -> None:
    assert len(bootstrap.first_template().encode()) <= TEMPLATE
