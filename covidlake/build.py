"""`covidlake build`: write the CloudFormation template with its local paths."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from covidlake import _project


@dataclass(frozen=True)
class Built:
    path: Path
    resources: int
    size: int


def build(destination: Path = _project.TEMPLATE) -> Built:
    """Build the template; the same sources give the same bytes.

    Its functions and its script are local paths for `aws cloudformation package`; the library, which that
    leaves alone, is written beside it under the key by which the template names it.
    """
    from covidlake.package import library
    from infra.code import CodeLocations
    from infra.template import build_template, template_json

    key, content = library()
    text = template_json(build_template(CodeLocations.local(library=key)))
    shutil.rmtree(destination.parent / "artifacts", ignore_errors=True)
    (destination.parent / key).parent.mkdir(parents=True, exist_ok=True)
    (destination.parent / key).write_bytes(content)
    destination.write_text(text, encoding="utf-8")
    return Built(destination, len(json.loads(text)["Resources"]), len(text))
