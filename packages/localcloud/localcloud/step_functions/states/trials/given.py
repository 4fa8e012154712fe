"""What TestState is given in place of a state's work, and about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MockedError:
    """The error that the state's work ends with."""

    error: str
    cause: str | None


@dataclass(frozen=True)
class Mock:
    """The result or the error of the work, and the members of stateConfiguration that go with it.

    `context` is the whole context object: what it leaves out, the state does not see.
    """

    result: Any = None
    error: MockedError | None = None
    context: dict[str, Any] | None = None
    retries: int = 0
    failed_iterations: int | None = None
    reader_data: str | None = None
