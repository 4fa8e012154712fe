"""CloudFormation that keeps what a template says: nothing dropped, nothing pretended, no data thrown away.

ministack keeps one table of functions by resource type; ours run before and after some of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from localcloud import plugin
from localcloud.cloudformation import (
    bucket_properties,
    change_sets,
    conditions,
    databases,
    generated_secrets,
    output_changes,
    security_group_rules,
    serverless,
    stack_descriptions,
    stack_operations,
)
from localcloud.cloudformation.resource_properties import PROPERTIES
from localcloud.lambda_.plugin import check_function
from localcloud.plugin import refusals

Properties = Mapping[str, Any]
Before = Callable[[Properties], None]
After = Callable[[str, Properties, Properties], None]  # physical id, properties, those before the update

# Types that take the stack's tags on, as their schemas say, and of which ministack does not know it.
_TAGGED = {
    "AWS::Glue::Crawler": ("Tags", "map"),
    "AWS::Glue::Job": ("Tags", "map"),
    "AWS::RDS::DBCluster": ("Tags", "list"),
    "AWS::S3::Bucket": ("Tags", "list"),
}
_JOB_PROPERTIES = (
    *("AllocatedCapacity", "ExecutionClass", "ExecutionProperty", "JobMode", "JobRunQueuingEnabled"),
    *("LogUri", "MaintenanceWindow", "NotificationProperty"),
)


def install(_app: Any) -> None:
    """Complete ministack's table of resource types."""
    from ministack.services.cloudformation import provisioners

    _check_ministack()
    conditions.install()
    change_sets.install()
    output_changes.install()
    serverless.install()
    stack_descriptions.install()
    stack_operations.install()
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::Athena::NamedQuery"] = {
        "create": _create_named_query,
        "update": _update_named_query,
        "delete": _delete_named_query,
    }
    create_machine = _machine_creator(provisioners)
    handlers["AWS::StepFunctions::StateMachine"]["create"] = create_machine
    databases.install(handlers)
    generated_secrets.install(handlers)
    security_group_rules.install(handlers)
    _refuse_full_buckets(handlers["AWS::S3::Bucket"])
    for kind, property_and_shape in _TAGGED.items():
        provisioners._STACK_TAG_PROPERTY.setdefault(kind, property_and_shape)
    before: dict[str, Before] = {
        "AWS::Lambda::Function": _check_function,
        "AWS::RDS::DBCluster": databases.check_cluster,
        "AWS::RDS::DBInstance": databases.check_instance,
    }
    after: dict[str, After] = {
        "AWS::Glue::Job": _complete_job,
        "AWS::IAM::Role": _complete_role,
        "AWS::Lambda::Function": _complete_function,
        "AWS::S3::Bucket": bucket_properties.apply,
        "AWS::SNS::Topic": _complete_topic,
        "AWS::StepFunctions::StateMachine": _complete_machine,
    }
    for kind in PROPERTIES:
        _wrap(handlers[kind], kind, before.get(kind), after.get(kind))


async def settle() -> None:
    """Let the stack operations that have begun end before the cloud stops."""
    await stack_operations.settle()


def _check_ministack() -> None:
    from ministack.services import athena, s3, stepfunctions

    plugin.require(athena, "_create_named_query", ["data"])
    plugin.require(athena, "_delete_named_query", ["data"])
    plugin.require(stepfunctions, "_create_state_machine", ["data"])
    for _, _, _, noun in bucket_properties.CONFIGURATIONS:
        plugin.require(s3, f"_put_bucket_{noun}", ["name", "body"])
        if noun != "versioning":
            plugin.require(s3, f"_delete_bucket_{noun}", ["name"])


def _wrap(handler: MutableMapping[str, Any], kind: str, before: Before | None, after: After | None) -> None:
    create: Callable[..., Any] = handler["create"]
    update: Callable[..., Any] | None = handler.get("update")

    def prepare(properties: Properties) -> None:
        _check_properties(kind, properties)
        if before:
            before(properties)

    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        prepare(properties)
        result = create(logical_id, properties, stack_name)
        if after:
            after(result[0], properties, {})
        return result

    def updated(physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any) -> Any:
        assert update is not None
        prepare(new)
        given = _with_log_destinations(new) if kind == "AWS::StepFunctions::StateMachine" else new
        result = update(physical_id, old, given, *rest, **named)
        if after:
            after(result[0], new, old if result[0] == physical_id else {})
        return result

    handler["create"] = created
    if update is not None:  # without one, ministack replaces the resource
        handler["update"] = updated


def _check_properties(kind: str, properties: Properties) -> None:
    """A property that nothing acts upon must not look as if it were set."""
    for name in sorted(set(properties) - PROPERTIES[kind]):
        raise ValueError(
            f"Encountered unsupported property {name}: "
            + refusals.not_supported(f"it for {kind}", "remove it or check its spelling")
        )


def _refuse_full_buckets(handler: MutableMapping[str, Any]) -> None:
    from ministack.services import s3

    delete = handler["delete"]
    has_versions = plugin.require(s3, "_bucket_has_versions", [])

    def delete_empty(physical_id: str, properties: Properties) -> None:
        bucket = s3._buckets.get(physical_id)
        if bucket is not None and (bucket["objects"] or has_versions(physical_id)):
            raise ValueError(
                f"The bucket you tried to delete is not empty: {physical_id} "
                "(Service: S3, Status Code: 409, BucketNotEmpty)"
            )
        delete(physical_id, properties)

    handler["delete"] = delete_empty


def _complete_job(name: str, properties: Properties, _previous: Properties) -> None:
    from ministack.services import glue

    job = glue._jobs[name]
    for field in _JOB_PROPERTIES:
        if field in properties:
            job[field] = properties[field]
        elif field != "ExecutionProperty":
            job.pop(field, None)
    limit = properties.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)
    job["ExecutionProperty"] = {"MaxConcurrentRuns": int(limit)}
    for field in ("AllocatedCapacity", "MaxRetries", "NumberOfWorkers", "Timeout"):
        if job.get(field) not in (None, ""):  # a parameter of the template arrives as text
            job[field] = int(job[field])


def _complete_role(name: str, properties: Properties, previous: Properties) -> None:
    from ministack.services import iam

    if "PermissionsBoundary" in properties:
        iam._roles[name]["PermissionsBoundary"] = properties["PermissionsBoundary"]
    elif "PermissionsBoundary" in previous:
        iam._roles[name]["PermissionsBoundary"] = None


def _check_function(properties: Properties) -> None:
    try:
        check_function(properties)
    except plugin.AwsError as error:
        raise ValueError(f"{error.message} (Service: Lambda, Status Code: 400)") from error
    if not {"ZipFile", "S3Bucket"} & set(properties.get("Code", {})):
        raise ValueError("Please provide a source for function code: ZipFile or S3Bucket and S3Key.")


def _complete_function(name: str, properties: Properties, previous: Properties) -> None:
    from ministack.services import lambda_svc

    function = lambda_svc._functions[name]
    if "ReservedConcurrentExecutions" in properties:
        function["concurrency"] = int(properties["ReservedConcurrentExecutions"])
    elif "ReservedConcurrentExecutions" in previous:
        function["concurrency"] = None
    for field, stored in (("DeadLetterConfig", "DeadLetterConfig"), ("KmsKeyArn", "KMSKeyArn")):
        if field in properties:
            function["config"][stored] = properties[field]
        elif field in previous:
            function["config"].pop(stored, None)


def _complete_topic(arn: str, properties: Properties, previous: Properties) -> None:
    """Keep the key and tracing; a new topic's default policy admits its own account only, as on AWS."""
    from ministack.services import sns

    attributes = sns._topics[arn]["attributes"]
    for field in ("KmsMasterKeyId", "TracingConfig"):
        if field in properties:
            attributes[field] = properties[field]
        elif field in previous:
            attributes.pop(field, None)
    policy = json.loads(attributes.get("Policy") or "{}")
    if policy.get("Id") == "__default_policy_ID" and "Condition" not in policy["Statement"][0]:
        owner = {"AWS:SourceOwner": arn.split(":")[4]}
        policy["Statement"][0]["Condition"] = {"StringEquals": owner}
        attributes["Policy"] = json.dumps(policy)


def _machine_creator(provisioners: Any) -> Callable[[str, Properties, str], Any]:
    """State machines go through the API's own CreateStateMachine, which validates the definition."""
    from ministack.services import stepfunctions

    definition = plugin.require(provisioners, "_sfn_definition", ["props"])
    physical_name = plugin.require(provisioners, "_physical_name", ["stack_name", "logical_id"])
    attributes = plugin.require(provisioners, "_sfn_attrs", ["arn", "name"])

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        name = properties.get("StateMachineName") or physical_name(stack_name, logical_id, max_len=80)
        role = properties["RoleArn"]
        arn = f"arn:aws:states:{plugin.current_region()}:{plugin.current_account()}:stateMachine:{name}"
        request = {
            "name": name,
            "definition": definition(properties),
            "roleArn": role,
            "type": properties.get("StateMachineType", "STANDARD"),
            "loggingConfiguration": _logging(properties),
            "tags": provisioners._sfn_tags(properties),
        }
        if "EncryptionConfiguration" in properties:
            request["encryptionConfiguration"] = provisioners._sfn_encryption(
                properties["EncryptionConfiguration"]
            )
        status, _, body = stepfunctions._create_state_machine(request)
        answer = json.loads(body)
        if status >= 400:
            raise ValueError(f"{answer.get('message', answer)} (Service: Sfn, Status Code: {status})")
        return arn, attributes(arn, name)

    return create


def _complete_machine(arn: str, properties: Properties, _previous: Properties) -> None:
    from ministack.services import stepfunctions

    tracing = properties.get("TracingConfiguration", {}).get("Enabled", False)
    machine = stepfunctions._state_machines[arn]
    machine["tracingConfiguration"] = {"enabled": str(tracing).lower() == "true"}


def _with_log_destinations(properties: Properties) -> Properties:
    if "LoggingConfiguration" not in properties:
        return properties
    return {**properties, "LoggingConfiguration": _logging(properties)}


def _logging(properties: Properties) -> dict[str, Any]:
    """The template's LoggingConfiguration as the API spells it."""
    given = properties.get("LoggingConfiguration", {})
    destinations = [
        {"cloudWatchLogsLogGroup": {"logGroupArn": one["CloudWatchLogsLogGroup"]["LogGroupArn"]}}
        for one in given.get("Destinations", [])
    ]
    return {
        "level": given.get("Level", "OFF"),
        "includeExecutionData": str(given.get("IncludeExecutionData", False)).lower() == "true",
        **({"destinations": destinations} if destinations else {}),
    }


def _create_named_query(_logical_id: str, properties: Properties, _stack_name: str) -> Any:
    from ministack.services import athena

    for required in ("Database", "QueryString"):
        if not properties.get(required):
            raise ValueError(f"Property validation failure: [The property {{/{required}}} is required]")
    answer = json.loads(athena._create_named_query(dict(properties))[2])
    return answer["NamedQueryId"], {"NamedQueryId": answer["NamedQueryId"]}


def _update_named_query(
    physical_id: str, _old: Properties, new: Properties, stack_name: str, **_named: Any
) -> Any:
    """Every property is create-only: the query is replaced."""
    created = _create_named_query("", new, stack_name)
    _delete_named_query(physical_id, {})
    return created


def _delete_named_query(physical_id: str, _properties: Properties) -> None:
    from ministack.services import athena

    athena._delete_named_query({"NamedQueryId": physical_id})
