"""Calls TestState without a cloud, and reads every JSON text of its answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control import single_states

GIVEN = {"a": {"x": 1}, "b": 2}


def tried(state: dict[str, Any], given: Any = GIVEN, level: str = "DEBUG", **fields: Any) -> dict[str, Any]:
    """The answer for a state, or with `stateName` for a machine."""
    answer = single_states.test_state(
        {"definition": json.dumps(state), "input": json.dumps(given), "inspectionLevel": level, **fields}
    )
    for holder in (answer, answer.get("inspectionData", {})):
        for name, text in list(holder.items()):
            if name.startswith("after") or name in ("input", "output", "result", "variables"):
                holder[name] = json.loads(text)
    return answer


def returned(result: Any, mode: str | None = None) -> dict[str, Any]:
    """A mock of this result."""
    return {"result": json.dumps(result), **({} if mode is None else {"fieldValidationMode": mode})}


def thrown(error: str, cause: str | None = "why") -> dict[str, Any]:
    """A mock of this error."""
    return {"errorOutput": {"error": error, **({} if cause is None else {"cause": cause})}}


def refused(
    state: dict[str, Any], given: Any = GIVEN, code: str = "ValidationException", **fields: Any
) -> str:
    """The message with which TestState refuses the request."""
    with pytest.raises(AwsError) as caught:
        tried(state, given, **fields)
    assert caught.value.code == code
    return caught.value.message
