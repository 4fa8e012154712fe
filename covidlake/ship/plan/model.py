"""A plan as data: what would change in a stack, and nothing of how that was found out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Self

from covidlake.ship.plan.live_drift import LiveValue
from covidlake.ship.plan.resource_changes import ResourceChange
from covidlake.ship.stack import change_set
from covidlake.ship.stack.validations import Validation

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
    `absent` are artifacts of the deployed bundle that the artifact bucket lacks.
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
    absent: tuple[str, ...] = ()

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
