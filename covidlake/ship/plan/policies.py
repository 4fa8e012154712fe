"""Statements of policy documents, compared, and described in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Statements = set[str]  # each as JSON with sorted keys, so that they can be compared

DOCUMENTS = ("KeyPolicy", "Policy", "PolicyDocument", "ResourcePolicy")


def trust(properties: Mapping[str, Any]) -> Statements:
    """The statements of a role's trust policy."""
    return set(_statements(properties.get("AssumeRolePolicyDocument")))


def permissions(properties: Mapping[str, Any]) -> Statements:
    """The statements of a resource's own policy document and of a role's inline policies."""
    own = {text for name in DOCUMENTS for text in _statements(properties.get(name))}
    inline = properties.get("Policies")
    for policy in inline if isinstance(inline, list) else []:
        own.update(_statements(policy.get("PolicyDocument") if isinstance(policy, Mapping) else None))
    return own


def _statements(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    if not isinstance(document, Mapping):
        return
    given = document.get("Statement", [])
    for statement in [given] if isinstance(given, Mapping) else given:
        yield json.dumps(statement, sort_keys=True)


def openness(statement: str) -> str:
    """`, PUBLIC` when a statement lets everybody in; a condition may still hold some back."""
    content = json.loads(statement)
    if content.get("Effect") != "Allow":
        return ""
    principal = content.get("Principal")
    values = principal.values() if isinstance(principal, Mapping) else [principal]
    if "NotPrincipal" not in content and not any("*" in _items(value) for value in values):
        return ""
    return ", to everybody whom its condition admits" if content.get("Condition") else ", PUBLIC"


def describe(statement: str) -> str:
    """`Allow s3:GetObject on arn:aws:s3:::b/* for Service glue.amazonaws.com if StringEquals {...}`."""
    content = json.loads(statement)
    parts = [str(content.get("Effect", "Allow")), _part(content, "Action")]
    if resource := _part(content, "Resource"):
        parts += ["on", resource]
    if principal := _part(content, "Principal"):
        parts += ["for", principal]
    if condition := content.get("Condition"):
        parts += ["if", json.dumps(condition, sort_keys=True)]
    return " ".join(filter(None, parts))


def _part(content: Mapping[str, Any], name: str) -> str:
    if f"Not{name}" in content:
        return f"everything but {_text(content[f'Not{name}'])}"
    return _text(content.get(name))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(item)}" for key, item in sorted(value.items()))
    return ", ".join(_items(value))


def _items(value: Any) -> list[str]:
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else json.dumps(item, sort_keys=True) for item in listed]
