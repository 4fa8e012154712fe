"""Whether a job run still goes is what Glue says."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from ingestion.errors import UnknownJobRunError
from ingestion.state.job_runs import JobRuns


def runs(state: str | None, error: str = "EntityNotFoundException", **more: int) -> JobRuns:
    client = boto3.client("glue", region_name="us-east-2", aws_access_key_id="a", aws_secret_access_key="b")
    stub = Stubber(client)
    asked = {"JobName": "ingest", "RunId": "jr_1"}
    if state is None:
        stub.add_client_error("get_job_run", error, expected_params=asked)
    else:
        stub.add_response("get_job_run", {"JobRun": {"JobRunState": state, **more}}, asked)
    stub.activate()
    return JobRuns("ingest", client)


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "STOPPING", "WAITING"])
def test_a_run_that_may_still_write_is_running(state: str) -> None:
    assert runs(state).is_running("jr_1")
    runs(state).check("jr_1")


def test_what_is_no_id_of_a_run_is_none_that_goes() -> None:
    assert not runs(None, "InvalidInputException").is_running("jr_1")


def test_glue_says_when_it_stops_a_run() -> None:
    assert runs("RUNNING", Timeout=15).check("jr_1") == 900
    assert runs("RUNNING").check("jr_1") == 172_800


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED", None])
def test_a_run_that_has_ended_or_is_forgotten_is_not(state: str | None) -> None:
    assert not runs(state).is_running("jr_1")
    with pytest.raises(UnknownJobRunError, match="jr_1"):
        runs(state).check("jr_1")
