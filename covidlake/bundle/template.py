"""`covidlake build`: write the CloudFormation template with its local paths."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from covidlake.base import project


@dataclass(frozen=True)
class Built:
    path: Path
    resources: int
    size: int


def build(destination: Path = project.TEMPLATE) -> Built:
    """Build the template; the same sources give the same bytes.

    Its functions and its script are local paths for `aws cloudformation package`; the library, which that
    leaves alone, is written beside it under the key by which the template names it.
    """
    from covidlake.bundle.package import library
    from covidlake.dataset.descriptions import described
    from infra.common.code import CodeLocations
    from infra.ingestion.template import build_template, template_json

    key, content = library()
    text = template_json(build_template(CodeLocations.local(library=key), described()))
    artifact = destination.parent / key
    _replace(artifact, content)
    _replace(destination, text.encode())
    for older in artifact.parent.parent.iterdir():
        if older != artifact.parent:
            shutil.rmtree(older, ignore_errors=True)
    return Built(destination, len(json.loads(text)["Resources"]), len(text))


def _replace(path: Path, content: bytes) -> None:
    """Each file whole, old or new: another build may go on in the same folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        draft = Path(scratch) / path.name
        draft.write_bytes(content)
        draft.replace(path)
