"""Events become a tree, whatever their order: no terminal, no AWS, no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from covidlake.live.model import FAILED, RUNNING, SUCCEEDED, Event, Tree

START = datetime(2026, 11, 28, 4, 15, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def tree_of(*events: Event) -> Tree:
    tree = Tree()
    for event in events:
        tree.apply(event)
    return tree


def begun(node: str, seconds: float = 0.0, parent: str = "", *, group: bool = False) -> Event:
    return Event("begun", node, at(seconds), parent=parent, title=node.upper(), group=group)


def ended(node: str, seconds: float, status: str = SUCCEEDED, text: str = "") -> Event:
    return Event("ended", node, at(seconds), status=status, text=text)


def test_nodes_lie_below_their_parents_in_their_order() -> None:
    tree = tree_of(begun("a"), begun("b", parent="a"), begun("c", parent="b"), begun("d"))
    assert [root.id for root in tree.roots] == ["a", "d"]
    assert [node.id for node in tree.roots[0].walk()] == ["a", "b", "c"]
    assert tree.nodes["c"].path == ["B", "C"]


def test_a_node_runs_until_it_ends() -> None:
    tree = tree_of(begun("a"))
    assert (tree.nodes["a"].status, tree.nodes["a"].seconds(at(7))) == (RUNNING, 7.0)
    tree.apply(ended("a", 3, text="3 rows"))
    node = tree.nodes["a"]
    assert (node.status, node.seconds(at(7)), node.note) == (SUCCEEDED, 3.0, "3 rows")
    assert node.seconds(at(-1)) == 3.0


def test_a_second_visit_is_the_same_node() -> None:
    tree = tree_of(begun("check"), ended("check", 1), begun("check", 5))
    assert (len(tree.roots), tree.nodes["check"].visits, tree.nodes["check"].status) == (1, 2, RUNNING)


def test_retries_notes_titles_and_own_lines_are_kept() -> None:
    tree = tree_of(
        begun("a"),
        Event("noted", "a", at(1), text="States.Timeout"),
        Event("retried", "a", at(2)),
        Event("titled", "a", at(3), title="uk_covid"),
        Event("said", "a", at(4), text="reading"),
    )
    node = tree.nodes["a"]
    assert (node.retries, node.note, node.title, node.said) == (1, "States.Timeout", "uk_covid", "reading")


def test_a_group_is_as_bad_as_what_is_below_it() -> None:
    tree = tree_of(begun("g", group=True), begun("a", parent="g"), begun("b", 1, parent="g"))
    group = tree.nodes["g"]
    assert group.status == RUNNING
    tree.apply(ended("a", 2))
    tree.apply(ended("b", 4))
    assert (group.status, group.seconds(at(60))) == (SUCCEEDED, 4.0)
    tree.apply(begun("c", 5, parent="g"))
    assert group.status == RUNNING
    tree.apply(ended("c", 6, FAILED))
    assert group.status == FAILED


def test_what_ran_below_a_failure_ended_with_it() -> None:
    tree = tree_of(
        begun("x"), begun("m", parent="x"), begun("j", parent="m"), begun("k", parent="m"), ended("k", 1)
    )
    tree.apply(ended("x", 9, "stopped", "somebody stopped it"))
    assert [tree.nodes[name].status for name in ("x", "m", "j", "k")] == [
        "stopped",
        "stopped",
        "stopped",
        SUCCEEDED,
    ]
    assert [node.id for node in tree.failed()] == ["j"]


def test_an_event_of_an_unknown_node_does_no_harm() -> None:
    tree = tree_of(ended("nobody", 1), Event("said", "nobody", at(1), text="x"))
    assert (tree.roots, tree.failed()) == ([], [])
    orphan = tree_of(begun("a", parent="nobody"))
    assert [root.id for root in orphan.roots] == ["a"]


def test_an_event_as_json_leaves_out_what_is_empty() -> None:
    assert begun("a").to_json() == {
        "event": "begun",
        "at": "2026-11-28T04:15:00+00:00",
        "id": "a",
        "title": "A",
    }
