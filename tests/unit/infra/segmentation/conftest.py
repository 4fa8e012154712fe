"""The template and the state machine of the segmentation, built once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from infra.common.pipeline import DescribedTable, template_json
from infra.segmentation.states import definition
from infra.segmentation.template import build_template
from tests.unit.infra.conftest import ROOT, packaged_code

TABLES = [
    DescribedTable("crm_customers", "crm", "customers"),
    DescribedTable("sales_orders", "sales", "orders"),
]


@pytest.fixture(scope="session")
def segmentation() -> dict[str, Any]:
    """The packaged template, as CloudFormation reads it."""
    parsed: dict[str, Any] = json.loads(template_json(build_template(packaged_code(), TABLES)))
    return parsed


@pytest.fixture(scope="session")
def segmenting() -> dict[str, Any]:
    """The state machine's definition."""
    return definition()


@pytest.fixture(scope="session")
def segmentation_environments() -> dict[str, dict[str, Any]]:
    files = sorted((ROOT / "environments" / "segmentation").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text()) for path in files}
