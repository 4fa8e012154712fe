"""What a deploy may be asked for, whichever verb asks: deploy, rollback or a preview."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from covidlake.ship.plan.model import Plan
from covidlake.ship.stack.change_set import Mode
from covidlake.ship.stack.stack_events import TIME_LIMIT_MINUTES


@dataclass(frozen=True)
class DeployOptions:
    """How a deploy goes about its work.

    - `reviewed`: the plan that was reviewed; only what it shows is done.
    - `allow_destructive`: logical ids of stateful resources that may be deleted or replaced.
    - `allow_older`: take a bundle of a commit that is older than the deployed one.
    - `require_history`: refuse where a repository without its history cannot tell which commit is older.
    - `wait_for_other`: wait for an operation that already runs on the stack.
    - `skip`: logical ids that a stuck rollback may leave as they are.
    - `time_limit`: minutes, for all waits together.
    - `parameters`: take these in place of the environment file's; a laptop's own loop gives some.
    - `express`: do not wait until resources are ready; a protected stack always waits.
    - `on_plan`: gets what a change set does before it is executed.
    """

    reviewed: Plan | None = None
    allow_destructive: Collection[str] = ()
    allow_older: bool = False
    require_history: bool = False
    wait_for_other: bool = False
    skip: Collection[str] = ()
    time_limit: float = TIME_LIMIT_MINUTES
    parameters: Mapping[str, str] = field(default_factory=dict)
    express: bool = False
    on_plan: Callable[[Plan], None] = lambda _: None

    @property
    def mode(self) -> Mode:
        """The mode of the change set: the reviewed plan's, so that what was reviewed is what is done."""
        return "STANDARD" if self.reviewed is None else self.reviewed.mode


DEFAULTS = DeployOptions()
