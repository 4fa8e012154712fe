"""What is said below the tree of an execution that did not succeed: where, why in plain words, what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from covidlake.base import json_text
from covidlake.base.text import one_line, shorten
from covidlake.live.model import Node

CAUSE_LENGTH = 400
LOG_LINES = 8
# AWS's names of errors that say little by themselves.
PLAIN = {
    "States.Timeout": "it took longer than its time-out allows",
    "States.HeartbeatTimeout": "it gave no sign of life in time",
    "States.Permissions": "the role of the state machine may not do this",
    "States.QueryEvaluationError": "an expression of the state machine could not be evaluated",
    "States.DataLimitExceeded": "its data is larger than Step Functions takes",
    "Glue.ConcurrentRunsExceededException": "as many job runs as the job allows are under way",
    "Lambda.TooManyRequestsException": "Lambda has no room for another call",
    "CrawlFailed": "the crawler failed",
    "CrawlTimedOut": "the crawl took too long",
    "NoRunRecord": "the job run ended without saying what it did",
    "Stopped": "somebody stopped it",
}
_JSON = re.compile(r"\{.*\}", re.S)


def words(error: str, cause: str) -> str:
    """Error and cause as a sentence: the message of a job run or a function out of its JSON."""
    said = _message(cause)
    meaning = PLAIN.get(error, "")
    if meaning and said:
        return shorten(f"{meaning}: {said}", CAUSE_LENGTH)
    return shorten(meaning or said or error or "no cause was given", CAUSE_LENGTH)


def _message(cause: str) -> str:
    """`ValueError: day is broken` of what Glue or Lambda wraps it in."""
    found = _JSON.search(cause)
    if found:
        try:
            content = json_text.parse(found[0])
        except (json.JSONDecodeError, ValueError):
            content = None
        if isinstance(content, dict):
            for key in ("ErrorMessage", "errorMessage", "StateChangeReason", "Cause"):
                if content.get(key):
                    lead = cause[: found.start()].strip()
                    return one_line(f"{lead} {content[key]}")
    return one_line(cause)


def lines(failed: Sequence[Node], error: str, cause: str, log: Sequence[str], command: str) -> Iterator[str]:
    """The failed states, the cause, the last lines of the log, and the command that shows more."""
    for node in failed:
        yield f"failed: {' > '.join(node.path)}{f': {node.note}' if node.note else ''}"
    yield f"why: {words(error, cause)}"
    if log:
        yield "the last lines of its log:"
        yield from (f"  {line}" for line in log[-LOG_LINES:])
    yield f"to look further: {command}"
