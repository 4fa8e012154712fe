"""A state machine in JSONata, run to its end with stand-ins for the services: each path in milliseconds.

It knows the fields that our machines have and refuses others. Retries are not made: what a stand-in raises is
what is left after them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonata

Stand = Callable[[dict[str, Any]], Any]
KNOWN = {
    *("Arguments", "Assign", "Catch", "Choices", "Comment", "Default", "End", "Error", "Cause", "Items"),
    *("ItemProcessor", "MaxConcurrency", "Next", "Output", "Resource", "Retry", "Seconds", "TimeoutSeconds"),
    "Type",
}


class TaskError(Exception):
    """What AWS answers: an error by its name, and a cause."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


class ExecutionFailedError(Exception):
    """The machine came to a Fail."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Execution:
    """An execution of `machine`; `stands` answer by the resource of a Task, `visited` are its states."""

    machine: dict[str, Any]
    stands: Mapping[str, Stand]
    name: str = "run-1"
    visited: list[str] = field(default_factory=list)

    def run(self, given: Any) -> Any:
        return self._run(self.machine, given, {})

    def _run(self, machine: dict[str, Any], given: Any, variables: dict[str, Any]) -> Any:
        name: str | None = machine["StartAt"]
        while name:
            state = machine["States"][name]
            assert set(state) <= KNOWN, f"{name}: {set(state) - KNOWN}"
            self.visited.append(name)
            name, given = self._step(state, given, variables)
        return given

    def _step(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str | None, Any]:
        result: Any = given
        scope: dict[str, Any] = {"input": given}
        if state["Type"] == "Choice":
            return self._choose(state, given, variables)
        if state["Type"] == "Fail":
            raise ExecutionFailedError(
                *(self._value(state[one], scope, variables) for one in ("Error", "Cause"))
            )
        try:
            if state["Type"] == "Task":
                result = self._task(state, scope, variables)
            if state["Type"] == "Map":
                result = self._map(state, scope, variables)
        except TaskError as raised:
            return self._caught(state, given, raised, variables)
        if state["Type"] in {"Task", "Map"}:
            scope["result"] = result
        output = self._value(state["Output"], scope, variables) if "Output" in state else result
        self._assign(state, scope, variables)
        return state.get("Next"), output

    def _choose(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str | None, Any]:
        for rule in state["Choices"]:
            if self._value(rule["Condition"], {"input": given}, variables) is True:
                self._assign(rule, {"input": given}, variables)
                return rule["Next"], given
        return state["Default"], given

    def _task(self, state: dict[str, Any], scope: dict[str, Any], variables: dict[str, Any]) -> Any:
        arguments = self._value(state["Arguments"], scope, variables)
        resource = state["Resource"].rpartition(":::")[2]
        return json.loads(json.dumps(self.stands[resource](arguments)))

    def _map(self, state: dict[str, Any], scope: dict[str, Any], variables: dict[str, Any]) -> list[Any]:
        items = self._value(state["Items"], scope, variables)
        assert isinstance(items, list), items
        return [self._run(state["ItemProcessor"], item, dict(variables)) for item in items]

    def _caught(
        self, state: dict[str, Any], given: Any, raised: TaskError, variables: dict[str, Any]
    ) -> tuple[str | None, Any]:
        for catcher in state.get("Catch", []):
            if {raised.error, "States.ALL"} & set(catcher["ErrorEquals"]):
                caught = {"Error": raised.error, "Cause": raised.cause}
                scope = {"input": given, "errorOutput": caught}
                output = self._value(catcher["Output"], scope, variables) if "Output" in catcher else caught
                self._assign(catcher, scope, variables)
                return catcher["Next"], output
        raise raised

    def _assign(self, holder: dict[str, Any], scope: dict[str, Any], variables: dict[str, Any]) -> None:
        """All at once, as Step Functions does."""
        given = holder.get("Assign", {})
        variables |= {name: self._value(value, scope, variables) for name, value in given.items()}

    def _value(self, value: Any, scope: dict[str, Any], variables: dict[str, Any]) -> Any:
        if isinstance(value, dict):
            return {key: self._value(one, scope, variables) for key, one in value.items()}
        if isinstance(value, list):
            return [self._value(one, scope, variables) for one in value]
        if not isinstance(value, str) or not value.startswith("{%"):
            return value
        compiled = jsonata.Jsonata(value[2:-2].strip())
        # Step Functions' own functions, and its context.
        compiled.register_lambda("parse", json.loads)
        context = {
            "Execution": {"Name": self.name, "Id": f"arn:{self.name}", "StartTime": "2026-01-01T00:00:00Z"}
        }
        compiled.assign("states", {**scope, "context": context})
        for name, known in variables.items():
            compiled.assign(name, known)
        found = compiled.evaluate(None)
        assert found is not None, f"{value} gives nothing, which is an error on AWS"
        return json.loads(json.dumps(found))


def deployed(machine: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The definition as CloudFormation hands it to Step Functions."""
    text = re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], json.dumps(machine))
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a machine and of its iterations, by name."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])
