from __future__ import annotations

import re
from typing import Any

import pytest

SET_BY_DEPLOY = {"BundleDigest", "BundleCommit"}
CONSTRAINTS = {"AllowedValues", "AllowedPattern", "MinValue", "MaxValue"}


def test_every_parameter_is_described_and_constrained(template: dict[str, Any]) -> None:
    for title, parameter in template["Parameters"].items():
        assert len(parameter["Description"]) > 20, title
        assert CONSTRAINTS & set(parameter), title
        assert parameter["ConstraintDescription"].startswith("must be "), title


def test_every_parameter_is_in_one_group_of_the_console(template: dict[str, Any]) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [title for group in groups for title in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    assert all(group["Label"]["default"] for group in groups)


def test_every_environment_sets_every_parameter_and_no_other(
    template: dict[str, Any], environments: dict[str, dict[str, Any]]
) -> None:
    assert set(environments) == {"dev", "staging", "prod"}
    for name, environment in environments.items():
        assert sorted(environment["parameters"]) == sorted(set(template["Parameters"]) - SET_BY_DEPLOY), name
        assert all(isinstance(value, str) for value in environment["parameters"].values()), name
        assert environment["template-file-path"] == "build/template.json"
        assert environment["parameters"]["Environment"] == environment["tags"]["Environment"] == name
        assert environment["tags"]["Application"] == "covid-lake"


def test_only_production_runs_by_itself_and_it_has_a_key_of_its_own(
    environments: dict[str, dict[str, Any]],
) -> None:
    parameters = {name: environment["parameters"] for name, environment in environments.items()}
    scheduled = [name for name, values in parameters.items() if values["ScheduleState"] == "ENABLED"]
    assert scheduled == ["prod"]
    assert parameters["prod"]["Encryption"] == "SSE-KMS"


@pytest.mark.parametrize(
    ("title", "good", "bad"),
    [
        ("Environment", ["dev", "pr-12", "a1"], ["Dev", "1dev", "dev_1", "dev-", "a--b", ""]),
        ("SourceBucket", ["covid19-lake", "a.b-c"], ["s3://covid19-lake", "covid19-lake/", "A", ""]),
        (
            "DataSets",
            ["uk_covid", "a,b_2", ",".join(["d"] * 50)],
            ["", "a,", "a, b", "A", "1a", 'a"', ",".join(["d"] * 51)],
        ),
        (
            "Areas",
            ["*", "England", "England,W92000004", "East of England,London"],
            ["", "England,", "*,England", ",", "a,,b"],
        ),
        ("NotificationEmail", ["", "people@example.org"], ["people", "a@b", "a b@c.d", "@x.y"]),
        ("PermissionsBoundary", ["", "covid-lake-dev-boundary"], ["arn:aws:iam::1:policy/x", "a b"]),
        ("ScheduleExpression", ["rate(1 day)", "cron(15 4 * * ? *)"], ["15 4 * * ? *", "daily", "rate()"]),
    ],
)
def test_patterns(template: dict[str, Any], title: str, good: list[str], bad: list[str]) -> None:
    pattern = template["Parameters"][title]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_flex_with_a_worker_type_that_glue_does_not_offer_it_for_is_refused(template: dict[str, Any]) -> None:
    rule = template["Rules"]["FlexWorkerType"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "ExecutionClass"}, "FLEX"]}
    assert rule["Assertions"][0]["Assert"]["Fn::Contains"][0] == ["G.1X", "G.2X"]
