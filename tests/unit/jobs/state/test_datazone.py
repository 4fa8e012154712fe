"""Events reach DataZone as its API wants them, and nothing that goes wrong there stops a run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from ingestion.lineage.emit import Emitter
from ingestion.state import datazone
from ingestion.state.openlineage import Event
from segmentation.lineage.events import Teller
from tests.unit.jobs.lineage import openlineage
from tests.unit.jobs.lineage.test_emit import OPTIONS
from tests.unit.jobs.lineage.test_events import EVENTS, RECORD
from tests.unit.jobs.segmentation.lineage.test_events import COMMON

DOMAIN = "dzd_4abc5defghijkl"
DONE = EVENTS["COMPLETE"]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "datazone", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(datazone, "_client", lambda: client)
    with Stubber(client) as found:
        yield found
        found.assert_no_pending_responses()


def test_an_event_is_posted_whole_with_a_token_of_its_own(stub: Stubber) -> None:
    token = f"{DONE['run']['runId']}.COMPLETE"
    body = json.dumps(DONE, separators=(",", ":")).encode()
    stub.add_response(
        "post_lineage_event", {}, {"domainIdentifier": DOMAIN, "event": body, "clientToken": token}
    )
    datazone.send(DOMAIN, DONE)


def test_without_a_domain_nothing_is_called(stub: Stubber) -> None:
    datazone.send("", DONE)


def test_a_refusal_is_in_the_log_and_stops_nothing(stub: Stubber, caplog: pytest.LogCaptureFixture) -> None:
    stub.add_client_error("post_lineage_event", "AccessDeniedException", "no")
    with caplog.at_level(logging.WARNING):
        datazone.send(DOMAIN, DONE)
    (said,) = caplog.messages
    assert f"was not sent to domain {DOMAIN}: " in said
    assert "AccessDeniedException" in said


def test_an_event_that_is_too_large_is_not_tried(stub: Stubber, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        datazone.send(DOMAIN, DONE | {"producer": "x" * datazone.LIMIT_BYTES})
    assert "bytes, and DataZone takes 300,000" in caplog.text


def test_where_nobody_answers_one_event_is_tried(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datazone, "_unreached", set())
    client = mock.Mock()
    client.post_lineage_event.side_effect = ConnectTimeoutError(endpoint_url="https://datazone")
    monkeypatch.setattr(datazone, "_client", lambda: client)
    with caplog.at_level(logging.WARNING):
        datazone.send(DOMAIN, DONE)
        datazone.send(DOMAIN, EVENTS["START"])
    (said,) = caplog.messages
    assert said.startswith(f"no event is sent to domain {DOMAIN} any more")
    client.post_lineage_event.assert_called_once()


def test_an_older_boto3_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with (
        mock.patch.object(datazone, "_client", return_value=object()),
        caplog.at_level(logging.WARNING),
    ):
        datazone.send(DOMAIN, DONE)
    assert "post_lineage_event" in caplog.text


def test_both_pipelines_send_what_they_have_written(stub: Stubber) -> None:
    sent: list[Event] = []
    storage = mock.Mock()
    with mock.patch.object(datazone, "send", lambda domain, event: sent.append(event | {"to": domain})):
        Emitter(storage, OPTIONS | {datazone.ARGUMENT: DOMAIN}, "ingest").completed(RECORD)
        Teller(storage, COMMON, "join", "customers", domain=DOMAIN).aborted("run-0")
        Emitter(storage, OPTIONS, "ingest").aborted("uk_covid", "run-0")
    assert [(one["eventType"], one.pop("to")) for one in sent] == [
        ("COMPLETE", DOMAIN),
        ("ABORT", DOMAIN),
        ("ABORT", ""),
    ]
    for event in sent:
        openlineage.check(event)


def test_what_is_not_in_the_lake_is_not_sent() -> None:
    storage = mock.Mock()
    storage.write_json.side_effect = OSError("full")
    with mock.patch.object(datazone, "send") as send:
        Emitter(storage, OPTIONS | {datazone.ARGUMENT: DOMAIN}, "ingest").completed(RECORD)
        Teller(storage, COMMON, "join", "customers", domain=DOMAIN).aborted("run-0")
    send.assert_not_called()


def test_the_argument_is_asked_for_only_where_it_is_given() -> None:
    assert datazone.given(["x.py", "--lineage_domain", DOMAIN]) == ["lineage_domain"]
    assert datazone.given(["x.py", "--lake_root", "--lineage_domains"]) == []
