"""What is kept of a deploy that was broken off."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake import aws
from covidlake.bundle.manifest import Bundle
from covidlake.ship.deploy import history
from covidlake.ship.deploy.deployment_record import Deployment, recorded
from covidlake.ship.stack.stack_inputs import StackInputs
from tests.unit.covidlake.ship.plan_samples import inputs_of


@pytest.mark.parametrize(
    ("executing", "cause"), [(False, "nothing was executed yet"), (True, "the stack goes on by itself")]
)
def test_a_record_says_whether_an_interrupted_deploy_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executing: bool, cause: str
) -> None:
    kept: list[history.Record] = []
    monkeypatch.setattr(history, "write", lambda record, _: kept.append(record))
    monkeypatch.setattr(StackInputs, "bucket", "bucket")
    monkeypatch.setattr(aws, "caller", lambda: "arn:aws:iam::1:user/me")
    deployment = Deployment("covid-lake-dev", "0" * 64, history.now())
    deployment.executing = executing
    record_of = recorded(inputs_of(Bundle(tmp_path, {})), deployment, lambda _: None)
    with pytest.raises(KeyboardInterrupt), record_of:
        raise KeyboardInterrupt
    (record,) = kept
    assert record.outcome == "INTERRUPTED"
    assert record.cause.startswith(cause)
