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
from tests.unit.infra.conftest import DESCRIBED, ENVIRONMENTS, ROOT, packaged_code

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


def test_the_sdk_is_imported_without_a_warning_also_when_it_is_compiled_anew(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", "import infra.common.step_functions_sdk"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.stderr == ""


def test_importing_the_sdk_leaves_no_trace() -> None:
    program = (
        "import logging, sys; logging.getLogger().setLevel(logging.DEBUG);"
        "import infra.common.step_functions_sdk;"
        "print(logging.getLogger().level, [m for m in sys.modules if m.split('.')[0] in"
        " ('sagemaker', 'pkg_resources')], 'stepfunctions' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "10 [] True\n"


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


def test_cfn_lint_finds_nothing_in_the_environments(tmp_path: Path) -> None:
    """The files name build/template.json, which is not there in a fresh clone."""
    (tmp_path / "template.json").write_text(template_json(build_template(CodeLocations.local(), DESCRIBED)))
    copies = []
    for path in ENVIRONMENTS:
        copy = tmp_path / path.name
        copy.write_text(path.read_text().replace("build/template.json", str(tmp_path / "template.json")))
        copies.append(str(copy))
    assert len(copies) == 3
    assert lint("--deployment-files", *copies) == ""


def test_local_paths_lead_to_the_code_from_the_folder_of_the_template() -> None:
    resources = json.loads(template_json(build_template(CodeLocations.local(), DESCRIBED)))["Resources"]
    paths = [
        *(
            resources[title]["Properties"]["Code"]
            for title in ("StartCrawlerFunction", "CheckCrawlerFunction")
        ),
        resources["Job"]["Properties"]["DefaultArguments"]["--extra-py-files"],
    ]
    assert [path for path in paths if not (ROOT / "build" / path).resolve().is_dir()] == []
    assert resources["Job"]["Properties"]["Command"]["ScriptLocation"] == "../jobs/ingest.py"


def test_packaged_code_is_found_by_content_in_the_bucket_of_any_account_and_region(
    template: dict[str, Any],
) -> None:
    bucket = "covid-lake-artifacts-${AWS::AccountId}-${AWS::Region}"
    own = f"${{AWS::StackName}}/artifacts/{'0' * 64}"
    code = template["Resources"]["StartCrawlerFunction"]["Properties"]["Code"]
    job = template["Resources"]["Job"]["Properties"]
    assert code == {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": {"Fn::Sub": f"{own}/start_crawler.zip"}}
    assert job["Command"]["ScriptLocation"] == {"Fn::Sub": f"s3://{bucket}/{own}/ingest.py"}
    library = job["DefaultArguments"]["--extra-py-files"]
    assert library == {"Fn::Sub": f"s3://{bucket}/{own}/library.zip"}


@pytest.mark.parametrize("functions", [{}, {"start_crawler": "a"}, {"start_crawler": "a", "other": "b"}])
def test_code_that_is_missing_or_unknown_is_refused_by_name(functions: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="check_crawler"):
        CodeLocations.packaged(functions, {"ingest.py": "script"}, "library")


@pytest.mark.parametrize(
    ("title", "attribute", "limit"),
    [
        ("Job", "Name", r"[a-zA-Z0-9_-]{1,255}"),
        ("Crawler", "Name", r"[a-zA-Z0-9_-]{1,255}"),
        ("StartCrawlerFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("CheckCrawlerFunction", "FunctionName", r"[a-zA-Z0-9_-]{1,64}"),
        ("StateMachine", "StateMachineName", r"[a-zA-Z0-9_-]{1,80}"),
        ("Topic", "TopicName", r"[a-zA-Z0-9_-]{1,256}"),
        ("UndeliveredQueue", "QueueName", r"[a-zA-Z0-9_-]{1,80}"),
        ("WorkGroup", "Name", r"[a-zA-Z0-9._-]{1,128}"),
        ("StatusRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
        ("ScheduleRule", "Name", r"[.\-_A-Za-z0-9]{1,64}"),
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


def test_the_database_is_named_after_the_stack_in_sqls_alphabet(template: dict[str, Any]) -> None:
    name = template["Resources"]["Database"]["Properties"]["DatabaseInput"]["Name"]
    assert name == {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]}


def test_data_and_the_key_that_reads_it_outlive_the_stack(template: dict[str, Any]) -> None:
    for title in ("LakeBucket", "LakeBucketPolicy", "Key"):
        resource = template["Resources"][title]
        kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        assert kept == ("RetainExceptOnCreate", "Retain"), title


def test_the_lake_bucket_is_private_encrypted_and_versioned(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["LakeBucket"]["Properties"]
    assert "BucketName" not in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == {
        "Fn::If": ["EncryptWithKey", "aws:kms", "AES256"]
    }
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["ExpireAthenaResults"]["Prefix"] == "athena/"
    assert rules["ExpireRefusedRows"]["Prefix"] == "refused/"
    assert {"AbortIncompleteUploads", "ExpireNoncurrentVersions"} < set(rules)
    assert rules["ExpireNoncurrentVersions"]["ExpiredObjectDeleteMarker"] is True


def test_only_tls_reaches_bucket_topic_and_queue(template: dict[str, Any]) -> None:
    for title in ("LakeBucketPolicy", "TopicPolicy", "UndeliveredQueuePolicy"):
        statements = template["Resources"][title]["Properties"]["PolicyDocument"]["Statement"]
        denied = [statement for statement in statements if statement["Effect"] == "Deny"]
        assert [statement["Condition"] for statement in denied] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]


def test_the_crawler_makes_one_table_for_each_data_set_and_no_index(template: dict[str, Any]) -> None:
    """AWS counts the bucket as level 1; an index, made by default, would need glue:CreatePartitionIndex."""
    crawler = template["Resources"]["Crawler"]["Properties"]
    configuration = json.loads(crawler["Configuration"])
    for target in crawler["Targets"]["S3Targets"]:
        levels = target["Path"]["Fn::Sub"].removeprefix("s3://").strip("/").count("/") + 2
        assert configuration["Grouping"]["TableLevelConfiguration"] == levels == 3
    assert configuration["CreatePartitionIndex"] is False


def test_every_log_group_has_a_retention(template: dict[str, Any]) -> None:
    groups = {t: r for t, r in template["Resources"].items() if r["Type"] == "AWS::Logs::LogGroup"}
    assert len(groups) == 5
    assert {json.dumps(group["Properties"]["RetentionInDays"]) for group in groups.values()} == {
        '{"Ref": "LogRetentionDays"}'
    }


def test_people_hear_of_every_way_to_end_other_than_succeeded(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    pattern = resources["StatusRule"]["Properties"]["EventPattern"]
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert pattern["detail"]["stateMachineArn"] == [{"Ref": "StateMachine"}]
    target = resources["StatusRule"]["Properties"]["Targets"][0]
    assert target["Arn"] == {"Ref": "Topic"}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["UndeliveredQueue", "Arn"]}}
    alarms = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    assert sorted(alarm["MetricName"] for alarm in alarms) == [
        "ExecutionsAborted",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
    ]
    assert all(alarm["AlarmActions"] == [{"Ref": "Topic"}] for alarm in alarms)


def service_statements(document: dict[str, Any]) -> dict[str, Any]:
    """The condition of each statement that lets a service in, by the service."""
    written = [s for s in document["Statement"] if "Fn::If" not in s]
    allowed = [s for s in written if s["Effect"] == "Allow" and "Service" in s["Principal"]]
    return {str(s["Principal"]["Service"]): s.get("Condition") for s in allowed}


def test_no_condition_keeps_eventbridge_from_the_encrypted_topic(template: dict[str, Any]) -> None:
    """Its guide rules them out for the policy of a topic, the guide of SNS for that of the topic's key."""
    topic = service_statements(template["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"])
    key = service_statements(template["Resources"]["Key"]["Properties"]["KeyPolicy"])
    assert topic["events.amazonaws.com"] is None
    assert key["events.amazonaws.com"] is None
    assert topic["cloudwatch.amazonaws.com"] is not None
    assert key["cloudwatch.amazonaws.com"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


def test_the_message_of_the_status_rule_is_one_json_string(template: dict[str, Any]) -> None:
    transformer = template["Resources"]["StatusRule"]["Properties"]["Targets"][0]["InputTransformer"]
    text = transformer["InputTemplate"]["Fn::Sub"][0]
    assert re.findall(r"<(\w+)>", text) == ["name", "status", "execution"]
    assert set(transformer["InputPathsMap"]) == {"name", "status", "execution"}
    assert isinstance(json.loads(text), str)


def test_outputs_name_what_a_user_needs_next(template: dict[str, Any]) -> None:
    outputs = template["Outputs"]
    assert set(outputs) >= {
        "CrawlerName",
        "DatabaseName",
        "ExecutionsLink",
        "JobName",
        "LakeBucketName",
        "StateMachineArn",
        "StateMachineLogGroupName",
        "TopicArn",
        "UndeliveredQueueUrl",
        "WorkGroupName",
    }
    assert all(output["Description"] for output in outputs.values())
