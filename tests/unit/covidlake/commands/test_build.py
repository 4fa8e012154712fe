"""A bundle is packaged and verified, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import open_bundle
from covidlake.commands import build as commands_build
from covidlake.commands import deploy as commands_deploy


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    commands_deploy.register(made)
    commands_build.register(made)
    return made


def run(app: typer.Typer, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def bundle(app: typer.Typer, tmp_path: Path) -> Path:
    run(app, "package", "--output", str(tmp_path / "bundle"))
    return tmp_path / "bundle"


def test_a_bundle_is_packaged_and_verified(
    app: typer.Typer, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert set(manifest) == {"commit", "files"}
    run(app, "verify", str(bundle))
    refused = run(app, "verify", str(bundle), "--digest", "0" * 64, code=1)
    assert isinstance(refused.exception, BundleError)
    (bundle / "more").write_text("x")
    assert "extra: more" in str(run(app, "verify", str(bundle), code=1).exception)


def test_a_package_tells_its_digest(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    run(app, "package", "--output", str(tmp_path / "bundle"))
    digest = open_bundle(tmp_path / "bundle").digest
    assert digest in (tmp_path / "output").read_text().splitlines()
