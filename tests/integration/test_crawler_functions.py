"""The Lambda functions against moto's Glue: real requests, real exceptions, real states of a crawler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.unit.lambdas.conftest import load_handler

NAME = "lake-crawler"
REGION = "us-east-2"


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("glue")
        client.create_crawler(
            Name=NAME,
            Role="arn:aws:iam::123456789012:role/crawler",
            DatabaseName="lake",
            Targets={"S3Targets": [{"Path": "s3://lake/clean/"}]},
        )
        yield client


@pytest.fixture
def start(glue: Any) -> ModuleType:
    return load_handler("start_crawler")


@pytest.fixture
def check(glue: Any) -> ModuleType:
    return load_handler("check_crawler")


def test_a_crawler_is_started_once(glue: Any, start: ModuleType) -> None:
    first = start.handler({"crawler": NAME}, None)
    second = start.handler({"crawler": NAME}, None)
    assert (first["status"], second["status"]) == ("STARTED", "ALREADY_RUNNING")
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "RUNNING"


def test_a_crawl_that_is_being_stopped_is_not_done(glue: Any, start: ModuleType, check: ModuleType) -> None:
    answer = start.handler({"crawler": NAME}, None)
    assert check.handler(answer, None)["status"] == "RUNNING"
    glue.stop_crawler(Name=NAME)
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "STOPPING"
    assert check.handler({**answer, "status": "RUNNING"}, None)["status"] == "RUNNING"


def test_a_crawler_that_does_not_exist(start: ModuleType, check: ModuleType) -> None:
    with pytest.raises(start.CrawlerNotFoundError, match="there is no crawler other"):
        start.handler({"crawler": "other"}, None)
    waiting = {"crawler": "other", "status": "STARTED", "wait_for_crawl_after": None, "attempt": 0}
    with pytest.raises(check.CrawlerNotFoundError, match="there is no crawler other"):
        check.handler(waiting, None)


def test_answers_are_json(start: ModuleType, check: ModuleType) -> None:
    answer = start.handler({"crawler": NAME}, None)
    assert json.loads(json.dumps(check.handler(json.loads(json.dumps(answer)), None)))["crawler"] == NAME
