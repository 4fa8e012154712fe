"""AWS Glue crawlers that really crawl: their states, runs, history and logs.

Definitions stay ministack's; a crawl runs in a thread with the credentials of the crawler's role.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from localcloud import plugin
from localcloud.glue.crawlers import resources
from localcloud.glue.crawlers.catalog_writer import Changes
from localcloud.glue.crawlers.crawl import Crawl, KnownCatalog
from localcloud.glue.crawlers.run import CrawlRun, crawl_view, explain, stopped_early, write_log
from localcloud.plugin import refusals
from localcloud.plugin.paging import page

PAGE, LARGEST_PAGE = 100, 1000
HISTORY = 100

Key = tuple[str, str, str]
Original = Callable[[str, dict[str, Any]], dict[str, Any]]


class Crawlers:
    """The actions of AWS Glue that concern crawls."""

    def __init__(self, original: Original, definitions: Callable[[], Any]) -> None:
        self.original = original
        self.definitions = definitions
        self.running: dict[Key, CrawlRun] = {}
        self.history: dict[Key, list[CrawlRun]] = {}
        self.lock = threading.Lock()

    def key(self, name: str) -> Key:
        return plugin.current_account(), plugin.current_region(), name

    def definition(self, name: str) -> dict[str, Any]:
        crawler: dict[str, Any] = self.original("GetCrawler", {"Name": name})["Crawler"]
        return crawler

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        crawler = self.definition(request["Name"])
        key = self.key(crawler["Name"])
        with self.lock:
            self.refuse_while_running(
                crawler["Name"], f"Crawler with name {crawler['Name']} has already started"
            )
            run = self.running[key] = CrawlRun(crawler["Name"])
        plugin.in_thread(self.crawl, crawler, key, run)
        return {}

    def is_running(self, name: str) -> bool:
        return self.key(name) in self.running

    def refuse_while_running(self, name: str, message: str) -> None:
        if self.is_running(name):
            raise plugin.AwsError("CrawlerRunningException", message)

    def refuse_update(self, name: str) -> None:
        """In AWS's words, which deployment tools look for."""
        words = "Cannot update Crawler while running. Please stop crawl or wait until it completes to update."
        self.refuse_while_running(name, words)

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        name = self.definition(request["Name"])["Name"]
        run = self.running.get(self.key(name))
        if run is None:
            raise plugin.AwsError("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
        if run.stop.is_set():
            raise plugin.AwsError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
        run.stop.set()
        return {}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        self.refuse_update(request["Name"])
        return self.original("UpdateCrawler", request)

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self.refuse_while_running(
            request["Name"], f"Cannot delete crawler {request['Name']} while it's running"
        )
        answer = self.original("DeleteCrawler", request)
        self.history.pop(self.key(request["Name"]), None)
        return answer

    def view(self, crawler: dict[str, Any], running: dict[Key, CrawlRun]) -> dict[str, Any]:
        """A definition with its state; `running` was copied before the definition was read.

        The other way round a crawl that ends in between would show as READY without its outcome.
        """
        run = running.get(self.key(crawler["Name"]))
        state = "READY" if run is None else "STOPPING" if run.stop.is_set() else "RUNNING"
        elapsed = int((time.time() - run.started) * 1000) if run else 0
        shown = {**crawler, "State": state, "CrawlElapsedTime": elapsed}
        if not shown.get("LastCrawl"):
            shown.pop("LastCrawl", None)
        return shown

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        running = dict(self.running)
        return {"Crawler": self.view(self.definition(request["Name"]), running)}

    def all_definitions(self) -> list[dict[str, Any]]:
        return list(self.original("GetCrawlers", {})["Crawlers"])

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        running = dict(self.running)
        shown, token = page(self.all_definitions(), request, LARGEST_PAGE, PAGE)
        return {"Crawlers": [self.view(crawler, running) for crawler in shown], **token}

    def list_names(self, request: dict[str, Any]) -> dict[str, Any]:
        names = [crawler["Name"] for crawler in self.all_definitions()]
        shown, token = page(names, request, LARGEST_PAGE, PAGE)
        return {"CrawlerNames": shown, **token}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted, running = request["CrawlerNames"], dict(self.running)
        found = {c["Name"]: self.view(c, running) for c in self.all_definitions() if c["Name"] in wanted}
        missing = [name for name in wanted if name not in found]
        return {"Crawlers": list(found.values()), "CrawlersNotFound": missing}

    def metrics(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("CrawlerNameList") or [c["Name"] for c in self.all_definitions()]
        metrics = [self._metrics(self.definition(name)["Name"]) for name in wanted]
        shown, token = page(metrics, request, LARGEST_PAGE, PAGE)
        return {"CrawlerMetricsList": shown, **token}

    def _metrics(self, name: str) -> dict[str, Any]:
        runs = self.history.get(self.key(name), [])
        seconds = [run.ended - run.started for run in runs] or [0.0]
        running = self.running.get(self.key(name))
        last = runs[-1].changes.tables if runs else {}
        return {
            "CrawlerName": name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": running is not None,
            "LastRuntimeSeconds": seconds[-1],
            "MedianRuntimeSeconds": statistics.median(seconds),
            **{
                f"Tables{name}": len(last.get(action, []))
                for name, action in (("Created", "ADD"), ("Updated", "UPDATE"), ("Deleted", "DELETE"))
            },
        }

    def list_crawls(self, request: dict[str, Any]) -> dict[str, Any]:
        name = self.definition(request["CrawlerName"])["Name"]
        if request.get("Filters"):
            raise plugin.AwsError("InvalidInputException", refusals.not_supported("Filters of ListCrawls"))
        running = self.running.get(self.key(name))
        runs = [*self.history.get(self.key(name), []), *([running] if running else [])]
        shown, token = page(list(reversed(runs)), request, LARGEST_PAGE, PAGE)
        return {"Crawls": [crawl_view(run) for run in shown], **token}

    def crawl(self, crawler: dict[str, Any], key: Key, run: CrawlRun) -> None:
        """Run one crawl to its end, whatever happens, and record its outcome."""
        run.log("BENCHMARK", f"Running Start Crawl for Crawler {crawler['Name']}")
        try:
            if not stopped_early(run):
                run.changes = self._work(crawler, run)
        except Exception as error:
            run.error = explain(error)
            run.log("ERROR", run.error)
        run.status = "FAILED" if run.error else "CANCELLED" if run.stop.is_set() else "SUCCEEDED"
        run.log("BENCHMARK", "Crawler has finished running and is in state READY")
        write_log(run)
        run.ended = time.time()
        with self.lock:
            self.history.setdefault(key, []).append(run)
            del self.history[key][:-HISTORY]
            stored = self.definitions().get(crawler["Name"])
            if stored is not None:
                stored["LastCrawl"] = run.last_crawl()
            self.running.pop(key, None)

    def _work(self, crawler: dict[str, Any], run: CrawlRun) -> Changes:
        role = crawler["Role"]
        if not role.startswith("arn:"):
            role = f"arn:aws:iam::{plugin.current_account()}:role/{role}"
        credentials = plugin.role_credentials(role, "AWS-Crawler")
        known = KnownCatalog(
            lambda database: self._all("GetTables", "TableList", DatabaseName=database),
            lambda database, table: self._all(
                "GetPartitions", "Partitions", DatabaseName=database, TableName=table
            ),
        )
        crawl = Crawl(
            crawler,
            plugin.client("s3", credentials),
            plugin.client("glue", credentials),
            known,
            lambda message: run.log("INFO", message),
            lambda message: run.log("WARN", message),
            run.stop.is_set,
            lambda service: plugin.client(service, credentials),
        )
        return crawl.run().changes

    def _all(self, action: str, field: str, **request: Any) -> list[dict[str, Any]]:
        """The items of every page; none of a database or table that is absent."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            try:
                answer = self.original(action, {**request, **token})
            except plugin.AwsError as error:
                if error.code == "EntityNotFoundException":
                    return found
                raise
            found += answer[field]
            if "NextToken" not in answer:
                return found
            token = {"NextToken": answer["NextToken"]}


def install(app: Any) -> None:
    from ministack.services import glue

    if not hasattr(glue, "_crawlers"):
        raise plugin.UnsupportedMinistackError("this release of ministack has no glue._crawlers")
    crawlers = Crawlers(lambda action, request: original(action, request), lambda: glue._crawlers)
    actions = {
        "StartCrawler": crawlers.start,
        "StopCrawler": crawlers.stop,
        "GetCrawler": crawlers.get,
        "GetCrawlers": crawlers.get_all,
        "ListCrawlers": crawlers.list_names,
        "BatchGetCrawlers": crawlers.batch_get,
        "GetCrawlerMetrics": crawlers.metrics,
        "ListCrawls": crawlers.list_crawls,
        "UpdateCrawler": crawlers.update,
        "DeleteCrawler": crawlers.delete,
    }
    original = plugin.route(app, "glue", actions)
    resources.install(crawlers)
