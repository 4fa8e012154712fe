"""Values of a distributed Map's fields at run time: its templates, its paths, its input for each item."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from localcloud.step_functions.states import parsing

Json = dict[str, Any]
_NO_LIMIT = 100_000_000  # moto's MaxItems where none is given


def value(component: Any, env: Any) -> Any:
    """What a template of moto's yields for the state's input."""
    env.stack.append(env.states.get_input())
    component.eval(env=env)
    return env.stack.pop()


def item_input(given: Any, env: Any, index: int, item: Any) -> Any:
    """The input of an item's child: the item, or what ItemSelector makes of it."""
    selector = given.item_selector or given.parameters
    if not selector:
        return item
    frame = env.open_inner_frame()
    try:
        frame.states.context_object.context_object_data["Map"] = {"Item": {"Index": index, "Value": item}}
        frame.states.reset(input_value=env.states.get_input())
        frame.stack.append(env.states.get_input())
        selector.eval(frame)
        return frame.stack[-1]
    finally:
        env.delete_frame(frame)


def evaluated(template: Any, state: Json, env: Any) -> Any:
    """What a template of the definition yields, in the state's query language."""
    language = "JSONPath" if _is_jsonpath(state) else "JSONata"
    field = "Parameters" if language == "JSONPath" else "Output"
    component = _template(language, field, json.dumps(template))
    inner = env.open_inner_frame()
    try:
        inner.states.reset(input_value=env.states.get_input())
        if field == "Parameters":
            return value(component.parameters, inner)
        component.output.eval(env=inner)
        return inner.states.get_input()
    finally:
        env.delete_frame(inner)


def _is_jsonpath(state: Json) -> bool:
    return bool(state.get("QueryLanguage", "JSONPath") == "JSONPath")


@lru_cache(maxsize=256)
def _template(language: str, field: str, template: str) -> Any:
    state = {"Type": "Pass", "QueryLanguage": language, field: json.loads(template), "End": True}
    machine = {"StartAt": "Template", "States": {"Template": state}, "QueryLanguage": language}
    return parsing.parse(json.dumps(machine)).states.states["Template"]


def reader_config(reader: Any, state: Json, env: Any) -> Json:
    """The ReaderConfig of an ItemReader, its MaxItems evaluated."""
    config = dict(state["ItemReader"].get("ReaderConfig", {}))
    if reader.reader_config:
        reader.reader_config.eval(env=env)
        most = env.stack.pop()["MaxItemsValue"]
        config["MaxItems"] = None if most == _NO_LIMIT else most
    return config


def batcher(fields: Json, state: Json, env: Any) -> tuple[Any, int | None, int | None]:
    """BatchInput, MaxItemsPerBatch and MaxInputBytesPerBatch of an ItemBatcher."""
    batch_input = evaluated(fields["BatchInput"], state, env) if "BatchInput" in fields else None
    limits = [_limit(fields, name, state, env) for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch")]
    return batch_input, limits[0], limits[1]


def _limit(fields: Json, name: str, state: Json, env: Any) -> int | None:
    if f"{name}Path" in fields:
        return int(evaluated({"limit.$": fields[f"{name}Path"]}, state, env)["limit"])
    given = fields.get(name)
    return int(evaluated({"limit": given}, state, env)["limit"]) if isinstance(given, str) else given
