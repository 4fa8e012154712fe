from __future__ import annotations

import json
import re
from typing import Any

import boto3

from infra.common.states.crawl import CRAWLER_UNAVAILABLE, MAX_CHECKS
from infra.common.states.job_run import RUNS_AT_A_TIME
from infra.ingestion import parameters
from infra.ingestion.states import lint
from tests.unit.infra.conftest import ROOT, states

HISTORY_LIMIT = 25_000


def test_statelint_finds_nothing(machine: dict[str, Any]) -> None:
    assert lint(machine) == []


def test_lint_is_not_blind(machine: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(machine))
    broken["States"]["VerifyTables"]["ItemProcessor"]["States"]["VerifyTable"]["Next"] = "Nowhere"
    assert any("Nowhere" in problem for problem in lint(broken))


def test_every_task_has_a_time_out_retries_and_a_catch_of_everything(machine: dict[str, Any]) -> None:
    tasks = {name: state for name, state in states(machine) if state["Type"] == "Task"}
    assert len(tasks) == 11
    for name, task in tasks.items():
        assert isinstance(task["TimeoutSeconds"], int), name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        for retry in task["Retry"]:
            assert retry["JitterStrategy"] == "FULL", name
            assert retry["MaxDelaySeconds"] > retry["IntervalSeconds"], name
            assert retry["BackoffRate"] > 1, name
            assert retry["MaxAttempts"] >= 1, name


def test_every_task_and_map_says_what_failed_where_and_where_to_look(machine: dict[str, Any]) -> None:
    """As a variable, or as the output of its iteration: CollectOutcomes and NotifyFailures find both."""
    telling = {"NotifyFailures", "NotifyDataSetFailed", "NotifyExecutionFailed"}
    for name, state in states(machine):
        if state["Type"] not in {"Task", "Map"} or name in telling:
            continue
        catcher = state["Catch"][-1]
        failure = catcher.get("Output", {}).get("failure") or next(iter(catcher["Assign"].values()))
        assert failure["state"] == name
        assert set(failure) == {"state", "error", "cause", "logs"}


def test_every_way_to_an_end_tells_people_or_has_nothing_to_tell(machine: dict[str, Any]) -> None:
    """Only a Fail ends an execution that failed, and only through a notification."""
    before = {
        name
        for name, state in machine["States"].items()
        for target in _targets(state)
        if machine["States"][target]["Type"] == "Fail"
    }
    assert before == {"NotifyFailures", "NotifyExecutionFailed"}


def _targets(state: dict[str, Any]) -> list[str]:
    rules = [*state.get("Choices", []), *state.get("Catch", [])]
    named = [state.get("Next"), state.get("Default"), *(rule["Next"] for rule in rules)]
    return [name for name in named if name]


def test_a_message_that_cannot_be_sent_does_not_hide_the_failure(machine: dict[str, Any]) -> None:
    by_name = dict(states(machine))
    for name, after in (
        ("NotifyDataSetFailed", "NotNotified"),
        ("NotifyFailures", "ExecutionFailed"),
        ("NotifyExecutionFailed", "ExecutionFailed"),
    ):
        assert by_name[name].get("Next", after) == after
        assert [catcher["Next"] for catcher in by_name[name]["Catch"]] == [after]


def test_the_longest_execution_fits_into_its_history(machine: dict[str, Any]) -> None:
    """Events: 5 for a task and 3 for each retry, 2 for any other state, 4 around an iteration of a Map.

    All data sets in job runs of their own, each retry used up, two crawls and two counts of each table.
    """
    pattern = parameters.groups()[0][1][2].AllowedPattern
    data_sets = 1 + int(re.findall(r"\{0,(\d+)\}\)\$$", pattern)[0])
    assert data_sets == 50
    maps = {name: state for name, state in machine["States"].items() if state["Type"] == "Map"}
    visits = {"RunJobs": 1, "ReadRunRecords": 1, "VerifyTables": 2, "NotifyFailures": 1}
    assert set(maps) == set(visits)
    inside = sum(data_sets * visits[name] * _most_events(maps[name]["ItemProcessor"]) for name in maps)
    polls = MAX_CHECKS * (5 + 2 + 2)
    restarts = MAX_CHECKS * 5 // 2  # an outdated crawl takes two checks to be seen as such
    outside = _most_events({"States": {n: s for n, s in machine["States"].items() if n not in maps}})
    # Only as many runs start at a time as may; of those too many, each waits by one retry after another.
    waiting = 3 * 120 * RUNS_AT_A_TIME
    once = 3 * 120 * data_sets  # as `inside` has it: as if each waited to the very end
    assert inside - once + waiting + outside + 2 * (polls + restarts) < HISTORY_LIMIT


def _most_events(part: dict[str, Any]) -> int:
    inner = [state for state in part["States"].values() if state["Type"] != "Map"]
    tasks = [state for state in inner if state["Type"] == "Task"]
    retries = sum(3 * retry["MaxAttempts"] for task in tasks for retry in task["Retry"])
    return 4 + 5 * len(tasks) + 2 * (len(inner) - len(tasks)) + retries


def test_concurrency_and_time_are_bounded(machine: dict[str, Any]) -> None:
    assert machine["TimeoutSeconds"] == 86_400
    maps = [state for state in machine["States"].values() if state["Type"] == "Map"]
    assert all(1 <= state["MaxConcurrency"] <= 10 for state in maps)
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
    """AWS documents Map.Item for the fields of the Map; the first state in it has the item as its input."""
    maps = [state for state in machine["States"].values() if state["Type"] == "Map"]
    assert maps
    for one in maps:
        assert "context.Map" not in json.dumps(one["ItemProcessor"])
        first = one["ItemProcessor"]["States"][one["ItemProcessor"]["StartAt"]]
        assert "$states.input.data" in json.dumps(first)
        assert "ItemSelector" not in one


def test_a_function_that_timed_out_is_invoked_again(machine: dict[str, Any]) -> None:
    """By the name that Lambda gives it today, and by the older one."""
    tasks = [s for _, s in states(machine) if s.get("Resource", "").endswith("lambda:invoke")]
    assert len(tasks) == 3
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
