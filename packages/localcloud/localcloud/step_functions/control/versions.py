"""Versions of state machines and the aliases that route to them."""

from __future__ import annotations

import copy
import random
import re
from datetime import UTC, datetime
from typing import Any

from localcloud.plugin import AwsError
from localcloud.step_functions.control.requests import (
    Body,
    Request,
    check_arn,
    invalid,
    page,
    refuse,
    without_nothing,
)
from localcloud.step_functions.states.shapes import iso_stamp

Version = dict[str, Any]
_KEPT = ("definition", "roleArn", "type", "loggingConfiguration", "encryptionConfiguration")
_ALIAS_NAME = r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"
_OTHER_MACHINE = "Routing configuration must contain versions of one state machine."
_OTHER_ALIAS = (
    "Failed to create alias because an alias with the same name and a different routing configuration "
    "already exists."
)


def of(service: Any, arn: str) -> Version | None:
    """The version that an ARN of a version or an alias means; an alias picks one by its weights."""
    alias = service._state_machine_aliases.get(arn)
    if alias:
        routes = alias["routingConfiguration"]
        weights = [route["weight"] for route in routes]
        arn = random.choices(routes, weights)[0]["stateMachineVersionArn"]  # noqa: S311 - no secret
    version: Version | None = service._state_machine_versions.get(arn)
    return version


def publish(service: Any, machine: dict[str, Any], description: str | None) -> Version:
    """The version of the machine's revision: an old one if that was published already."""
    arn, revision = machine["stateMachineArn"], machine["revisionId"]
    for version in _of_machine(service, arn):
        if version["stateMachineRevisionId"] == revision:
            return version
    machine["lastVersionNumber"] = machine.get("lastVersionNumber", 0) + 1
    made: Version = {
        **{name: copy.deepcopy(machine.get(name)) for name in (*_KEPT, "tracingConfiguration", "updated")},
        "stateMachineVersionArn": f"{arn}:{machine['lastVersionNumber']}",
        "stateMachineArn": arn,
        "stateMachineRevisionId": revision,
        "description": description or "",
        "creationDate": iso_stamp(datetime.now(UTC)),
    }
    service._state_machine_versions[made["stateMachineVersionArn"]] = made
    return made


def _of_machine(service: Any, arn: str) -> list[Version]:
    """The machine's versions, the newest first."""
    found = [one for one in service._state_machine_versions.values() if one["stateMachineArn"] == arn]
    return sorted(found, key=lambda one: -int(one["stateMachineVersionArn"].rpartition(":")[2]))


class Versions:
    """The operations on versions and aliases; `service` is ministack's module."""

    def __init__(self, service: Any) -> None:
        self.service = service

    def _machine(self, request: Request) -> dict[str, Any]:
        arn = check_arn(request.get("stateMachineArn", ""), "stateMachine")
        machine: dict[str, Any] | None = self.service._state_machines.get(arn)
        if machine is None:
            refuse("StateMachineDoesNotExist", arn)
        return machine

    def publish_state_machine_version(self, request: Request) -> Body:
        machine = self._machine(request)
        asked, current = request.get("revisionId"), machine["revisionId"]
        if asked and asked != current:
            raise AwsError(
                "ConflictException",
                f"Failed to publish the State Machine version for revision {asked}. "
                f"The current State Machine revision is {current}.",
            )
        version = publish(self.service, machine, request.get("description"))
        return {name: version[name] for name in ("stateMachineVersionArn", "creationDate")}

    def list_state_machine_versions(self, request: Request) -> Body:
        shown, more = page(_of_machine(self.service, self._machine(request)["stateMachineArn"]), request)
        names = ("stateMachineVersionArn", "creationDate")
        return {"stateMachineVersions": [{name: one[name] for name in names} for one in shown], **more}

    def delete_state_machine_version(self, request: Request) -> Body:
        arn = check_arn(request.get("stateMachineVersionArn", ""), "stateMachine")
        aliases = self.service._state_machine_aliases.values()
        routed = [
            alias["name"]
            for alias in aliases
            if arn in (route["stateMachineVersionArn"] for route in alias["routingConfiguration"])
        ]
        if routed:
            raise AwsError(
                "ConflictException",
                "Version to be deleted must not be referenced by an alias. "
                f"Current list of aliases referencing this version: [{', '.join(routed)}]",
            )
        self.service._state_machine_versions.pop(arn, None)
        return {}

    def create_state_machine_alias(self, request: Request) -> Body:
        name, routes = request.get("name", ""), request.get("routingConfiguration") or []
        if len(name) > 80:
            invalid(name, "name", "have length less than or equal to 80")
        if not re.fullmatch(_ALIAS_NAME, name):
            invalid(name, "name", f"satisfy regular expression pattern: {_ALIAS_NAME}")
        machine = self._check_routes(routes)
        arn = f"{machine}:{name}"
        known = self.service._state_machine_aliases.get(arn)
        given = {"description": request.get("description", ""), "routingConfiguration": routes}
        if known and any(known[field] != given[field] for field in given):
            raise AwsError("ConflictException", _OTHER_ALIAS)
        if not known:
            now = iso_stamp(datetime.now(UTC))
            known = {"stateMachineAliasArn": arn, "name": name, "creationDate": now, "updateDate": now}
            self.service._state_machine_aliases[arn] = known = {**known, **given}
        return {field: known[field] for field in ("stateMachineAliasArn", "creationDate")}

    def _check_routes(self, routes: list[dict[str, Any]]) -> str:
        """The ARN of the one machine whose versions the routes name."""
        arns = [route.get("stateMachineVersionArn", "") for route in routes]
        weights = [route.get("weight", 0) for route in routes]
        listed = ", ".join(arns)
        if len(routes) > 2:
            items = ", ".join(
                f"RoutingConfigurationListItem(stateMachineVersionArn={arn}, weight={weight})"
                for arn, weight in zip(arns, weights, strict=True)
            )
            invalid(f"[{items}]", "routingConfiguration", "have length less than or equal to 2")
        for index, weight in enumerate(weights, 1):
            if weight > 100:
                where = f"routingConfiguration.{index}.member.weight"
                invalid(weight, where, "have value less than or equal to 100")
        text = "Routing configuration must contain"
        if not all(re.fullmatch(r"arn:.*:stateMachine:[^:]+:\d+", arn) for arn in arns):
            raise AwsError("ValidationException", f"{text} state machine version ARNs. Received: [{listed}]")
        if len(set(arns)) < len(arns):
            message = f"{text} distinct state machine version ARNs. Received: [{listed}]"
            raise AwsError("ValidationException", message)
        if sum(weights) != 100:
            message = f"Sum of routing configuration weights must equal 100. Received: {weights}"
            raise AwsError("ValidationException", message)
        return self._machine_of(arns)

    def _machine_of(self, arns: list[str]) -> str:
        machines = {arn.rpartition(":")[0] for arn in arns}
        if len(machines) > 1:
            raise AwsError("ValidationException", _OTHER_MACHINE)
        for arn in arns:
            if arn not in self.service._state_machine_versions:
                raise AwsError("ResourceNotFound", "Request references a resource that does not exist.")
        return machines.pop()

    def update_state_machine_alias(self, request: Request) -> Body:
        alias = self._alias(request)
        if "routingConfiguration" not in request and "description" not in request:
            raise AwsError("MissingRequiredParameter", "Either the description or the routes must be given.")
        if routes := request.get("routingConfiguration"):
            if self._check_routes(routes) != alias["stateMachineAliasArn"].rpartition(":")[0]:
                raise AwsError("ValidationException", _OTHER_MACHINE)
            alias["routingConfiguration"] = routes
        if "description" in request:
            alias["description"] = request["description"]
        alias["updateDate"] = iso_stamp(datetime.now(UTC))
        return {"updateDate": alias["updateDate"]}

    def _alias(self, request: Request) -> dict[str, Any]:
        arn = check_arn(request.get("stateMachineAliasArn", ""), "stateMachine")
        alias: dict[str, Any] | None = self.service._state_machine_aliases.get(arn)
        if alias is None:
            raise AwsError("ResourceNotFound", "Request references a resource that does not exist.")
        return alias

    def describe_state_machine_alias(self, request: Request) -> Body:
        return without_nothing(self._alias(request))

    def list_state_machine_aliases(self, request: Request) -> Body:
        arn = self._machine(request)["stateMachineArn"]
        aliases = self.service._state_machine_aliases.values()
        found = [alias for alias in aliases if alias["stateMachineAliasArn"].rpartition(":")[0] == arn]
        shown, more = page(sorted(found, key=lambda alias: str(alias["name"])), request)
        names = ("stateMachineAliasArn", "creationDate")
        return {"stateMachineAliases": [{name: one[name] for name in names} for one in shown], **more}
