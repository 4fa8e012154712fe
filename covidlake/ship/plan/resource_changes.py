"""What a change set does to each resource, with the values before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from covidlake.ship.plan.secrets import Secrets
from covidlake.ship.stack.stack_inputs import FORMER_TAGS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )

# Stack tags that named the deployed bundle, not what it does: older stacks lose them.
OWN_TAGS = FORMER_TAGS
RECREATION = ("Never", "Conditionally", "Always")


@dataclass(frozen=True)
class PropertyChange:
    """One property; `known` is False where CloudFormation says that it changes but not from what to what."""

    path: str
    before: Any = None
    after: Any = None
    known: bool = True
    recreation: str = ""
    cause: str = ""


@dataclass(frozen=True)
class ResourceChange:
    """One resource; `before` and `after` are its properties, None where it is absent or not shown.

    `certain` is False when CloudFormation can only say after another resource was updated.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    policy_action: str = ""
    scope: tuple[str, ...] = ()
    certain: bool = True
    properties: tuple[PropertyChange, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def verb(self) -> str:
        """What happens, in one word or two: add, modify, replace, may replace, may modify, remove, import."""
        if self.action == "Modify" and self.replacement == "True":
            return "replace"
        if self.action == "Modify" and self.replacement == "Conditional":
            return "may replace"
        if self.action == "Dynamic" or not self.certain:
            return "may modify"
        return self.action.lower()

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        given = dict(content)
        given["scope"] = tuple(given["scope"])
        given["properties"] = tuple(PropertyChange(**one) for one in given["properties"])
        return cls(**given)


def read(
    change: ChangeTypeDef, template: Mapping[str, Any], secrets: Secrets, retagged: bool
) -> ResourceChange | None:
    """A change as CloudFormation describes it; None when the resource only gets our own stack tags.

    `retagged` says that those are the only stack tags which change. What becomes of a resource that may
    be replaced CloudFormation does not say, but its UpdateReplacePolicy in the new template does.
    """
    given = change["ResourceChange"]
    logical_id = given["LogicalResourceId"]
    before, after = (_properties(given.get(side), logical_id, secrets) for side in _CONTEXTS)
    scope, details = set(given.get("Scope", [])), list(given.get("Details", []))
    if retagged and _tags(before) == _tags(after):
        if scope == {"Tags"}:
            return None
        scope.discard("Tags")
        details = [one for one in details if one.get("Target", {}).get("Attribute") != "Tags"]
    return ResourceChange(
        action=given["Action"],
        logical_id=logical_id,
        type=given["ResourceType"],
        physical_id=given.get("PhysicalResourceId", ""),
        replacement=given.get("Replacement", ""),
        policy_action=given.get("PolicyAction") or _replace_policy(given, template),
        scope=tuple(sorted(scope)),
        certain=_is_certain(given, details, before, after),
        properties=tuple(_property_changes(logical_id, details, before, after, secrets)),
        before=before,
        after=after,
    )


def _replace_policy(given: ResourceChangeTypeDef, template: Mapping[str, Any]) -> str:
    if given.get("Replacement") != "Conditional":
        return ""
    resource = template.get("Resources", {}).get(given["LogicalResourceId"], {})
    return f"ReplaceAnd{resource.get('UpdateReplacePolicy', 'Delete')}"


_CONTEXTS = ("BeforeContext", "AfterContext")


def _properties(context: Any, logical_id: str, secrets: Secrets) -> dict[str, Any] | None:
    """The properties of a context, secrets masked and our own tags left out."""
    if not context:
        return None
    try:
        content = json.loads(context)
    except ValueError:
        return None
    found = content.get("Properties") or {}
    properties: dict[str, Any] = secrets.mask(logical_id, found)
    if "Tags" in properties:
        properties["Tags"] = _without_own(properties["Tags"])
    return properties


def _without_own(tags: Any) -> Any:
    if isinstance(tags, list):
        return [tag for tag in tags if _key_of(tag) not in OWN_TAGS]
    if isinstance(tags, dict):
        return {key: value for key, value in tags.items() if key not in OWN_TAGS}
    return tags


def _key_of(tag: Any) -> Any:
    return tag.get("Key", "") if isinstance(tag, dict) else ""


def _tags(properties: Mapping[str, Any] | None) -> Any:
    return (properties or {}).get("Tags") or None


def _is_certain(
    given: ResourceChangeTypeDef, details: list[ResourceChangeDetailTypeDef], before: Any, after: Any
) -> bool:
    if given["Action"] != "Modify" or not details or (before is not None and before != after):
        return True
    return any(one.get("Evaluation") == "Static" for one in details)


def _property_changes(
    logical_id: str,
    details: list[ResourceChangeDetailTypeDef],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    secrets: Secrets,
) -> Iterator[PropertyChange]:
    """Differences between the contexts, then what only the details name; by path."""
    notes = _notes(details)
    changes = {
        path: PropertyChange(path, old, new, True, *notes.get(path.split(".")[0], ("", "")))
        for path, old, new in _differences(before, after)
    }
    covered = {path.split(".")[0] for path in changes}
    for one in details:
        path = path_of(one)
        if path and path.split(".")[0] not in covered and path not in changes:
            changes[path] = _from_detail(path, one, logical_id, notes, secrets)
    yield from (changes[path] for path in sorted(changes))


def property_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[PropertyChange]:
    """Each property that differs between two states of a resource, by path."""
    for path, old, new in _differences(before, after):
        yield PropertyChange(path, old, new)


def _notes(details: list[ResourceChangeDetailTypeDef]) -> dict[str, tuple[str, str]]:
    """For each property: the strongest statement about recreation, and what causes the change."""
    notes: dict[str, tuple[str, str]] = {}
    for one in details:
        name = path_of(one).split(".")[0]
        recreation, cause = notes.get(name, ("", ""))
        said = one.get("Target", {}).get("RequiresRecreation", "")
        ranked = [word for word in RECREATION if word in (recreation, said)]
        notes[name] = (ranked[-1] if ranked else "", max(cause, one.get("CausingEntity", "")))
    return notes


def path_of(detail: ResourceChangeDetailTypeDef) -> str:
    """What a detail is about: `Code.S3Key`, or an attribute such as `DeletionPolicy` and no property."""
    target = detail.get("Target", {})
    parts = [part for part in target.get("Path", "").split("/") if part]
    if parts and parts[0] == "Properties":
        parts = parts[1:]
    return ".".join(parts) or target.get("Name", "") or target.get("Attribute", "")


def _from_detail(
    path: str,
    detail: ResourceChangeDetailTypeDef,
    logical_id: str,
    notes: Mapping[str, tuple[str, str]],
    secrets: Secrets,
) -> PropertyChange:
    target = detail.get("Target", {})
    known = "BeforeValue" in target or "AfterValue" in target
    old, new = (
        secrets.mask_at(logical_id, path.split("."), target.get(side))
        for side in ("BeforeValue", "AfterValue")
    )
    return PropertyChange(path, old, new, known, *notes[path.split(".")[0]])


def _differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[tuple[str, Any, Any]]:
    old, new = dict(leaves(before or {})), dict(leaves(after or {}))
    for path in sorted(set(old) | set(new)):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value under its path; a list is one value, but each tag has the path of its key."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and path.split(".")[-1] == "Tags" and all(map(_key_of, value)):
        for tag in value:
            yield f"{path}.{tag['Key']}", tag.get("Value")
    elif path:
        yield path, value
