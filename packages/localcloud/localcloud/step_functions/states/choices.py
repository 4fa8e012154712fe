"""How a Choice decides, and what it leaves behind."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations import (
    timestamp_operators,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.is_operator import (  # noqa: E501
    IsTimestamp,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp

from localcloud.plugin import require
from localcloud.step_functions.states import timestamps
from localcloud.step_functions.states.failures import failure


class _Default(str):
    """The name of a Choice's Default, which a rule may lead to as well."""


def compare(self: Any, env: Any) -> None:
    """A Variable that is not there fails the execution, as on AWS; only IsPresent may ask for one."""
    self.variable.eval(env)
    asked = self.comparison_function.operator_type
    if isinstance(env.stack[-1], NoSuchVariable) and asked is not ComparisonOperatorType.IsPresent:
        path = self.variable.string_sampler.literal_value
        cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise failure(env, "States.Runtime", cause)
    self.comparison_function.eval(env)


def choose(self: Any, env: Any) -> None:
    """The first rule that holds, or the Default. Fails with States.NoChoiceMatched without either."""
    for rule in self.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack.append(rule.next_stmt.name)
            return
    if self.default_state is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise failure(env, "States.NoChoiceMatched", cause)
    env.stack.append(_Default(self.default_state.state_name))


def leave(self: Any, env: Any) -> None:
    """The state's own Assign and Output are for the Default; a rule has its own."""
    name = env.stack.pop()
    if isinstance(name, _Default):
        for field in (self.assign_decl, self.output):
            if field is not None:
                field.eval(env=env)
    if self._is_language_query_jsonpath():
        self.output_path.eval(env=env)
    env.next_state_name = str(name)


def plug_in() -> None:
    """Have moto read fractions of a second and offsets in timestamps: it takes them for no timestamps."""
    for owner, name in ((IsTimestamp, "string_to_timestamp"), (Timestamp, "_from_timestamp_string")):
        require(owner, name, [])
        setattr(owner, name, staticmethod(timestamps.read))
    for name, compared in timestamps.COMPARISONS.items():
        owner = getattr(timestamp_operators, name)
        require(owner, "_compare", ["variable", "comparison_value"])
        owner._compare = staticmethod(compared)
