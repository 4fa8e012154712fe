"""Which live values a change set would overwrite: what somebody changed by hand since the last deploy.

A standard change set compares two templates and sees nothing of it. A drift-aware one reads the live
resources, but would also bring back all that was changed; so it is made beside the standard one, looked
at and deleted, and what is executed stays the standard one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.base.progress import Progress
from covidlake.environment.drift_ignore import Entry
from covidlake.ship.plan import resource_changes
from covidlake.ship.plan.secrets import Secrets
from covidlake.ship.stack import change_set_removal, change_set_request

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ResourceChangeTypeDef

    from covidlake.ship.plan.resource_changes import ResourceChange
    from covidlake.ship.stack.change_set import ChangeSet

Effect = Literal[
    "overwritten", "may be overwritten", "made anew", "fails the update", "stays", "as in the template"
]
HARMLESS = {"stays", "as in the template"}
UNSEEN = {"UNKNOWN", "UNSUPPORTED", "NOT_CHECKED"}
# How long reading the live resources may take; a plan without it is better than none.
LOOK_SECONDS = 300.0


@dataclass(frozen=True)
class LiveValue:
    """A property that is not as it was deployed; an empty `path` stands for a resource that is gone.

    `effect` is what executing the change set does to it, `ignored` the reason of a drift-ignore line.
    """

    logical_id: str
    type: str
    path: str
    deployed: Any
    live: Any
    after: Any
    effect: Effect
    ignored: str = ""

    @property
    def matters(self) -> bool:
        """Whether a deploy takes away what somebody did, or fails on it, and nobody said that it may."""
        return self.effect not in HARMLESS and not self.ignored


def look(
    created: ChangeSet, template: str, role_arn: str | None = None, progress: Progress = lambda _: None
) -> ChangeSet:
    """The same change set with `live`, or with `not_seen` where the cloud or the caller cannot see it."""
    if created.kind == "CREATE":
        return created
    if created.mode == "REVERT_DRIFT":
        return replace(created, live=created.changes)
    aware = replace(created, name=f"{created.name}-live", mode="REVERT_DRIFT", express=False)
    try:
        seen = change_set_request.make(aware, template, role_arn, progress, time_limit=LOOK_SECONDS)
        if seen is not None:
            change_set_removal.discard(seen)
    except StackBusyError:
        raise  # our own change set has gone with the other deploy
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        return replace(created, not_seen=f"{code}: {aws.message(error)}")
    except DeployError as error:
        return replace(created, not_seen=str(error).removeprefix(f"stack {created.stack_name}: "))
    return replace(created, live=seen.changes if seen else [])


def values(
    created: ChangeSet, changes: Collection[ResourceChange], secrets: Secrets, entries: Collection[Entry]
) -> tuple[LiveValue, ...] | None:
    """The live values that differ from what was deployed; None where they are not known.

    `changes` are the resources that the change set changes.
    """
    if created.live is None:
        return None
    by_id = {one.logical_id: one for one in changes}
    touched = {one.get("ResourceChange", {}).get("LogicalResourceId") for one in created.changes}
    found = []
    for change in created.live:
        given = change["ResourceChange"]
        logical_id = given["LogicalResourceId"]
        for one in _of_resource(given, secrets):
            if created.mode == "STANDARD" and one.effect not in HARMLESS:
                one = replace(one, effect=_effect(one, by_id.get(logical_id), logical_id in touched))
            found.append(replace(one, ignored=_ignored(one, entries)))
    return tuple(sorted(found, key=lambda one: (one.logical_id, one.path)))


def not_compared(created: ChangeSet, changes: Collection[ResourceChange]) -> list[str]:
    """The resources among `changes` whose live state CloudFormation could not compare."""
    changed = {one.logical_id for one in changes}
    given = (change["ResourceChange"] for change in created.live or [])
    unseen = (one["LogicalResourceId"] for one in given if one.get("ResourceDriftStatus") in UNSEEN)
    return sorted(changed.intersection(unseen))


def _of_resource(given: ResourceChangeTypeDef, secrets: Secrets) -> Iterator[LiveValue]:
    """As the drift-aware change set means it: all is overwritten that the template does not say too."""
    name, kind, status = given["LogicalResourceId"], given["ResourceType"], given.get("ResourceDriftStatus")
    if status == "DELETED":
        yield LiveValue(name, kind, "", "there", None, None, "made anew")
    if status != "MODIFIED":
        return

    said = dict(_from_details(given)) or dict(_from_contexts(given))
    for path, (*sides, synced) in said.items():
        deployed, live, after = (secrets.mask_at(name, path.split("."), side) for side in sides)
        effect: Effect = "as in the template" if synced else "overwritten"
        yield LiveValue(name, kind, path, deployed, live, after, effect)


def _from_details(given: ResourceChangeTypeDef) -> Iterator[tuple[str, tuple[Any, Any, Any, bool]]]:
    for detail in given.get("Details", []):
        target = detail.get("Target", {})
        if drift := target.get("Drift"):
            synced = target.get("AttributeChangeType") == "SyncWithActual"
            sides = (drift.get("PreviousValue"), drift.get("ActualValue"), target.get("AfterValue"))
            yield resource_changes.path_of(detail), (*sides, synced)


def _from_contexts(given: ResourceChangeTypeDef) -> Iterator[tuple[str, tuple[Any, Any, Any, bool]]]:
    """Without a word in the details: before is the live state, beside that of the last deploy."""
    deployed, live, after = (
        _properties(given.get(side))
        for side in ("PreviousDeploymentContext", "BeforeContext", "AfterContext")
    )
    wanted = dict(resource_changes.leaves(after))
    for one in resource_changes.property_differences(deployed, live):
        yield one.path, (one.before, one.after, wanted.get(one.path), wanted.get(one.path) == one.after)


def _properties(context: Any) -> Mapping[str, Any]:
    try:
        return dict(json.loads(context or "{}").get("Properties") or {})
    except ValueError:
        return {}


def _effect(one: LiveValue, change: ResourceChange | None, touched: bool) -> Effect:
    """What the standard change set does to it: a handler may write other properties of its resource too."""
    if not one.path:
        return "fails the update" if touched else "stays"
    if change is not None and any(_covers(other.path, one.path) for other in change.properties):
        return "overwritten"
    if change is not None and change.verb in {"replace", "remove"}:
        return "overwritten"
    return "may be overwritten" if touched else "stays"


def _covers(path: str, other: str) -> bool:
    return path.split(".")[0] == other.split(".")[0]


def _ignored(one: LiveValue, entries: Collection[Entry]) -> str:
    path = "/" + one.path.replace(".", "/") if one.path else None
    return next((entry.reason for entry in entries if entry.matches(one.logical_id, path)), "")
