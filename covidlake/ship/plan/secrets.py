"""What a plan must not show: the values of NoEcho parameters, wherever they end up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

MASK = "****"  # as CloudFormation itself shows a NoEcho parameter
# Properties that hold a secret in the resource types of AWS, whatever the value comes from.
SECRET_PROPERTIES = {
    "AuthToken",
    "ClientSecret",
    "MasterUserPassword",
    "OAuthToken",
    "Password",
    "SecretString",
}
SHORTEST_PART = 4  # characters of a secret that is looked for inside of other texts


@dataclass(frozen=True)
class Secrets:
    """The secret values that are known, and for each resource the paths of properties that hold one."""

    parameters: frozenset[str]
    values: frozenset[str]
    paths: Mapping[str, frozenset[tuple[str, ...]]]

    @classmethod
    def of(cls, template: Mapping[str, Any], parameters: Mapping[str, str]) -> Self:
        names = frozenset(
            name
            for name, declared in template.get("Parameters", {}).items()
            if str(declared.get("NoEcho", "")).lower() == "true"
        )
        values = frozenset(parameters[name] for name in names if parameters.get(name))
        paths = {
            logical_id: frozenset(_secret_paths(resource.get("Properties", {}), names))
            for logical_id, resource in template.get("Resources", {}).items()
        }
        return cls(names, values, paths)

    def mask(self, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties of a resource without its secrets."""
        return {key: self.mask_at(logical_id, (key,), value) for key, value in properties.items()}

    def mask_at(self, logical_id: str, path: Sequence[str], value: Any) -> Any:
        """The value of a property, its path in parts; a position in a list may be any number."""
        if value is None:
            return None
        place = tuple("*" if part.isdigit() else part for part in path)
        secret = self.paths.get(logical_id, frozenset())
        if place in secret or _is_secret_property(place[-1], value):
            return MASK
        if isinstance(value, Mapping):
            return {key: self.mask_at(logical_id, (*place, key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.mask_at(logical_id, (*place, "*"), item) for item in value]
        if any(longer[: len(place)] == place for longer in secret):
            return MASK  # text that holds a whole structure, such as JSON
        return self._mask_text(value)

    def _mask_text(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for secret in sorted(self.values, key=len, reverse=True):
            if value == secret or len(secret) >= SHORTEST_PART:
                value = value.replace(secret, MASK)
        return value


def _is_secret_property(name: str, value: Any) -> bool:
    return name in SECRET_PROPERTIES and not str(value).startswith("{{resolve:")


def _secret_paths(value: Any, names: frozenset[str], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where a property is made from a NoEcho parameter: the place of the intrinsic function."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in {"Ref", "Condition"} | _functions(value):
            if _mentions(value, names):
                yield path
            return
        for key, item in value.items():
            yield from _secret_paths(item, names, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _secret_paths(item, names, (*path, "*"))


def _functions(value: Mapping[str, Any]) -> set[str]:
    return {key for key in value if key.startswith("Fn::")}


def _mentions(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, Mapping):
        return any((key == "Ref" and item in names) or _mentions(item, names) for key, item in value.items())
    if isinstance(value, list):
        return any(_mentions(item, names) for item in value)
    return isinstance(value, str) and any(f"${{{name}}}" in value for name in names)
