"""The file of a plan: what a review reads and a deploy is held to. A changed file is refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from covidlake.base import json_text, project
from covidlake.base.errors import PlanError
from covidlake.ship.plan import plan_risks
from covidlake.ship.plan.live_drift import LiveValue
from covidlake.ship.plan.model import Plan, ValueChange
from covidlake.ship.plan.resource_changes import ResourceChange
from covidlake.ship.stack.validations import Validation

VERSION = 2


def to_json(plan: Plan) -> str:
    """The plan with its counts, its risks and the fingerprint that `from_json` compares."""
    content = {
        "version": VERSION,
        **asdict(plan),
        "counts": plan.counts(),
        "risks": [asdict(risk) for risk in plan_risks.risks(plan)],
        "fingerprint": plan.fingerprint(),
    }
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def from_json(text: str, where: str = "the plan") -> Plan:
    """Read what `to_json` wrote.

    Raises `PlanError` when it is malformed, of another version, or was changed afterwards.
    """
    try:
        content = json_text.parse(text)
        if content["version"] != VERSION:
            raise PlanError(f"{where}: version {content['version']}: make it again with: covidlake plan")
        plan = Plan(
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
            tuple(map(str, content.get("absent", ()))),
        )
        fingerprint = content["fingerprint"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PlanError(f"{where}: not a plan: make one with: covidlake plan --format json") from error
    if fingerprint != plan.fingerprint():
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
    return from_json(text, project.relative(path))
