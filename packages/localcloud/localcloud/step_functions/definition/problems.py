"""A finding in a definition, as ValidateStateMachineDefinition and CreateStateMachine report it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SCHEMA, JSON, TARGET = "SCHEMA_VALIDATION_FAILED", "INVALID_JSON_DESCRIPTION", "MISSING_TRANSITION_TARGET"
DUPLICATE, EXPRESSION = "DUPLICATE_STATE_NAME", "INVALID_JSONATA_EXPRESSION"


@dataclass(frozen=True)
class Problem:
    """`location` is the path of what is wrong, such as `/States/A/Resource`; empty for the whole text."""

    code: str
    message: str
    location: str = ""

    def __str__(self) -> str:
        """As in the message of InvalidDefinition."""
        at = f" at {self.location}" if self.location and self.code != JSON else ""
        return f"{self.code}: {self.message}{at}"

    def diagnostic(self) -> dict[str, str]:
        """As in the answer of ValidateStateMachineDefinition."""
        shown = {"severity": "ERROR", "code": self.code, "message": self.message}
        return {**shown, "location": self.location} if self.location else shown


class InvalidDefinitionError(ValueError):
    """A definition that Step Functions does not accept: `problems` say where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(map(str, problems)))
        self.problems = list(problems)
