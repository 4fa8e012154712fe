"""Conditions that compare what functions make of parameters: ministack knows Fn::Select of a list alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud import plugin

_FUNCTIONS = ("Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub")


def install() -> None:
    """Have the functions evaluated before the conditions are."""
    from ministack.services.cloudformation import changesets, engine, handlers, stacks

    for module in (engine, changesets, handlers, stacks):
        original = plugin.require(module, "_evaluate_conditions", ["template", "params"])
        module._evaluate_conditions = _evaluating(original)


def _evaluating(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def evaluate(template: dict[str, Any], params: dict[str, Any]) -> Any:
        conditions = template.get("Conditions")
        if not conditions:
            return original(template, params)
        mappings = template.get("Mappings", {})
        return original({**template, "Conditions": _resolved(conditions, params, mappings)}, params)

    return evaluate


def _resolved(value: Any, params: dict[str, Any], mappings: dict[str, Any]) -> Any:
    from ministack.services.cloudformation import engine

    if isinstance(value, list):
        return [_resolved(one, params, mappings) for one in value]
    if not isinstance(value, dict):
        return value
    if any(function in value for function in _FUNCTIONS):
        return engine._resolve_refs(value, {}, params, {}, mappings, "", "")
    return {key: _resolved(one, params, mappings) for key, one in value.items()}
