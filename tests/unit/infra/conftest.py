from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.common.code_locations import CodeLocations, artifact_key
from infra.common.pipeline import DescribedDataSet, template_json
from infra.ingestion.states import definition
from infra.ingestion.template import build_template
from tests.unit.infra.interpreter import states as states

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = sorted((ROOT / "environments").glob("*.yaml"))
DIGEST = "0" * 64
DESCRIBED = [
    DescribedDataSet("uk_covid", (("People in hospital", "SELECT 1 FROM uk_covid"), ("Rows", "SELECT 2"))),
    DescribedDataSet("country_codes", (("Codes", "SELECT 'A' FROM country_codes"),)),
]


def packaged_code() -> CodeLocations:
    """All that the repository has, as in every bundle."""
    functions = [path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")]
    scripts = [path.name for path in (ROOT / "jobs").glob("*.py")]
    return CodeLocations.packaged(
        {folder: artifact_key(DIGEST, f"{folder}.zip") for folder in functions},
        {script: artifact_key(DIGEST, script) for script in scripts},
        artifact_key(DIGEST, "library.zip"),
    )


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The packaged template, as CloudFormation reads it."""
    parsed: dict[str, Any] = json.loads(template_json(build_template(packaged_code(), DESCRIBED)))
    return parsed


@pytest.fixture(scope="session")
def machine() -> dict[str, Any]:
    return definition()


@pytest.fixture(scope="session")
def environments() -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text()) for path in ENVIRONMENTS}
