"""A small model of how GitHub runs workflow files: which jobs run, are skipped, or are kept out.

What it knows is what GitHub documents, and `test_github_model.py` holds it to that:
conditions and the `success()` that is implied, skips along `needs`, reusable workflows, environments.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from tests.workflows.github_expressions import Scope, condition, interpolate

SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"
Workflow = Mapping[str, Any]
Outcome = Callable[[str], str]


@dataclass(frozen=True)
class Event:
    """What starts a run; `ref` is GITHUB_REF."""

    name: str
    ref: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def github(self) -> dict[str, Any]:
        return {
            "event_name": self.name,
            "ref": self.ref,
            "event": dict(self.payload),
            "repository": "acme/lake",
            "sha": "5" * 40,
            "run_id": "4711",
            "token": "a-token",
        }


@dataclass(frozen=True)
class Repository:
    """What its owner has set up: variables of its own and of environments, and the refs that may use those.

    An environment without patterns is open to every ref; `has_environments` is False on a plan without them.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_environments: bool = True

    def admits(self, environment: str, ref: str) -> bool:
        if not self.has_environments or environment not in self.patterns:
            return True
        return any(matches(pattern, ref) for pattern in self.patterns[environment])

    def variables_in(self, environment: str) -> dict[str, str]:
        own = self.environments.get(environment, {}) if self.has_environments else {}
        return {**self.variables, **own}


def matches(pattern: str, ref: str) -> bool:
    """Whether a branch rule is for a ref: `*` stands for no slash, a branch goes by its name."""
    name = ref.removeprefix("refs/heads/")
    parts, wanted = PurePosixPath(name).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


@dataclass
class Run:
    """One run of a workflow: the result of each job by its path, such as `deploy/dev/deploy`.

    `outcome` says how a job ends that runs; `cancelled_after` names the job after which a person cancels.
    """

    files: Mapping[str, Workflow]
    event: Event
    repository: Repository
    outcome: Outcome = lambda _path: SUCCESS
    cancelled_after: str = ""
    results: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    is_cancelled: bool = False

    def start(self, file: str) -> Run:
        """Run a workflow file to its end."""
        workflow = self.files[file]
        declared = (workflow["on"].get("workflow_dispatch") or {}).get("inputs") or {}
        given = self.event.inputs if self.event.name == "workflow_dispatch" else {}
        self._workflow(
            workflow, _inputs(declared, given) if self.event.name == "workflow_dispatch" else {}, ""
        )
        return self

    def step_environment(self, path: str, command: str) -> dict[str, Any]:
        """What the step of a job that runs this command finds in its variables."""
        (step,) = [step for step in self.steps(path) if command in str(step.get("run", ""))]
        return {name: interpolate(value, self.scopes[path]) for name, value in step.get("env", {}).items()}

    def steps(self, path: str) -> list[dict[str, Any]]:
        return list(self.scopes[path].contexts["job-content"]["steps"])

    def _workflow(self, workflow: Workflow, inputs: Mapping[str, Any], prefix: str) -> list[str]:
        jobs, done = workflow["jobs"], {}
        while len(done) < len(jobs):
            name = next(name for name in jobs if name not in done and set(_needs(jobs[name])) <= set(done))
            done[name] = self._job(jobs, name, inputs, done, prefix)
            self.results[prefix + name] = done[name]
        return list(done.values())

    def _job(
        self, jobs: Workflow, name: str, inputs: Mapping[str, Any], done: Mapping[str, str], prefix: str
    ) -> str:
        job, path = jobs[name], prefix + name
        scope = self._scope(jobs, name, inputs, done)
        if not condition(job.get("if", "success()"), scope):
            return SKIPPED
        if "uses" in job:
            return self._called(job, scope, path)
        environment = str(interpolate(job.get("environment", ""), scope))
        if environment:
            contexts = {**scope.contexts, "vars": self.repository.variables_in(environment)}
            scope = replace(scope, contexts=contexts)
        self.scopes[path] = replace(scope, contexts={**scope.contexts, "job-content": job})
        if environment and not self.repository.admits(environment, self.event.ref):
            return FAILURE
        self.ran.append(path)
        result = self.outcome(path)
        self.is_cancelled = self.is_cancelled or path == self.cancelled_after
        return result

    def _called(self, job: Workflow, scope: Scope, path: str) -> str:
        called = self.files[job["uses"].rsplit("/", 1)[-1]]
        given = {name: interpolate(value, scope) for name, value in job.get("with", {}).items()}
        declared = (called["on"]["workflow_call"] or {}).get("inputs") or {}
        results = self._workflow(called, _inputs(declared, given), f"{path}/")
        return next((one for one in (FAILURE, CANCELLED, SUCCESS) if one in results), SKIPPED)

    def _scope(self, jobs: Workflow, name: str, inputs: Mapping[str, Any], done: Mapping[str, str]) -> Scope:
        before = [done[one] for one in _ancestors(jobs, name)]
        contexts = {
            "github": self.event.github(),
            "vars": dict(self.repository.variables),
            "inputs": dict(inputs),
            "needs": {one: {"result": done[one], "outputs": {"digest": "d1"}} for one in _needs(jobs[name])},
            "secrets": {},
        }
        functions = {
            "always": lambda: True,
            "cancelled": lambda: self.is_cancelled,
            "failure": lambda: FAILURE in before,
            "success": lambda: not self.is_cancelled and all(one == SUCCESS for one in before),
        }
        return Scope(contexts, functions)


def _needs(job: Workflow) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def _ancestors(jobs: Workflow, name: str) -> set[str]:
    """All jobs that a job needs, and that those need."""
    own = set(_needs(jobs[name]))
    return own.union(*(_ancestors(jobs, one) for one in own)) if own else own


def _inputs(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Each declared input; one without value or default is what GitHub makes of its type."""
    empty = {"boolean": False, "number": 0.0}
    found = {}
    for name, one in declared.items():
        default = one.get("default", empty.get(one.get("type", "string"), ""))
        found[name] = given[name] if given.get(name) is not None else default
        if one.get("type") == "boolean" and not isinstance(found[name], bool):
            raise TypeError(f"input {name}: {found[name]!r} is no boolean")
    return found
