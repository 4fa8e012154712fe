"""A state machine as a Mermaid diagram, each state coloured by its outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from covidlake.run.execution_history import StateOutcome

COLOURS = {
    "succeeded": "fill:#1a7f37,color:#fff",
    "running": "fill:#0969da,color:#fff",
    "caught": "fill:#bf8700,color:#fff",
    "failed": "fill:#cf222e,color:#fff",
    "timedout": "fill:#cf222e,color:#fff,stroke-dasharray:4",
    "aborted": "fill:#6e7781,color:#fff",
}
INDENT = "    "


def diagram(definition: Mapping[str, Any], outcomes: Mapping[str, StateOutcome]) -> str:
    """`stateDiagram-v2` text of an Amazon States Language definition.

    The arrow of a Catch is drawn only where it was taken: almost every state has one. Mermaid does not
    colour a state that holds others.
    """
    lines = ["stateDiagram-v2", *_machine(definition, outcomes, INDENT)]
    lines += [f"{INDENT}classDef {name} {style}" for name, style in COLOURS.items()]
    whole = {name for name, state in definition["States"].items() if _inner(state)}
    coloured = [(name, one) for name, one in outcomes.items() if name not in whole]
    lines += [f"{INDENT}class {_id(name)} {one.outcome}" for name, one in coloured]
    return "\n".join(lines)


def _machine(machine: Mapping[str, Any], outcomes: Mapping[str, StateOutcome], indent: str) -> Iterator[str]:
    yield f"{indent}[*] --> {_id(machine['StartAt'])}"
    for name, state in machine["States"].items():
        inner = _inner(state)
        if not inner and (note := _note(outcomes.get(name))):
            yield f"{indent}{_id(name)}: {name} {note}"
        if inner:
            yield f"{indent}state {_id(name)} {{"
            yield from _machine(inner, outcomes, indent + INDENT)
            yield f"{indent}}}"
        yield from (f"{indent}{_id(name)} --> {arrow}" for arrow in _arrows(name, state, outcomes))


def _inner(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The machine inside of a Map."""
    return state.get("ItemProcessor") or state.get("Iterator")


def _arrows(name: str, state: Mapping[str, Any], outcomes: Mapping[str, StateOutcome]) -> list[str]:
    targets = [choice["Next"] for choice in state.get("Choices", [])]
    targets += [state[key] for key in ("Default", "Next") if key in state]
    arrows = [_id(target) for target in dict.fromkeys(targets)]
    if (found := outcomes.get(name)) and found.outcome == "caught":
        arrows += [f"{_id(catcher['Next'])}: caught" for catcher in state.get("Catch", [])[-1:]]
    if state.get("End") or state["Type"] in {"Succeed", "Fail"}:
        arrows.append("[*]")
    return arrows


def _note(found: StateOutcome | None) -> str:
    """How often a state was visited and its task failed; empty for one visit without a failure."""
    if found is None:
        return ""
    parts = [f"{found.visits}x"] if found.visits > 1 else []
    parts += [f"{found.faults} failed attempt{'s' if found.faults > 1 else ''}"] if found.faults else []
    return f"({', '.join(parts)})" if parts else ""


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", name)
