"""What a stack is deployed with: the parameters of the file, of the bundle and of bootstrap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake import aws
from covidlake.base.errors import BundleError, EnvironmentFileError
from covidlake.bundle.manifest import Bundle
from covidlake.ship.stack import artifacts, permissions_boundary, stack_inputs
from covidlake.ship.stack.stack_inputs import StackInputs

DECLARED = {name: {"Type": "String"} for name in ("Environment", "BundleDigest", "BundleCommit")}


def bundle_of(folder: Path, parameters: dict[str, Any] = DECLARED, commit: str = "c" * 40) -> Bundle:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "template.json").write_text(json.dumps({"Parameters": parameters}))
    (folder / "environments" / "dev.yaml").write_text("parameters: {Environment: dev}\ntags: {Team: data}\n")
    return Bundle(folder, {"template.json": "0" * 64}, commit)


def deployed(**parameters: str) -> Any:
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    return {"StackStatus": "UPDATE_COMPLETE", "Parameters": given}


def test_the_bundle_is_a_parameter_where_the_template_declares_it(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path)
    inputs = StackInputs.checked("dev", bundle)
    own = {"BundleDigest": bundle.digest, "BundleCommit": bundle.commit}
    assert inputs.parameters(None) == {"Environment": "dev", **own}
    assert (inputs.stack_name, inputs.tags, inputs.protected) == ("covid-lake-dev", {"Team": "data"}, False)
    older = bundle_of(tmp_path, {"Environment": {"Type": "String"}})
    assert StackInputs.checked("dev", older).parameters(None) == {"Environment": "dev"}


def test_another_commit_of_the_deployed_files_is_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = bundle_of(tmp_path)
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    held = {"1" * 64: bundle.manifest, "2" * 64: {**bundle.manifest, "environments/x.yaml": "0" * 64}}

    def manifest_of(digest: str, *_: str) -> Bundle:
        if digest not in held:
            raise BundleError("it is missing")
        return Bundle(tmp_path, held[digest])

    monkeypatch.setattr(artifacts, "manifest_of", manifest_of)

    def own(digest: str) -> dict[str, str]:
        current = deployed(Environment="dev", BundleDigest=digest, BundleCommit="a" * 40)
        found = StackInputs.checked("dev", bundle).parameters(current)
        return {name: found[name] for name in ("BundleDigest", "BundleCommit")}

    assert own("1" * 64) == {"BundleDigest": "1" * 64, "BundleCommit": "a" * 40}
    ours = {"BundleDigest": bundle.digest, "BundleCommit": bundle.commit}
    assert own("2" * 64) == own("3" * 64) == ours
    assert own(bundle.digest) == {"BundleDigest": bundle.digest, "BundleCommit": "a" * 40}


def test_the_boundary_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def parameters(environment: Any) -> dict[str, str]:
        asked.append(environment.name)
        return dict(environment.parameters)

    monkeypatch.setattr(permissions_boundary, "parameters", parameters)
    inputs = StackInputs.checked("dev", bundle_of(tmp_path))
    assert asked == []
    assert inputs.parameters(None) == inputs.parameters(None)
    assert asked == ["dev"]


def test_a_file_that_does_not_fit_the_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match="parameter Environment is unknown to the template"):
        StackInputs.checked("dev", bundle_of(tmp_path, {}))


def test_a_pipeline_that_the_bundle_does_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="has no template of pipeline tiny"):
        StackInputs.checked("tiny/dev", bundle_of(tmp_path))


def test_a_stack_that_says_nothing_was_deployed_from_no_known_commit() -> None:
    assert stack_inputs.deployed_commit(None) == ""
