"""Build the plan that a change set stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from covidlake.environment import drift_ignore
from covidlake.environment.drift_ignore import Entry
from covidlake.environment.environment_file import SET_BY_DEPLOY
from covidlake.ship.plan import live_drift, resource_changes
from covidlake.ship.plan.model import Plan, ValueChange
from covidlake.ship.plan.resource_changes import OWN_TAGS, ResourceChange
from covidlake.ship.plan.secrets import MASK, Secrets
from covidlake.ship.stack import stack
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.stack_inputs import StackInputs

MOST_NAMED = 5


def build(created: ChangeSet, inputs: StackInputs) -> Plan:
    """What executing a change set, made from these inputs, does to its stack."""
    template = inputs.bundle.template
    secrets = Secrets.of(template, created.parameters)
    tags, own_tags = _tag_changes(created)
    read = (
        resource_changes.read(change, template, secrets, retagged=bool(own_tags) and not tags)
        for change in created.changes
    )
    resources = sorted(filter(None, read), key=lambda one: (one.logical_id, one.action))
    return Plan(
        inputs.environment.name,
        created.stack_name,
        created.kind,
        inputs.bundle.digest,
        tuple(resources),
        _parameter_changes(created, secrets),
        tags,
        created.mode,
        live_drift.values(created, resources, secrets, _ignored(created, inputs)),
        created.validations.found,
        tuple(_unknown(created, resources)),
    )


def _ignored(created: ChangeSet, inputs: StackInputs) -> list[Entry]:
    """The drift-ignore lines of the environment's file, where there is drift to ask about."""
    return drift_ignore.read(inputs.environment.path) if created.live else []


def _unknown(created: ChangeSet, changes: list[ResourceChange]) -> Iterator[str]:
    if created.not_seen:
        yield f"live values that a deploy would overwrite: {created.not_seen}"
    if unseen := live_drift.not_compared(created, changes):
        more = f" and {len(unseen) - MOST_NAMED} more" if len(unseen) > MOST_NAMED else ""
        yield f"live values of {', '.join(unseen[:MOST_NAMED])}{more}: CloudFormation did not compare them"
    if created.validations.unknown:
        yield f"validations before the deployment: {created.validations.unknown}"


def _parameter_changes(created: ChangeSet, secrets: Secrets) -> tuple[ValueChange, ...]:
    """The parameters that differ from the stack's; a secret only where it is new or goes."""
    before, after = (
        {
            name: MASK if name in secrets.parameters else value
            for name, value in given.items()
            if name not in SET_BY_DEPLOY
        }
        for given in (stack.parameters_of(created.previous), created.parameters)
    )
    return _value_changes(before, after)


def _tag_changes(created: ChangeSet) -> tuple[tuple[ValueChange, ...], tuple[ValueChange, ...]]:
    """The stack tags that differ, and those of our own that do."""
    changes = _value_changes(stack.tags_of(created.previous), created.tags)
    own = tuple(change for change in changes if change.name in OWN_TAGS)
    return tuple(change for change in changes if change not in own), own


def _value_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[ValueChange, ...]:
    return tuple(
        ValueChange(name, before.get(name), after.get(name))
        for name in sorted(set(before) | set(after))
        if before.get(name) != after.get(name)
    )
