"""The script that Glue runs: its arguments, its log, and how a failure leaves it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import datasets
from ingestion import batch
from ingestion.errors import SourceNotFoundError
from ingestion.state.ledger import Ledger
from ingestion.state.verification import digest
from localcloud.glue.jobs import awsglue_stand_in
from tests.unit.jobs.world import GoneJobRuns

SCRIPT = Path(__file__).parents[3] / "jobs" / "ingest.py"
ARGUMENTS = {
    "JOB_NAME": "covid-lake-dev-ingest",
    "JOB_RUN_ID": "jr_1",
    "datasets": "uk_covid",
    "run_id": "run-1",
    "load_mode": "incremental",
    "from_date": "any",
    "to_date": "any",
    "allow_removal": "false",
    "areas": "*",
    "source_root": "s3://source/",
    "lake_root": "s3://lake/",
    "enable-metrics": "true",
}


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[str]], None]]:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(batch, "JobRuns", lambda _name: GoneJobRuns())
    installed = awsglue_stand_in.install()
    specification = importlib.util.spec_from_file_location("ingest", SCRIPT)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    yield module.main
    if installed:  # other tests ask whether AWS's package is there
        del sys.modules["awsglue"], sys.modules["awsglue.utils"]


def argv(**changes: str) -> list[str]:
    options = ARGUMENTS | changes
    return ["ingest.py", *(part for name, value in options.items() for part in (f"--{name}", value))]


def test_nothing_new_is_recorded_and_said(
    main: Callable[[list[str]], None], s3: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    etag = s3.put_object(Bucket="source", Key="uk_covid/json/2022-12-07.json", Body=b"{}")["ETag"].strip('"')
    uk_covid = datasets.load("uk_covid")
    ledger = {
        "version": 2,
        "fingerprint": uk_covid.fingerprint(()),
        "revision": "run-0",
        "objects": {"uk_covid/json/2022-12-07.json": [etag, 2, ["2022-12"]]},
        "partitions": {"2022-12": 21},
        "others": {},
        "columns": {},
        "added": [],
        "newest": {},
        "unpublished": [],
        "pending": "",
    }
    s3.put_object(Bucket="lake", Key="state/uk_covid/ledger.json", Body=json.dumps(ledger))
    published = {"revision": "run-0", "catalog": digest(uk_covid, Ledger.from_document(ledger))}
    s3.put_object(Bucket="lake", Key="state/uk_covid/published.json", Body=json.dumps(published))

    main(argv())

    record = json.loads(s3.get_object(Bucket="lake", Key="runs/uk_covid/run-1.json")["Body"].read())
    assert (record["status"], record["crawl_needed"], record["revision"]) == ("NOTHING_NEW", False, "run-0")
    assert (record["objects_listed"], record["objects_read"], record["table_rows"]) == (1, 0, 21)
    assert "INFO uk_covid: nothing new in 1 objects" in capsys.readouterr().out


def test_a_failure_leaves_as_an_exception_of_one_line(main: Callable[[list[str]], None], s3: Any) -> None:
    with pytest.raises(SourceNotFoundError, match=r"^no object under s3://source/uk_covid/json/: check .*$"):
        main(argv())
    written = {item["Key"] for item in s3.list_objects_v2(Bucket="lake")["Contents"]}
    assert written == {
        "state/uk_covid/running.json",
        "runs/uk_covid/run-1.json",
        *(f"lineage/uk_covid/run-1.{event}.json" for event in ("START", "FAIL")),
    }
    record = json.loads(s3.get_object(Bucket="lake", Key="runs/uk_covid/run-1.json")["Body"].read())
    assert (record["status"], record["error"]) == ("FAILED", "SourceNotFoundError")
