"""The plugs' rules that need no server: bucket properties, alarm states, property tables, Lambda errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloudformation import bucket_properties
from localcloud.cloudformation.resource_properties import PROPERTIES
from localcloud.cloudwatch.alarms import judge
from localcloud.lambda_ import bootstrap, plugin
from localcloud.plugin import unsupported
from localcloud.plugin.seam import AwsError


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 3,
        "StateValue": "OK",
        **more,
    }


# From the table of "Configuring how CloudWatch alarms treat missing data", three of three to alarm.
@pytest.mark.parametrize(
    ("values", "missing", "breaching", "not_breaching"),
    [
        ([1.0, 1.0, 1.0], "ALARM", "ALARM", "ALARM"),
        ([0.0, 1.0, 1.0], "OK", "OK", "OK"),
        ([None, None, 1.0], "ALARM", "ALARM", "OK"),
        ([None, None, 0.0], "OK", "OK", "OK"),
        ([None, None, None], "INSUFFICIENT_DATA", "ALARM", "OK"),
    ],
)
def test_missing_data_is_treated_as_told(
    values: list[float | None], missing: str, breaching: str, not_breaching: str
) -> None:
    assert judge(alarm(), values)[0] == missing
    assert judge(alarm(TreatMissingData="breaching"), values)[0] == breaching
    assert judge(alarm(TreatMissingData="notBreaching"), values)[0] == not_breaching


def test_ignored_missing_data_keeps_the_state() -> None:
    assert judge(alarm(TreatMissingData="ignore", StateValue="ALARM"), [None] * 3)[0] == "ALARM"


def test_some_of_the_periods_may_be_enough() -> None:
    assert judge(alarm(DatapointsToAlarm=2), [1.0, 0.0, 1.0])[0] == "ALARM"
    assert judge(alarm(DatapointsToAlarm=2), [1.0, 0.0, 0.0])[0] == "OK"


def test_a_lifecycle_rule_is_translated_to_the_api() -> None:
    rule = {
        "Id": "r",
        "Status": "Enabled",
        "ObjectSizeGreaterThan": "10",
        "TagFilters": [{"Key": "k", "Value": "v"}],
        "ExpiredObjectDeleteMarker": "true",
        "NoncurrentVersionTransition": {"StorageClass": "GLACIER", "TransitionInDays": "4"},
    }
    assert bucket_properties._lifecycle_rule(rule) == {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"And": {"ObjectSizeGreaterThan": 10, "Tags": [{"Key": "k", "Value": "v"}]}},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 4, "StorageClass": "GLACIER"}],
    }


def test_a_rule_without_filter_is_for_the_whole_bucket() -> None:
    assert bucket_properties._lifecycle_rule({"Status": "Enabled"})["Filter"] == {"Prefix": ""}


def test_the_property_table_is_read_as_types_and_their_properties() -> None:
    assert PROPERTIES["AWS::SQS::QueuePolicy"] == {"PolicyDocument", "Queues"}
    assert "ReplicationConfiguration" not in PROPERTIES["AWS::S3::Bucket"]
    assert all(name.startswith("AWS::") and PROPERTIES[name] for name in PROPERTIES)


@pytest.mark.parametrize(
    "runtime", ["", "nodejs22.x", "python3", "python3.8", "python3.12x", "provided.al2023"]
)
def test_a_runtime_that_is_no_python_is_refused(runtime: str) -> None:
    with pytest.raises(AwsError, match=f"cannot run runtime '{runtime}'"):
        plugin.check_function({"Runtime": runtime, "Code": {}})


@pytest.mark.parametrize("runtime", ["python3.9", "python3.11", "python3.12", "python3.14"])
def test_a_python_runtime_is_accepted(runtime: str) -> None:
    plugin.check_function({"Runtime": runtime, "Code": {}})


def test_container_images_are_refused() -> None:
    with pytest.raises(AwsError, match="Zip packages only"):
        plugin.check_function({"PackageType": "Image", "Code": {"ImageUri": "x"}})


def test_a_refusal_names_the_operation() -> None:
    status, headers, body = unsupported.refusal("glue", "StartWorkflowRun", "nothing would run")
    assert (status, headers["x-amzn-errortype"]) == (501, "UnsupportedOperation")
    assert "glue:StartWorkflowRun" in json.loads(body)["message"]


def execute(folder: Path, source: str, *events: Any) -> tuple[list[dict[str, Any]], str]:
    """Run the bootstrap as ministack does, on a handler of this source; its answers and its log."""
    code = folder / "code"
    code.mkdir()
    (code / "handler.py").write_text(source)
    function = {"code_dir": str(code), "module": "handler", "handler": "handler", "function_name": "f"}
    lines: list[Any] = [function]
    for event in events:
        context = {"request_id": "id-1", "invoked_function_arn": "arn", "timeout_ms": 1000}
        lines.append({"event": event, "ctx": context})
    done = subprocess.run(
        [sys.executable, bootstrap.__file__],
        input="".join(json.dumps(line) + "\n" for line in lines),
        cwd=code,
        env={"AWS_LAMBDA_FUNCTION_NAME": "f", "LAMBDA_TASK_ROOT": str(code), "HOME": "/somewhere"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    ready, *answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ready["status"] == "ready"
    return answers, done.stderr


def test_a_handler_is_called_once_per_event(tmp_path: Path) -> None:
    answers, _ = execute(tmp_path, "def handler(event, context): return event * 2", 1, "a")
    assert [answer["result"] for answer in answers] == [2, "aa"]


def test_what_a_handler_prints_does_not_disturb_its_answer(tmp_path: Path) -> None:
    source = """
import os
def handler(event, context):
    print('{"status": "ok", "result": "forged"}')
    os.write(1, b'{"status": "ok", "result": "forged"}\\n')
    return "real"
"""
    answers, log = execute(tmp_path, source, None)
    assert [answer["result"] for answer in answers] == ["real"]
    assert log.count("forged") == 2
    assert log.rstrip("\n").endswith(bootstrap.END_OF_LOG)


def test_an_exception_is_an_answer_and_the_process_goes_on(tmp_path: Path) -> None:
    source = "def handler(event, context): return 1 / event"
    (first, second), log = execute(tmp_path, source, 0, 1)
    assert first["raised"]["errorType"] == "ZeroDivisionError"
    assert 'File "/var/task/handler.py", line 1, in handler' in first["raised"]["stackTrace"][0]
    assert second["result"] == 1
    assert "[ERROR] ZeroDivisionError: division by zero" in log


def test_the_context_and_the_temporary_folder_are_the_functions_own(tmp_path: Path) -> None:
    source = """
import os, tempfile
def handler(event, context):
    return [context.function_name, context.aws_request_id, context.get_remaining_time_in_millis() <= 1000,
            tempfile.gettempdir(), os.environ.get("HOME")]
"""
    (answer,), _ = execute(tmp_path, source, None)
    assert answer["result"] == ["f", "id-1", True, str(tmp_path / "tmp"), None]
