"""A pipeline as small as one can be: a bucket, and a state machine of two states."""

from __future__ import annotations

from typing import Any, cast

from troposphere import GetAtt, Ref, Sub, Template, s3, stepfunctions

from infra.common import names, outputs, parameters, partitions
from infra.common import step_functions_sdk as sdk
from infra.common.policies import trust
from infra.common.roles import role

MACHINE = "${AWS::StackName}-machine"


def _definition() -> dict[str, Any]:
    states = sdk.chain(sdk.Pass("Begin", comment="The first"), sdk.Succeed("Done"))
    graph = sdk.Graph(states, comment="Does nothing, twice", query_language="JSONata")
    return cast("dict[str, Any]", partitions.own_arns(graph.to_dict()))


def build_template() -> Template:
    template = Template(Description="Tiny: a bucket and a state machine")
    template.set_version("2010-09-09")
    permissions = ("Permissions", [parameters.permissions_boundary()])
    parameters.add_parameters(template, [permissions, parameters.deployment()])
    template.add_resource(
        s3.Bucket("Bucket", VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"))
    )
    trusted = trust("states.amazonaws.com", names.arn("states", f"stateMachine:{MACHINE}"))
    template.add_resource(role("MachineRole", "The state machine", trusted, _nothing()))
    machine = stepfunctions.StateMachine(
        "Machine",
        StateMachineName=Sub(MACHINE),
        RoleArn=GetAtt("MachineRole", "Arn"),
        Definition=_definition(),
    )
    template.add_resource(machine)
    for output in [outputs.output("StateMachineArn", "State machine", Ref("Machine")), *outputs.bundle()]:
        template.add_output(output)
    return template


def _nothing() -> dict[str, Any]:
    return {"Sid": "Nothing", "Effect": "Deny", "Action": "*", "Resource": "*"}
