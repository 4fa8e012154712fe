"""State machines: made, changed, described, listed, deleted."""

from __future__ import annotations

import json
from typing import Any

from localcloud import plugin
from localcloud.iam.delivery_policies import role_allows
from localcloud.plugin import AwsError
from localcloud.step_functions.control import versions
from localcloud.step_functions.control.requests import (
    Body,
    Operation,
    Request,
    check_arn,
    check_enum,
    check_name,
    page,
    refuse,
    without_nothing,
)
from localcloud.step_functions.definition.check import check
from localcloud.step_functions.definition.problems import InvalidDefinitionError
from localcloud.step_functions.definition.references import variable_references
from localcloud.step_functions.states.logs import log_group_name

Machine = dict[str, Any]
NOT_ASSUMABLE = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume "
    "the provided role: {}"
)
_NO_LOGS = "The state machine IAM Role is not authorized to access the Log Destination: {} needs logs:{}"
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
_LOG_ACTIONS = (
    *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
    *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
)
_NOTHING_TO_UPDATE = (
    "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
    "must be specified"
)
_DESCRIBED = (
    *("stateMachineArn", "name", "status", "definition", "roleArn", "type", "creationDate"),
    *("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration", "description", "label"),
)
# What a revision consists of: another value of one of these is another revision.
_REVISED = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")
_SERVICE = "states.amazonaws.com"
_LOG_LEVELS = ("ALL", "ERROR", "FATAL", "OFF")


class Machines:
    """The operations on state machines; `service` is ministack's module."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.create: Operation
        self.update: Operation
        self.delete: Operation

    def create_state_machine(self, request: Request) -> Body:
        check_name(request.get("name", ""))
        _check_version_description(request)
        scope = f"{plugin.current_region()}:{plugin.current_account()}"
        arn = f"arn:aws:states:{scope}:stateMachine:{request['name']}"
        self._check(request, arn, {})
        known = self.service._state_machines.get(arn)
        tracing = request.get("tracingConfiguration") or {"enabled": False}
        if known is not None and tracing != known.get("tracingConfiguration", {"enabled": False}):
            refuse("StateMachineAlreadyExists", arn)
        try:
            answer = self.create({**request, **_with_logging(request)})
        except AwsError as error:
            if error.code == "StateMachineAlreadyExists":
                refuse(error.code, arn)
            raise
        machine = self.service._state_machines[arn]
        machine.setdefault("tracingConfiguration", tracing)
        return without_nothing(answer)

    def update_state_machine(self, request: Request) -> Body:
        arn = check_arn(request.get("stateMachineArn", ""), "stateMachine")
        _check_version_description(request)
        machine = self.service._state_machines.get(arn)
        if machine is None:
            refuse("StateMachineDoesNotExist", arn)
        if not any(request.get(name) for name in (*_REVISED, "encryptionConfiguration")):
            raise AwsError("MissingRequiredParameter", _NOTHING_TO_UPDATE)
        self._check(request, arn, machine)
        before = {name: machine.get(name) for name in (*_REVISED, "revisionId")}
        answer = self.update({**request, **_with_logging(request), "publish": False})
        if "tracingConfiguration" in request:
            machine["tracingConfiguration"] = request["tracingConfiguration"]
        if all(machine.get(name) == before[name] for name in _REVISED):
            machine["revisionId"] = before["revisionId"]
        else:
            machine["updated"] = True
        if request.get("publish"):
            version = versions.publish(self.service, machine, request.get("versionDescription"))
            answer["stateMachineVersionArn"] = version["stateMachineVersionArn"]
        return without_nothing({**answer, "revisionId": _revision(machine)})

    def _check(self, request: Request, arn: str, machine: Machine) -> None:
        if "definition" in request or not machine:
            try:
                check(request.get("definition", ""), request.get("type") or machine.get("type", "STANDARD"))
            except InvalidDefinitionError as error:
                raise AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error
        role = request.get("roleArn") or machine.get("roleArn", "")
        check_logging(request.get("loggingConfiguration") or {})
        principal = _principal(role, arn)
        if "roleArn" in request and principal is None:
            raise AwsError("AccessDeniedException", NOT_ASSUMABLE.format(role))
        _check_log_rights(request.get("loggingConfiguration") or {}, role, principal or _SERVICE, arn)

    def delete_state_machine(self, request: Request) -> Body:
        """AWS deletes what is not there without a word, and with a machine its versions and aliases."""
        arn = check_arn(request.get("stateMachineArn", ""), "stateMachine")
        if arn in self.service._state_machines:
            for store in (self.service._state_machine_versions, self.service._state_machine_aliases):
                for inner in [inner for inner in store if inner.rpartition(":")[0] == arn]:
                    del store[inner]
            self.delete(request)
        return {}

    def describe_state_machine(self, request: Request) -> Body:
        arn = check_arn(request.get("stateMachineArn", ""), "stateMachine")
        machine = self.found(arn)
        if machine is None:
            refuse("StateMachineDoesNotExist", arn)
        body = {name: machine.get(name) for name in _DESCRIBED}
        body["encryptionConfiguration"] = body["encryptionConfiguration"] or {"type": "AWS_OWNED_KEY"}
        body["tracingConfiguration"] = body["tracingConfiguration"] or {"enabled": False}
        references = variable_references(json.loads(machine["definition"])) or None
        return without_nothing({**body, "revisionId": _revision(machine), "variableReferences": references})

    def found(self, arn: str) -> Machine | None:
        """The machine that an ARN of a machine, a version or an alias means, as it is described."""
        machine: Machine | None = self.service._state_machines.get(arn)
        if machine is not None:
            return machine
        version = versions.of(self.service, arn)
        base = self.service._state_machines.get(version["stateMachineArn"]) if version else None
        if version is None or base is None:
            return None
        return {**base, "description": None, **version, "stateMachineArn": arn}

    def list_state_machines(self, request: Request) -> Body:
        machines = sorted(self.service._state_machines.values(), key=lambda machine: str(machine["name"]))
        shown, more = page(machines, request)
        names = ("stateMachineArn", "name", "type", "creationDate")
        return {"stateMachines": [{name: machine[name] for name in names} for machine in shown], **more}


def _revision(machine: Machine) -> str | None:
    """AWS gives a machine that was never updated no revision id."""
    revision = machine.get("stateMachineRevisionId") or machine.get("revisionId", "")
    return str(revision) if machine.get("updated") else None


def _check_version_description(request: Request) -> None:
    if request.get("versionDescription") and not request.get("publish"):
        raise AwsError("ValidationException", "Version description can only be set when publish is true")


def _with_logging(request: Request) -> Request:
    configuration = request.get("loggingConfiguration")
    if configuration is None:
        return {}
    defaults = {"level": "OFF", "includeExecutionData": False}
    return {"loggingConfiguration": {**defaults, **configuration}}


def check_logging(configuration: dict[str, Any]) -> None:
    """Raises InvalidLoggingConfiguration as AWS does for a level without exactly one destination."""
    level = configuration.get("level")
    check_enum(level, "loggingConfiguration.level", _LOG_LEVELS)
    destinations = configuration.get("destinations") or []
    if level in (None, "OFF") and not destinations:
        return
    groups = [one.get("cloudWatchLogsLogGroup", {}).get("logGroupArn") for one in destinations]
    if len(groups) != 1 or not groups[0]:
        message = "Invalid Logging Configuration: Must specify exactly one Log Destination."
        raise AwsError("InvalidLoggingConfiguration", message)


def _check_log_rights(configuration: dict[str, Any], role_arn: str, principal: str, machine_arn: str) -> None:
    from ministack.services import cloudwatch_logs

    if configuration.get("level", "OFF") == "OFF":
        return
    for destination in configuration.get("destinations", []):
        group_arn = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
        if log_group_name(group_arn) not in cloudwatch_logs._log_groups:
            message = "Invalid Logging Configuration: Log Destination not found."
            raise AwsError("InvalidLoggingConfiguration", message)
    for action in _LOG_ACTIONS:
        if not role_allows(role_arn, principal, machine_arn, f"logs:{action}", "*"):
            raise AwsError("AccessDeniedException", _NO_LOGS.format(role_arn, action))


def _principal(role_arn: str, machine_arn: str) -> str | None:
    """The service principal that the role trusts: the global one, or that of the region, as CDK writes it."""
    names = (_SERVICE, f"states.{plugin.current_region()}.amazonaws.com")
    return next((name for name in names if plugin.role_trusts(role_arn, name, machine_arn)), None)
