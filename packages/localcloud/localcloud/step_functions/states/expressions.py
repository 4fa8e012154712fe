"""Paths, variables, intrinsic functions and JSONata in the states of moto's interpreter."""

from __future__ import annotations

import copy
import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from jsonpath_ng.ext.parser import parse
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localcloud.step_functions.states import jsonata_engine
from localcloud.step_functions.states.failures import failure
from localcloud.step_functions.states.shapes import iso_stamp

_VARIABLE = re.compile(r"^\$([A-Za-z_][A-Za-z0-9_]*)(.*)$", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_INDEFINITE = re.compile(r"\.\.|\*|\[\?|\[[^\]]*[:,][^\]]*\]")
# In a quoted name of a path, a backslash is one, but before a single quotation mark.
_LONE_BACKSLASH = re.compile(r"\\(?!')")

_parse_path = lru_cache(maxsize=1024)(parse)


def extract_json(path: str, data: Any) -> Any:
    """What the path selects: one value, or a list when it may select several (`[*]`, `..`, slices, filters).

    Raises moto's `NoSuchJsonPathError` when it must select one and there is none.
    """
    found = [match.value for match in _parse_path(_LONE_BACKSLASH.sub(r"\\\\", path)).find(data)]
    if _INDEFINITE.search(_QUOTED.sub("", path)):
        return found
    if not found:
        raise NoSuchJsonPathError(json_path=path, data=data)
    return found[0]


def to_json_str(value: Any, separators: tuple[str, str] | None = None) -> str:
    """JSON as Step Functions writes it: without escapes for what UTF-8 can say."""

    def as_text(item: Any) -> str:
        return iso_stamp(item) if isinstance(item, datetime) else str(item)

    return json.dumps(value, default=as_text, separators=separators, ensure_ascii=False)


def variables(env: Any) -> dict[str, Any]:
    """The variables of the state's scope, names without `$`."""
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def assigned_variables(self: Any) -> dict[str, str]:
    """What a state assigned, as its exit tells it: each value as JSON. For moto's VariableStore."""
    return {name: to_json_str(self.get(name), (",", ":")) for name in sorted(self._declaration_tracing)}


def evaluate_assign(self: Any, env: Any) -> None:
    """For moto's AssignDecl: the state's other fields still see the old values, until `commit_assign`."""
    assigned = vars(env.variable_store).setdefault("assigned", {})
    for binding in self.declaration_bindings:
        binding.eval(env=env)
        assigned.update(env.stack.pop())


def commit_assign(env: Any) -> None:
    """Set the variables of a state that is done."""
    for name, value in vars(env.variable_store).pop("assigned", {}).items():
        env.variable_store.set(variable_identifier=name, variable_value=value)


def evaluate_jsonata(self: Any, env: Any) -> None:
    """For moto's StringJSONata."""
    known = {**variables(env), "states": env.states._states_data}
    try:
        env.stack.append(jsonata_engine.evaluate(self.expression, known, self.location))
    except jsonata_engine.JsonataError as error:
        raise evaluation_failure(env, self.location, str(error)) from error


def evaluation_failure(env: Any, field: str, cause: str) -> Any:
    """The exception of a field whose expression cannot be used; the history has it already."""
    kind = HistoryEventType.EvaluationFailed
    failed = failure(env, "States.QueryEvaluationError", cause, kind, location=field)
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=kind,
        event_details={"evaluationFailedEventDetails": failed.get_evaluation_failed_event_details()},
    )
    return failed


def sample_variable(self: Any, env: Any) -> None:
    """For moto's StringVariableSample: `$name.path` in a JSONPath state is a path into a variable."""
    found = _VARIABLE.match(self.expression)
    known = variables(env)
    if found is None or found[1] not in known:
        cause = f"The variable '{self.expression}' could not be found"
        raise failure(env, "States.QueryEvaluationError", cause)
    value = known[found[1]]
    env.stack.append(copy.deepcopy(extract_json("$" + found[2], value) if found[2] else value))


def json_to_string(self: Any, env: Any) -> None:
    """For moto's JsonToString."""
    self.argument_list.eval(env=env)
    env.stack.append(to_json_str(env.stack.pop().pop(), (",", ":")))


def evaluate_intrinsic(self: Any, env: Any) -> None:
    """For moto's StringIntrinsicFunction."""
    try:
        self.function.eval(env=env)
    except (FailureEventException, NoSuchJsonPathError):
        raise
    except Exception as error:
        cause = f"{error} in {self.intrinsic_function_derivation}"
        raise failure(env, "States.IntrinsicFailure", cause) from error
