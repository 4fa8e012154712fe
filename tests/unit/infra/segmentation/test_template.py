"""The template of the segmentation, as CloudFormation reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.common.pipeline import template_json
from infra.segmentation.template import build_template
from tests.unit.infra.conftest import TABLES, packaged_code
from tests.unit.infra.ingestion.test_template import lint

STACK = "covid-lake-" + "e" * 13 + "-segmentation"
S3_LIMIT, DEFINITION_LIMIT = 1_048_576, 1_048_576


def test_the_same_sources_give_the_same_bytes() -> None:
    made = [template_json(build_template(packaged_code(), TABLES)) for _ in range(2)]
    assert made[0] == made[1]


def test_template_and_definition_fit_awss_limits(segmentation: dict[str, Any]) -> None:
    assert len(json.dumps(segmentation)) < S3_LIMIT / 2
    machine = segmentation["Resources"]["StateMachine"]["Properties"]
    assert len(json.dumps(machine["Definition"])) < DEFINITION_LIMIT / 2
    assert len(segmentation["Resources"]) < 500 / 2


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    packaged = tmp_path / "packaged.json"
    packaged.write_text(template_json(build_template(packaged_code(), TABLES)))
    assert lint("-c", "I", "--", str(packaged)) == ""


@pytest.mark.parametrize(
    ("title", "attribute", "limit"),
    [
        *(
            (job, "Name", r"[a-zA-Z0-9_-]{1,255}")
            for job in ("ExtractJob", "JoinJob", "SegmentJob", "WriteBackJob", "DatabaseCrawler")
        ),
        ("PrepareDatabaseFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("FindTablesFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("StateMachine", "StateMachineName", r"[a-zA-Z0-9_-]{1,80}"),
        ("DatabaseCluster", "DBClusterIdentifier", r"[a-z][a-z0-9-]{0,62}"),
        ("DatabaseInstance", "DBInstanceIdentifier", r"[a-z][a-z0-9-]{0,62}"),
        ("DatabaseSubnets", "DBSubnetGroupName", r"[a-z0-9._-]{1,255}"),
        ("StatusRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("StateMachineLogGroup", "LogGroupName", r"[.\-_/#A-Za-z0-9]{1,512}"),
    ],
)
def test_names_of_the_longest_environment_are_within_awss_limits(
    segmentation: dict[str, Any], title: str, attribute: str, limit: str
) -> None:
    form = segmentation["Resources"][title]["Properties"][attribute]["Fn::Sub"]
    name = form.replace("${AWS::StackName}", STACK)
    assert STACK in name
    assert re.fullmatch(limit, name)


def test_what_a_database_of_the_users_own_does_without_is_made_by_condition(
    segmentation: dict[str, Any],
) -> None:
    own = re.compile(r"AWS::(EC2|RDS|SecretsManager)::")
    for title, resource in segmentation["Resources"].items():
        made_here = bool(own.match(resource["Type"])) or title.startswith("PrepareDatabase")
        assert (resource.get("Condition") == "CreateDatabase") is made_here, title


def test_nothing_names_what_is_not_there_with_a_database_of_the_users_own(
    segmentation: dict[str, Any],
) -> None:
    """Only what is made by the condition itself, or behind an If on it, names what it makes."""
    made = {t for t, r in segmentation["Resources"].items() if r.get("Condition") == "CreateDatabase"}
    for title, resource in segmentation["Resources"].items():
        if title not in made:
            assert not named(resource) & made, title
    for title, output in segmentation["Outputs"].items():
        if output.get("Condition") != "CreateDatabase":
            assert not named(output) & made, title


def named(value: Any) -> set[str]:
    """What a value names where the stack makes no database."""
    if isinstance(value, list):
        return {one for item in value for one in named(item)}
    if not isinstance(value, dict):
        return set()
    if "Fn::If" in value and value["Fn::If"][0] == "CreateDatabase":
        return named(value["Fn::If"][2])
    found = {value["Ref"]} if "Ref" in value else set()
    found |= {value["Fn::GetAtt"][0]} if "Fn::GetAtt" in value else set()
    depends = value.get("DependsOn", [])
    found |= {depends} if isinstance(depends, str) else set(depends)
    return found | {one for item in value.values() for one in named(item)}


def test_jobs_take_their_scripts_and_only_two_a_connection(segmentation: dict[str, Any]) -> None:
    jobs = {t: r["Properties"] for t, r in segmentation["Resources"].items() if r["Type"] == "AWS::Glue::Job"}
    scripts = {t: job["Command"]["ScriptLocation"]["Fn::Sub"].rpartition("/")[2] for t, job in jobs.items()}
    assert scripts == {
        "ExtractJob": "segmentation_extract.py",
        "JoinJob": "segmentation_join.py",
        "SegmentJob": "segmentation_segment.py",
        "WriteBackJob": "segmentation_write_back.py",
    }
    connected = {t for t, job in jobs.items() if "Connections" in job}
    assert connected == {"ExtractJob", "WriteBackJob"}


def test_named_queries_ask_the_result(segmentation: dict[str, Any]) -> None:
    queries = [r for r in segmentation["Resources"].values() if r["Type"] == "AWS::Athena::NamedQuery"]
    assert len(queries) == 2
    assert all("FROM customer_segments" in one["Properties"]["QueryString"] for one in queries)
