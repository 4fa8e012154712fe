"""`covidlake compare`: what a bundle would change against another template, without asking any account.

For pull requests of forks, which get no credentials. What replaces a resource is read from the create-only
properties of the resource schemas that cfn-lint carries.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from covidlake.base import json_text, project
from covidlake.base.errors import BundleError, EnvironmentFileError
from covidlake.base.text import shorten
from covidlake.bundle.manifest import Bundle, open_bundle
from covidlake.environment import environment_file
from covidlake.ship.plan import resource_changes
from covidlake.ship.plan.model import Plan, ValueChange
from covidlake.ship.plan.resource_changes import ResourceChange

REGION = "us-east-1"  # whose schemas cfn-lint keeps whole
LARGEST_BYTES = 5_000_000
NOTE = (
    "_A comparison of two templates, made without any account: what becomes of a real stack, "
    "only a change set can show._\n\n"
)
SECTIONS = ("Parameters", "Conditions", "Outputs", "Mappings", "Rules")


def compare(base: Path, bundle: Bundle) -> Plan:
    """The difference as a plan; its values are the intrinsic functions that the templates hold.

    `base` is a template or the folder of a bundle. Raises `BundleError` where it is neither.
    """
    old, new = _templates(base), _by_pipeline(bundle)
    if not base.is_dir():
        new = {pipeline: new[pipeline] for pipeline in old}
    unknown: tuple[str, ...] = ()
    if any(map(_is_local, old.values())):
        old, new = _without_code(old), _without_code(new)
        unknown = (f"changes of code: {base} has paths in a checkout; compare with a bundle",)
    environments = _environment_changes(base, bundle)
    return Plan(
        environment="any",
        stack_name="template",
        kind="UPDATE",
        digest=bundle.digest,
        resources=tuple(_all_resources(old, new)),
        parameters=(*_all_sections(old, new), *environments),
        unknown=unknown,
    )


Templates = Mapping[str, Mapping[str, Any]]  # by pipeline


def _by_pipeline(bundle: Bundle) -> Templates:
    return {pipeline: replace(bundle, pipeline=pipeline).template for pipeline in bundle.pipelines}


def _is_local(template: Mapping[str, Any]) -> bool:
    """Whether `covidlake build` wrote it: its code is paths in the checkout, not keys in a bucket."""
    return any(
        isinstance(one.get("Properties", {}).get("Code"), str)
        for one in template.get("Resources", {}).values()
        if one.get("Type") == "AWS::Lambda::Function"
    )


def _without_code(templates: Templates) -> Templates:
    """The templates without where their code lies."""
    found: dict[str, Any] = copy.deepcopy(dict(templates))
    for template in found.values():
        for resource in template.get("Resources", {}).values():
            given = resource.get("Properties", {})
            if resource.get("Type") == "AWS::Lambda::Function":
                given.pop("Code", None)
            elif resource.get("Type") == "AWS::Glue::Job":
                given.get("Command", {}).pop("ScriptLocation", None)
                given.get("DefaultArguments", {}).pop("--extra-py-files", None)
    return found


def _templates(base: Path) -> Templates:
    """All of a bundle's, or one that counts as the main pipeline's."""
    return _by_pipeline(open_bundle(base)) if base.is_dir() else {project.MAIN_PIPELINE: _template(base)}


def _template(base: Path) -> dict[str, Any]:
    try:
        if base.stat().st_size > LARGEST_BYTES:
            raise BundleError(f"{base}: larger than any template: name a template.json or a bundle")
        content = json_text.read(base)
    except (OSError, ValueError) as error:
        raise BundleError(f"{base}: no template here: make one with: covidlake build") from error
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        raise BundleError(f"{base}: no CloudFormation template: it has no Resources")
    for name, resource in content["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Properties", {}), dict):
            raise BundleError(f"{base}: no CloudFormation template: resource {shorten(name)!r} is none")
    for section in SECTIONS:
        if not isinstance(content.get(section, {}), dict):
            raise BundleError(f"{base}: no CloudFormation template: {section} is no object")
    return content


def _pipelines(old: Templates, new: Templates) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Each pipeline's two templates, with what its names begin with: nothing for the main one."""
    for pipeline in dict.fromkeys([*old, *new]):
        prefix = "" if pipeline == project.MAIN_PIPELINE else f"{pipeline}/"
        yield prefix, old.get(pipeline, {}), new.get(pipeline, {})


def _all_resources(old: Templates, new: Templates) -> Iterator[ResourceChange]:
    for prefix, before, after in _pipelines(old, new):
        for one in _resources(before, after):
            yield replace(one, logical_id=prefix + one.logical_id)


def _all_sections(old: Templates, new: Templates) -> Iterator[ValueChange]:
    for prefix, before, after in _pipelines(old, new):
        for one in _sections(before, after):
            yield replace(one, name=prefix + one.name)


def _resources(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ResourceChange]:
    before, after = old.get("Resources", {}), new.get("Resources", {})
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if one is None or other is None:
            yield _whole(name, one, other)
        elif one.get("Type") != other.get("Type"):
            yield _whole(name, one, None)
            yield _whole(name, None, other)
        else:
            yield _modified(name, one, other)


def _whole(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> ResourceChange:
    there = before or after or {}
    return ResourceChange(
        action="Add" if before is None else "Remove",
        logical_id=name,
        type=str(there.get("Type", "")),
        policy_action="" if before is None else _policy(before, "DeletionPolicy"),
        before=None if before is None else before.get("Properties", {}),
        after=None if after is None else after.get("Properties", {}),
    )


def _modified(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> ResourceChange:
    """Attributes such as DeletionPolicy or Condition count as properties of their own name."""
    sides = [_with_attributes(side) for side in (before, after)]
    changes = tuple(resource_changes.property_differences(*sides))
    kind = str(after.get("Type", ""))
    fixed = _create_only(kind)
    replaced = any(one.path == name or one.path.startswith(f"{name}.") for one in changes for name in fixed)
    return ResourceChange(
        action="Modify",
        logical_id=name,
        type=kind,
        replacement="True" if replaced else "False",
        policy_action=f"ReplaceAnd{_policy(after, 'UpdateReplacePolicy')}" if replaced else "",
        properties=changes,
        before=before.get("Properties", {}),
        after=after.get("Properties", {}),
    )


def _with_attributes(resource: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in resource.items() if key not in {"Type", "Properties", "Metadata"}}
    return {**resource.get("Properties", {}), **rest}


def _policy(resource: Mapping[str, Any], name: str) -> str:
    given = resource.get(name, "Delete")
    return "Retain" if str(given).startswith("Retain") else str(given)


def _create_only(kind: str) -> set[str]:
    """Paths of the properties that cannot change without a new resource; none for an unknown type."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    except ResourceNotFoundError:
        return set()
    pointers = schema.get("createOnlyProperties", [])
    return {pointer.removeprefix("/properties/").replace("/", ".") for pointer in pointers}


def _sections(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ValueChange]:
    """What the templates declare beside resources."""
    for section in SECTIONS:
        before, after = old.get(section, {}), new.get(section, {})
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield ValueChange(
                    f"{section[:-1]} {name}", *(_json(side.get(name)) for side in (before, after))
                )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True)


def _environment_changes(base: Path, bundle: Bundle) -> list[ValueChange]:
    """How the parameter files of two bundles differ; a bare template has none."""
    folder = base / "environments"
    if not folder.is_dir():
        return []
    found: list[ValueChange] = []
    for name in sorted({*environment_file.names(folder), *environment_file.names(bundle.environments)}):
        old, new = _values(name, folder), _values(name, bundle.environments)
        found += [
            ValueChange(f"{name}: {key}", old.get(key), new.get(key))
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
    return found


def _values(name: str, folder: Path) -> dict[str, str]:
    if not (folder / f"{name}.yaml").is_file():
        return {}
    try:
        environment = environment_file.load(name, folder)
    except EnvironmentFileError as error:
        return {"(the file)": f"malformed: {error}"}
    tags = {f"tag {key}": value for key, value in environment.tags.items()}
    return {**environment.parameters, **tags}
