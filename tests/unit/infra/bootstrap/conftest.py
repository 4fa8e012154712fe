"""The bootstrap template, built once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.bootstrap.template import build_template
from infra.common.pipeline import template_json


@pytest.fixture(scope="module")
def bootstrap() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(template_json(build_template()))
    return parsed
