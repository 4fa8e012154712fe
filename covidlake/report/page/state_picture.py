"""The state machine as SVG: every state that an execution can reach or did, the way of this one in colour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from covidlake.report.page import layers, svg
from covidlake.report.page.layers import GAP_X, Edge, Strip
from covidlake.report.page.timeline import Timeline
from covidlake.run.execution_history import SEVERITY

HEIGHT = 34.0
CHARACTER = 7.4  # the width of a character, on the safe side
PAD = 14.0
HEAD = 30.0  # the title of a Map
MARGIN = 22.0
MARKS = {
    "succeeded": "✓",
    "running": "…",
    "caught": "↷",
    "failed": "✗",
    "timedout": "!",
    "aborted": "■",
}
WORDS = {
    "succeeded": "succeeded",
    "running": "still in work",
    "caught": "failed, and the execution went on",
    "failed": "failed",
    "timedout": "timed out",
    "aborted": "stopped",
}


@dataclass(frozen=True)
class Picture:
    """The SVG, and the states that are not in it because only a failure leads to them."""

    svg: str
    left_out: tuple[str, ...]
    starts_right: bool  # whether the first state is in the right half, where a wide picture is shown first


@dataclass(frozen=True)
class _Box:
    """A machine that is drawn: its elements, its size, and the names of its states."""

    parts: tuple[str, ...]
    width: float
    height: float
    start: float = 0.0  # how far right its first state is


def outcomes(timeline: Timeline) -> dict[str, str]:
    """The worst outcome of each state over its visits."""
    found: dict[str, str] = {}
    for visit in timeline.visits:
        found[visit.state] = max(found.get(visit.state, visit.outcome), visit.outcome, key=SEVERITY.index)
    return found


def picture(definition: Mapping[str, Any], timeline: Timeline) -> Picture:
    """Draw the definition, with what the timeline says of each state."""
    drawer = Drawer(timeline)
    box = drawer.machine(definition)
    size = (box.width + 2 * MARGIN, box.height + 2 * MARGIN)
    moved = svg.element("g", *box.parts, transform=f"translate({MARGIN:.0f},{MARGIN:.0f})")
    name = "Diagram of the states, in the order in which they lead to each other; the list below has the same"
    shown = svg.picture([_arrow_head(), moved], *size, name, "states")
    return Picture(shown, tuple(sorted(drawer.left_out)), box.start > box.width / 2)


def _arrow_head() -> str:
    shape = svg.element("path", d="M0,0L8,4L0,8Z", class_="head")
    sizes: dict[str, str | int] = {"markerWidth": 8, "markerHeight": 8, "refX": 7, "refY": 4}
    sizes |= {"orient": "auto", "markerUnits": "userSpaceOnUse"}
    return svg.element("defs", svg.element("marker", shape, id="arrow", **sizes))


class Drawer:
    """Draws machines within machines; knows how each state ended, and which are shown."""

    def __init__(self, timeline: Timeline) -> None:
        self.outcomes = outcomes(timeline)
        self.taken = timeline.taken
        self.visits: dict[str, int] = {}
        self.faults: dict[str, int] = {}
        for visit in timeline.visits:
            self.visits[visit.state] = self.visits.get(visit.state, 0) + 1
            self.faults[visit.state] = self.faults.get(visit.state, 0) + visit.faults
        self.left_out: set[str] = set()

    def machine(self, machine: Mapping[str, Any]) -> _Box:
        states: Mapping[str, Any] = machine["States"]
        edges = list(self.edges(states))
        shown = self.shown(machine, edges)
        self.left_out |= states.keys() - set(shown)
        boxes = {name: self._state(name, state) for name, state in states.items() if name in shown}
        sizes = {name: (box.width, box.height) for name, box in boxes.items()}
        placed = layers.layout(sizes, edges, machine["StartAt"])
        parts = [*self._arrows(placed, boxes, edges), *_moved(boxes, placed)]
        loops = len(placed.back) * 12 + (GAP_X if placed.back else 0)
        first = placed.places[machine["StartAt"]]
        start = _start(first, sizes[machine["StartAt"]])
        return _Box((start, *parts), placed.width + loops, placed.height, first[0])

    def shown(self, machine: Mapping[str, Any], edges: list[Edge]) -> list[str]:
        """What a success can reach, each after one that leads to it, then other states that were visited."""
        found = [machine["StartAt"]]
        for tail in found:
            found += dict.fromkeys(head for one, head in edges if one == tail and head not in found)
        return [*found, *(name for name in machine["States"] if name in self.outcomes and name not in found)]

    def edges(self, states: Mapping[str, Any]) -> Iterator[Edge]:
        """The arrows of a success, and those that a Catch was left by in this execution."""
        for name, state in states.items():
            for target in targets(state):
                yield name, target
            for catcher in state.get("Catch", []):
                if (name, catcher["Next"]) in self.taken:
                    yield name, catcher["Next"]

    def _state(self, name: str, state: Mapping[str, Any]) -> _Box:
        outcome = self.outcomes.get(name, "")
        label = f"{MARKS[outcome]} {name}" if outcome else name
        inner = [self.machine(one) for one in machines_in(state)]
        if not inner:
            width, height = len(label) * CHARACTER + 2 * PAD, HEIGHT
        else:
            width = max(
                sum(box.width for box in inner) + PAD * (len(inner) + 1), len(label) * CHARACTER + 2 * PAD
            )
            height = HEAD + max(box.height for box in inner) + 2 * PAD
        ends = bool(state.get("End")) or state["Type"] in {"Succeed", "Fail"}
        shape = svg.element(
            "rect", width=width, height=height, rx=HEIGHT / 2 if ends and not inner else 6, class_="box"
        )
        parts = [svg.title(f"{name}: {self.said(name)}"), shape]
        parts.append(svg.text(label, x=width / 2, y=21, text_anchor="middle"))
        left = PAD
        for box in inner:
            parts.append(svg.element("g", *box.parts, transform=f"translate({left:.1f},{HEAD + PAD:.1f})"))
            left += box.width + PAD
        kind = "map" if inner else "state"
        whole = svg.element("g", *parts, class_=f"{kind} {outcome or 'unvisited'}")
        return _Box((whole,), width, height)

    def said(self, name: str) -> str:
        """`succeeded, 2 visits, 1 failed attempt`."""
        outcome = self.outcomes.get(name)
        if not outcome:
            return "not reached"
        visits, faults = self.visits[name], self.faults[name]
        more = [f"{visits} visits"] if visits > 1 else []
        more += [f"{faults} failed attempt{'s' if faults > 1 else ''}"] if faults else []
        return ", ".join([WORDS[outcome], *more])

    def _arrows(self, placed: layers.Drawing, boxes: Mapping[str, _Box], edges: list[Edge]) -> Iterator[str]:
        side = placed.width
        for edge in sorted(dict.fromkeys(edges), key=lambda one: one in self.taken):
            tail, head = edge
            if not set(edge) <= set(placed.places):
                continue
            kind = "arrow taken" if edge in self.taken else "arrow"
            if tail == head or edge in placed.back:
                side += 12
                way = _around(placed.places, boxes, edge, side)
            else:
                way = _down(placed.ways[edge])
            yield svg.element("path", d=way, class_=kind, marker_end="url(#arrow)")


def targets(state: Mapping[str, Any]) -> list[str]:
    """Where a state leads unless it fails."""
    found = [choice["Next"] for choice in state.get("Choices", [])]
    found += [state[key] for key in ("Default", "Next") if key in state]
    return list(dict.fromkeys(found))


def machines_in(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The machines inside of a Map or a Parallel."""
    inner = state.get("ItemProcessor") or state.get("Iterator")
    return [inner] if inner else list(state.get("Branches", []))


def _moved(boxes: Mapping[str, _Box], placed: layers.Drawing) -> Iterator[str]:
    for name, box in boxes.items():
        x, y = placed.places[name]
        corner = f"translate({x - box.width / 2:.1f},{y - box.height / 2:.1f})"
        yield svg.element("g", *box.parts, transform=corner)


def _start(place: tuple[float, float], size: tuple[float, float]) -> str:
    return svg.element("circle", cx=place[0], cy=place[1] - size[1] / 2 - 10, r=5, class_="start")


def _down(way: Sequence[Strip]) -> str:
    """Straight through the layers, and in curves between them."""
    at = way[0][1]
    drawn = f"M{way[0][0]:.1f},{at:.1f}"
    for (x1, _, y1), (x2, y2, _) in itertools.pairwise(way):
        half = (y1 + y2) / 2
        straight = f"V{y1:.1f}" if y1 > at else ""  # one of no length would turn the head of the arrow
        drawn += f"{straight}C{x1:.1f},{half:.1f} {x2:.1f},{half:.1f} {x2:.1f},{y2:.1f}"
        at = y2
    end = way[-1][2]
    return f"{drawn}V{end:.1f}" if end > at else drawn


def _around(
    places: Mapping[str, tuple[float, float]], boxes: Mapping[str, _Box], edge: Edge, side: float
) -> str:
    """From the right side of the tail, up beside the others, to the right side of the head."""
    (x1, y1), (x2, y2) = places[edge[0]], places[edge[1]]
    right1, right2 = x1 + boxes[edge[0]].width / 2, x2 + boxes[edge[1]].width / 2
    down = y1 + 6 if edge[0] == edge[1] else y1
    up = y2 - 6 if edge[0] == edge[1] else y2
    return (
        f"M{right1:.1f},{down:.1f}"
        f"C{side:.1f},{down:.1f} {side:.1f},{down:.1f} {side:.1f},{(down + up) / 2:.1f}"
        f"C{side:.1f},{up:.1f} {side:.1f},{up:.1f} {right2:.1f},{up:.1f}"
    )
