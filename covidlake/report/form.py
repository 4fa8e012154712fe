"""The forms of a report of an execution: apart from what makes them, so that `--help` stays fast."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"
