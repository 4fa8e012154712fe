"""JSONata as Step Functions evaluates it, by jsonata-python and the functions that AWS adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonata
from jsonata.utils import Utils

# AWS gives an expression a second; this engine is many times slower than theirs.
_TIMEOUT_MILLISECONDS = 20_000
_OWN_RANGES = re.compile(r"\$eval\b")


class JsonataError(Exception):
    """An expression that fails, yields nothing, or yields what JSON cannot hold."""


def check(expression: str) -> None:
    """Raises `JsonataError` for an expression that cannot be parsed, or that uses `$eval`."""
    if _OWN_RANGES.search(expression):
        raise JsonataError("the function $eval is not supported, use $parse")
    _compile(expression)


def evaluate(expression: str, variables: Mapping[str, Any], field: str = "") -> Any:
    """The value of the expression with these variables bound (names without `$`).

    `field` is where the expression stands, for the message. Raises `JsonataError`.
    """
    bindings = {name: Utils.NULL_VALUE if value is None else value for name, value in variables.items()}
    try:
        value = _run(expression, bindings)
        if value is None and not _run(f"$exists(({expression}))", bindings):
            raise JsonataError("returned nothing (undefined).")
        return _plain(value)
    except JsonataError as error:
        place = f" specified for the field '{field}'" if field else ""
        raise JsonataError(f"The JSONata expression '{expression}'{place} {error}") from error


def _compile(expression: str) -> Any:
    from ministack.services import stepfunctions

    try:
        compiled = jsonata.Jsonata.jsonata(expression, timeout=_TIMEOUT_MILLISECONDS)
    except Exception as error:
        raise JsonataError(f"The JSONata expression '{expression}' {_failed(error)}") from error
    stepfunctions._register_sfn_jsonata_functions(compiled)
    compiled.register_lambda("range", lambda *bounds: _sequence(stepfunctions._sfn_jsonata_range(*bounds)))
    return compiled


def _sequence(values: list[Any]) -> Any:
    """AWS's $range returns a sequence of JSONata, which is its value where there is one only."""
    return values[0] if len(values) == 1 else values


def _run(expression: str, bindings: dict[str, Any]) -> Any:
    compiled = _compile(expression)
    try:
        return compiled.evaluate(None, bindings)
    except Exception as error:
        raise JsonataError(_failed(error)) from error


def _failed(error: Exception) -> str:
    code = getattr(error, "error", None)
    reason = f"{code}: {error}" if code else str(error)
    return f"threw an error during evaluation. {reason}"


def _plain(value: Any) -> Any:
    """The value in JSON's own types; whole numbers have no fraction, as in JSONata's own engine."""
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise JsonataError("returned an unsupported result type.")
