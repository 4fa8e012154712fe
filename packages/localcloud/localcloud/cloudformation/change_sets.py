"""Change sets as CloudFormation describes them: only what a condition lets exist, and with property values.

ministack compares all resources of both templates and reports no values; ours computes them from the
same templates, with what the stack holds.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from localcloud import plugin
from localcloud.cloudformation import drift_aware, template_urls, validations
from localcloud.plugin import refusals

KNOWN_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"  # AWS's own words
MASK = "****"
CONTEXT = "_context"
# What cannot change without a new resource, of types for which ministack says "perhaps" of any property;
# createOnlyProperties of their schemas in the CloudFormation registry.
CREATE_ONLY = {
    "AWS::CloudWatch::Alarm": {"AlarmName"},
    "AWS::Events::Rule": {"Name"},
    "AWS::KMS::Alias": {"AliasName"},
    "AWS::KMS::Key": set[str](),
    "AWS::Logs::LogGroup": {"LogGroupName"},
    "AWS::S3::Bucket": {"BucketName", "BucketNamePrefix", "BucketNamespace"},
    "AWS::S3::BucketPolicy": {"Bucket"},
    "AWS::SNS::Subscription": {"Endpoint", "Protocol", "TopicArn"},
    "AWS::SNS::TopicPolicy": set[str](),
    "AWS::SQS::QueuePolicy": set[str](),
}
_SIDES = ("BeforeContext", "AfterContext")


def install() -> None:
    """Hook into the making and the describing of change sets."""
    from ministack.services.cloudformation import changesets, handlers, stacks

    recreation = plugin.require(stacks, "_property_recreation", ["resource_type", "name"])
    resolve = plugin.require(
        changesets, "_resolve_props_for_diff", ["template", "params", "stack_name", "stack_id"]
    )
    compare = plugin.require(changesets, "_diff_resources", ["old_template", "new_template"])

    def resolved(template: Any, params: Any, stack_name: str, stack_id: str) -> Any:
        result = resolve(template, params, stack_name, stack_id)
        return _complete(result, template, params, stack_name, stack_id) if template else result

    def compared(old: Any, new: Any, *rest: Any, **named: Any) -> Any:
        changes = compare(old, new, *rest, **named)
        for change in changes:
            _add_contexts(change["ResourceChange"], old, new)
        return changes

    def classified(resource_type: str, name: str) -> str:
        if resource_type in CREATE_ONLY:
            return "Always" if name in CREATE_ONLY[resource_type] else "Never"
        return str(recreation(resource_type, name))

    stacks._property_recreation = classified
    changesets._resolve_props_for_diff = resolved
    changesets._diff_resources = compared
    _hook_actions(handlers)
    template_urls.install()
    validations.install()


def _hook_actions(handlers: Any) -> None:
    create = plugin.require(handlers, "_create_change_set", ["params"])
    describe = plugin.require(handlers, "_describe_change_set", ["params"])
    execute = plugin.require(handlers, "_execute_change_set", ["params"])

    def created(params: Any) -> Any:
        if reason := drift_aware.refusal(params) or _state_refusal(params):
            return handlers._error("ValidationError", reason)
        answer = _of_one_stack(create, params)
        if answer[0] == 200:
            found = _find(params)
            drift_aware.complete(found, params)
            validations.check(found)
        return answer

    def described(params: Any) -> Any:
        status, headers, body = describe(params)
        if status != 200:
            return status, headers, body
        if drift_aware.MODE in (found := _find(params)):
            body = drift_aware.with_drift(body, found)
        wanted = _parameter(params, "IncludePropertyValues") == "true"
        return status, headers, _with_contexts(body, params) if wanted else body

    def executed(params: Any) -> Any:
        if drift_aware.MODE in (_find(params) or {}):
            reason = refusals.not_supported("executing a drift-aware change set", "it reverts no drift")
            return handlers._error("ValidationError", reason)
        return execute(params)

    actions = handlers._ACTION_HANDLERS
    actions |= {"CreateChangeSet": created, "DescribeChangeSet": described, "ExecuteChangeSet": executed}


def _state_refusal(params: Any) -> str:
    """A stack whose creation was rolled back can only be deleted; ministack would update it."""
    from ministack.services.cloudformation import _stacks

    name = _parameter(params, "StackName")
    known = (stack for stack in _stacks.values() if name in (stack["StackName"], stack["StackId"]))
    stuck = next((stack for stack in known if stack["StackStatus"] == "ROLLBACK_COMPLETE"), None)
    return f"Stack:{stuck['StackId']} is in ROLLBACK_COMPLETE state and can not be updated." if stuck else ""


def _of_one_stack(create: Callable[[Any], Any], params: Any) -> Any:
    """Make a change set; one more for a stack in review belongs to that stack. ministack begins another."""
    from ministack.services.cloudformation import _stack_events, _stacks

    name = _parameter(params, "StackName")
    held = _stacks.get(name)
    in_review = held is not None and held["StackStatus"] == "REVIEW_IN_PROGRESS"
    if not in_review or _parameter(params, "ChangeSetType") != "CREATE":
        return create(params)
    status, headers, body = create(params)
    if (begun := _stacks.get(name)) and begun is not held:
        _stack_events.pop(begun["StackId"], None)
        body = body.replace(begun["StackId"].encode(), held["StackId"].encode())
    _stacks[name] = held
    if found := _find(params):
        found["StackId"] = held["StackId"]
    return status, headers, body


def _complete(
    resolved: dict[str, Any], template: dict[str, Any], params: Any, stack_name: str, stack_id: str
) -> dict[str, Any]:
    """Leave out what a condition keeps from existing; note the properties as a change set shows them."""
    from ministack.services.cloudformation import _stacks, engine

    conditions = engine._evaluate_conditions(template, params)
    held = (_stacks.get(stack_name) or {}).get("_resources", {})
    mappings, shown = template.get("Mappings", {}), _without_secrets(template, params)
    later = {name for name in template.get("Resources", {}) if name not in held}

    def call(function: dict[str, Any]) -> Any:
        if _mentions(function, later):
            return KNOWN_LATER
        try:
            return engine._resolve_refs(
                copy.deepcopy(function), held, shown, conditions, mappings, stack_name, stack_id
            )
        except Exception:  # an attribute that ministack does not keep
            return KNOWN_LATER

    resources = {}
    for name, resource in resolved["Resources"].items():
        if conditions.get(resource.get("Condition"), True):
            given = template["Resources"][name].get("Properties", {})
            properties = _values(given, conditions, call, engine._NO_VALUE)
            resources[name] = {**resource, CONTEXT: {"Properties": properties}}
    return {**resolved, "Resources": resources}


def _values(node: Any, conditions: Mapping[str, bool], call: Callable[[Any], Any], no_value: object) -> Any:
    """Properties with each function called by itself, so that one unknown does not hide the others."""
    if isinstance(node, list):
        items = [_values(item, conditions, call, no_value) for item in node]
        return [item for item in items if item is not no_value]
    if not isinstance(node, dict):
        return node
    if "Fn::If" in node:
        name, yes, no = node["Fn::If"]
        return _values(yes if conditions.get(name) else no, conditions, call, no_value)
    if _is_function(node):
        return call(node)
    values = {key: _values(item, conditions, call, no_value) for key, item in node.items()}
    return {key: item for key, item in values.items() if item is not no_value}


def _without_secrets(template: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    declared = template.get("Parameters", {})
    return {
        name: {**given, "Value": MASK}
        if str(declared.get(name, {}).get("NoEcho")).lower() == "true"
        else given
        for name, given in params.items()
    }


def _is_function(node: Mapping[str, Any]) -> bool:
    return len(node) == 1 and (next(iter(node)) == "Ref" or next(iter(node)).startswith("Fn::"))


def _mentions(node: Any, names: set[str]) -> bool:
    """Whether a function refers to one of these resources."""
    if isinstance(node, list):
        return any(_mentions(item, names) for item in node)
    if isinstance(node, str):
        return any(f"${{{name}}}" in node or f"${{{name}." in node for name in names)
    if not isinstance(node, dict):
        return False
    if node.get("Ref") in names:
        return True
    attribute = node.get("Fn::GetAtt")
    if attribute is not None:
        return (attribute.split(".")[0] if isinstance(attribute, str) else attribute[0]) in names
    return any(_mentions(item, names) for item in node.values())


def _add_contexts(change: dict[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for side, resolved in zip(_SIDES, (old, new), strict=True):
        resource = resolved.get("Resources", {}).get(change["LogicalResourceId"], {})
        if CONTEXT in resource:
            change[side] = json.dumps(resource[CONTEXT], default=str)


def _with_contexts(body: bytes, params: Any) -> bytes:
    """The description with the contexts of each change at the end of its element."""
    found = _find(params)
    *parts, end = body.decode().split("</ResourceChange>")
    for index, change in enumerate(found["Changes"]):
        given = change["ResourceChange"]
        contexts = (f"<{side}>{escape(given[side])}</{side}>" for side in _SIDES if side in given)
        parts[index] += "".join(contexts)
    return "</ResourceChange>".join([*parts, end]).encode()


def _find(params: Any) -> Any:
    """The change set that a request names; None where it is unknown."""
    from ministack.services.cloudformation import _stacks, changesets

    name, stack = (_parameter(params, key) for key in ("ChangeSetName", "StackName"))
    by_id = (key for key, one in _stacks.items() if one.get("StackId") == stack)
    return changesets._find_change_set(name, next(by_id, stack))[1]


def _parameter(params: Any, name: str) -> str:
    from ministack.services.cloudformation import changesets

    return str(changesets._p(params, name, ""))
