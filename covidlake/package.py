"""`covidlake package`: one bundle with everything that is deployed, every file named by its content."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake import _project
from covidlake._archive import archive, archive_folder, files_in
from covidlake._errors import BundleError

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk: `template.json`, `artifacts/`, `environments/` and `manifest.json`."""

    folder: Path
    manifest: dict[str, str]

    @property
    def template(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "template.json").read_text(encoding="utf-8"))
        return content

    @property
    def environments(self) -> Path:
        return self.folder / "environments"

    @property
    def digest(self) -> str:
        """The sha256 of the manifest: the name of the whole."""
        return hashlib.sha256(_json_bytes(self.manifest)).hexdigest()

    @property
    def template_key(self) -> str:
        return f"templates/{self.manifest['template.json']}.json"

    def object_keys(self) -> list[str]:
        """The object keys under which the artifact bucket holds the artifacts and the template."""
        return [*sorted(name for name in self.manifest if name.startswith("artifacts/")), self.template_key]

    def path(self, key: str) -> Path:
        return self.folder / ("template.json" if key == self.template_key else key)


def package(destination: Path = _project.BUNDLE) -> Bundle:
    """Make the bundle, replacing an older one at the destination only when the new one is whole."""
    from infra.code import CodeLocations
    from infra.template import build_template, template_json

    functions = {
        folder.name: _artifact(f"{folder.name}.zip", archive_folder(folder)) for folder in lambda_folders()
    }
    script = _artifact("ingest.py", (_project.JOBS / "ingest.py").read_bytes())
    library = _artifact("library.zip", archive(library_files()))
    code = CodeLocations.packaged({name: key for name, (key, _) in functions.items()}, script[0], library[0])
    files = dict([*functions.values(), script, library])
    files["template.json"] = template_json(build_template(code)).encode()
    for path in sorted(_project.ENVIRONMENTS.glob("*.yaml")):
        files[f"environments/{path.name}"] = path.read_bytes()
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    _write({**files, MANIFEST: _json_bytes(manifest)}, destination)
    return Bundle(destination, manifest)


def open_bundle(folder: Path = _project.BUNDLE) -> Bundle:
    """Read a bundle's manifest.

    Raises `BundleError` when there is none or when a file is missing or changed.
    """
    shown = _project.relative(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{shown}: no bundle here; make one with: covidlake package") from error
    for name, digest in manifest.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise BundleError(
                f"{shown}/{name} is missing or changed; make the bundle again with: covidlake package"
            )
    return Bundle(folder, manifest)


def _artifact(name: str, content: bytes) -> tuple[str, bytes]:
    """The key of an artifact in the artifact bucket, and its content."""
    from infra.code import artifact_key

    return artifact_key(hashlib.sha256(content).hexdigest(), name), content


def lambda_folders() -> list[Path]:
    return sorted(path.parent for path in _project.LAMBDAS.glob("*/handler.py"))


def library_files() -> list[tuple[str, bytes]]:
    """The packages that the jobs share, as they lie at the root of the archive."""
    packages = sorted(path.parent for path in _project.JOBS.glob("*/__init__.py"))
    return [
        (path.relative_to(_project.JOBS).as_posix(), path.read_bytes())
        for package_folder in packages
        for path in files_in(package_folder)
    ]


def _json_bytes(value: dict[str, str]) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _write(files: dict[str, bytes], destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        fresh = Path(scratch) / "bundle"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.rmtree(destination, ignore_errors=True)
        fresh.rename(destination)
