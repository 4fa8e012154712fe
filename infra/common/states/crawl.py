"""The crawl: start it, wait with growing waits, check it, a bounded number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import LAMBDA_ERRORS, TIMEOUT, failure, jsonata, retry, task, text

# The waits grow from 10 s to 60 s, so 45 checks are about 40 minutes. A check writes 9 events of the 25,000
# that the history of an execution may hold.
MAX_CHECKS = 45
# Beyond the functions' own time-out, so that Lambda is the one to say what took so long.
INVOKE_TIMEOUT_SECONDS = 90
CRAWLER_UNAVAILABLE = "CrawlerUnavailableError"  # raised by the functions when Glue is throttled or down


@dataclass(frozen=True)
class Crawler:
    """Which crawler is started, by the placeholder of its name, and how the states' names begin."""

    placeholder: str = "CrawlerName"
    prefix: str = ""

    @property
    def name(self) -> str:
        return f"${{{self.placeholder}}}"

    @property
    def logs(self) -> str:
        return text(f"CloudWatch Logs group /aws-glue/crawlers, stream {self.name}")


def _invoke(state_id: str, function: str, payload: Any, **options: Any) -> sdk.Task:
    return task(
        state_id,
        "lambda:invoke",
        {"FunctionName": function, "Payload": payload},
        timeout_seconds=INVOKE_TIMEOUT_SECONDS,
        retries=[retry((*LAMBDA_ERRORS, CRAWLER_UNAVAILABLE, TIMEOUT))],
        **options,
    )


def _crawl_done(crawler: Crawler, start: sdk.Task, wait: sdk.Wait, on_failure: Any) -> sdk.Choice:
    check = f"{crawler.prefix}CheckCrawler"
    crawl_failed = failure(
        check, "'CrawlFailed'", "$crawl.message", f"$crawl.log_link ? $crawl.log_link : {crawler.logs}"
    )
    gave_up = failure(
        check,
        "'CrawlTimedOut'",
        f"'the crawler {crawler.name} was still at work on the data after {MAX_CHECKS} checks'",
        crawler.logs,
    )
    choice = sdk.Choice(f"{crawler.prefix}CrawlDone", comment="Verify, start again, wait longer or give up")
    choice.go_on_when(sdk.Condition(jsonata("$crawl.status = 'SUCCEEDED'")))
    choice.add_choice(
        sdk.Condition(jsonata("$crawl.status = 'FAILED'"), {"failure": crawl_failed}), on_failure
    )
    choice.add_choice(sdk.Condition(jsonata(f"$polls >= {MAX_CHECKS}"), {"failure": gave_up}), on_failure)
    choice.add_choice(sdk.Condition(jsonata("$crawl.status = 'OUTDATED'")), start)
    choice.default_choice(wait)
    return choice


def crawl(on_failure: Any, crawler: Crawler | None = None) -> Any:
    """Start the crawler and wait for it; a crawl that covers this run's data goes on with the chain.

    Uses `$polls`, which is 0 before it.
    """
    crawler = crawler or Crawler()
    start = _invoke(
        f"{crawler.prefix}StartCrawler",
        "${StartCrawlerFunction}",
        {"crawler": crawler.name},
        on_failure=on_failure,
        logs=text("CloudWatch Logs group /aws/lambda/${StackName}-start-crawler"),
        assign={"crawl": jsonata("$states.result.Payload")},
    )
    wait = sdk.Wait(f"{crawler.prefix}WaitForCrawler", seconds=jsonata("$crawl.wait_seconds"))
    check = _invoke(
        f"{crawler.prefix}CheckCrawler",
        "${CheckCrawlerFunction}",
        jsonata("$crawl"),
        on_failure=on_failure,
        logs=text("CloudWatch Logs group /aws/lambda/${StackName}-check-crawler"),
        assign={"crawl": jsonata("$states.result.Payload"), "polls": jsonata("$polls + 1")},
    )
    return sdk.chain(start, wait, check, _crawl_done(crawler, start, wait, on_failure))
