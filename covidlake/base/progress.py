"""What a command says while it works: whoever calls a verb decides where its lines and happenings go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

# Takes one line at a time. `console.detail` prints it; a test or a report may keep it.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Happening:
    """Something that happened, as AWS told it: `facts` by its kind, and the line for who takes lines only.

    `execution`: environment and arn. `states`: arn, and new events of its history without data, maybe none.
    `ended`: arn, status, error, cause. `resource`: a stack's event. `change`: a line of a plan. `alive`: a
    line that says what still goes on, which whoever takes happenings knows.
    """

    kind: Literal["execution", "states", "ended", "resource", "change", "alive"]
    facts: Mapping[str, Any] = field(default_factory=dict)
    line: str = ""


@runtime_checkable
class Watching(Protocol):
    """A progress that also takes what happens: a live display, or lines for another program."""

    def __call__(self, line: str, /) -> None: ...

    def happened(self, happening: Happening, /) -> None: ...


def tell(progress: Progress, happening: Happening) -> None:
    """Give a happening to a progress that takes them; any other gets its line, if it has one."""
    if isinstance(progress, Watching):
        progress.happened(happening)
    elif happening.line:
        progress(happening.line)
