"""`covidlake build`: write the CloudFormation template with its local paths."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from covidlake import _project


@dataclass(frozen=True)
class Built:
    path: Path
    resources: int
    size: int


def build(destination: Path = _project.TEMPLATE) -> Built:
    """Build the template; the same sources give the same bytes."""
    from infra.code import CodeLocations
    from infra.template import build_template, template_json

    text = template_json(build_template(CodeLocations.local()))
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.write_text(text, encoding="utf-8")
    return Built(destination, len(json.loads(text)["Resources"]), len(text))
