"""Crawls that a change set would meet: AWS Glue updates no crawler that runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import StackBusyError
from covidlake.base.progress import Progress

if TYPE_CHECKING:
    from covidlake.ship.stack.change_set import ChangeSet

CRAWLER = "AWS::Glue::Crawler"
TOUCHED = {"Modify", "Remove", "Dynamic"}
READY = "READY"
LONGEST_MINUTES = 30.0


def wait_for(created: ChangeSet, progress: Progress, minutes: float) -> None:
    """Wait until each crawler that a change set modifies, replaces or removes is at rest.

    One that starts again in between is met by the next attempt of the deploy. Raises `StackBusyError` for a
    crawl that goes on for `minutes`, or for `LONGEST_MINUTES`.
    """
    ends = time.monotonic() + min(minutes, LONGEST_MINUTES) * 60
    for name in _crawlers(created):
        _wait(name, progress, ends)


def _crawlers(created: ChangeSet) -> Iterator[str]:
    for change in created.changes:
        given = change.get("ResourceChange", {})
        name = given.get("PhysicalResourceId")
        if given.get("ResourceType") == CRAWLER and given.get("Action") in TOUCHED and name:
            yield name


def _wait(name: str, progress: Progress, ends: float) -> None:
    started, said = time.monotonic(), False
    while (state := _state(name, progress)) != READY:
        if not said:
            progress(f"crawler {name} is {state}: waiting for its end, a crawler that runs cannot be updated")
            said = True
        if time.monotonic() > ends:
            raise StackBusyError(
                f"crawler {name} is still {state} after {(time.monotonic() - started) / 60:.1f} minutes and "
                f"cannot be updated: deploy later, or stop it with: aws glue stop-crawler --name {name}"
            )
        time.sleep(aws.poll_interval(time.monotonic() - started))


def _state(name: str, progress: Progress) -> str:
    """The crawler's state; READY where there is none, or where the caller may not see it."""
    try:
        found = aws.client("glue").get_crawler(Name=name)["Crawler"]
    except ClientError as error:
        if aws.is_denied(error):
            progress(f"whether crawler {name} runs is not known: glue:GetCrawler is denied to you")
        elif error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
        return READY
    return found.get("State", READY)
