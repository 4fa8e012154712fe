"""The segmentation's state machine, in JSONata; one module for each group of states."""

from infra.common.states.definition_checks import SubstitutionError, lint
from infra.segmentation.states.definition import definition
from infra.segmentation.states.resource import state_machine

__all__ = ["SubstitutionError", "definition", "lint", "state_machine"]
