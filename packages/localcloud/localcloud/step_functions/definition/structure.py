"""The shape of a state machine: its fields, and where its states lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.step_functions.definition.problems import DUPLICATE, SCHEMA, TARGET, Problem

Json = dict[str, Any]
JSONATA, JSONPATH = "JSONata", "JSONPath"

_MACHINE = {"Comment", "StartAt", "States", "QueryLanguage", "Version", "TimeoutSeconds"}
_PROCESSOR = {"Comment", "StartAt", "States", "QueryLanguage", "ProcessorConfig", "Version"}
_EVERY = {"Type", "Comment", "QueryLanguage"}
_FLOW = {"Next", "End"}
_PATHS = {"InputPath", "OutputPath"}
_WORK = {"Retry", "Catch", "Assign", "ResultPath", "ResultSelector", "Parameters", "Arguments", "Output"}
_FIELDS = {
    "Pass": _FLOW | _PATHS | {"Result", "ResultPath", "Parameters", "Assign", "Output"},
    "Task": _FLOW
    | _PATHS
    | _WORK
    | {"Resource", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath"}
    | {"HeartbeatSeconds", "HeartbeatSecondsPath"},
    "Choice": _PATHS | {"Choices", "Default", "Assign", "Output"},
    "Wait": _FLOW | _PATHS | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Assign", "Output"},
    "Succeed": _PATHS | {"Output"},
    "Fail": _PATHS | {"Error", "ErrorPath", "Cause", "CausePath"},
    "Parallel": _FLOW | _PATHS | _WORK | {"Branches"},
    "Map": _FLOW
    | _PATHS
    | _WORK
    | {"Iterator", "ItemProcessor", "ItemSelector", "ItemsPath", "Items", "ItemReader", "ItemBatcher"}
    | {"MaxConcurrency", "MaxConcurrencyPath", "Label", "ResultWriter"}
    | {"ToleratedFailureCount", "ToleratedFailureCountPath"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
}
_KINDS = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
_REQUIRED = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}
_ONE_OF = {
    "Wait": ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    "Map": ("ItemProcessor", "Iterator"),
}
_PATH_FIELDS = _PATHS | {"Parameters", "ResultPath", "ResultSelector", "ItemsPath"} | {
    "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath",
    "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath", "Result",
}  # fmt: skip
_JSONATA_FIELDS = {"Arguments", "Output", "Items"}


@dataclass(frozen=True)
class Place:
    """A state, where it is and which query language it speaks."""

    path: str
    name: str
    state: Json
    language: str

    @property
    def kind(self) -> str:
        return str(self.state.get("Type"))


def places(machine: Json, path: str = "", language: str = JSONPATH) -> Iterator[Place]:
    """Every state that is an object, of the machine, its branches and its iterations."""
    spoken: str = machine.get("QueryLanguage", language)
    states = machine.get("States")
    for name, state in (states if isinstance(states, dict) else {}).items():
        if not isinstance(state, dict):
            continue
        here = Place(f"{path}/States/{name}", name, state, state.get("QueryLanguage", spoken))
        yield here
        for inner_path, inner in inner_machines(here):
            yield from places(inner, inner_path, spoken)


def inner_machines(place: Place) -> Iterator[tuple[str, Json]]:
    """The branches or the iteration of a state, with their paths."""
    branches = place.state.get("Branches")
    found = [
        (f"Branches[{index}]", item)
        for index, item in enumerate(branches if isinstance(branches, list) else [])
    ]
    found += [(name, place.state.get(name)) for name in ("ItemProcessor", "Iterator")]
    yield from ((f"{place.path}/{name}", item) for name, item in found if isinstance(item, dict))


def problems(machine: Json) -> Iterator[Problem]:
    """What is wrong with fields and transitions; nothing is looked at deeper where the shape is wrong."""
    found = [*_machine_problems(machine, "", _MACHINE, JSONPATH)]
    yield from found
    if not found:
        yield from _duplicates(machine)


def _machine_problems(machine: Json, path: str, allowed: set[str], language: str) -> Iterator[Problem]:
    at = path or "/"
    missing = [name for name in ("States", "StartAt") if name not in machine]
    if missing:
        yield Problem(SCHEMA, f"These fields are required: [{', '.join(missing)}]", at)
        return
    yield from (
        Problem(SCHEMA, "Field is not supported", f"{path}/{name}") for name in machine.keys() - allowed
    )
    states = machine["States"]
    if not isinstance(states, dict) or not states:
        yield Problem(SCHEMA, "Value is not a non-empty JSON object", f"{path}/States")
        return
    spoken: str = machine.get("QueryLanguage", language)
    found = [problem for name, state in states.items() for problem in _state(name, state, path, spoken)]
    yield from found
    if not found:
        yield from _transitions(machine, path)


def _state(name: str, state: Any, path: str, spoken: str) -> Iterator[Problem]:
    at = f"{path}/States/{name}"
    if not isinstance(state, dict):
        yield Problem(SCHEMA, "Value is not a JSON object", at)
        return
    kind = state.get("Type")
    if kind is None:
        yield Problem(SCHEMA, "These fields are required: [Type]", at)
        return
    if not isinstance(kind, str) or kind not in _FIELDS:
        message = f"The field 'Type' should have one of these values: [{', '.join(_KINDS)}]"
        yield Problem(SCHEMA, message, f"{at}/Type")
        return
    place = Place(at, name, state, state.get("QueryLanguage", spoken))
    if place.language == JSONPATH and spoken == JSONATA:
        message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield Problem(SCHEMA, message, at)
        return
    yield from _fields(place)
    for inner_path, inner in inner_machines(place):
        yield from _machine_problems(inner, inner_path, _PROCESSOR, spoken)


def _fields(place: Place) -> Iterator[Problem]:
    state, kind = place.state, place.kind
    foreign = _PATH_FIELDS if place.language == JSONATA else _JSONATA_FIELDS
    for name in state:
        if name not in _FIELDS[kind] | _EVERY:
            yield Problem(SCHEMA, "Field is not supported", f"{place.path}/{name}")
        elif name in foreign:
            message = f"Field is not supported for QueryLanguage '{place.language}'"
            yield Problem(SCHEMA, message, f"{place.path}/{name}")
    if missing := [name for name in _REQUIRED.get(kind, ()) if name not in state]:
        yield Problem(SCHEMA, f"These fields are required: [{', '.join(missing)}]", place.path)
    if state.get("Branches") == []:
        yield Problem(SCHEMA, "Value cannot be empty", f"{place.path}/Branches")
    if (choices := _ONE_OF.get(kind)) and len([name for name in choices if name in state]) != 1:
        yield Problem(SCHEMA, f"Exactly one of [{', '.join(choices)}] is required", place.path)
    if "Next" in _FIELDS[kind] and ("Next" in state) == (state.get("End") is True):
        yield Problem(SCHEMA, "Exactly one of [Next, End] is required", place.path)


def _targets(state: Json) -> Iterator[tuple[str, Any]]:
    """The fields that name a following state, with their paths in the state."""
    for name in ("Next", "Default"):
        if name in state:
            yield name, state[name]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict) and "Next" in rule:
                yield f"{field}[{index}]/Next", rule["Next"]


def _transitions(machine: Json, path: str) -> Iterator[Problem]:
    states = machine["States"]
    if machine["StartAt"] not in states:
        yield Problem(TARGET, f"Missing 'StartAt' target: {machine['StartAt']}", f"{path}/StartAt")
        return
    missing = False
    for name, state in states.items():
        for field, target in _targets(state):
            if target not in states:
                missing = True
                word = field.rpartition("/")[2]
                yield Problem(TARGET, f"Missing '{word}' target: {target}", f"{path}/States/{name}/{field}")
    if not missing:
        for name in states.keys() - _reachable(machine):
            yield Problem(TARGET, f'State "{name}" is not reachable.', f"{path}/States/{name}")


def _reachable(machine: Json) -> set[str]:
    seen: set[str] = set()
    ahead = [machine["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(target for _, target in _targets(machine["States"][name]))
    return seen


def _duplicates(machine: Json) -> Iterator[Problem]:
    seen: set[str] = set()
    for place in places(machine):
        if place.name in seen:
            yield Problem(DUPLICATE, f"Duplicate State name: {place.name}", place.path)
        seen.add(place.name)
