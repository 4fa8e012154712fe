"""What a stack is deployed with: the parameters of the file, of the bundle and of bootstrap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import BundleError, EnvironmentFileError
from covidlake.bundle.manifest import Bundle
from covidlake.ship.stack import permissions_boundary, stack_inputs
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


def test_the_stack_names_the_bundle_that_was_deployed_last(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path)
    inputs = StackInputs.checked("dev", bundle)
    other = deployed(BundleDigest="1" * 64, BundleCommit="a" * 40)
    assert inputs.parameters(other)["BundleDigest"] == bundle.digest
    assert inputs.parameters(other)["BundleCommit"] == bundle.commit
    tagged = {
        **deployed(BundleDigest=bundle.digest),
        "Tags": [{"Key": "covidlake:commit", "Value": "b" * 40}],
    }
    assert inputs.parameters(tagged)["BundleCommit"] == "b" * 40


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
