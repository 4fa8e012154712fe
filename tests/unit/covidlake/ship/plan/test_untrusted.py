"""A template of a pull request may not run anything while it is planned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle
from covidlake.bundle.template import build
from covidlake.ship.plan import untrusted


def bundle(folder: Path, template: Any) -> Bundle:
    (folder / "template.json").write_text(json.dumps(template))
    return Bundle(folder, {"template.json": "0" * 64})


@pytest.mark.parametrize(
    "template",
    [
        {"Transform": "AWS::Include", "Resources": {}},
        {"Transform": ["AWS::LanguageExtensions"], "Resources": {}},
        {"Resources": {"A": {"Properties": {"B": [{"Fn::Transform": {"Name": "Macro"}}]}}}},
    ],
)
def test_a_macro_is_refused(tmp_path: Path, template: Any) -> None:
    with pytest.raises(BundleError, match="macro runs"):
        untrusted.check(bundle(tmp_path, template))


def test_our_own_template_has_none(tmp_path: Path) -> None:
    build()
    untrusted.check(bundle(tmp_path, json.loads(project.TEMPLATE.read_text())))
