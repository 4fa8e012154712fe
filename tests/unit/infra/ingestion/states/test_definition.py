from __future__ import annotations

import json
import re
from typing import Any

import boto3

from infra.common.states.crawl import CRAWLER_UNAVAILABLE, MAX_CHECKS
from infra.ingestion import parameters
from infra.ingestion.states import lint
from tests.unit.infra.conftest import ROOT, states

HISTORY_LIMIT = 25_000


def test_statelint_finds_nothing(machine: dict[str, Any]) -> None:
    assert lint(machine) == []


def test_lint_is_not_blind(machine: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(machine))
    broken["States"]["IngestDataSets"]["ItemProcessor"]["States"]["WaitForCrawler"]["Next"] = "Nowhere"
    assert any("Nowhere" in problem for problem in lint(broken))


def test_every_task_has_a_time_out_retries_and_a_catch_of_everything(machine: dict[str, Any]) -> None:
    tasks = {name: state for name, state in states(machine) if state["Type"] == "Task"}
    assert len(tasks) == 10
    for name, task in tasks.items():
        assert isinstance(task["TimeoutSeconds"], int), name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        for retry in task["Retry"]:
            assert retry["JitterStrategy"] == "FULL", name
            assert retry["MaxDelaySeconds"] > retry["IntervalSeconds"], name
            assert retry["BackoffRate"] > 1, name
            assert retry["MaxAttempts"] >= 1, name


def test_every_task_and_map_tells_people_of_a_failure(machine: dict[str, Any]) -> None:
    told = {"NotifyDataSetFailed", "NotifyExecutionFailed"}
    for name, state in states(machine):
        if state["Type"] not in {"Task", "Map"} or name in told:
            continue
        catcher = state["Catch"][-1]
        assert catcher["Next"] in told, name
        (failure,) = catcher["Assign"].values()
        assert failure["state"] == name
        assert set(failure) == {"state", "error", "cause", "logs"}


def test_a_message_that_cannot_be_sent_does_not_hide_the_failure(machine: dict[str, Any]) -> None:
    by_name = dict(states(machine))
    for name, after in (
        ("NotifyDataSetFailed", "DataSetFailed"),
        ("NotifyExecutionFailed", "ExecutionFailed"),
    ):
        assert by_name[name]["Next"] == after
        assert [catcher["Next"] for catcher in by_name[name]["Catch"]] == [after]


def test_the_longest_execution_fits_into_its_history(machine: dict[str, Any]) -> None:
    """Events: 5 for a task and 3 for each retry, 2 for any other state, 4 around an iteration of the Map."""
    (ingest,) = [state for _, state in states(machine) if state["Type"] == "Map"]
    inner = dict(states(ingest["ItemProcessor"]))
    tasks = [state for state in inner.values() if state["Type"] == "Task"]
    retries = sum(3 * retry["MaxAttempts"] for task in tasks for retry in task["Retry"])
    polls = MAX_CHECKS * (5 + 2 + 2)
    restarts = MAX_CHECKS * 5 // 2  # an outdated crawl takes two checks to be seen as such
    data_set = 4 + 5 * len(tasks) + 2 * len(inner) + retries + polls + restarts
    pattern = parameters.groups()[0][1][2].AllowedPattern
    data_sets = 1 + int(re.findall(r"\{0,(\d+)\}\)\$$", pattern)[0])
    assert data_sets == 20
    assert data_sets * data_set < HISTORY_LIMIT


def test_concurrency_and_time_are_bounded(machine: dict[str, Any]) -> None:
    assert machine["TimeoutSeconds"] == 86_400
    assert machine["States"]["IngestDataSets"]["MaxConcurrency"] == 2
    assert machine["QueryLanguage"] == "JSONata"
    assert machine["Comment"]


def test_no_argument_of_the_job_has_a_name_that_glue_keeps_for_itself(
    machine: dict[str, Any], template: dict[str, Any]
) -> None:
    (run_job,) = [s for name, s in states(machine) if name == "RunJob"]
    given = {
        *run_job["Arguments"]["Arguments"],
        *template["Resources"]["Job"]["Properties"]["DefaultArguments"],
    }
    assert not given & {"--conf", "--debug", "--mode", "--JOB_NAME", "--endpoint"}


def test_only_the_map_itself_reads_its_part_of_the_context_object(machine: dict[str, Any]) -> None:
    """AWS documents Map.Item for the fields of the Map; a state in it has the item as its input."""
    (ingest,) = [state for _, state in states(machine) if state["Type"] == "Map"]
    assert "context.Map" not in json.dumps(ingest["ItemProcessor"])
    first = ingest["ItemProcessor"]["States"][ingest["ItemProcessor"]["StartAt"]]
    assert first["Assign"]["dataset"] == "{% $states.input %}"
    assert "ItemSelector" not in ingest


def test_a_function_that_timed_out_is_invoked_again(machine: dict[str, Any]) -> None:
    """By the name that Lambda gives it today, and by the older one."""
    tasks = [s for _, s in states(machine) if s.get("Resource", "").endswith("lambda:invoke")]
    assert len(tasks) == 2
    for task in tasks:
        assert {"Sandbox.Timedout", "Lambda.Unknown"} <= set(task["Retry"][0]["ErrorEquals"])


def test_states_are_named_once_in_the_whole_machine(machine: dict[str, Any]) -> None:
    names = [name for name, _ in states(machine)]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 80


def test_every_integration_exists_and_gets_what_it_needs(machine: dict[str, Any]) -> None:
    """botocore's models know every action and what it requires; no linter looks at this."""
    services = {"lambda": "lambda", "athena": "athena", "glue": "glue", "sns": "sns"}
    for name, state in states(machine):
        if state["Type"] != "Task":
            continue
        service, action = (
            state["Resource"]
            .removeprefix("arn:aws:states:::aws-sdk:")
            .removeprefix("arn:aws:states:::")
            .split(":")
        )
        client = boto3.client(services.get(service, service), region_name="us-east-2")
        operation = action.removesuffix(".sync")
        shape = client.meta.service_model.operation_model(operation[0].upper() + operation[1:]).input_shape
        given = set(state["Arguments"])
        assert set(shape.required_members) <= given <= set(shape.members), name


def test_the_functions_raise_the_error_that_is_retried() -> None:
    for folder in ("start_crawler", "check_crawler"):
        source = (ROOT / "lambdas" / folder / "handler.py").read_text()
        assert f"class {CRAWLER_UNAVAILABLE}(" in source
