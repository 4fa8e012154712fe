"""A bundle that is older than the files beside it is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import EnvironmentFileError
from covidlake.bundle import package
from covidlake.bundle.stale import stale_files


def test_a_fresh_bundle_is_not_stale(tmp_path: Path) -> None:
    assert stale_files(package.package(tmp_path / "bundle")) == []


def test_what_was_edited_added_or_removed_since_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = package.package(tmp_path / "bundle")
    edited = {**package.content(), "environments/dev.yaml": b"parameters: {}\n", "environments/qa.yaml": b""}
    del edited["environments/prod.yaml"]
    library = next(name for name in edited if name.endswith("/library.zip"))
    del edited[library]
    monkeypatch.setattr(package, "content", lambda: edited)
    names = [f"environments/{name}.yaml" for name in ("dev", "prod", "qa")]
    assert stale_files(bundle) == [*names, "library.zip"]


def test_where_no_bundle_can_be_made_nothing_is_said_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> dict[str, bytes]:
        raise EnvironmentFileError("dev.yaml: malformed")

    bundle = package.package(tmp_path / "bundle")
    monkeypatch.setattr(package, "content", refused)
    assert stale_files(bundle) == []
