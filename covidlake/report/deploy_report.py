"""What a deploy leaves in the job summary: how it ended, the plan, the events, the outputs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covidlake.base import console, project
from covidlake.base.markdown import code, plain, table
from covidlake.ship.plan import plan_markdown

if TYPE_CHECKING:
    from covidlake.ship.deploy.deployment_record import Deployment
    from covidlake.ship.plan.model import Plan

PLAN_CHARACTERS = 200_000
EVENTS = 500  # the last ones: the first failure stands above them


@dataclass
class Recorder:
    """Shows progress as it comes and keeps it; `plan` is what the executed change set does."""

    environment: str
    lines: list[str] = field(default_factory=list)
    plan: Plan | None = None
    deployment: Deployment | None = None
    error: str = ""
    started: float = field(default_factory=time.monotonic)

    def report(self, text: str) -> None:
        self.lines.append(text)
        console.detail(text)

    def planned(self, plan: Plan) -> None:
        self.plan = plan

    def markdown(self) -> str:
        return "\n\n".join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield f"### Deploy of {code(project.stack_name(self.environment))}"
        seconds = f"{time.monotonic() - self.started:.0f} s"
        if self.error:
            yield f"❌ **failed** after {seconds}: {code(self.error)}"
        if done := self.deployment:
            ended = "no change" if done.status == "NO_CHANGE" else done.status
            yield f"✅ **{ended}** in {seconds}, {done.uploaded} artifacts sent, bundle {code(done.digest)}"
        if self.plan is not None:
            yield plan_markdown.markdown(self.plan, PLAN_CHARACTERS)
        if self.lines:
            shown = "\n".join(plain(line) for line in self.lines[-EVENTS:])
            yield f"<details><summary>Events</summary>\n\n<pre>\n{shown}\n</pre>\n\n</details>"
        if done and done.stack and (rows := done.stack.get("Outputs")):
            values = sorted((row["OutputKey"], row["OutputValue"]) for row in rows)
            yield table(["output", "value"], [[key, code(value)] for key, value in values])
