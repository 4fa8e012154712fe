"""A layered drawing of a directed graph: small, deterministic, without a program of its own.

Sugiyama's steps: turn arrows of circles around, put each node a layer below all that lead to it, order the
nodes of a layer by their neighbours, move them towards these. Long arrows go through a bend in each layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

GAP_X, GAP_Y = 28.0, 44.0
BEND = 8.0  # the width that a long arrow takes in a layer
BETWEEN_BENDS = 8.0  # arrows beside each other need less room than boxes
SWEEPS = 6

Node = str | tuple[str, str, int]  # a tuple is the bend of an arrow in a layer
Edge = tuple[str, str]
Strip = tuple[float, float, float]  # x, and from which y to which one an arrow goes straight down


@dataclass
class Drawing:
    """`places` are the centers of nodes, `ways` what each arrow crosses: a strip in each layer from its tail.

    Between the layers nothing lies but arrows. `back` are those that lead up, which a reader draws around the
    others.
    """

    places: dict[str, tuple[float, float]]
    ways: dict[Edge, list[Strip]]
    back: set[Edge]
    width: float
    height: float


@dataclass
class _Graph:
    sizes: dict[Node, tuple[float, float]]
    layers: list[list[Node]] = field(default_factory=list)
    above: dict[Node, list[Node]] = field(default_factory=dict)
    below: dict[Node, list[Node]] = field(default_factory=dict)

    def join(self, tail: Node, head: Node) -> None:
        self.below.setdefault(tail, []).append(head)
        self.above.setdefault(head, []).append(tail)


def layout(sizes: Mapping[str, tuple[float, float]], edges: Iterable[Edge], start: str) -> Drawing:
    """Place nodes of these sizes, `start` at the top."""
    joined = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1] and set(edge) <= set(sizes)]
    back = _back(list(sizes), joined, start)
    forward = [edge for edge in joined if edge not in back]
    rank = _ranks(list(sizes), forward)
    graph = _layered(dict(sizes), forward, rank)
    _order(graph)
    at = _places(graph)
    bounds = _bounds(graph, at)
    ways = {edge: _way(edge, rank, at, graph, bounds) for edge in forward}
    width = max((at[node][0] + size[0] / 2 for node, size in graph.sizes.items()), default=0.0)
    height = max((at[node][1] + size[1] / 2 for node, size in graph.sizes.items()), default=0.0)
    return Drawing({name: at[name] for name in sizes}, ways, back, width, height)


def _bounds(graph: _Graph, at: Mapping[Node, tuple[float, float]]) -> list[tuple[float, float]]:
    """The upper and the lower end of each layer."""
    return [
        (
            min(at[node][1] - graph.sizes[node][1] / 2 for node in layer),
            max(at[node][1] + graph.sizes[node][1] / 2 for node in layer),
        )
        for layer in graph.layers
    ]


def _way(
    edge: Edge,
    rank: Mapping[str, int],
    at: Mapping[Node, tuple[float, float]],
    graph: _Graph,
    bounds: Sequence[tuple[float, float]],
) -> list[Strip]:
    tail, head = edge
    (x1, y1), (x2, y2) = at[tail], at[head]
    bends = [(at[(tail, head, layer)][0], *bounds[layer]) for layer in range(rank[tail] + 1, rank[head])]
    leaving = (x1, y1 + graph.sizes[tail][1] / 2, bounds[rank[tail]][1])
    return [leaving, *bends, (x2, bounds[rank[head]][0], y2 - graph.sizes[head][1] / 2)]


def _back(nodes: Sequence[str], edges: Sequence[Edge], start: str) -> set[Edge]:
    """The arrows that lead back to a node that is still open in a walk from the start."""
    following: dict[str, list[str]] = {}
    for tail, head in edges:
        following.setdefault(tail, []).append(head)
    found: set[Edge] = set()
    done: set[str] = set()
    for root in [start, *nodes]:
        path, waiting = [root], [iter(following.get(root, []))]
        if root in done:
            continue
        while waiting:
            below = next(waiting[-1], None)
            if below is None:
                done.add(path.pop())
                waiting.pop()
            elif below in path:
                found.add((path[-1], below))
            elif below not in done:
                path.append(below)
                waiting.append(iter(following.get(below, [])))
    return found


def _ranks(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each node: one below the lowest that leads to it."""
    rank = dict.fromkeys(nodes, 0)
    for _ in nodes:
        moved = False
        for tail, head in edges:
            if rank[head] <= rank[tail]:
                rank[head], moved = rank[tail] + 1, True
        if not moved:
            break
    return rank


def _layered(
    sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge], rank: Mapping[str, int]
) -> _Graph:
    own: dict[Node, tuple[float, float]] = {}
    own.update((name, size) for name, size in sizes.items())
    graph = _Graph(own)
    graph.layers = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for name in sizes:
        graph.layers[rank[name]].append(name)
    for tail, head in edges:
        last: Node = tail
        for layer in range(rank[tail] + 1, rank[head]):
            bend: Node = (tail, head, layer)
            graph.sizes[bend] = (BEND, 0.0)
            graph.layers[layer].append(bend)
            graph.join(last, bend)
            last = bend
        graph.join(last, head)
    return graph


def _order(graph: _Graph) -> None:
    """Sort each layer by the middle of its neighbours above, then below, and again."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        layers = graph.layers[1:] if down else graph.layers[-2::-1]
        neighbours = graph.above if down else graph.below
        for layer in layers:
            place = {node: at for one in graph.layers for at, node in enumerate(one)}
            layer.sort(key=lambda node: _mean([place[one] for one in neighbours.get(node, [])], place[node]))


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(graph: _Graph) -> dict[Node, tuple[float, float]]:
    x: dict[Node, float] = {}
    for layer in graph.layers:
        left = 0.0
        for at, node in enumerate(layer):
            left += _gap(layer[at - 1], node) if at else 0.0
            x[node] = left + graph.sizes[node][0] / 2
            left += graph.sizes[node][0]
    for sweep in range(SWEEPS * 2):
        neighbours = graph.above if sweep % 2 == 0 else graph.below
        for layer in graph.layers if sweep % 2 == 0 else graph.layers[::-1]:
            _pull(layer, x, graph.sizes, neighbours)
    first = min((x[node] - graph.sizes[node][0] / 2 for node in x), default=0.0)
    found: dict[Node, tuple[float, float]] = {}
    top = 0.0
    for layer in graph.layers:
        tall = max((graph.sizes[node][1] for node in layer), default=0.0)
        for node in layer:
            found[node] = (x[node] - first, top + tall / 2)
        top += tall + GAP_Y
    return found


def _gap(one: Node, other: Node) -> float:
    """How far two neighbours in a layer are apart."""
    return BETWEEN_BENDS if isinstance(one, tuple) and isinstance(other, tuple) else GAP_X


def _pull(
    layer: Sequence[Node],
    x: dict[Node, float],
    sizes: Mapping[Node, tuple[float, float]],
    neighbours: Mapping[Node, list[Node]],
) -> None:
    """Move a layer's nodes towards their neighbours, as far as they leave room for each other.

    Neighbours in the layer that want the same room share it: their wishes are averaged (isotonic regression).
    """
    wish, offset = [], 0.0
    for at, node in enumerate(layer):
        if at:
            offset += (sizes[layer[at - 1]][0] + sizes[node][0]) / 2 + _gap(layer[at - 1], node)
        wish.append((_mean([x[one] for one in neighbours.get(node, [])], x[node]) - offset, offset))
    blocks: list[list[float]] = []  # the sum of the wishes, and how many
    for target, _ in wish:
        blocks.append([target, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, number = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += number
    settled = [total / number for total, number in blocks for _ in range(int(number))]
    for node, place, (_, offset) in zip(layer, settled, wish, strict=True):
        x[node] = place + offset
