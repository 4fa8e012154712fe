"""What a template that nobody has reviewed may not hold, because asking for its change set would run it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle

HINT = (
    "a macro runs with the account's rights when a change set is made: take it out, or plan as a maintainer"
)


def check(bundle: Bundle) -> None:
    """Raise `BundleError` for a template with a transform, which CloudFormation executes to plan it."""
    template = bundle.template
    if "Transform" in template:
        raise BundleError(f"{bundle.template_name}: Transform {template['Transform']!r}: {HINT}")
    for path in _transforms(template, ""):
        raise BundleError(f"{bundle.template_name}: Fn::Transform at {path or '/'}: {HINT}")


def _transforms(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Fn::Transform":
                yield path
            yield from _transforms(item, f"{path}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _transforms(item, f"{path}/{index}")
