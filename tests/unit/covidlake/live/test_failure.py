"""A failure in plain words, with its place, its log and what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.live import failure
from covidlake.live.model import Event, Tree

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        ("States.Timeout", "", "it took longer than its time-out allows"),
        (
            "States.TaskFailed",
            '{"Id": "jr_1", "ErrorMessage": "ValueError: day\\n is broken"}',
            "ValueError: day is broken",
        ),
        ("Exception", 'uk_covid: {"errorMessage": "no"}', "uk_covid: no"),
        ("CrawlFailed", "crawl ended as FAILED", "the crawler failed: crawl ended as FAILED"),
        ("Odd", "{broken", "{broken"),
        ("Odd", '{"Other": 1}', '{"Other": 1}'),
        ("Odd", "", "Odd"),
        ("", "", "no cause was given"),
    ],
)
def test_causes_become_sentences(error: str, cause: str, words: str) -> None:
    assert failure.words(error, cause) == words


def test_a_megabyte_of_cause_is_cut() -> None:
    assert len(failure.words("x", "y" * 1_000_000)) <= failure.CAUSE_LENGTH


def test_the_block_names_state_cause_log_and_command() -> None:
    tree = Tree()
    for node, parent, title in (
        ("x", "", "execution x"),
        ("x/M", "x", "RunJobs"),
        ("x/M/J", "x/M", "RunJob"),
    ):
        tree.apply(Event("begun", node, NOW, parent=parent, title=title))
    tree.apply(Event("noted", "x/M/J", NOW, text="States.TaskFailed"))
    tree.apply(Event("ended", "x", NOW, status="failed"))
    log = [f"line {number}" for number in range(20)]
    found = list(failure.lines(tree.failed(), "States.TaskFailed", "no rows", log, "covidlake logs dev x"))
    assert found[:3] == [
        "failed: RunJobs > RunJob: States.TaskFailed",
        "why: no rows",
        "the last lines of its log:",
    ]
    assert found[3:-1] == [f"  line {number}" for number in range(12, 20)]
    assert found[-1] == "to look further: covidlake logs dev x"


def test_without_a_log_nothing_is_said_of_it() -> None:
    assert list(failure.lines([], "", "no", [], "look")) == ["why: no", "to look further: look"]
