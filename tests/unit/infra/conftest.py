from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.common.code_locations import FUNCTIONS, CodeLocations, artifact_key
from infra.common.pipeline import DescribedDataSet, template_json
from infra.ingestion.states import definition
from infra.ingestion.template import build_template

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = sorted((ROOT / "environments").glob("*.yaml"))
DIGEST = "0" * 64
DESCRIBED = [
    DescribedDataSet("uk_covid", (("People in hospital", "SELECT 1 FROM uk_covid"), ("Rows", "SELECT 2"))),
    DescribedDataSet("country_codes", (("Codes", "SELECT 'A' FROM country_codes"),)),
]


def packaged_code() -> CodeLocations:
    keys = {folder: artifact_key(DIGEST, f"{folder}.zip") for folder in FUNCTIONS}
    return CodeLocations.packaged(
        keys, {"ingest.py": artifact_key(DIGEST, "ingest.py")}, artifact_key(DIGEST, "library.zip")
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


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a machine and of its iterations, by name."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])
