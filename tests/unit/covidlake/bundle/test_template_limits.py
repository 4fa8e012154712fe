"""CloudFormation's limits are reported before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import BundleError
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle


def bundle_of(folder: Path, template: dict[str, Any] | str) -> Bundle:
    text = template if isinstance(template, str) else json.dumps(template)
    (folder / "template.json").write_text(text)
    return Bundle(folder, {"template.json": "0" * 64})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Description": "x" * 1_048_576}, "CloudFormation takes 1,048,576: move"),
        ({"Parameters": {f"P{n}": {} for n in range(201)}}, "has 201 parameters, CloudFormation takes 200"),
        ({"Resources": {f"R{n}": {} for n in range(501)}}, "has 501 resources, CloudFormation takes 500"),
        ({"Transform": "AWS::Serverless-2016-10-31"}, "which needs CAPABILITY_AUTO_EXPAND"),
        ("no json", "template.json is missing or no JSON"),
    ],
)
def test_what_cloudformation_would_not_take_is_one_line(
    tmp_path: Path, template: dict[str, Any] | str, message: str
) -> None:
    with pytest.raises(BundleError, match=message) as caught:
        template_limits.check(bundle_of(tmp_path, template))
    assert "\n" not in str(caught.value)


def test_a_bundle_without_a_template_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is missing or no JSON; make the bundle again"):
        template_limits.check(Bundle(tmp_path, {}))


def test_a_template_within_the_limits_passes(tmp_path: Path) -> None:
    parameters = {f"P{number}": {} for number in range(200)}
    template_limits.check(bundle_of(tmp_path, {"Parameters": parameters, "Description": "x" * 60_000}))
