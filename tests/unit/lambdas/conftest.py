"""The Lambda functions, loaded from their folders as Lambda loads them, with a stubbed Glue."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import boto3
import pytest
from botocore.stub import Stubber

LAMBDAS = Path(__file__).parents[3] / "lambdas"
Load = Callable[[str], tuple[ModuleType, Stubber]]


def load_handler(folder: str) -> ModuleType:
    name = f"lambda_{folder}_handler"
    spec = importlib.util.spec_from_file_location(name, LAMBDAS / folder / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Load a function by its folder, with the stub of the Glue client that it uses."""
    stubs: list[Stubber] = []

    def loaded(folder: str) -> tuple[ModuleType, Stubber]:
        module = load_handler(folder)
        client = boto3.client(
            "glue", region_name="us-east-2", aws_access_key_id="key", aws_secret_access_key="secret"
        )
        stub = Stubber(client)
        stub.activate()
        stubs.append(stub)
        monkeypatch.setattr(module, "glue", lambda: client)
        return module, stub

    yield loaded
    for stub in stubs:
        stub.assert_no_pending_responses()
