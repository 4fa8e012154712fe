"""The states as a list, for a window that is too narrow for their picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from covidlake.report.page.state_picture import Drawer, machines_in
from covidlake.report.page.timeline import Timeline


@dataclass(frozen=True)
class Listed:
    """A state: how it ended, empty for one that was not reached, and the states inside of a Map."""

    name: str
    outcome: str
    said: str
    inside: tuple[Listed, ...]


def listed(definition: Mapping[str, Any], timeline: Timeline) -> tuple[Listed, ...]:
    """The states that the picture shows: those of this execution in its order, then the others."""
    return _machine(definition, Drawer(timeline))


def _machine(machine: Mapping[str, Any], drawer: Drawer) -> tuple[Listed, ...]:
    states = machine["States"]
    shown = drawer.shown(machine, list(drawer.edges(states)))
    order = list(drawer.outcomes)  # of the first visits
    shown.sort(key=lambda name: order.index(name) if name in order else len(order))
    return tuple(_state(name, states[name], drawer) for name in shown)


def _state(name: str, state: Mapping[str, Any], drawer: Drawer) -> Listed:
    inside = tuple(one for inner in machines_in(state) for one in _machine(inner, drawer))
    return Listed(name, drawer.outcomes.get(name, ""), drawer.said(name), inside)
