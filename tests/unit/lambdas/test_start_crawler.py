from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.stub import Stubber

Load = Callable[[str], tuple[ModuleType, Stubber]]
NAME = "lake-crawler"
PREVIOUS = datetime(2026, 1, 5, 4, 15, 0, 500_000, tzinfo=UTC)


def crawler(state: str, start: datetime | None = None, date: str | None = None) -> dict[str, Any]:
    described: dict[str, Any] = {"Name": NAME, "State": state}
    if start is not None:
        described["LastCrawl"] = {"Status": "SUCCEEDED", "StartTime": start}
    answer: dict[str, Any] = {"Crawler": described}
    if date is not None:
        answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {"date": date}}
    return answer


def test_an_idle_crawler_is_started_and_waited_for_past_its_last_crawl(load: Load) -> None:
    module, stub = load("start_crawler")
    stub.add_response("get_crawler", crawler("READY", PREVIOUS), {"Name": NAME})
    stub.add_response("start_crawler", {}, {"Name": NAME})
    assert module.handler({"crawler": NAME}, None) == {
        "crawler": NAME,
        "status": "STARTED",
        "wait_for_crawl_after": "2026-01-05T04:15:00.500000+00:00",
        "attempt": 0,
        "wait_seconds": 10,
    }


def test_before_the_first_crawl_any_crawl_is_waited_for(load: Load) -> None:
    module, stub = load("start_crawler")
    stub.add_response("get_crawler", crawler("READY"), {"Name": NAME})
    stub.add_response("start_crawler", {}, {"Name": NAME})
    answer = module.handler({"crawler": NAME}, None)
    assert (answer["status"], answer["wait_for_crawl_after"]) == ("STARTED", None)


@pytest.mark.parametrize("state", ["RUNNING", "STOPPING"])
def test_a_crawl_in_progress_is_not_the_one_to_wait_for(load: Load, state: str) -> None:
    module, stub = load("start_crawler")
    answered = crawler(state, PREVIOUS, date="Mon, 05 Jan 2026 05:00:07 GMT")
    stub.add_response("get_crawler", answered, {"Name": NAME})
    answer = module.handler({"crawler": NAME}, None)
    assert answer["status"] == "ALREADY_RUNNING"
    # By Glue's clock, and past the second in which the crawl in progress may have begun.
    assert answer["wait_for_crawl_after"] == "2026-01-05T05:00:08+00:00"


def test_without_glues_time_the_functions_own_is_used(load: Load) -> None:
    module, stub = load("start_crawler")
    stub.add_response("get_crawler", crawler("RUNNING"), {"Name": NAME})
    before = datetime.now(UTC)
    after = datetime.fromisoformat(module.handler({"crawler": NAME}, None)["wait_for_crawl_after"])
    assert after > before


def test_a_crawl_that_began_between_our_two_calls_covers_our_data(load: Load) -> None:
    module, stub = load("start_crawler")
    stub.add_response("get_crawler", crawler("READY", PREVIOUS), {"Name": NAME})
    stub.add_client_error("start_crawler", "CrawlerRunningException", http_status_code=400)
    answer = module.handler({"crawler": NAME}, None)
    assert answer["status"] == "ALREADY_RUNNING"
    assert answer["wait_for_crawl_after"] == PREVIOUS.isoformat()


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("EntityNotFoundException", 400, "CrawlerNotFoundError"),
        ("ThrottlingException", 400, "CrawlerUnavailableError"),
        ("OperationTimeoutException", 400, "CrawlerUnavailableError"),
        ("InternalServiceException", 500, "CrawlerUnavailableError"),
        ("SomethingNew", 503, "CrawlerUnavailableError"),
        ("AccessDeniedException", 400, "AccessDeniedException"),
    ],
)
@pytest.mark.parametrize("operation", ["get_crawler", "start_crawler"])
def test_glues_errors_get_the_names_that_the_state_machine_knows(
    load: Load, operation: str, code: str, status: int, error: str
) -> None:
    module, stub = load("start_crawler")
    if operation == "start_crawler":
        stub.add_response("get_crawler", crawler("READY"), {"Name": NAME})
    stub.add_client_error(operation, code, http_status_code=status)
    with pytest.raises(
        (ClientError, LookupError, RuntimeError), match=NAME if "Crawler" in error else code
    ) as caught:
        module.handler({"crawler": NAME}, None)
    assert type(caught.value).__name__ == error


@pytest.mark.parametrize("failure", [ReadTimeoutError, ConnectTimeoutError])
def test_a_glue_that_does_not_answer_is_transient(
    load: Load, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    module, _ = load("start_crawler")

    class Silent:
        def get_crawler(self, **_: str) -> None:
            raise failure(endpoint_url="https://glue.us-east-2.amazonaws.com")

    monkeypatch.setattr(module, "glue", Silent)
    with pytest.raises(module.CrawlerUnavailableError, match=NAME):
        module.handler({"crawler": NAME}, None)


@pytest.mark.parametrize("event", [{}, {"crawler": ""}, {"crawler": None}, {"crawler": 7}, [], None, "lake"])
def test_an_event_without_a_crawler_is_refused(load: Load, event: Any) -> None:
    module, _ = load("start_crawler")
    with pytest.raises(module.InvalidEventError, match="names no crawler"):
        module.handler(event, None)


def test_one_line_of_json_is_logged(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    module, stub = load("start_crawler")
    stub.add_response("get_crawler", crawler("READY"), {"Name": NAME})
    stub.add_response("start_crawler", {}, {"Name": NAME})
    module.handler({"crawler": NAME}, None)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["STARTED"]


def test_the_client_retries_throttling_by_itself(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    from tests.unit.lambdas.conftest import load_handler

    for folder in ("start_crawler", "check_crawler"):
        config = load_handler(folder).glue().meta.config
        assert config.retries["mode"] == "standard"
