"""The report as JSON, for another program: every fact that the other forms show, and those they leave out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from covidlake.report.page.facts import Facts

VERSION = 1


def to_json(facts: Facts) -> str:
    """One object; its `version` is raised when a name in it changes its meaning."""
    return json.dumps(content(facts), indent=1)


def content(facts: Facts) -> dict[str, Any]:
    """The object as plain values."""
    collected = facts.collected
    taken = [
        {"from": tail, "to": head, "times": times} for (tail, head), times in facts.timeline.taken.items()
    ]
    return {
        "version": VERSION,
        "environment": collected.environment,
        "execution": collected.execution,
        "collected_at": collected.collected_at,
        "status": facts.status,
        "healthy": facts.summary.healthy,
        "sentence": facts.sentence,
        "seconds": facts.seconds,
        "data_sets": [asdict(one) | {"parts": dict(one.parts)} for one in facts.data_sets],
        "states": {"visits": [asdict(visit) for visit in facts.timeline.visits], "taken": taken},
        "quarantine": collected.quarantine,
        "crawl": dict(facts.crawl),
        "cost": asdict(facts.costs) | {"usd": facts.costs.total},
        "job_runs": collected.job_runs,
        "runs": [asdict(run) for run in facts.runs],
        "charts": collected.charts,
        "gaps": [asdict(gap) for gap in facts.gaps],
    }
