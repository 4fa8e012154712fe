"""The bundle holds what the template names, each artifact under the digest of its content."""

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from covidlake import _project, package
from covidlake._errors import BundleError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> package.Bundle:
    return package.package(tmp_path_factory.mktemp("package") / "bundle")


def copy_of(bundle: package.Bundle, folder: Path) -> Path:
    return Path(shutil.copytree(bundle.folder, folder / "bundle"))


def artifact(bundle: package.Bundle, name: str) -> bytes:
    (key,) = [key for key in bundle.object_keys() if key.endswith(f"/{name}")]
    return bundle.path(key).read_bytes()


def test_manifest_names_every_file_with_its_digest(bundle: package.Bundle) -> None:
    files = {
        path.relative_to(bundle.folder).as_posix() for path in bundle.folder.rglob("*") if path.is_file()
    }
    assert files == {*bundle.manifest, package.MANIFEST}
    for name, digest in bundle.manifest.items():
        assert hashlib.sha256((bundle.folder / name).read_bytes()).hexdigest() == digest


def test_template_names_only_artifacts_of_the_bundle(bundle: package.Bundle) -> None:
    text = json.dumps(bundle.template)
    for key in bundle.object_keys():
        assert key == bundle.template_key or key in text
    assert "../" not in text


def test_library_is_importable_from_its_root(bundle: package.Bundle) -> None:
    names = zipfile.ZipFile(io.BytesIO(artifact(bundle, "library.zip"))).namelist()
    assert "ingestion/__init__.py" in names
    assert "datasets/uk_covid.py" in names
    assert "ingest.py" not in names


def test_each_function_is_one_archive_with_its_handler_at_the_root(bundle: package.Bundle) -> None:
    for folder in package.lambda_folders():
        names = zipfile.ZipFile(io.BytesIO(artifact(bundle, f"{folder.name}.zip"))).namelist()
        assert "handler.py" in names


def test_two_bundles_of_the_same_sources_are_one(bundle: package.Bundle, tmp_path: Path) -> None:
    assert package.package(tmp_path / "again").digest == bundle.digest


def test_a_new_bundle_replaces_the_old_one_whole(tmp_path: Path) -> None:
    destination = tmp_path / "bundle"
    destination.mkdir()
    (destination / "left.txt").write_text("from before")
    package.package(destination)
    assert not (destination / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_same_bundle_serves_every_environment(bundle: package.Bundle) -> None:
    shipped = sorted(path.stem for path in bundle.environments.iterdir())
    assert shipped == sorted(path.stem for path in _project.ENVIRONMENTS.glob("*.yaml"))


def test_an_opened_bundle_is_the_packaged_one(bundle: package.Bundle) -> None:
    assert package.open_bundle(bundle.folder) == bundle


def test_no_bundle_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle here; make one with: covidlake package"):
        package.open_bundle(tmp_path)


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_changed_or_missing_file_is_named(bundle: package.Bundle, tmp_path: Path, change: str) -> None:
    folder = copy_of(bundle, tmp_path)
    victim = folder / "environments" / "prod.yaml"
    victim.write_text("parameters: {}") if change == "edit" else victim.unlink()
    with pytest.raises(BundleError, match=r"environments/prod\.yaml is missing or changed"):
        package.open_bundle(folder)
