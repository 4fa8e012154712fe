"""Which bundle a rollback goes back to, and that it is the one that was packaged."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import BundleError, DeployError, StackNotFoundError
from covidlake.bundle.manifest import MANIFEST, Bundle, manifest_bytes
from covidlake.ship.deploy import deploy, rollback
from covidlake.ship.deploy.history import Outcome, Record
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.stack import stack

BUCKET = "artifacts"
ONE, TWO, THREE = "1" * 64, "2" * 64, f"12{'3' * 62}"


def record(digest: str, outcome: Outcome = "DEPLOYED") -> Record:
    return Record("dev", "covid-lake-dev", "UPDATE_COMPLETE", outcome, digest, "c", "then", "now", "me")


def environment_is(monkeypatch: pytest.MonkeyPatch, deployed: str, *records: Record) -> None:
    parameters = [{"ParameterKey": "BundleDigest", "ParameterValue": deployed}]
    monkeypatch.setattr(stack, "describe", lambda _: {"StackStatus": "X", "Parameters": parameters})
    monkeypatch.setattr(rollback, "history", lambda *_, **__: list(records))


@pytest.mark.parametrize(
    ("deployed", "records", "expected"),
    [
        (ONE, [record(ONE), record(TWO)], TWO),
        (ONE, [record(ONE), record(TWO, "FAILED"), record(THREE)], THREE),
        (ONE, [record(THREE, "NO_CHANGE"), record(ONE), record(TWO)], TWO),
        (ONE, [record(TWO, "INTERRUPTED"), record(THREE)], THREE),
    ],
)
def test_it_goes_to_the_last_good_bundle_that_is_not_the_current_one(
    monkeypatch: pytest.MonkeyPatch, deployed: str, records: list[Record], expected: str
) -> None:
    environment_is(monkeypatch, deployed, *records)
    assert rollback.choose("dev") == expected


def test_without_another_bundle_there_is_nothing_to_go_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    environment_is(monkeypatch, ONE, record(ONE), record(TWO, "FAILED"))
    with pytest.raises(DeployError, match="environment dev: no other bundle was deployed there"):
        rollback.choose("dev")


def test_a_named_bundle_is_known_by_enough_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    environment_is(monkeypatch, ONE, record(ONE), record(TWO), record(TWO), record(THREE, "FAILED"))
    assert rollback.choose("dev", "2222222") == TWO
    for few in ("222222", "3333333", THREE[:7]):
        with pytest.raises(DeployError, match=f"good bundles begin with '{few}': give at least 7 digits"):
            rollback.choose("dev", few)


class Objects:
    """What the artifact bucket holds, by key."""

    def __init__(self, held: dict[str, bytes]) -> None:
        self.held = held

    def get_object(self, **asked: Any) -> dict[str, Any]:
        if asked["Key"] not in self.held:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.held[asked["Key"]])}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The objects of a bundle that was deployed to dev."""
    files = {"template.json": b"{}", "environments/dev.yaml": b"tags: {}"}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files[MANIFEST] = manifest_bytes(digests, "a" * 40)
    keys = Bundle(Path(), digests, "a" * 40).object_keys("covid-lake-dev")
    found = {key: files[name] for key, name in keys.items()}
    monkeypatch.setattr(aws, "client", {"s3": Objects(found)}.__getitem__)
    return found


DIGESTS = {
    "environments/dev.yaml": hashlib.sha256(b"tags: {}").hexdigest(),
    "template.json": hashlib.sha256(b"{}").hexdigest(),
}
DIGEST = hashlib.sha256(manifest_bytes(DIGESTS, "a" * 40)).hexdigest()
MANIFEST_KEY = f"covid-lake-dev/bundles/{DIGEST}/{MANIFEST}"


def fetch() -> Bundle:
    with rollback.fetched(DIGEST, BUCKET, "dev") as bundle:
        assert (bundle.folder / "environments" / "dev.yaml").read_bytes() == b"tags: {}"
        return bundle


def test_the_bundle_comes_back_as_it_was(held: dict[str, bytes]) -> None:
    bundle = fetch()
    assert (bundle.digest, bundle.commit) == (DIGEST, "a" * 40)
    assert not bundle.folder.exists()


@pytest.mark.parametrize("content", [b"no json", b"{}", manifest_bytes({"template.json": "0" * 64}, "a")])
def test_a_manifest_that_was_changed_is_refused(held: dict[str, bytes], content: bytes) -> None:
    held[MANIFEST_KEY] = content
    with pytest.raises(BundleError, match=r"manifest\.json was changed"):
        fetch()


def test_a_bundle_that_is_no_longer_there_is_to_be_packaged_again(held: dict[str, bytes]) -> None:
    del held[MANIFEST_KEY]
    with pytest.raises(BundleError, match="is missing: package that commit again and deploy it"):
        fetch()


def test_a_file_with_another_content_is_refused(held: dict[str, bytes]) -> None:
    held[f"covid-lake-dev/templates/{DIGESTS['template.json']}.json"] = b'{"Resources": {}}'
    with pytest.raises(BundleError, match=r"changed: template\.json"):
        fetch()


def test_no_file_of_a_manifest_is_written_outside_of_the_bundle(
    held: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"template.json": DIGESTS["template.json"], "../evil": "0" * 64}
    evil = Bundle(Path(), files, "a" * 40)
    held[f"covid-lake-dev/bundles/{evil.digest}/{MANIFEST}"] = manifest_bytes(files, "a" * 40)
    for key in evil.object_keys("covid-lake-dev"):
        held.setdefault(key, b"{}")
    with (
        pytest.raises(BundleError, match="leads out of the bundle"),
        rollback.fetched(evil.digest, BUCKET, "dev"),
    ):
        pytest.fail("a bundle with a file outside of it was fetched")


def test_a_rollback_is_a_deploy_that_may_be_older(
    held: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_is(monkeypatch, ONE, record(ONE), record(DIGEST))
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    asked: list[Any] = []
    monkeypatch.setattr(deploy, "deploy", lambda *given: asked.append(given))
    lines: list[str] = []
    rollback.rollback("dev", lines.append, None, DeployOptions(skip=("Job",)))
    ((environment, bundle, _, options),) = asked
    assert (environment, bundle.digest) == ("dev", DIGEST)
    assert options == DeployOptions(skip=("Job",), allow_older=True)
    assert lines == [f"back to bundle {DIGEST[:12]}"]


@pytest.mark.parametrize("found", [None, {"StackStatus": "DELETE_COMPLETE"}])
def test_a_stack_that_is_gone_is_not_created_again(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    environment_is(monkeypatch, ONE, record(ONE), record(TWO))
    monkeypatch.setattr(stack, "describe", lambda _: found)
    with pytest.raises(StackNotFoundError, match="is not there, so there is nothing to roll back: deploy"):
        rollback.choose("dev")
