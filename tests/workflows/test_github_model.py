"""The model of GitHub's rules says what GitHub's documentation says, with its own examples where it has some.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.github_expressions import ExpressionError, Scope, condition, evaluate, interpolate
from tests.workflows.github_model import Event, Repository, Run, matches
from tests.workflows.github_queues import CANCELLED, DONE, RUNNING, WAITING, Queues

FRUITS = [
    {"name": "apple", "quantity": 1},
    {"name": "orange", "quantity": 2},
    {"name": "pear", "quantity": 1},
]
CONTEXTS: dict[str, Any] = {
    "github": {"event_name": "push", "ref": "refs/heads/main", "event": {"labels": [{"name": "bug"}]}},
    "needs": {"one": {"result": "success"}, "two-b": {"result": "skipped"}},
    "vars": {"ROLE": "arn"},
    "fruits": FRUITS,
}
PUSH = Event("push", "refs/heads/main")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'It''s open source!'", "It's open source!"),
        ("711", 711.0),
        ("-9.2", -9.2),
        ("null", None),
        ("!true", False),
        ("'a' == 'A'", True),  # case does not count
        ("null == ''", True),  # both are 0
        ("true == 1", True),
        ("'x' == 1", False),  # NaN
        ("'x' != 1", True),
        ("'' == 0", True),
        ("vars.NONE == ''", True),
        ("vars.NONE", None),
        ("vars.NONE || 'else'", "else"),
        ("vars.ROLE || 'else'", "arn"),
        ("vars.ROLE && 'then' || 'else'", "then"),
        ("vars.NONE && 'then' || 'else'", "else"),
        ("false || true && false", False),  # && binds tighter
        ("(false || true) && true", True),
        ("'2' > 1", True),
        ("'x' > 1", False),
        ("needs.two-b.result", "skipped"),
        ("needs['one'].result", "success"),
        ("fruits[1].name", "orange"),
        ("fruits.*.name", ["apple", "orange", "pear"]),
        ("contains('Hello world', 'llo')", True),
        ("contains('Hello world', 'HELLO')", True),
        ("contains(github.event.labels.*.name, 'bug')", True),
        ("contains(github.event.labels.*.name, 'bu')", False),
        ("contains(github.event.nothing.*.name, 'bug')", False),
        ("contains(needs.*.result, 'failure')", False),
        ('contains(fromJSON(\'["push", "pull_request"]\'), github.event_name)', True),
        ("startsWith('Hello world', 'he')", True),
        ("endsWith('Hello world', 'LD')", True),
    ],
)
def test_an_expression_has_the_documented_value(text: str, value: Any) -> None:
    assert evaluate(text, Scope(CONTEXTS)) == value


@pytest.mark.parametrize("text", ['"double"', "a b", "(true", "secrets.X", "unknown()", "true &&", "== 1"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, Scope(CONTEXTS))


def test_a_text_around_expressions_is_text_and_a_lone_one_keeps_its_type() -> None:
    scope = Scope(CONTEXTS)
    assert interpolate("x-${{ vars.ROLE }}-${{ vars.NONE }}-${{ true }}", scope) == "x-arn--true"
    assert interpolate("${{ vars.ROLE == 'arn' }}", scope) is True
    assert interpolate(7, scope) == 7


@pytest.mark.parametrize(
    ("text", "succeeded", "runs"),
    [
        ("vars.ROLE != ''", True, True),
        ("vars.ROLE != ''", False, False),  # success() is implied
        ("${{ vars.ROLE != '' }}", False, False),
        ("always()", False, True),
        ("!cancelled() && vars.ROLE != ''", False, True),
        ("!cancelled() && vars.NONE != ''", True, False),
        ("${{ vars.NONE }} == ''", True, True),  # the text " == ''", which is not empty
    ],
)
def test_success_is_implied_where_no_status_function_is_asked(text: str, succeeded: bool, runs: bool) -> None:
    functions = {
        "success": lambda: succeeded,
        "failure": lambda: not succeeded,
        "always": lambda: True,
        "cancelled": lambda: False,
    }
    assert condition(text, Scope(CONTEXTS, functions)) is runs


def run(jobs: dict[str, Any], **more: Any) -> Run:
    file: dict[str, Any] = {"on": {"push": None}, "jobs": jobs}
    return Run({"w.yml": file, **more.pop("files", {})}, PUSH, Repository(), **more).start("w.yml")


def ends(**results: str) -> Any:
    return lambda path: results.get(path, "success")


def test_a_skipped_job_skips_all_that_needs_it_however_far_down() -> None:
    """actions/runner #491 and #2205: also what needs a job that succeeded after a skipped one."""
    jobs = {
        "skipped": {"if": "1 != 1"},
        "next": {"needs": "skipped"},
        "asks": {"needs": "skipped", "if": "always() && needs.skipped.result != 'failed'"},
        "after": {"needs": "asks"},
        "after-that-asks": {"needs": "asks", "if": "!cancelled() && needs.asks.result == 'success'"},
    }
    assert run(jobs).results == {
        "skipped": "skipped",
        "next": "skipped",
        "asks": "success",
        "after": "skipped",
        "after-that-asks": "success",
    }


def test_failure_looks_at_all_ancestors_and_success_at_all_of_them_too() -> None:
    jobs = {
        "a": {},
        "b": {"needs": "a", "if": "!cancelled()"},
        "c": {"needs": "b", "if": "failure()"},
        "d": {"needs": "b"},
        "e": {"needs": "b", "if": "!cancelled() && !failure()"},
    }
    found = run(jobs, outcome=ends(a="failure")).results
    assert found == {"a": "failure", "b": "success", "c": "success", "d": "skipped", "e": "skipped"}


def test_needs_holds_the_jobs_that_are_named_and_no_others() -> None:
    jobs = {
        "a": {},
        "b": {"needs": "a"},
        "c": {"needs": "b", "if": "always() && needs.a.result == 'success'"},
    }
    assert run(jobs).results["c"] == "skipped"


def test_a_cancelled_job_is_no_cancelled_run() -> None:
    jobs = {
        "a": {},
        "b": {"needs": "a", "if": "!cancelled()"},
        "c": {"needs": "a"},
        "d": {"needs": "a", "if": "failure()"},
    }
    found = run(jobs, outcome=ends(a="cancelled")).results
    assert found == {"a": "cancelled", "b": "success", "c": "skipped", "d": "skipped"}


def test_a_cancelled_run_leaves_only_what_always_runs() -> None:
    jobs = {
        "a": {},
        "b": {"needs": "a"},
        "c": {"needs": "a", "if": "!cancelled()"},
        "d": {"needs": "a", "if": "always()"},
    }
    assert run(jobs, cancelled_after="a").ran == ["a", "d"]


def test_a_reusable_workflow_ends_as_its_jobs_do_and_gets_its_inputs() -> None:
    called = {
        "on": {"workflow_call": {"inputs": {"to": {"type": "string"}, "dry": {"type": "boolean"}}}},
        "jobs": {"x": {"if": "inputs.to != '' && !inputs.dry"}, "y": {"needs": "x"}},
    }
    jobs: dict[str, Any] = {
        "a": {"uses": "./.github/workflows/c.yml", "with": {"to": "${{ github.event_name }}"}},
        "b": {"uses": "./.github/workflows/c.yml", "needs": "a"},
        "c": {"needs": "a"},
    }
    files = {"c.yml": called}
    good = run(jobs, files=files)
    assert good.results == {
        "a/x": "success",
        "a/y": "success",
        "a": "success",
        "b/x": "skipped",
        "b/y": "skipped",
        "b": "skipped",
        "c": "success",
    }
    bad = run(jobs, files=files, outcome=ends(**{"a/y": "failure"})).results
    assert (bad["a"], bad["b"], bad["c"]) == ("failure", "skipped", "skipped")
    with pytest.raises(TypeError, match="no boolean"):
        run({"a": {**jobs["a"], "with": {"dry": "yes"}}}, files=files)


@pytest.mark.parametrize(
    ("pattern", "ref", "same"),
    [
        ("main", "refs/heads/main", True),
        ("main", "refs/heads/maintenance", False),
        ("main", "refs/pull/7/merge", False),
        ("releases/*", "refs/heads/releases/1", True),
        ("releases/*", "refs/heads/releases/1/2", False),  # no wildcard is for a slash
        ("release/*/*", "refs/heads/release/1/2", True),
        ("refs/pull/*/merge", "refs/pull/7/merge", True),
        ("refs/pull/*/merge", "refs/heads/main", False),
        ("*", "refs/pull/7/merge", False),
    ],
)
def test_a_branch_rule_is_compared_with_the_ref(pattern: str, ref: str, same: bool) -> None:
    assert matches(pattern, ref) is same


def test_an_environment_keeps_other_refs_out_and_has_variables_of_its_own() -> None:
    file = {
        "on": {"push": None},
        "jobs": {"a": {"environment": "prod", "steps": [{"run": "x", "env": {"V": "${{ vars.V }}"}}]}},
    }
    owner = Repository({"V": "all"}, {"prod": {"V": "prod"}}, {"prod": ("main",)})
    on_main = Run({"w.yml": file}, PUSH, owner).start("w.yml")
    assert on_main.results == {"a": "success"}
    assert on_main.step_environment("a", "x") == {"V": "prod"}
    beside = Run({"w.yml": file}, Event("push", "refs/heads/other"), owner).start("w.yml")
    assert (beside.results, beside.ran) == ({"a": "failure"}, [])
    without = Repository({"V": "all"}, owner.environments, owner.patterns, has_environments=False)
    free = Run({"w.yml": file}, Event("push", "refs/heads/other"), without).start("w.yml")
    assert free.step_environment("a", "x") == {"V": "all"}


SINGLE = {"group": "g", "cancel-in-progress": False}
MAX = {**SINGLE, "queue": "max"}


def states(queues: Queues) -> list[str]:
    return [entry.state for entry in queues.entries]


def test_a_newer_one_replaces_what_waits() -> None:
    queues = Queues()
    for name in "abc":
        queues.enter(name, SINGLE)
    assert states(queues) == [RUNNING, CANCELLED, WAITING]


def test_with_a_longer_queue_nothing_is_replaced_and_the_first_goes_on() -> None:
    queues = Queues()
    first, *_ = [queues.enter(name, MAX) for name in "abc"]
    assert states(queues) == [RUNNING, WAITING, WAITING]
    queues.finish(first)
    assert states(queues) == [DONE, RUNNING, WAITING]


def test_a_hundred_wait_and_no_more() -> None:
    queues = Queues()
    for number in range(102):
        queues.enter(str(number), MAX)
    assert states(queues) == [RUNNING, *[WAITING] * 100, CANCELLED]


def test_what_runs_is_cancelled_where_the_newer_one_says_so() -> None:
    queues = Queues()
    queues.enter("a", SINGLE)
    queues.enter("b", {"group": "G", "cancel-in-progress": True})  # case does not count
    queues.enter("c", {"group": "other", "cancel-in-progress": False})
    assert states(queues) == [CANCELLED, RUNNING, RUNNING]
    with pytest.raises(ValueError, match="exclude"):
        queues.enter("d", {**MAX, "cancel-in-progress": True})
