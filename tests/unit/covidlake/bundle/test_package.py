"""The bundle holds what the template names, each artifact under the digest of its content."""

import errno
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import project
from covidlake.base.errors import BundleError, ProjectError
from covidlake.bundle import package, template_limits
from covidlake.bundle.manifest import verify
from covidlake.environment import environment_file


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> package.Bundle:
    return package.package(tmp_path_factory.mktemp("package") / "bundle")


def copy_of(bundle: package.Bundle, folder: Path) -> Path:
    return Path(shutil.copytree(bundle.folder, folder / "bundle"))


def artifact(bundle: package.Bundle, name: str) -> bytes:
    (key,) = [key for key in bundle.artifacts() if key.endswith(f"/{name}")]
    return (bundle.folder / key).read_bytes()


def test_manifest_names_every_file_with_its_digest(bundle: package.Bundle) -> None:
    files = {
        path.relative_to(bundle.folder).as_posix() for path in bundle.folder.rglob("*") if path.is_file()
    }
    assert files == {*bundle.manifest, package.MANIFEST}
    for name, digest in bundle.manifest.items():
        assert hashlib.sha256((bundle.folder / name).read_bytes()).hexdigest() == digest


def test_templates_name_all_artifacts_of_the_bundle_and_no_others(bundle: package.Bundle) -> None:
    texts = [json.dumps(replace(bundle, pipeline=name).template) for name in bundle.pipelines]
    assert all("../" not in text for text in texts)
    named = {key for text in texts for key in re.findall(r"artifacts/[0-9a-f]{64}/[\w.-]+", text)}
    assert sorted(named) == bundle.artifacts()


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
    (destination / package.MANIFEST).write_text("{}")
    (destination / "left.txt").write_text("from before")
    package.package(destination)
    assert not (destination / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_same_bundle_serves_every_environment(bundle: package.Bundle) -> None:
    shipped = sorted(path.relative_to(bundle.environments) for path in bundle.environments.glob("**/*.yaml"))
    there = project.ENVIRONMENTS.glob("**/*.yaml")
    assert shipped == sorted(path.relative_to(project.ENVIRONMENTS) for path in there)


def test_an_opened_bundle_is_the_packaged_one(bundle: package.Bundle) -> None:
    assert package.open_bundle(bundle.folder) == bundle


def test_no_bundle_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle here; make one with: covidlake package"):
        package.open_bundle(tmp_path)


CHANGES = {
    "changed": lambda file: file.write_text("parameters: {}"),
    "missing": lambda file: file.unlink(),
    "extra": lambda file: (file.parent / "other.yaml").write_text("parameters: {}"),
    "not a regular file": lambda file: (file.unlink(), file.symlink_to(project.ENVIRONMENTS / "prod.yaml")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_file_that_is_not_as_packaged_is_named(bundle: package.Bundle, tmp_path: Path, what: str) -> None:
    folder = copy_of(bundle, tmp_path)
    CHANGES[what](folder / "environments" / "prod.yaml")
    name = "other" if what == "extra" else "prod"
    with pytest.raises(BundleError, match=rf"{what}: environments/{name}\.yaml; make the bundle again"):
        package.open_bundle(folder)


def test_every_fault_is_named_at_once(bundle: package.Bundle, tmp_path: Path) -> None:
    folder = copy_of(bundle, tmp_path)
    (folder / "environments" / "dev.yaml").unlink()
    (folder / "template.json").write_text("{}")
    (folder / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(BundleError) as caught:
        package.open_bundle(folder)
    assert "changed: template.json; missing: environments/dev.yaml; not a regular file: elsewhere" in str(
        caught.value
    )


def test_a_rewritten_manifest_is_found_by_its_digest(bundle: package.Bundle, tmp_path: Path) -> None:
    folder = copy_of(bundle, tmp_path)
    (folder / "environments" / "prod.yaml").write_text("parameters: {}")
    manifest = json.loads((folder / package.MANIFEST).read_text())
    manifest["files"]["environments/prod.yaml"] = hashlib.sha256(b"parameters: {}").hexdigest()
    (folder / package.MANIFEST).write_text(json.dumps(manifest))
    assert verify(folder).digest != bundle.digest
    with pytest.raises(BundleError, match=f"not {bundle.digest}: fetch the bundle with that digest"):
        verify(folder, bundle.digest)
    assert verify(bundle.folder, bundle.digest[:12].upper()) == bundle


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../outside", "is not a file inside the bundle"),
        ("/etc/passwd", "is not a file inside the bundle"),
        ("a//b", "is not a file inside the bundle"),
        ("artifacts/aa/x.zip", "is not stored under its own sha256"),
    ],
)
def test_a_manifest_that_leads_elsewhere_is_refused(
    bundle: package.Bundle, tmp_path: Path, name: str, fault: str
) -> None:
    folder = copy_of(bundle, tmp_path)
    manifest = json.loads((folder / package.MANIFEST).read_text())
    manifest["files"][name] = "0" * 64
    (folder / package.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=fault):
        package.open_bundle(folder)


@pytest.mark.parametrize("text", ["no json", "[]", '{"files": {}, "commit": "c"}', '{"commit": "c"}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / package.MANIFEST).write_text(text)
    with pytest.raises(BundleError, match="make the bundle again"):
        package.open_bundle(tmp_path)


def test_a_folder_that_is_no_bundle_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BundleError, match="is not empty and no bundle"):
        package.package(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_digest_covers_the_manifest_with_its_commit(bundle: package.Bundle) -> None:
    path = bundle.folder / "manifest.json"
    assert bundle.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(path.read_text().replace(bundle.commit, "0" * 40))
    with pytest.raises(BundleError, match="has digest"):
        verify(bundle.folder, bundle.digest)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_heads_and_dirty_when_a_tracked_file_differs(tmp_path: Path) -> None:
    assert package.commit_of_checkout(tmp_path) == "unknown"
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "--quiet", "--message", "One")
    git(tmp_path, "tag", "-a", "v1", "-m", "v1")
    head = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "untracked").write_text("x")
    assert package.commit_of_checkout(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert package.commit_of_checkout(tmp_path) == f"{head}-dirty"


SHIPPED = ("covidlake", "environments", "infra", "jobs", "lambdas", "pyproject.toml")


def checkout(destination: Path, umask: int, modified: float) -> Path:
    """What git tracks of this project, written anew with another umask and other file times."""
    files = git(project.ROOT, "ls-files", "--", *SHIPPED).splitlines()
    before = os.umask(umask)
    try:
        for name in files if umask % 2 else reversed(files):
            if (project.ROOT / name).is_file():
                target = destination / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((project.ROOT / name).read_bytes())
                os.utime(target, (modified, modified))
    finally:
        os.umask(before)
    return destination


def test_checkouts_with_other_folders_times_and_umask_give_one_digest(tmp_path: Path) -> None:
    if not (project.ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to check out again")
    script = "from covidlake.bundle.package import package; print(package().digest)"
    digests = set()
    for name, umask, modified in (("one", 0o022, 1e9), ("two/deeper", 0o077, 1.5e9)):
        folder = checkout(tmp_path / name, umask, modified)
        (folder / "lambdas" / "start_crawler" / "__pycache__").mkdir()
        (folder / "lambdas" / "start_crawler" / "__pycache__" / "x.pyc").write_text(name)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
        )
        assert (folder / "build" / "bundle" / package.MANIFEST).is_file(), "it packaged another checkout"
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_an_untracked_file_that_would_be_packaged_makes_the_commit_dirty(tmp_path: Path) -> None:
    (tmp_path / "jobs" / "datasets").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    head = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "notes.txt").touch()
    for unused in ("x.pyc", ".DS_Store"):
        (tmp_path / "jobs" / "datasets" / unused).touch()
    assert package.commit_of_checkout(tmp_path) == head
    (tmp_path / "jobs" / "datasets" / "ignored.py").touch()  # by git, and packaged all the same
    (tmp_path / "jobs" / "datasets" / "new.py").touch()
    assert package.commit_of_checkout(tmp_path) == f"{head}-dirty"
    assert package.differences(tmp_path) == ["jobs/datasets/ignored.py", "jobs/datasets/new.py"]


def test_the_commit_is_that_of_the_checkout_whatever_the_shell_says_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    head = git(tmp_path, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert package.commit_of_checkout(tmp_path) == head


@pytest.mark.parametrize("commit", ["", " ", "x\n::error::y", "a" * 101, "<!-- x -->"])
def test_what_is_no_commit_is_refused(bundle: package.Bundle, tmp_path: Path, commit: str) -> None:
    folder = copy_of(bundle, tmp_path)
    manifest = json.loads((folder / package.MANIFEST).read_text())
    (folder / package.MANIFEST).write_text(json.dumps({**manifest, "commit": commit}))
    with pytest.raises(BundleError, match="is no commit; make the bundle again"):
        verify(folder)


def test_a_bundle_of_an_older_version_is_refused(bundle: package.Bundle, tmp_path: Path) -> None:
    """Its template looks for its code where no stack's own part of the bucket is."""
    template_limits.check(bundle)
    folder = copy_of(bundle, tmp_path)
    path = folder / "template.json"
    path.write_text(path.read_text().replace("${AWS::StackName}/artifacts/", "artifacts/"))
    with pytest.raises(BundleError, match="an older version packaged it"):
        template_limits.check(replace(bundle, folder=folder))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"parameters: {A: 1\n", "malformed YAML"),
        (b"parameters: {A: x\0y}\n", "malformed YAML"),
        (b"parameters: !!python/object/apply:os.system [id]\n", "malformed YAML"),
        (b"\xff\xfe", "malformed YAML"),
        (b"parameters: {DataSets: nope}\n", "parameter DataSets names 'nope'"),
    ],
)
def test_what_lint_refuses_makes_no_bundle(
    content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    (environments / "dev.yaml").write_bytes(content)
    load, names = environment_file.load, environment_file.names
    monkeypatch.setattr(environment_file, "load", lambda name: load(name, environments))
    monkeypatch.setattr(environment_file, "names", lambda *_: names(environments))
    with pytest.raises(ProjectError, match=said):
        package.package(tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_two_packages_at_once_leave_one_whole_bundle(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: package.package(tmp_path / "bundle"), range(8)))
    assert {one.digest for one in made} == {verify(tmp_path / "bundle").digest}
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("failing", ["diff", "ls-files"])
def test_a_checkout_that_git_cannot_compare_is_not_clean(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("one")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    run = subprocess.run

    def broken(command: list[str], **given: Any) -> Any:
        return run(["false"] if failing in command else command, **given)

    monkeypatch.setattr(subprocess, "run", broken)
    assert package.commit_of_checkout(tmp_path).endswith("-dirty")
    assert package.differences(tmp_path) == [f"(git {failing} fails)"]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_to_overlook_makes_the_commit_dirty(flag: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs" / "ingest.py"
    path.parent.mkdir()
    path.write_text("one")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    git(tmp_path, "update-index", flag, "jobs/ingest.py")
    assert not package.commit_of_checkout(tmp_path).endswith("-dirty")
    path.write_text("two")
    assert package.differences(tmp_path) == ["jobs/ingest.py"]


def test_hidden_folders_are_not_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("jobs/.old/__init__.py", "jobs/kept/__init__.py", "lambdas/.old/handler.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(project, "JOBS", tmp_path / "jobs")
    monkeypatch.setattr(project, "LAMBDAS", tmp_path / "lambdas")
    assert [name for name, _ in package.library_files()] == ["kept/__init__.py"]
    assert package.lambda_folders() == []


def test_a_full_disk_names_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        package.package(tmp_path / "bundle")
    assert caught.value.filename == str(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("template", ["x", ""])
def test_a_parameter_file_of_another_template_makes_no_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    loaded = environment_file.load("dev")
    monkeypatch.setattr(environment_file, "load", lambda _: replace(loaded, template_path=template))
    with pytest.raises(ProjectError, match=rf"template-file-path = '{template}': give build/template\.json"):
        package.package(tmp_path / "bundle")
