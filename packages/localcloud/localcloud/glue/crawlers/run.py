"""One run of a crawler: what it is, how the API shows it, what it logs."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from localcloud import plugin
from localcloud.glue.connections.jdbc import ConnectionFailedError
from localcloud.glue.connections.network import NetworkError
from localcloud.glue.crawlers.catalog_writer import Changes
from localcloud.plugin import faults, log_batches

LOG_GROUP = "/aws-glue/crawlers"
START_SECONDS = 0.2
"""A crawl prepares this long before its work, so that whoever starts one can see it run and stop it."""
CRAWL_STATES = {"SUCCEEDED": "COMPLETED", "CANCELLED": "STOPPED"}


@dataclass
class CrawlRun:
    """One crawl: running while `status` is empty."""

    crawler: str
    started: float = field(default_factory=time.time)
    crawl_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    stop: threading.Event = field(default_factory=threading.Event)
    status: str = ""
    error: str = ""
    ended: float = 0.0
    changes: Changes = field(default_factory=Changes)
    messages: list[tuple[int, str]] = field(default_factory=list)

    def log(self, level: str, message: str) -> None:
        self.messages.append((int(time.time() * 1000), f"[{self.crawl_id}] {level} : {message}"))

    def last_crawl(self) -> dict[str, Any]:
        view = {
            "Status": self.status,
            "LogGroup": LOG_GROUP,
            "LogStream": self.crawler,
            "MessagePrefix": self.crawl_id,
            "StartTime": self.started,
        }
        return {**view, "ErrorMessage": self.error} if self.error else view

    def summary(self) -> str:
        tables = {
            action: {"Details": {"names": names}, "count": len(names)}
            for action, names in self.changes.tables.items()
        }
        partitions = {action: {"count": count} for action, count in self.changes.partitions.items()}
        return json.dumps(
            {kind: part for kind, part in (("TABLE", tables), ("PARTITION", partitions)) if part}
        )


def stopped_early(run: CrawlRun) -> bool:
    """Whether a crawl is stopped before its work."""
    stopped = run.stop.wait(START_SECONDS)
    while not stopped and faults.is_held(run.crawler):
        stopped = run.stop.wait(0.02)
    return stopped


def crawl_view(run: CrawlRun) -> dict[str, Any]:
    state = CRAWL_STATES.get(run.status, run.status) or ("STOPPING" if run.stop.is_set() else "RUNNING")
    view = {
        "CrawlId": run.crawl_id,
        "State": state,
        "StartTime": run.started,
        "Summary": run.summary(),
        "LogGroup": LOG_GROUP,
        "LogStream": run.crawler,
        "MessagePrefix": run.crawl_id,
    }
    if run.status:
        view["EndTime"] = run.ended
    return {**view, "ErrorMessage": run.error} if run.error else view


def explain(error: Exception) -> str:
    """The one line that LastCrawl.ErrorMessage shows, in the words of the service that refused."""
    if isinstance(error, ConnectionFailedError | NetworkError):
        return str(error)
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {error}"[:1000].replace("\n", " ")
    found, meta = error.response["Error"], error.response["ResponseMetadata"]
    from_s3 = "HostId" in meta or error.operation_name.startswith(("List", "GetObject"))
    from_secrets = error.operation_name == "GetSecretValue"
    service = "Amazon S3" if from_s3 else "AWSSecretsManager" if from_secrets else "AWSGlue"
    bucket = found.get("BucketName")
    return (
        f"{found.get('Message') or found['Code']}{f' ({bucket})' if bucket else ''} (Service: {service}; "
        f"Status Code: {meta.get('HTTPStatusCode')}; Error Code: {found['Code']}; "
        f"Operation: {error.operation_name}; Request ID: {meta.get('RequestId')})"
    )


def write_log(run: CrawlRun) -> None:
    logs = plugin.client("logs")
    for create, arguments in (
        (logs.create_log_group, {"logGroupName": LOG_GROUP}),
        (logs.create_log_stream, {"logGroupName": LOG_GROUP, "logStreamName": run.crawler}),
    ):
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            create(**arguments)
    events = [{"timestamp": at, "message": message} for at, message in run.messages]
    log_batches.put(logs, LOG_GROUP, run.crawler, events)
