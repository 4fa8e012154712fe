"""A history becomes the tree: iterations below their Map, loops as one node, rows as they become known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from covidlake.live.model import FAILED, RUNNING, SUCCEEDED, Node, Tree
from covidlake.live.states import States, rows_text
from tests.unit.covidlake.cost.events import History

RECORD = {"status": "LOADED", "rows_read": 3787, "rows_new": 3780, "rows_quarantined": 4, "table_rows": 3780}


def two_job_runs() -> History:
    """A Map of two iterations, the second of which fails once and is tried again."""
    made = History()
    start = made.enter("RunJobs", "Map")
    started = made.add("MapStateStarted")
    ends = []
    for index, name in enumerate(("uk_covid", "codes")):
        begun = made.add(
            "MapIterationStarted",
            before=started,
            mapIterationStartedEventDetails={"name": "RunJobs", "index": index},
        )
        details = {"name": "RunJob", "input": json.dumps({"datasets": [name]})}
        made.add("TaskStateEntered", before=begun, stateEnteredEventDetails=details)
        made.schedule("glue", "startJobRun.sync", JobName="job")
        submitted = {"resourceType": "glue", "output": json.dumps({"JobRunId": f"jr_{index}"})}
        ends.append(made.add("TaskSubmitted", taskSubmittedEventDetails=submitted))
    made.add("TaskFailed", before=ends[1], taskFailedEventDetails={"error": "Glue.Busy"})
    made.schedule("glue", "startJobRun.sync", JobName="job")
    assert start == 2
    return made


def drawn(reader: States, events: Iterable[dict[str, Any]]) -> Tree:
    tree = Tree()
    for event in reader.read(events):
        tree.apply(event)
    return tree


def shape(node: Node) -> Any:
    return {node.title: [shape(child) for child in node.children]} if node.children else node.title


def test_iterations_lie_below_their_map_and_are_named_by_their_data_sets() -> None:
    reader, made = States("today"), two_job_runs()
    tree = drawn(reader, made.events)
    (root,) = tree.roots
    assert shape(root) == {"execution today": [{"RunJobs": [{"#0": ["RunJob"]}, {"#1": ["RunJob"]}]}]}
    assert reader.wants_data
    for event in reader.enrich(made.events, made.now):
        tree.apply(event)
    assert shape(root) == {
        "execution today": [{"RunJobs": [{"uk_covid": ["RunJob"]}, {"codes": ["RunJob"]}]}]
    }
    assert reader.job_runs == {
        "today/RunJobs[0]/RunJob": "jr_0",
        "today/RunJobs[1]/RunJob": "jr_1",
    }
    assert not reader.wants_data
    assert reader.enrich(made.events, made.now) == [], "nothing is told twice"


def test_a_task_that_is_tried_again_says_how_often_and_why() -> None:
    tree = drawn(States("today"), two_job_runs().events)
    again = tree.nodes["today/RunJobs[1]/RunJob"]
    assert (again.retries, again.note, again.status) == (1, "Glue.Busy", RUNNING)
    assert tree.nodes["today/RunJobs[0]/RunJob"].retries == 0


def test_a_map_ends_on_the_path_of_its_last_iteration() -> None:
    made = two_job_runs()
    made.leave("RunJob")
    made.add("MapIterationSucceeded", mapIterationSucceededEventDetails={"name": "RunJobs", "index": 1})
    made.leave("RunJobs", "Map")
    made.enter("StartCrawler")
    tree = drawn(States("today"), made.events)
    assert tree.nodes["today/RunJobs[1]"].status == SUCCEEDED
    assert tree.nodes["today/RunJobs"].status == SUCCEEDED
    assert [child.title for child in tree.roots[0].children] == ["RunJobs", "StartCrawler"]


def test_a_loop_is_one_node_and_choices_are_none() -> None:
    made = History()
    for _ in range(3):
        made.enter("CheckCrawler")
        made.leave("CheckCrawler")
        made.enter("CrawlDone", "Choice")
        made.leave("CrawlDone", "Choice")
    tree = drawn(States("today"), made.events)
    (only,) = tree.roots[0].children
    assert (only.title, only.visits, only.status) == ("CheckCrawler", 3, SUCCEEDED)


def test_what_comes_after_a_choice_in_an_iteration_stays_in_it() -> None:
    made = History()
    made.enter("VerifyTables", "Map")
    details = {"name": "VerifyTables", "index": 0}
    made.add("MapIterationStarted", mapIterationStartedEventDetails=details)
    made.enter("Begin", "Pass")
    made.leave("Begin", "Pass")
    made.enter("VerifyTable")
    assert "today/VerifyTables[0]/VerifyTable" in drawn(States("today"), made.events).nodes


def test_rows_are_a_line_that_stays() -> None:
    reader, made = States("today"), History()
    made.enter("ReadRunRecord")
    made.leave("ReadRunRecord", output={"dataset": "uk_covid", "run": RECORD})
    tree = drawn(reader, made.events)
    for event in reader.enrich(made.events, made.now):
        tree.apply(event)
    node = tree.nodes["today/=uk_covid"]
    assert (node.title, node.status) == ("uk_covid", SUCCEEDED)
    assert node.note == "3,787 read, 3,780 new, 4 quarantined, the table holds 3,780"


def test_a_data_set_that_failed_says_its_error() -> None:
    reader, made = States("today"), History()
    made.enter("ReadRunRecord")
    made.leave("ReadRunRecord", output={"dataset": "uk_covid", "failure": {"error": "NoRunRecord"}})
    tree = drawn(reader, made.events)
    for event in reader.enrich(made.events, made.now):
        tree.apply(event)
    assert (tree.nodes["today/=uk_covid"].status, tree.nodes["today/=uk_covid"].note) == (
        FAILED,
        "NoRunRecord",
    )


def test_events_that_come_in_parts_make_the_same_tree() -> None:
    events, reader, tree = two_job_runs().events, States("today"), Tree()
    for event in events:
        for one in reader.read([event]):
            tree.apply(one)
    assert shape(tree.roots[0]) == shape(drawn(States("today"), events).roots[0])


def test_records_of_all_kinds_have_words() -> None:
    assert rows_text({"status": "NOTHING_NEW", "table_rows": 7}) == "nothing new, the table holds 7"
    assert rows_text({"rows_read": 0, "rows_changed": 2, "rows_deleted": "x"}) == "2 changed"
    assert rows_text(None) == rows_text({"status": "LOADED"}) == ""
