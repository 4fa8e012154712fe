"""Conditions that split or put together what they compare: ministack resolves Ref, Select and comparisons alone."""

from __future__ import annotations

import re
from typing import Any

from localcloud import plugin

PLACE = re.compile(r"\$\{(\w+)\}")


def install() -> None:
    """Resolve Fn::Sub, Fn::Split and Fn::Join in conditions, wherever ministack evaluates them."""
    from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

    evaluate = plugin.require(engine, "_evaluate_conditions", ["template", "params"])

    def evaluated(template: Any, params: Any) -> Any:
        given = {name: one["Value"] for name, one in params.items() if "Value" in one}
        known = {**template, "Conditions": resolved(template.get("Conditions", {}), given)}
        return evaluate(known, params)

    for module in (changesets, engine, handlers, provisioners, stacks):
        if hasattr(module, "_evaluate_conditions"):
            module._evaluate_conditions = evaluated  # type: ignore[attr-defined]


def resolved(value: Any, parameters: dict[str, Any]) -> Any:
    """The value with these functions of parameters carried out; all else stays what it is."""
    if isinstance(value, list):
        return [resolved(one, parameters) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {name: resolved(one, parameters) for name, one in value.items()}
    if isinstance(text := inner.get("Fn::Sub"), str) and set(PLACE.findall(text)) <= set(parameters):
        return PLACE.sub(lambda found: str(parameters[found[1]]), text)
    if (split := inner.get("Fn::Split")) and all(isinstance(one, str) for one in split):
        return split[1].split(split[0])
    if (join := inner.get("Fn::Join")) and all(isinstance(one, str) for one in join[1]):
        return join[0].join(join[1])
    return inner
