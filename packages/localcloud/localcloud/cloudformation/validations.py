"""What CloudFormation checks when it makes a change set, as far as this cloud can: DescribeEvents reports it.

The name of a bucket that exists already, and a value that its property does not take, fail the change
set; a bucket that is to be deleted and holds something is a warning. ministack checks the first two only
when a change set is executed, and knows no events of change sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcloud import plugin

FAILED = (
    "The following hook(s)/validation failed: [{names}]. To troubleshoot Early Validation errors, "
    "use the DescribeEvents API for detailed failure information."
)
HOOKS = {
    "NAME_CONFLICT_VALIDATION": "AWS::EarlyValidation::ResourceExistenceCheck",
    "PROPERTY_VALIDATION": "AWS::EarlyValidation::PropertyValidation",
}


def install() -> None:
    """Answer DescribeEvents for a change set; the events of stacks stay ministack's."""
    from ministack.services.cloudformation import handlers, stacks

    plugin.require(stacks, "_validation_errors", ["resources_defs", "ordered", "param_values", "conditions"])
    plugin.require(stacks, "_operation_event", ["stack_id", "operation_id", "event_type", "operation_type"])
    describe = plugin.require(handlers, "_describe_events", ["params"])

    def described(params: Any) -> Any:
        return _events(params) if handlers._p(params, "ChangeSetName") else describe(params)

    handlers._ACTION_HANDLERS["DescribeEvents"] = described


def check(change_set: dict[str, Any]) -> None:
    """Note what does not pass; one that must not be executed fails and has no changes."""
    from ministack.core.responses import new_uuid
    from ministack.services.cloudformation import stacks

    if change_set.get("_disable_validation"):
        return
    failed, operation = list(_failures(change_set)), new_uuid()
    found = [*((*one, "FAIL") for one in failed), *((*one, "WARN") for one in _warnings(change_set))]
    change_set["_events"] = [
        stacks._operation_event(
            change_set["StackId"],
            operation,
            "VALIDATION_ERROR",
            "CREATE_CHANGESET",
            LogicalResourceId=logical_id,
            ResourceType=kind,
            ValidationName=name,
            ValidationPath=path,
            ValidationStatus="FAILED",
            ValidationStatusReason=reason,
            ValidationFailureMode=mode,
        )
        for logical_id, kind, name, path, reason, mode in found
    ]
    if failed:
        names = ", ".join(sorted({HOOKS[one[2]] for one in failed}))
        change_set |= {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "Changes": []}
        change_set["StatusReason"] = FAILED.format(names=names)


def _failures(change_set: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    from ministack.services.cloudformation import _stacks, engine, stacks

    template, parameters = change_set["_template"], change_set["_resolved_params"]
    held = (_stacks.get(change_set["StackName"]) or {}).get("_resources", {}).values()
    owned = {one["PhysicalResourceId"] for one in held if one.get("ResourceType") == "AWS::S3::Bucket"}
    resources = template.get("Resources", {})
    errors: list[tuple[str, str, str, str, str]] = stacks._validation_errors(
        resources,
        list(resources),
        parameters,
        engine._evaluate_conditions(template, parameters),
        template.get("Mappings", {}),
        change_set["StackName"],
        change_set["StackId"],
        frozenset(owned),
    )
    return errors


def _warnings(change_set: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    from ministack.services import s3

    for change in change_set["Changes"]:
        given = change["ResourceChange"]
        if given["ResourceType"] != "AWS::S3::Bucket" or given.get("PolicyAction") != "Delete":
            continue
        name = given.get("PhysicalResourceId", "")
        if (s3._buckets.get(name) or {}).get("objects") or s3._bucket_has_versions(name):
            yield (
                given["LogicalResourceId"],
                given["ResourceType"],
                "BUCKET_EMPTINESS_VALIDATION",
                f"/Resources/{given['LogicalResourceId']}",
                f"The bucket '{name}' is not empty. You must either delete all objects and versions or use "
                "the deletion policy to retain it, otherwise the delete operation will fail.",
            )


def _events(params: Any) -> Any:
    """AWS finds the events of a change set by its ARN only."""
    from ministack.services.cloudformation import _change_sets, handlers

    name = handlers._p(params, "ChangeSetName")
    if not name.startswith("arn:"):
        return handlers._error(
            "ValidationError", "One of ChangeSetName, OperationId or StackName must be specified"
        )
    if name not in _change_sets:
        return handlers._error("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    events, token, error = handlers._page(_change_sets[name].get("_events", []), params, "DescribeEvents")
    if error:
        return error
    members = "".join(f"<member>{_members(event)}</member>" for event in events)
    answer = f"<OperationEvents>{members}</OperationEvents>{token}"
    return handlers._xml(
        200, "DescribeEventsResponse", f"<DescribeEventsResult>{answer}</DescribeEventsResult>"
    )


def _members(event: dict[str, Any]) -> str:
    from ministack.services.cloudformation import handlers

    fields = (name for name in handlers._OPERATION_EVENT_FIELDS if event.get(name))
    return "".join(f"<{name}>{handlers._esc(str(event[name]))}</{name}>" for name in fields)
