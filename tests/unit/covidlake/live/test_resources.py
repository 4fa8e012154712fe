"""A stack's events become the tree: resources below their services."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from covidlake.live.model import FAILED, RUNNING, SUCCEEDED, Tree
from covidlake.live.resources import Resources

NOW = datetime(2026, 11, 28, tzinfo=UTC)
STACK = "AWS::CloudFormation::Stack"


def event(name: str, kind: str, status: str, reason: str = "") -> dict[str, Any]:
    found = {"LogicalResourceId": name, "ResourceType": kind, "ResourceStatus": status, "Timestamp": NOW}
    return found | ({"ResourceStatusReason": reason} if reason else {})


def drawn(*events: dict[str, Any]) -> Tree:
    reader, tree = Resources("lake"), Tree()
    for one in events:
        for found in reader.read(one):
            tree.apply(found)
    return tree


def test_resources_lie_below_their_services() -> None:
    tree = drawn(
        event("lake", STACK, "CREATE_IN_PROGRESS", "User Initiated"),
        event("Job", "AWS::Glue::Job", "CREATE_IN_PROGRESS"),
        event("Job", "AWS::Glue::Job", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
        event("Crawler", "AWS::Glue::Crawler", "CREATE_IN_PROGRESS"),
        event("Job", "AWS::Glue::Job", "CREATE_COMPLETE"),
    )
    (root,) = tree.roots
    (glue,) = root.children
    assert (root.title, glue.title, glue.status) == ("lake", "Glue", RUNNING)
    job, crawler = glue.children
    assert (job.status, job.note, job.visits) == (SUCCEEDED, "created", 1)
    assert crawler.status == RUNNING
    assert root.note == "CREATE_IN_PROGRESS User Initiated"


def test_a_failure_says_why_and_a_rollback_is_no_success() -> None:
    tree = drawn(
        event("Job", "AWS::Glue::Job", "UPDATE_FAILED", "no such\nworker type"),
        event("lake", STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "failed: Job"),
        event("lake", STACK, "UPDATE_ROLLBACK_COMPLETE"),
    )
    assert tree.nodes["lake/Glue/Job"].note == "UPDATE_FAILED no such worker type"
    assert [node.title for node in tree.failed()] == ["Job"]
    assert (tree.roots[0].status, tree.roots[0].note) == (FAILED, "UPDATE_ROLLBACK_COMPLETE")


def test_a_stack_that_cleans_up_has_not_ended() -> None:
    cleaning = event("lake", STACK, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    assert drawn(cleaning).roots[0].status == RUNNING
    done = event("lake", STACK, "UPDATE_COMPLETE")
    assert drawn(cleaning, done).roots[0].status == SUCCEEDED
    assert drawn(event("lake", STACK, "DELETE_FAILED", "in use")).roots[0].status == FAILED


def test_a_resource_that_goes_again_is_visited_twice() -> None:
    kind = "AWS::SQS::Queue"
    tree = drawn(
        event("Queue", kind, "CREATE_IN_PROGRESS"),
        event("Queue", kind, "CREATE_COMPLETE"),
        event("Queue", kind, "DELETE_IN_PROGRESS"),
        event("Queue", kind, "DELETE_COMPLETE"),
        event("Odd", "Custom::Thing", "IMPORT_COMPLETE"),
    )
    queue = tree.nodes["lake/SQS/Queue"]
    assert (queue.visits, queue.note) == (2, "deleted")
    assert tree.nodes["lake/Custom::Thing/Odd"].note == "imported"
