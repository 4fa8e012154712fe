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

_parse_path = lru_cache(maxsize=1024)(parse)


def extract_json(path: str, data: Any) -> Any:
    """What the path selects: one value, or a list when it may select several (`[*]`, `..`, slices, filters).

    Raises moto's `NoSuchJsonPathError` when it must select one and there is none.
    """
    found = [match.value for match in _parse_path(path).find(data)]
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


def evaluate_jsonata(self: Any, env: Any) -> None:
    """For moto's StringJSONata."""
    known = {**variables(env), "states": env.states._states_data}
    try:
        env.stack.append(jsonata_engine.evaluate(self.expression, known))
    except jsonata_engine.JsonataError as error:
        failed = failure(env, "States.QueryEvaluationError", str(error), HistoryEventType.EvaluationFailed)
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.EvaluationFailed,
            event_details={"evaluationFailedEventDetails": failed.get_evaluation_failed_event_details()},
        )
        raise failed from error


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
