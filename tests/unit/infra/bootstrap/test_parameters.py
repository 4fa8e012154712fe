"""The parameters of the bootstrap stack: described, constrained, grouped."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("stacks", "fits"),
    [("pr-*", True), ("dev", True), ("*", False), ("pr*", False), ("", False), ("p-*", False)],
)
def test_no_wider_pattern_of_stacks_is_taken(bootstrap: dict[str, Any], stacks: str, fits: bool) -> None:
    pattern = bootstrap["Parameters"]["StackEnvironment"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, stacks)) == fits


def test_every_parameter_is_described_and_constrained_and_in_a_group(bootstrap: dict[str, Any]) -> None:
    groups = bootstrap["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(t for group in groups for t in group["Parameters"]) == sorted(bootstrap["Parameters"])
    for one, parameter in bootstrap["Parameters"].items():
        assert len(parameter["Description"]) > 10, one
        assert {"AllowedValues", "AllowedPattern"} & set(parameter), one
        assert parameter["ConstraintDescription"].startswith("must be "), one


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "Environment",
            ["dev", "pre-12", "staging", "artifact", "preview"],
            [
                "Dev",
                "1dev",
                "dev_1",
                "dev-",
                "a--b",
                "",
                "artifacts",
                "bootstrap",
                "artifacts-2",
                "bootstrap-x",
            ],
        ),
        ("Organization", ["acme", "a-1", "A"], ["", "-a", "a-", "a/b", "*", "a" * 40]),
        ("OrganizationId", ["1", "9919"], ["", "0", "01", "x", "*", "1 2"]),
        ("Repository", ["lake", "a.b_c-d"], ["", "a/b", "*", "a b", "a:b"]),
        ("RepositoryId", ["1296269"], ["", "*", "abc"]),
        ("OperationsEnvironment", ["", "prod-ops"], ["*", "a:b", "a b"]),
        ("SourceBucket", ["covid19-lake"], ["", "*", "s3://x", "A"]),
    ],
)
def test_patterns(bootstrap: dict[str, Any], parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = bootstrap["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []
