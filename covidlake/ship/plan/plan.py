"""`covidlake plan`: what a deploy would do to the real stack, read from a change set that is then deleted."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from covidlake.base import project
from covidlake.base.errors import PlanError, StackBusyError
from covidlake.base.progress import Progress
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.environment import drift_ignore
from covidlake.environment.drift_ignore import Entry
from covidlake.environment.environment_file import SET_BY_DEPLOY
from covidlake.ship.plan import live_drift, resource_changes
from covidlake.ship.plan.live_drift import LiveValue
from covidlake.ship.plan.resource_changes import OWN_TAGS, ResourceChange
from covidlake.ship.plan.secrets import MASK, Secrets
from covidlake.ship.stack import artifacts, change_set, stack, stack_inputs, template_object
from covidlake.ship.stack.validations import Validation

VERSION = 2
# What the plan role is confined to: the names of its change sets, the keys of its templates.
NAME_PREFIX = "plan"
PLANS_PREFIX = "plans/"  # then the name of the stack
# How long a plan waits for a deploy that is under way, and how often it looks.
WAIT_MINUTES = 10.0
LOOK_EVERY_SECONDS = 5.0
MOST_NAMED = 5
HIDDEN = "(not shown)"
VERBS = ("add", "modify", "may modify", "replace", "may replace", "remove", "import")


@dataclass(frozen=True)
class ValueChange:
    """A parameter or a stack tag; None where it is absent."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """What would change in a stack, and nothing of how that was found out.

    `drift` are the live values that differ from what was deployed, None where they are not known;
    `validations` are those that did not pass, `unknown` says what could not be found out, and why.
    """

    environment: str
    stack_name: str
    kind: change_set.Kind
    digest: str
    resources: tuple[ResourceChange, ...] = ()
    parameters: tuple[ValueChange, ...] = ()
    tags: tuple[ValueChange, ...] = ()
    mode: change_set.Mode = "STANDARD"
    drift: tuple[LiveValue, ...] | None = None
    validations: tuple[Validation, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, created: change_set.ChangeSet, environment: str, bundle: Bundle) -> Self:
        """The plan that a change set of this bundle stands for."""
        template = bundle.template
        secrets = Secrets.of(template, created.parameters)
        tags, own_tags = _tag_changes(created)
        read = (
            resource_changes.read(change, template, secrets, retagged=bool(own_tags) and not tags)
            for change in created.changes
        )
        resources = sorted(filter(None, read), key=lambda one: (one.logical_id, one.action))
        return cls(
            environment,
            created.stack_name,
            created.kind,
            bundle.digest,
            tuple(resources),
            _parameter_changes(created, secrets),
            tags,
            created.mode,
            live_drift.values(created, resources, secrets, _let_pass(environment, bundle, created)),
            created.validations.found,
            tuple(_unknown(created, resources)),
        )

    def without_live_values(self) -> Self:
        """The same plan, which says that live values differ and not what they are: anybody may read it."""
        hidden = (
            replace(one, deployed=HIDDEN, live=HIDDEN, after=HIDDEN if one.after is not None else None)
            for one in self.drift or ()
        )
        return replace(self, drift=None if self.drift is None else tuple(hidden))

    @property
    def is_empty(self) -> bool:
        return not (self.resources or self.parameters or self.tags)

    def counts(self) -> dict[str, int]:
        """How many resources are added, modified, ...: each of `VERBS`, also those with none."""
        found = Counter(one.verb for one in self.resources)
        return {verb: found[verb] for verb in [*VERBS, *sorted(set(found) - set(VERBS))]}

    def fingerprint(self) -> str:
        """The sha256 of what would change: two plans with the same one do the same to the stack."""
        whole = asdict(self)
        content = {name: whole[name] for name in ("kind", "mode", "resources", "parameters", "tags")}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        from covidlake.ship.plan import plan_risks

        content = {
            "version": VERSION,
            **asdict(self),
            "counts": self.counts(),
            "risks": [asdict(risk) for risk in plan_risks.risks(self)],
            "fingerprint": self.fingerprint(),
        }
        return json.dumps(content, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "the plan") -> Self:
        """Read what `to_json` wrote.

        Raises `PlanError` when it is malformed, of another version, or was changed afterwards.
        """
        try:
            content = json.loads(text)
            if content["version"] != VERSION:
                raise PlanError(f"{where}: version {content['version']}: make it again with: covidlake plan")
            plan = cls(
                content["environment"],
                content["stack_name"],
                content["kind"],
                content["digest"],
                tuple(map(ResourceChange.from_json, content["resources"])),
                tuple(ValueChange(**one) for one in content["parameters"]),
                tuple(ValueChange(**one) for one in content["tags"]),
                content["mode"],
                None if content["drift"] is None else tuple(LiveValue(**one) for one in content["drift"]),
                tuple(Validation(**one) for one in content["validations"]),
                tuple(map(str, content["unknown"])),
            )
            told = content["fingerprint"]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlanError(f"{where}: not a plan: make one with: covidlake plan --format json") from error
        if told != plan.fingerprint():
            raise PlanError(f"{where}: changed since it was written: make it again with: covidlake plan")
        return plan


def read_file(path: Path) -> Plan:
    """Read a reviewed plan.

    Raises `PlanError` when the file is missing or is not a plan.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{project.relative(path)}: no plan here: make one with: covidlake plan") from error
    return Plan.from_json(text, project.relative(path))


def plan(
    environment_name: str,
    bundle: Bundle,
    progress: Progress,
    *,
    wait_minutes: float = WAIT_MINUTES,
    mode: change_set.Mode = "STANDARD",
) -> Plan:
    """What deploying the bundle would do to the environment's stack; nothing of the asking is left behind.

    Waits while something else works on the stack. `mode` is that of the deploy to come.
    Raises `EnvironmentFileError` before anything is called, `StackBusyError` after `wait_minutes`,
    `DeployError` when the stack is in a state that takes no change set or CloudFormation refuses it.
    """
    bundle = bundle.of(environment_name)
    stack_inputs.checked_environment(environment_name, bundle)
    template_limits.check(bundle)
    deadline, waiting = time.monotonic() + wait_minutes * 60, False
    while True:
        try:
            return _plan(environment_name, bundle, progress, mode)
        except StackBusyError as error:
            if time.monotonic() >= deadline:
                raise _still_busy(error, wait_minutes) from error
            if not waiting:
                progress(f"{error}: waiting up to {wait_minutes:g} minutes")
            waiting = True
        _wait_for(project.stack_name(environment_name), deadline)


def _plan(environment_name: str, bundle: Bundle, progress: Progress, mode: change_set.Mode) -> Plan:
    name = project.stack_name(environment_name)
    previous = stack.describe(name)
    kind = change_set.kind_for(name, previous)
    inputs = stack_inputs.prepare(environment_name, bundle, previous)
    template = _send_template(bundle, inputs, progress)
    created = change_set.create(
        name, template, inputs.parameters, inputs.tags, name_prefix=NAME_PREFIX, mode=mode
    )
    if created is None:
        return Plan(environment_name, name, kind, bundle.digest, mode=mode)
    try:
        seen = live_drift.look(created, template, progress=progress)
        return Plan.of(seen, environment_name, bundle)
    finally:
        if left := change_set.discard(created):
            progress(left)


def _still_busy(error: StackBusyError, wait_minutes: float) -> StackBusyError:
    if wait_minutes <= 0:
        return error
    what = str(error).partition(": ")[0]
    return StackBusyError(
        f"{what} after {wait_minutes:g} minutes: something else works on it: plan again when that has ended, "
        "or wait longer with --wait-minutes"
    )


def _wait_for(name: str, deadline: float) -> None:
    """Until the stack is at rest, or the time is over; at least one look's time."""
    while time.monotonic() < deadline:
        time.sleep(min(LOOK_EVERY_SECONDS, max(0.0, deadline - time.monotonic())))
        found = stack.describe(name)
        if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return


def _send_template(bundle: Bundle, inputs: stack_inputs.StackInputs, progress: Progress) -> str:
    """All that a change set needs, under a prefix that no deploy ever reads: its pinned address."""
    artifacts.ensure_bucket(inputs.bucket, progress)
    digest = bundle.template_sha256
    key = f"{PLANS_PREFIX}{inputs.stack_name}/{digest}.json"
    artifacts.put(bundle, inputs.bucket, key, bundle.template_name)
    return template_object.pin(inputs.bucket, key, digest)


def _let_pass(environment_name: str, bundle: Bundle, created: change_set.ChangeSet) -> list[Entry]:
    """The drift-ignore lines of the environment's file, where there is drift to ask about."""
    if not created.live:
        return []
    return drift_ignore.read(bundle.environments / f"{environment_name}.yaml")


def _unknown(created: change_set.ChangeSet, changes: list[ResourceChange]) -> Iterator[str]:
    if created.not_seen:
        yield f"live values that a deploy would overwrite: {created.not_seen}"
    if unseen := live_drift.not_compared(created, changes):
        more = f" and {len(unseen) - MOST_NAMED} more" if len(unseen) > MOST_NAMED else ""
        yield f"live values of {', '.join(unseen[:MOST_NAMED])}{more}: CloudFormation did not compare them"
    if created.validations.unknown:
        yield f"validations before the deployment: {created.validations.unknown}"


def _parameter_changes(created: change_set.ChangeSet, secrets: Secrets) -> tuple[ValueChange, ...]:
    """The parameters that differ from the stack's; a secret only where it is new or goes."""
    before, after = (
        {
            name: MASK if name in secrets.parameters else value
            for name, value in given.items()
            if name not in SET_BY_DEPLOY
        }
        for given in (stack_inputs.parameters_of(created.previous), created.parameters)
    )
    return _value_changes(before, after)


def _tag_changes(created: change_set.ChangeSet) -> tuple[tuple[ValueChange, ...], tuple[ValueChange, ...]]:
    """The stack tags that differ, and those of our own that do."""
    changes = _value_changes(stack_inputs.tags_of(created.previous), created.tags)
    own = tuple(change for change in changes if change.name in OWN_TAGS)
    return tuple(change for change in changes if change not in own), own


def _value_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[ValueChange, ...]:
    return tuple(
        ValueChange(name, before.get(name), after.get(name))
        for name in sorted(set(before) | set(after))
        if before.get(name) != after.get(name)
    )
