from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.common import step_functions_sdk as sdk
from tests.unit.infra.conftest import ROOT


def serialized(state: Any) -> dict[str, Any]:
    definition: dict[str, Any] = sdk.Graph(state, query_language="JSONata").to_dict()
    return definition


def test_fields_that_the_sdk_lacks_are_written_in_pascal_case() -> None:
    task = sdk.Task(
        "Run",
        resource=sdk.resource("glue:startJobRun.sync"),
        arguments={"JobName": "job"},
        assign={"run": "{% $states.result.JobRunId %}"},
        output="{% $states.result %}",
        query_language="JSONata",
    )
    assert serialized(task) == {
        "QueryLanguage": "JSONata",
        "StartAt": "Run",
        "States": {
            "Run": {
                "Type": "Task",
                "Resource": "arn:aws:states:::glue:startJobRun.sync",
                "Arguments": {"JobName": "job"},
                "Assign": {"run": "{% $states.result.JobRunId %}"},
                "Output": "{% $states.result %}",
                "QueryLanguage": "JSONata",
                "End": True,
            }
        },
    }


def test_retry_knows_the_longest_delay_and_jitter() -> None:
    retry = sdk.Retry(error_equals=["States.Timeout"], max_delay_seconds=60, jitter_strategy="FULL")
    assert retry.to_dict() == {
        "ErrorEquals": ["States.Timeout"],
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


def test_catch_assigns_and_leads_on() -> None:
    caught = sdk.Catch(
        error_equals=["States.ALL"],
        assign={"error": "{% $states.errorOutput %}"},
        next_step=sdk.Succeed("End"),
    )
    assert caught.to_dict() == {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"error": "{% $states.errorOutput %}"},
        "Next": "End",
    }


def test_a_choice_rule_may_assign() -> None:
    choice = sdk.Choice("Which")
    choice.add_choice(sdk.Condition("{% $x %}", {"why": "x"}), sdk.Fail("Failed", error="E", cause="C"))
    choice.default_choice(sdk.Succeed("Done"))
    states = serialized(choice)["States"]
    assert states["Which"] == {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $x %}", "Assign": {"why": "x"}, "Next": "Failed"}],
        "Default": "Done",
    }
    assert set(states) == {"Which", "Failed", "Done"}


def test_a_map_has_an_item_processor_and_no_iterator() -> None:
    each = sdk.Map("Each", items="{% $list %}", item_selector={"item": "x"}, max_concurrency=2)
    each.attach_iterator(sdk.Pass("One", output="{% 1 %}"))
    state = serialized(each)["States"]["Each"]
    assert "Iterator" not in state
    assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert state["ItemProcessor"]["StartAt"] == "One"
    assert (state["Items"], state["ItemSelector"], state["MaxConcurrency"]) == (
        "{% $list %}",
        {"item": "x"},
        2,
    )


def test_jsonpath_states_have_their_newer_fields_too() -> None:
    task = sdk.Task("Run", resource="arn", result_selector={"id.$": "$.Id"})
    failed = sdk.Fail("Failed", error_path="$.Error", cause_path="$.Cause")
    assert task.to_dict()["ResultSelector"] == {"id.$": "$.Id"}
    assert failed.to_dict() == {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"}


@pytest.mark.parametrize("state", [sdk.Task, sdk.Pass, sdk.Choice, sdk.Map, sdk.Wait, sdk.Succeed, sdk.Fail])
def test_a_field_that_does_not_exist_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match="outputs"):
        state("Id", outputs="{% 1 %}")


def test_arns_do_not_depend_on_where_the_template_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    from stepfunctions.steps import GlueStartJobRunStep

    step = GlueStartJobRunStep("Run", parameters={"JobName": "job"})
    assert step.to_dict()["Resource"] == "arn:aws:states:::glue:startJobRun.sync"


def test_a_build_loads_no_aws_sdk_and_leaves_the_real_one_to_others() -> None:
    script = (
        "import sys, infra.ingestion.template\n"
        "assert 'boto3' not in sys.modules and 'botocore' not in sys.modules\n"
        "import boto3; boto3.session.Session\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[4])


def test_a_chain_reads_forwards_and_a_choice_goes_on_with_it() -> None:
    default, ruled = sdk.Choice("Default"), sdk.Choice("Ruled")
    default.add_choice(sdk.Condition("{% $bad %}"), sdk.Fail("Failed", error="E", cause="C"))
    ruled.go_on_when(sdk.Condition("{% $more %}"))
    ruled.default_choice(sdk.Succeed("Enough"))
    inner = sdk.chain(sdk.Pass("First"), default)
    states = sdk.Graph(sdk.chain(inner, ruled, sdk.Succeed("Last"))).to_dict()
    assert states["StartAt"] == "First"
    assert states["States"]["First"]["Next"] == "Default"
    assert states["States"]["Default"]["Default"] == "Ruled"
    assert states["States"]["Ruled"]["Choices"] == [{"Condition": "{% $more %}", "Next": "Last"}]
    assert states["States"]["Ruled"]["Default"] == "Enough"


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
