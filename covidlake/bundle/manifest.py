"""A bundle on disk, and the proof that it is the one that was packaged.

`manifest.json` holds the commit and the sha256 of every other file. The digest of the bundle is the sha256 of
that file: it covers everything, also the commit, and whether the checkout differed from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from covidlake.base import json_text, project
from covidlake.base.errors import BundleError
from covidlake.base.nearest import instead
from covidlake.environment import pipelines
from covidlake.environment.pipeline_environment import PipelineEnvironment

MANIFEST = "manifest.json"
TEMPLATE = "template.json"  # the main pipeline's
UNKNOWN_COMMIT = "unknown"
DIRTY = "-dirty"  # behind a commit, where files of the checkout differ from it
COMMIT = re.compile(r"[\w.-]{1,100}", re.ASCII)  # a hash, with -dirty or not, or `unknown`
HINT = "make the bundle again with: covidlake package"


@dataclass(frozen=True)
class Bundle:
    """`template.json`, `artifacts/<sha256>/<name>`, `environments/<name>.yaml` and `manifest.json`.

    Each other pipeline has `templates/<pipeline>.json` and `environments/<pipeline>/<name>.yaml` in it.
    `manifest` maps the name of each file but the manifest's own to its sha256. `pipeline` is the one whose
    template is meant.
    """

    folder: Path
    manifest: dict[str, str]
    commit: str = UNKNOWN_COMMIT
    pipeline: str = project.MAIN_PIPELINE

    def of(self, environment: str) -> Bundle:
        """The same bundle, with the template of the environment's pipeline.

        Raises `BundleError` when it has none: an older version packaged it, or the pipeline has no folder.
        """
        pipeline = PipelineEnvironment.parse(environment).pipeline
        if template_name(pipeline) not in self.manifest:
            hint = HINT
            if pipeline not in pipelines.names():
                there = [name[len("environments/") : -len(".yaml")] for name in self._parameter_files()]
                hint = instead(PipelineEnvironment.meant(environment), there)
            raise BundleError(
                f"{project.relative(self.folder)} has no template of pipeline {pipeline}: {hint}"
            )
        return self if pipeline == self.pipeline else replace(self, pipeline=pipeline)

    @property
    def template_name(self) -> str:
        """The name of the pipeline's template in the bundle."""
        return template_name(self.pipeline)

    @property
    def template_sha256(self) -> str:
        return self.manifest[self.template_name]

    @property
    def pipelines(self) -> list[str]:
        """The pipelines that have a template in the bundle, the main one first."""
        others = [PurePosixPath(name).stem for name in self.manifest if name.startswith("templates/")]
        return [project.MAIN_PIPELINE, *sorted(others)]

    @cached_property
    def template(self) -> dict[str, Any]:
        """The pipeline's template, read once; raises `BundleError` where none can be read."""
        path = self.folder / self.template_name
        try:
            content: dict[str, Any] = json_text.read(path)
        except (OSError, ValueError) as error:
            shown = project.relative(path)
            raise BundleError(f"{shown} is missing or no JSON; {HINT}") from error
        return content

    @property
    def environments(self) -> Path:
        return self.folder / "environments"

    @property
    def digest(self) -> str:
        """The sha256 of the manifest: the name of the whole."""
        return hashlib.sha256(manifest_bytes(self.manifest, self.commit)).hexdigest()

    def template_key(self, stack_name: str) -> str:
        """The template's key in the stack's part of the artifact bucket."""
        return f"{stack_name}/templates/{self.template_sha256}.json"

    def prefix(self, stack_name: str) -> str:
        """Where the stack's part of the artifact bucket keeps what belongs to this bundle alone."""
        return bundle_prefix(stack_name, self.digest)

    def _parameter_files(self) -> list[str]:
        return [name for name in self.manifest if name.startswith("environments/")]

    def artifacts(self) -> list[str]:
        return sorted(name for name in self.manifest if name.startswith("artifacts/"))

    def object_keys(self, stack_name: str) -> dict[str, str]:
        """Object key in the artifact bucket -> name of the file in the bundle, for every file.

        All keys begin with the stack's name: what is written for one stack is never used by another.
        """
        keys = {f"{stack_name}/{name}": name for name in self.artifacts()}
        keys[self.template_key(stack_name)] = self.template_name
        own = sorted(set(self.manifest) - {*self.artifacts(), self.template_name})
        return {**keys, **{self.prefix(stack_name) + name: name for name in [*own, MANIFEST]}}


def template_name(pipeline: str) -> str:
    """Where a bundle keeps the template of a pipeline; the main one has no folder, as in older bundles."""
    return TEMPLATE if pipeline == project.MAIN_PIPELINE else f"templates/{pipeline}.json"


def bundle_prefix(stack_name: str, digest: str) -> str:
    """The keys of a bundle's own files in the stack's part of the artifact bucket."""
    return f"{stack_name}/bundles/{digest}/"


def json_bytes(value: Any) -> bytes:
    """JSON as the bundle stores it: the same bytes for the same value."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def manifest_bytes(files: dict[str, str], commit: str) -> bytes:
    return json_bytes({"commit": commit, "files": files})


def open_bundle(folder: Path = project.BUNDLE) -> Bundle:
    """Read a bundle and verify it whole.

    Raises `BundleError` when there is none, or with the name of each file that is changed, missing, extra
    or a symbolic link.
    """
    shown = project.relative(folder)
    bundle = _read(folder)
    found = {path.relative_to(folder).as_posix(): path for path in _walk(folder)}
    links = sorted(name for name, path in found.items() if path.is_symlink() or not path.is_file())
    regular = set(found) - set(links)
    changed = [
        name
        for name, digest in sorted(bundle.manifest.items())
        if name in regular and _sha256(found[name]) != digest
    ]
    problems = {
        "changed": changed,
        "missing": sorted(set(bundle.manifest) - set(found)),
        "extra": sorted(regular - {*bundle.manifest, MANIFEST}),
        "not a regular file": links,
    }
    if any(problems.values()):
        named = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names)
        raise BundleError(f"{shown} is not as it was packaged: {named}; {HINT}")
    return bundle


def verify(folder: Path, digest: str | None = None) -> Bundle:
    """Open a bundle and, when a digest (or the beginning of one) is given, compare it.

    A manifest that was rewritten together with its files is found only by its digest.
    """
    bundle = open_bundle(folder)
    if digest is not None and (len(digest) < 12 or not bundle.digest.startswith(digest.lower())):
        raise BundleError(
            f"{project.relative(folder)} has digest {bundle.digest}, not {digest}: "
            "fetch the bundle with that digest (at least its first 12 digits)"
        )
    return bundle


def _read(folder: Path) -> Bundle:
    shown = project.relative(folder)
    path = folder / MANIFEST
    if path.is_symlink() or folder.is_symlink():
        raise BundleError(f"{shown} is a symbolic link, or its {MANIFEST} is: name the folder itself")
    try:
        content = json_text.read(path)
    except OSError as error:
        raise BundleError(f"{shown}: no bundle here; make one with: covidlake package") from error
    except ValueError as error:
        raise BundleError(f"{shown}/{MANIFEST} is no JSON; {HINT}") from error
    files = content.get("files") if isinstance(content, dict) else None
    commit = content.get("commit") if isinstance(content, dict) else None
    if not isinstance(files, dict) or not isinstance(commit, str) or TEMPLATE not in files:
        raise BundleError(f"{shown}/{MANIFEST} is not a manifest: it needs commit and files; {HINT}")
    for name, digest in files.items():
        if fault := _entry_fault(name, digest):
            raise BundleError(f"{shown}/{MANIFEST}: {name!r} {fault}; {HINT}")
    if not COMMIT.fullmatch(commit):
        raise BundleError(f"{shown}/{MANIFEST}: {commit[:60]!r} is no commit; {HINT}")
    return Bundle(folder, files, commit)


def _entry_fault(name: str, digest: object) -> str | None:
    """What is wrong with a line of the manifest: it may come from anywhere, and must stay in its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or name == MANIFEST:
        return "is not a file inside the bundle"
    if not isinstance(digest, str) or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        return "has no sha256"
    if path.parts[0] == "artifacts" and (len(path.parts) != 3 or path.parts[1] != digest):
        return "is not stored under its own sha256"
    return None


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        yield from (Path(parent) / name for name in [*names, *links])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
