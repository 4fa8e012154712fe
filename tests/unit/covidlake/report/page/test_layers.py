"""The layered layout: what leads comes above, nothing overlaps, circles are drawn around."""

from __future__ import annotations

import itertools

import pytest

from covidlake.report.page.layers import layout

SIZE = (80.0, 30.0)


def placed(edges: str, start: str = "a"):  # type: ignore[no-untyped-def]
    joined = [(one[0], one[1]) for one in edges.split()]
    nodes = dict.fromkeys([start, *itertools.chain(*joined)], SIZE)
    return layout(nodes, joined, start)


def test_each_node_stands_below_all_that_lead_to_it() -> None:
    drawing = placed("ab ac bd cd ad")
    y = {name: place[1] for name, place in drawing.places.items()}
    assert y["a"] < y["b"] == y["c"] < y["d"]
    assert drawing.back == set()


@pytest.mark.parametrize("edges", ["ab ac ad ae bf cf df ef", "ab bc ca ad", "ab ba", "ab bc cd ae ed af fd"])
def test_no_two_nodes_overlap_and_all_lie_inside(edges: str) -> None:
    drawing = placed(edges)
    for (x1, y1), (x2, y2) in itertools.combinations(drawing.places.values(), 2):
        assert abs(x1 - x2) >= SIZE[0] or abs(y1 - y2) >= SIZE[1]
    for x, y in drawing.places.values():
        assert SIZE[0] / 2 <= x <= drawing.width - SIZE[0] / 2
        assert SIZE[1] / 2 <= y <= drawing.height - SIZE[1] / 2


def test_a_circle_has_one_arrow_back() -> None:
    drawing = placed("ab bc cb cd")
    assert drawing.back == {("c", "b")}
    assert ("b", "c") in drawing.ways


def test_a_long_arrow_goes_down_through_each_layer_beside_its_nodes() -> None:
    drawing = placed("ab bc cd ad")
    way = drawing.ways["a", "d"]
    assert len(way) == 4
    for _, begin, end in way:
        assert begin <= end
    bends = [strip[0] for strip in way[1:-1]]
    assert all(abs(x - drawing.places[node][0]) > SIZE[0] / 2 for x, node in zip(bends, "bc", strict=True))


def test_what_is_not_reached_from_the_start_is_placed_too() -> None:
    assert set(placed("ab cd").places) == set("abcd")


def test_a_node_alone_and_an_arrow_to_itself() -> None:
    drawing = placed("aa")
    assert drawing.places == {"a": (40.0, 15.0)}
    assert drawing.ways == {}


def test_the_same_graph_is_the_same_drawing() -> None:
    assert placed("ab ac bd cd ad") == placed("ab ac bd cd ad")
