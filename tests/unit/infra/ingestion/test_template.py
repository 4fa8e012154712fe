from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.common.code_locations import CodeLocations
from infra.common.pipeline import template_json
from infra.ingestion.template import build_template
from tests.unit.infra.conftest import DESCRIBED, ROOT, packaged_code

STACK = "covid-lake-" + "e" * 16


def build_in_a_process(hash_seed: str) -> bytes:
    program = (
        "from infra.common.code_locations import CodeLocations;"
        "from infra.common.pipeline import template_json;"
        "from infra.ingestion.template import build_template;"
        "from tests.unit.infra.conftest import DESCRIBED;"
        "print(template_json(build_template(CodeLocations.local(), DESCRIBED)), end='')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "AWS_DEFAULT_REGION": "eu-west-1"}
    built = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert built.stderr == b""
    return built.stdout


def test_the_same_sources_give_the_same_bytes_whatever_the_process() -> None:
    here = template_json(build_template(CodeLocations.local(), DESCRIBED)).encode()
    assert build_in_a_process("1") == build_in_a_process("2") == here


def lint(*arguments: str) -> str:
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--non-zero-exit-code",
        "informational",
        *arguments,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    packaged = tmp_path / "packaged.json"
    packaged.write_text(template_json(build_template(packaged_code(), DESCRIBED)))
    assert lint("-c", "I", "--", str(packaged)) == ""


@pytest.mark.parametrize(
    ("title", "attribute", "limit"),
    [
        ("Job", "Name", r"[a-zA-Z0-9_-]{1,255}"),
        ("Crawler", "Name", r"[a-zA-Z0-9_-]{1,255}"),
        ("StartCrawlerFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("CheckCrawlerFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("FindWorkFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("WatchFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("StateMachine", "StateMachineName", r"[a-zA-Z0-9_-]{1,80}"),
        ("Topic", "TopicName", r"[a-zA-Z0-9_-]{1,256}"),
        ("UndeliveredQueue", "QueueName", r"[a-zA-Z0-9_-]{1,80}"),
        ("WorkGroup", "Name", r"[a-zA-Z0-9._-]{1,128}"),
        ("StatusRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("ScheduleRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("EndedRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("HourRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("FailedAlarm", "AlarmName", r".{1,255}"),
        ("KeyAlias", "AliasName", r"alias/[a-zA-Z0-9/_-]{1,250}"),
        ("StateMachineLogGroup", "LogGroupName", r"[.\-_/#A-Za-z0-9]{1,512}"),
    ],
)
def test_names_of_the_longest_environment_are_within_awss_limits(
    template: dict[str, Any], title: str, attribute: str, limit: str
) -> None:
    name = template["Resources"][title]["Properties"][attribute]["Fn::Sub"].replace(
        "${AWS::StackName}", STACK
    )
    assert STACK in name
    assert re.fullmatch(limit, name)


def test_every_log_group_has_a_retention(template: dict[str, Any]) -> None:
    groups = {t: r for t, r in template["Resources"].items() if r["Type"] == "AWS::Logs::LogGroup"}
    assert len(groups) == 7
    assert {json.dumps(group["Properties"]["RetentionInDays"]) for group in groups.values()} == {
        '{"Ref": "LogRetentionDays"}'
    }
