"""The workflow files as they are read by the tests that do not run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.workflows import act_rig


def load(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text())
    content["on"] = content.pop(True)  # YAML 1.1 reads the word `on` as true
    return dict(content)


FILES = {path.name: load(path) for path in sorted(act_rig.WORKFLOWS.glob("*.yml"))}
