"""The ingestion's state machine, in JSONata; one module for each group of states."""

from infra.state_machine.checks import SubstitutionError, lint
from infra.state_machine.definition import definition
from infra.state_machine.resource import state_machine

__all__ = ["SubstitutionError", "definition", "lint", "state_machine"]
