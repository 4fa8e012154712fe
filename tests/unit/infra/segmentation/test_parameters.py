"""What differs between environments, and what is refused together."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.segmentation.parameters import MAX_SCHEMAS, NEEDED_BY_EXISTING
from tests.unit.infra.ingestion.test_parameters import CONSTRAINTS, SET_BY_DEPLOY


def test_every_parameter_is_described_constrained_and_in_one_group(segmentation: dict[str, Any]) -> None:
    for title, parameter in segmentation["Parameters"].items():
        assert len(parameter["Description"]) > 20, title
        assert CONSTRAINTS & set(parameter), title
        assert parameter["ConstraintDescription"].startswith("must be "), title
    groups = segmentation["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [title for group in groups for title in group["Parameters"]]
    assert sorted(grouped) == sorted(segmentation["Parameters"])


def test_every_environment_sets_every_parameter_and_no_other(
    segmentation: dict[str, Any], segmentation_environments: dict[str, dict[str, Any]]
) -> None:
    assert set(segmentation_environments) == {"dev", "staging", "prod"}
    expected = sorted(set(segmentation["Parameters"]) - SET_BY_DEPLOY)
    for name, environment in segmentation_environments.items():
        assert sorted(environment["parameters"]) == expected, name
        assert all(isinstance(value, str) for value in environment["parameters"].values()), name
        assert environment["parameters"]["Environment"] == environment["tags"]["Environment"] == name


def test_no_promotion_and_no_schedule_deploys_or_runs_it(
    segmentation_environments: dict[str, dict[str, Any]],
) -> None:
    for environment in segmentation_environments.values():
        assert "covidlake:promote" not in environment["tags"]
        assert environment["parameters"]["ScheduleState"] == "DISABLED"


def test_only_development_goes_without_tls_and_protection(
    segmentation_environments: dict[str, dict[str, Any]],
) -> None:
    for name, environment in segmentation_environments.items():
        given = environment["parameters"]
        expected = "false" if name == "dev" else "true"
        assert (given["EnforceTls"], given["DatabaseDeletionProtection"]) == (expected, expected)


def test_a_database_of_the_users_own_needs_what_it_is_known_by(segmentation: dict[str, Any]) -> None:
    rule = segmentation["Rules"]["ExistingDatabase"]
    said = [one["AssertDescription"] for one in rule["Assertions"]]
    assert said == [f"DatabaseMode existing needs {name}" for name in NEEDED_BY_EXISTING]


@pytest.mark.parametrize(
    ("name", "fits"),
    [("covid-lake-dev-jobs-AbCdEf", True), ("prod/jobs-AbCdEf", False), ("", True)],
)
def test_a_secret_that_the_boundary_refuses_is_refused_with_the_parameters(
    segmentation: dict[str, Any], name: str, fits: bool
) -> None:
    arn = f"arn:aws:secretsmanager:us-east-2:111122223333:secret:{name}" if name else ""
    pattern = segmentation["Parameters"]["DatabaseSecretArn"]["AllowedPattern"]
    assert bool(re.search(pattern, arn)) is fits


def test_every_schema_has_a_target_of_the_crawler(segmentation: dict[str, Any]) -> None:
    targets = segmentation["Resources"]["DatabaseCrawler"]["Properties"]["Targets"]["JdbcTargets"]
    assert len(targets) == MAX_SCHEMAS
    assert [one["Fn::If"][0] for one in targets[1:]] == [f"HasSchema{number}" for number in range(2, 6)]
