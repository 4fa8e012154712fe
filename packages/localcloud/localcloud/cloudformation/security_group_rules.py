"""AWS::EC2::SecurityGroupIngress and Egress: rules of a group that are resources of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, MutableMapping
from typing import Any

from localcloud import plugin

Properties = Mapping[str, Any]
_TYPES = {
    "AWS::EC2::SecurityGroupIngress": "IpPermissions",
    "AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress",
}


def install(handlers: MutableMapping[str, MutableMapping[str, Any]]) -> None:
    """Add the types, which ministack does not know."""
    from ministack.services.cloudformation import provisioners

    permissions = plugin.require(provisioners, "_ec2_sg_permissions", ["rules"])

    def owned(rules: Any) -> Any:
        """A group that is named belongs to this account: so it is described, and so a revocation names it."""
        made = permissions(rules)
        for pair in (pair for one in made for pair in one["UserIdGroupPairs"]):
            pair.setdefault("UserId", plugin.current_account())
        return made

    provisioners._ec2_sg_permissions = owned
    for kind, side in _TYPES.items():
        handlers[kind] = _handler(side)


def _handler(side: str) -> dict[str, Any]:
    def create(_logical_id: str, properties: Properties, _stack_name: str) -> Any:
        rules, rule = _rules(properties, side), _rule(properties)
        if rule in rules:
            raise ValueError(
                "the specified rule already exists (Service: Ec2, Status Code: 400, "
                "Error Code: InvalidPermission.Duplicate)"
            )
        rules.append(rule)
        name = f"sgr-{secrets.token_hex(9)[:17]}"
        return name, {"Id": name}

    def delete(_physical_id: str, properties: Properties) -> None:
        from ministack.services import ec2

        if ec2._security_groups.get(properties.get("GroupId")) is not None:
            rules, rule = _rules(properties, side), _rule(properties)
            if rule in rules:
                rules.remove(rule)

    def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Any:
        delete(physical_id, old)
        return create("", new, stack_name)

    return {"create": create, "update": update, "delete": delete}


def _rules(properties: Properties, side: str) -> list[dict[str, Any]]:
    from ministack.services import ec2

    group = ec2._security_groups.get(properties.get("GroupId"))
    if group is None:
        raise ValueError(
            f"The security group '{properties.get('GroupId')}' does not exist "
            "(Service: Ec2, Status Code: 400, Error Code: InvalidGroup.NotFound)"
        )
    rules: list[dict[str, Any]] = group.setdefault(side, [])
    return rules


def _rule(properties: Properties) -> dict[str, Any]:
    from ministack.services.cloudformation import provisioners

    (rule,) = provisioners._ec2_sg_permissions([properties])
    return dict(rule)
