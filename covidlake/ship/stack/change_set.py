"""A change set: what an update of a stack would do, as CloudFormation sees it. Nothing is called here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from covidlake import aws
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.ship.stack.validations import Validations

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef, StackTypeDef

Kind = Literal["CREATE", "UPDATE"]
# STANDARD compares two templates; REVERT_DRIFT also brings back what was changed by hand.
Mode = Literal["STANDARD", "REVERT_DRIFT"]

UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
HINTS = {
    "ROLLBACK_COMPLETE": "its creation failed, deploy it anew with: covidlake deploy",
    "CREATE_FAILED": "its creation failed, deploy it anew with: covidlake deploy",
    "ROLLBACK_FAILED": "its creation failed and left resources, delete it with: "
    "aws cloudformation delete-stack --stack-name {name}",
    "DELETE_FAILED": "its deletion stopped half-way, delete it again with: "
    "aws cloudformation delete-stack --stack-name {name}",
    "UPDATE_FAILED": "roll it back with: aws cloudformation rollback-stack --stack-name {name}",
    "UPDATE_ROLLBACK_FAILED": "continue the rollback with: "
    "aws cloudformation continue-update-rollback --stack-name {name}",
}


@dataclass(frozen=True)
class ChangeSet:
    """A change set that is ready to be executed.

    `parameters` and `tags` are those it was made with; `previous` is the stack before it, None when
    there was none (or only an empty one in REVIEW_IN_PROGRESS). `express` does not wait until resources
    are ready. `live` are the changes of a drift-aware one, None where nobody looked or `not_seen` says
    why they are not known.
    """

    stack_name: str
    name: str
    kind: Kind
    changes: list[ChangeTypeDef] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    previous: StackTypeDef | None = None
    mode: Mode = "STANDARD"
    express: bool = False
    id: str = ""
    stack_id: str = ""
    validations: Validations = field(default_factory=Validations)
    live: list[ChangeTypeDef] | None = None
    not_seen: str = ""

    def lines(self) -> list[str]:
        """One line for each resource: action, type, logical id, and whether it is replaced."""
        return [_change_text(change) for change in self.changes]


def template_url(bucket: str, key: str, version_id: str | None = None) -> str:
    """AWS's own form of the address, as `aws cloudformation deploy` sends it, wherever the endpoint is.

    With `version_id` it stands for one version of the object, whatever is written there later.
    """
    address = f"https://s3.{aws.region()}.{aws.dns_suffix()}/{bucket}/{key}"
    return f"{address}?versionId={quote(version_id, safe='')}" if version_id else address


def kind_for(stack_name: str, found: StackTypeDef | None) -> Kind:
    """The kind of change set that a stack takes in its present state.

    Raises `DeployError` with the state and a hint when it takes none, `StackBusyError` when it will later.
    """
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    status = found["StackStatus"]
    if status in UPDATABLE:
        return "UPDATE"
    if status.endswith("_IN_PROGRESS"):
        raise StackBusyError(f"stack {stack_name} is {status}: wait until it ends, then try again")
    hint = HINTS.get(status, "look at it in the console").format(name=stack_name)
    raise DeployError(f"stack {stack_name} is {status}: {hint}")


def _change_text(change: ChangeTypeDef) -> str:
    resource = change.get("ResourceChange", {})
    replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
    return (
        f"{resource.get('Action', ''):<7} {resource.get('ResourceType', '')} "
        f"{resource.get('LogicalResourceId', '')}{replaced}"
    )
