"""Read AWS's facts anew: `python -m tests.facts.refresh`. See README.md beside this file.

It writes `data/` for the types and services that our templates use, and prints what is new and what is gone.
"""

from __future__ import annotations

import io
import json
import sys
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.facts import reference

SCHEMAS = "https://schema.cloudformation.us-east-1.amazonaws.com/CloudformationSchema.zip"
SERVICES = "https://servicereference.us-east-1.amazonaws.com/"
UNUSED_KEYS = "kms:RecipientAttestation:"
HEADS = {
    "handlers.tsv": "# type\thandler\taction",
    "actions.tsv": "# action\tlevel\tresources\tconditions",
    "resources.tsv": "# service\ttype\tarn\tconditions",
}
Row = tuple[str, ...]


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return bytes(answer.read())


def schemas(archive: bytes, types: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The resource provider schemas of these types, from the zip file that holds one JSON file for each.

    Raises `KeyError` with the types that it does not hold.
    """
    wanted = set(types)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in sorted(files.namelist()):
            schema = json.loads(files.read(name)) if name.endswith(".json") else {}
            if schema.get("typeName") in wanted:
                wanted.remove(schema["typeName"])
                yield schema
    if wanted:
        raise KeyError(f"no schema of {sorted(wanted)}")


def handler_rows(schema: Mapping[str, Any]) -> Iterator[Row]:
    kind = schema["typeName"]
    for handler, declared in schema.get("handlers", {}).items():
        for action in declared.get("permissions", []):
            yield kind, handler, action
    for action in schema.get("tagging", {}).get("permissions", []):
        yield kind, "tagging", action


def urls(index: Any) -> dict[str, str]:
    """By service: where its part of the service authorization reference is."""
    return {one["service"]: one["url"] for one in index}


def action_rows(service: Mapping[str, Any], known: Mapping[str, reference.Action]) -> Iterator[Row]:
    """Which of its resource types an action needs, the JSON does not say: see README.md."""
    for action in service["Actions"]:
        name = f"{service['Name']}:{action['Name']}"
        before = known.get(name.lower())
        resources = action.get("Resources") or []
        types = [_dashed(one["Name"]) for one in resources]
        marked = (f"{one}!" if before and before.resources.get(one) else one for one in sorted(types))
        keys = (key for key in sorted(_keys(action, *resources)) if not key.startswith(UNUSED_KEYS))
        yield name, _level(action), " ".join(marked), " ".join(keys)


def _keys(*holders: Mapping[str, Any]) -> set[str]:
    """Of an action, and of the pairs of the action and a resource type."""
    fields = ("ActionConditionKeys", "ConditionKeys")
    return {key for holder in holders for field in fields for key in holder.get(field) or []}


_LEVELS = {
    "IsList": "List",
    "IsPermissionManagement": "Permissions-management",
    "IsTaggingOnly": "Tagging",
    "IsWrite": "Write",
}


def _level(action: Mapping[str, Any]) -> str:
    properties = action.get("Annotations", {}).get("Properties", {})
    found = [level for key, level in sorted(_LEVELS.items()) if properties.get(key)]
    return ",".join(found) or "Read"


def resource_rows(service: Mapping[str, Any]) -> Iterator[Row]:
    """A type has several ARN formats where it is known by several; the first is its own."""
    for kind in service.get("Resources", []):
        keys = " ".join(sorted(kind.get("ConditionKeys", [])))
        yield service["Name"], _dashed(kind["Name"]), kind["ARNFormats"][0], keys


def _dashed(name: str) -> str:
    return name.replace(" ", "-")


def text(name: str, rows: Iterable[Row]) -> str:
    return "\n".join([HEADS[name], *sorted({"\t".join(row) for row in rows})]) + "\n"


def differences(old: str, new: str) -> list[str]:
    before, after = set(old.splitlines()), set(new.splitlines())
    return [*(f"- {one}" for one in sorted(before - after)), *(f"+ {one}" for one in sorted(after - before))]


def types_in_use() -> set[str]:
    from tests.facts import templates

    rendered = (
        templates.render(module, case) for module in templates.main_modules() for case in templates.KEYED
    )
    return {resource["Type"] for one in rendered for resource in one.resources.values()}


def services_in_use() -> set[str]:
    from tests.facts import templates
    from tests.facts.evaluator import listed

    return {
        action.partition(":")[0]
        for case in templates.CASES
        for module in templates.builders()
        for policy in templates.policies(templates.render(module, case))
        for statement in policy.statements
        for action in listed(statement["Action"])
    }


def read() -> dict[str, str]:
    """The files by name, as they would be written now."""
    where = urls(json.loads(fetch(SERVICES)))
    services = [json.loads(fetch(where[name])) for name in sorted(services_in_use())]
    found = schemas(fetch(SCHEMAS), types_in_use())
    rows: dict[str, list[Row]] = {
        "handlers.tsv": [row for schema in found for row in handler_rows(schema)],
        "actions.tsv": [row for one in services for row in action_rows(one, reference.actions())],
        "resources.tsv": [row for one in services for row in resource_rows(one)],
    }
    return {name: text(name, made) for name, made in rows.items()}


def main(folder: Path = reference.DATA) -> None:
    for name, new in read().items():
        path = folder / name
        for line in differences(path.read_text(encoding="utf-8"), new):
            sys.stdout.write(f"{name} {line}\n")
        path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
