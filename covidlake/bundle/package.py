"""`covidlake package`: one bundle with everything that is deployed, every file named by its content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import subprocess
import tempfile
import uuid
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle import function_code
from covidlake.bundle.archive import archive, files_in
from covidlake.bundle.manifest import DIRTY, MANIFEST, UNKNOWN_COMMIT, manifest_bytes, template_name
from covidlake.bundle.manifest import Bundle as Bundle
from covidlake.bundle.manifest import open_bundle as open_bundle
from covidlake.bundle.sources import check_sources
from covidlake.environment import environment_file, pipelines
from covidlake.environment.pipeline_environment import PipelineEnvironment

ATTEMPTS = 20
PACKAGED = ("environments", "infra", "jobs", "lambdas")  # the folders that bundles are made from


def package(destination: Path = project.BUNDLE) -> Bundle:
    """Make the bundle, replacing an older one at the destination only when the new one is whole.

    Raises `BundleError` when the destination is something else than a bundle, and before anything is written
    what `covidlake lint` would raise for parameter files and descriptions.
    """
    _refuse_foreign(destination)
    check_sources()
    files = content()
    manifest = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    commit = commit_of_checkout()
    _write({**files, MANIFEST: manifest_bytes(manifest, commit)}, destination)
    return Bundle(destination, manifest, commit)


def content() -> dict[str, bytes]:
    """What a bundle of the checkout holds now, by name, but for its manifest."""
    return {**_code_and_templates(), **_environments()}


def _code_and_templates() -> dict[str, bytes]:
    """By name: the artifacts, which all pipelines share, and the template of each pipeline."""
    from covidlake.dataset import descriptions, tables
    from infra.common.code_locations import CodeLocations

    functions = {
        folder.name: _artifact(f"{folder.name}.zip", archive(function_code.files(folder)))
        for folder in lambda_folders()
    }
    scripts = {path.name: _artifact(path.name, path.read_bytes()) for path in script_files()}
    shared = library()
    function_keys, script_keys = (
        {name: key for name, (key, _) in made.items()} for made in (functions, scripts)
    )
    code = CodeLocations.packaged(function_keys, script_keys, shared[0])
    files = dict([*functions.values(), *scripts.values(), shared])
    described = descriptions.described(), tables.described()
    for pipeline in pipelines.names():
        files[template_name(pipeline)] = pipelines.template(pipeline, code, *described).encode()
    return files


def _environments() -> dict[str, bytes]:
    return {
        f"environments/{name}.yaml": PipelineEnvironment.parse(name).path().read_bytes()
        for name in environment_file.names(project.ENVIRONMENTS)
    }


def _artifact(name: str, content: bytes) -> tuple[str, bytes]:
    """The key of an artifact in the artifact bucket, and its content."""
    from infra.common.code_locations import artifact_key

    return artifact_key(hashlib.sha256(content).hexdigest(), name), content


def library() -> tuple[str, bytes]:
    """The key and the content of the archive of what the jobs share."""
    return _artifact("library.zip", archive(library_files()))


def lambda_folders() -> list[Path]:
    return function_code.folders()


def script_files() -> list[Path]:
    """The scripts of Glue jobs: the files of `jobs/` itself."""
    return sorted(path for path in project.JOBS.glob("*.py") if not path.name.startswith(("_", ".")))


def library_files() -> list[tuple[str, bytes]]:
    """The packages that the jobs share, as they lie at the root of the archive."""
    packages = sorted(path.parent for path in project.JOBS.glob("[!.]*/__init__.py"))
    return [
        (path.relative_to(project.JOBS).as_posix(), path.read_bytes())
        for package_folder in packages
        for path in files_in(package_folder)
    ]


def commit_of_checkout(root: Path = project.ROOT) -> str:
    """The commit that is checked out, or `unknown`; with `-dirty` when `differences` has any."""
    if not (root / ".git").exists():  # an unpacked archive, maybe inside someone else's repository
        return UNKNOWN_COMMIT
    commit = (_git(root, "rev-parse", "HEAD") or "").strip() or UNKNOWN_COMMIT
    return f"{commit}{DIRTY}" if commit != UNKNOWN_COMMIT and differences(root) else commit


def differences(root: Path = project.ROOT) -> list[str]:
    """Files that differ from the commit, and those it does not have where bundles are made from.

    Also what git is told to ignore: it is packaged all the same.
    """
    unused = [f"--exclude={pattern}" for pattern in ("__pycache__/", "*.pyc", ".*")]
    with tempfile.TemporaryDirectory() as scratch:
        index = f"{scratch}/index"  # a new one: the checkout's may say to overlook changes
        _git(root, "read-tree", "HEAD", index=index)
        changed = _listed(root, index, "diff", "--name-only", "-z", "--ignore-submodules=none", "HEAD")
        untracked = _listed(root, index, "ls-files", "--others", "-z", *unused, "--", *PACKAGED)
    return sorted({*changed, *untracked})


def _listed(root: Path, index: str, *arguments: str) -> list[str]:
    """The names that git lists; where it fails, that: not to know is no proof of a clean checkout."""
    found = _git(root, *arguments, index=index)
    return [f"(git {arguments[0]} fails)"] if found is None else list(filter(None, found.split("\0")))


def _git(root: Path, *arguments: str, index: str = "") -> str | None:
    """What git prints about this very checkout, whoever owns it; None where it fails or is not there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    if index:
        environment["GIT_INDEX_FILE"] = index
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _refuse_foreign(destination: Path) -> None:
    """A folder that is not empty and holds no manifest is not ours to replace."""
    if not destination.exists() or (destination / MANIFEST).is_file():
        return
    if not destination.is_dir() or any(destination.iterdir()):
        shown = project.relative(destination)
        raise BundleError(f"{shown} is not empty and no bundle: give --output an empty or a new folder")


def _write(files: dict[str, bytes], destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        fresh = Path(scratch) / "bundle"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_file(path, content, destination)
        _replace(destination, fresh, Path(scratch) / "older")


def _write_file(path: Path, content: bytes, destination: Path) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        error.filename = str(destination)  # a full disk names none
        raise


def _replace(destination: Path, fresh: Path, older: Path) -> None:
    """Put the new bundle in place of an older one; of two at once one wins, and its bundle is whole."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            destination.rename(older.with_name(f"older-{uuid.uuid4().hex}"))
        try:
            fresh.rename(destination)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
    raise BundleError(f"{project.relative(destination)}: others go on packaging there: give another --output")
