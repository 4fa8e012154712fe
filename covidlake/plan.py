"""`covidlake plan`: what a deploy would do to the real stack, read from a change set that is then deleted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from covidlake import (
    _project,
    artifacts,
    change_set,
    plan_changes,
    stack,
    stack_inputs,
    template_limits,
)
from covidlake._errors import PlanError
from covidlake.artifacts import Report
from covidlake.bundle import TEMPLATE, Bundle
from covidlake.environment_file import BUNDLE_DIGEST
from covidlake.plan_changes import OWN_TAGS, ResourceChange
from covidlake.plan_secrets import MASK, Secrets

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

VERSION = 1
# What the plan role is confined to: the names of its change sets, the keys of its templates.
NAME_PREFIX = "plan"
PLANS_PREFIX = "plans/"  # then the name of the stack
VERBS = ("add", "modify", "may modify", "replace", "may replace", "remove", "import")


@dataclass(frozen=True)
class ValueChange:
    """A parameter or a stack tag; None where it is absent."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """What would change in a stack, and nothing of how that was found out."""

    environment: str
    stack_name: str
    kind: change_set.Kind
    digest: str
    resources: tuple[ResourceChange, ...] = ()
    parameters: tuple[ValueChange, ...] = ()
    tags: tuple[ValueChange, ...] = ()

    @classmethod
    def of(cls, created: change_set.ChangeSet, environment: str, bundle: Bundle) -> Self:
        """The plan that a change set of this bundle stands for."""
        template = bundle.template
        secrets = Secrets.of(template, created.parameters)
        tags, own_tags = _tag_changes(created)
        read = (
            plan_changes.read(change, template, secrets, retagged=bool(own_tags) and not tags)
            for change in created.changes
        )
        return cls(
            environment,
            created.stack_name,
            created.kind,
            bundle.digest,
            tuple(sorted(filter(None, read), key=lambda one: (one.logical_id, one.action))),
            _parameter_changes(created, secrets),
            tags,
        )

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
        content = {name: whole[name] for name in ("kind", "resources", "parameters", "tags")}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        from covidlake import plan_risks

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
        raise PlanError(f"{_project.relative(path)}: no plan here: make one with: covidlake plan") from error
    return Plan.from_json(text, _project.relative(path))


def plan(environment_name: str, bundle: Bundle, report: Report) -> Plan:
    """What deploying the bundle would do to the environment's stack; nothing of the asking is left behind.

    Raises `EnvironmentFileError` before anything is called, `DeployError` when the stack is in a state that
    takes no change set or CloudFormation refuses it.
    """
    stack_inputs.checked_environment(environment_name, bundle)
    template_limits.check(bundle)
    name = _project.stack_name(environment_name)
    previous = stack.describe(name)
    kind = change_set.kind_for(name, previous)
    inputs = stack_inputs.prepare(environment_name, bundle, previous)
    key = _send_template(bundle, inputs.bucket, name, report)
    created = change_set.create(
        name,
        change_set.template_url(inputs.bucket, key),
        inputs.parameters,
        inputs.tags,
        name_prefix=NAME_PREFIX,
    )
    if created is None:
        return Plan(environment_name, name, kind, bundle.digest)
    try:
        return Plan.of(created, environment_name, bundle)
    finally:
        if left := change_set.discard(created):
            report(left)


def _send_template(bundle: Bundle, bucket: str, stack_name: str, report: Report) -> str:
    """All that a change set needs, under a prefix that no deploy ever reads: its key."""
    artifacts.ensure_bucket(bucket, report)
    key = f"{PLANS_PREFIX}{stack_name}/{bundle.manifest[TEMPLATE]}.json"
    artifacts.put(bundle, bucket, key, TEMPLATE)
    return key


def _parameters(described: StackTypeDef | None) -> dict[str, str]:
    given = described.get("Parameters", []) if described else []
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in given}


def _parameter_changes(created: change_set.ChangeSet, secrets: Secrets) -> tuple[ValueChange, ...]:
    """The parameters that differ from the stack's; a secret only where it is new or goes."""
    before, after = (
        {
            name: MASK if name in secrets.parameters else value
            for name, value in given.items()
            if name != BUNDLE_DIGEST
        }
        for given in (_parameters(created.previous), created.parameters)
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
