from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

Load = Callable[[str], tuple[ModuleType, Stubber]]
NAME = "lake-crawler"
OURS = datetime(2026, 1, 5, 4, 15, tzinfo=UTC)
AFTER = OURS - timedelta(minutes=5)
OLDER = OURS - timedelta(hours=24)


def event(status: str = "STARTED", after: datetime | None = AFTER, attempt: int = 0) -> dict[str, Any]:
    return {
        "crawler": NAME,
        "status": status,
        "wait_for_crawl_after": after.isoformat() if after else None,
        "attempt": attempt,
        "wait_seconds": 10,
    }


def crawler(
    state: str, status: str | None = None, start: datetime | None = None, **last: Any
) -> dict[str, Any]:
    described: dict[str, Any] = {"Name": NAME, "State": state}
    if status is not None:
        described["LastCrawl"] = {"Status": status, **({"StartTime": start} if start else {}), **last}
    return {"Crawler": described}


@pytest.mark.parametrize(
    ("waiting", "described", "expected"),
    [
        pytest.param(event(), crawler("READY", "SUCCEEDED", OURS), "SUCCEEDED", id="ours succeeded"),
        pytest.param(event(), crawler("READY", "FAILED", OURS), "FAILED", id="ours failed"),
        pytest.param(event(), crawler("READY", "CANCELLED", OURS), "FAILED", id="ours was stopped"),
        pytest.param(
            event(), crawler("RUNNING", "SUCCEEDED", OLDER), "RUNNING", id="running, older one done"
        ),
        pytest.param(event(), crawler("RUNNING", "SUCCEEDED", OURS), "RUNNING", id="a later one is running"),
        pytest.param(event(), crawler("RUNNING"), "RUNNING", id="the first crawl ever is running"),
        pytest.param(event(), crawler("STOPPING", "SUCCEEDED", OLDER), "RUNNING", id="stopping"),
        pytest.param(
            event("STARTED"),
            crawler("READY", "SUCCEEDED", OLDER),
            "RUNNING",
            id="just started, not yet shown",
        ),
        pytest.param(event("STARTED", None), crawler("READY"), "RUNNING", id="first ever, not yet shown"),
        pytest.param(
            event("RUNNING", attempt=1), crawler("READY", "SUCCEEDED", OLDER), "OUTDATED", id="never ran"
        ),
        pytest.param(event("RUNNING", None, 1), crawler("READY"), "OUTDATED", id="first ever never ran"),
        pytest.param(
            event("ALREADY_RUNNING"),
            crawler("READY", "SUCCEEDED", OLDER),
            "OUTDATED",
            id="the one in progress began before our data",
        ),
        pytest.param(
            event("ALREADY_RUNNING"), crawler("READY", "FAILED", OLDER), "OUTDATED", id="and it failed"
        ),
        pytest.param(
            event("ALREADY_RUNNING"),
            crawler("READY", "SUCCEEDED", OURS),
            "SUCCEEDED",
            id="somebody else's later crawl covers our data",
        ),
        pytest.param(
            event(after=None), crawler("READY", "SUCCEEDED", OURS), "SUCCEEDED", id="first crawl ever"
        ),
        pytest.param(
            event(after=OURS), crawler("READY", "SUCCEEDED", OURS), "RUNNING", id="the same crawl as before"
        ),
        pytest.param(
            event(),
            crawler("READY", "SUCCEEDED", OURS.astimezone(timezone(timedelta(hours=-5)))),
            "SUCCEEDED",
            id="another time zone",
        ),
        pytest.param(
            event("RUNNING"), crawler("READY", "SUCCEEDED"), "OUTDATED", id="a crawl without a start"
        ),
    ],
)
def test_status(load: Load, waiting: dict[str, Any], described: dict[str, Any], expected: str) -> None:
    module, stub = load("check_crawler")
    stub.add_response("get_crawler", described, {"Name": NAME})
    answer = module.handler(waiting, None)
    assert answer["status"] == expected
    assert answer["crawler"] == NAME
    assert answer["wait_for_crawl_after"] == waiting["wait_for_crawl_after"]
    assert answer["attempt"] == waiting["attempt"] + 1
    assert NAME in answer["message"]


def test_the_answer_is_the_next_event(load: Load) -> None:
    module, stub = load("check_crawler")
    answer = event()
    for described in (
        crawler("READY", "SUCCEEDED", OLDER),
        crawler("RUNNING"),
        crawler("READY", "SUCCEEDED", OURS),
    ):
        stub.add_response("get_crawler", described, {"Name": NAME})
        answer = json.loads(json.dumps(module.handler(answer, None)))
    assert (answer["status"], answer["attempt"]) == ("SUCCEEDED", 3)


def test_waits_grow_to_a_minute(load: Load) -> None:
    module, _ = load("check_crawler")
    assert [module.wait_seconds(attempt) for attempt in range(7)] == [10, 15, 22, 34, 51, 60, 60]
    assert module.wait_seconds(10_000) == 60


def test_a_failed_crawl_says_why_and_where(load: Load) -> None:
    module, stub = load("check_crawler")
    failed = crawler(
        "READY",
        "FAILED",
        OURS,
        ErrorMessage="Access Denied (Service: Amazon S3)",
        LogGroup="/aws-glue/crawlers",
        LogStream=NAME,
    )
    stub.add_response("get_crawler", failed, {"Name": NAME})
    answer = module.handler(event(), None)
    assert answer["message"] == f"crawl of {NAME} ended as FAILED: Access Denied (Service: Amazon S3)"
    assert answer["log_link"] == (
        "https://us-east-2.console.aws.amazon.com/cloudwatch/home?region=us-east-2"
        "#logsV2:log-groups/log-group/$252Faws-glue$252Fcrawlers/log-events/lake-crawler"
    )


def test_a_failed_crawl_without_a_reason_or_a_log(load: Load) -> None:
    module, stub = load("check_crawler")
    stub.add_response("get_crawler", crawler("READY", "CANCELLED", OURS), {"Name": NAME})
    answer = module.handler(event(), None)
    assert answer["message"] == f"crawl of {NAME} ended as CANCELLED: Glue gave no reason; see its log"
    assert answer["log_link"] is None


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("EntityNotFoundException", 400, "CrawlerNotFoundError"),
        ("ThrottlingException", 400, "CrawlerUnavailableError"),
        ("InternalServiceException", 500, "CrawlerUnavailableError"),
        ("AccessDeniedException", 400, "AccessDeniedException"),
    ],
)
def test_glues_errors_get_the_names_that_the_state_machine_knows(
    load: Load, code: str, status: int, error: str
) -> None:
    module, stub = load("check_crawler")
    stub.add_client_error("get_crawler", code, http_status_code=status)
    with pytest.raises(
        (ClientError, LookupError, RuntimeError), match=NAME if "Crawler" in error else code
    ) as caught:
        module.handler(event(), None)
    assert type(caught.value).__name__ == error


@pytest.mark.parametrize("key", ["crawler", "status", "wait_for_crawl_after", "attempt"])
def test_an_event_that_lacks_a_key_is_refused_by_its_name(load: Load, key: str) -> None:
    module, _ = load("check_crawler")
    lacking = {name: value for name, value in event().items() if name != key}
    with pytest.raises(module.InvalidEventError, match=f"lacks {key}"):
        module.handler(lacking, None)


@pytest.mark.parametrize("bad", [None, [], "crawler"])
def test_an_event_that_is_no_object_is_refused(load: Load, bad: Any) -> None:
    module, _ = load("check_crawler")
    with pytest.raises(module.InvalidEventError):
        module.handler(bad, None)
