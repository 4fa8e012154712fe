"""Writes one record of each execution that ended, and tells when a bound of the environment is crossed.

EventBridge calls it when an execution ends, however it ended, and each hour. The records are rows of the
table `runs` of the stack's template; what it remembers is one object under `watch/`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

EXECUTIONS, STATE = "executions/", "watch/state.json"
TIME = "%Y-%m-%d %H:%M:%S"
CAUSE_LENGTH, SUBJECT_LENGTH, ATTEMPTS = 2_000, 100, 5
# Of an execution, by the metric that infra/common/dashboard.py draws: the field of its row.
NAMESPACE, WAIT = "CovidLake", "HoursSinceSuccess"
METRICS = {
    "RowsRead": "rows_read",
    "RowsNew": "rows_new",
    "RowsQuarantined": "rows_quarantined",
    "GlueDollars": "glue_dollars",
}
# An execution can be redriven for 14 days after it has ended, and ends again then.
REDRIVE_DAYS = 15
COUNTS = ("rows_read", "rows_new", "rows_quarantined", "table_rows")
# What Glue bills at least, and the DPUs of a crawl where it does not say them.
JOB_SECONDS, CRAWL_SECONDS, CRAWLER_DPU = 60.0, 600.0, 2.0


@cache
def client(service: str) -> Any:
    retries = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=10)
    return boto3.client(service, config=retries)


def setting(name: str) -> str:
    return os.environ[name]


def names(setting_name: str) -> list[str]:
    return [name for name in setting(setting_name).split(",") if name]


def read(key: str) -> tuple[dict[str, Any], str]:
    """An object of the lake and its ETag; ({}, "") where there is none."""
    try:
        found = client("s3").get_object(Bucket=setting("LAKE"), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return {}, ""
    content = json.loads(found["Body"].read())
    return content if isinstance(content, dict) else {}, found["ETag"]


def moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def run_records(execution: str) -> Iterator[dict[str, Any]]:
    """What the execution's job runs left of each data set."""
    pages = client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=setting("LAKE"), Prefix="runs/", Delimiter="/"):
        for folder in page.get("CommonPrefixes", []):
            record, _ = read(f"{folder['Prefix']}{execution}.json")
            if record:
                yield record


def outcomes(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """Each data set with its outcome and counts: of the output, or else of the run records and the cause."""
    output = json.loads(detail.get("output") or "{}")
    found = output.get("outcomes") if isinstance(output, dict) else None
    if found is None:
        found = [{**one, "outcome": one.get("status")} for one in run_records(detail["name"])]
        groups = re.findall(r"(?:^|; )(\w+(?:, \w+)*) in \w+: ", detail.get("cause") or "")
        failed = {name for group in groups for name in group.split(", ")}
        kept = [one for one in found if one.get("dataset") not in failed]
        found = [*kept, *({"dataset": name, "outcome": "FAILED"} for name in sorted(failed))]
    fields = ("dataset", "outcome", *COUNTS)
    return [{name: one.get(name) for name in fields} for one in found]


def glue_dollars(execution: str, started: datetime, ended: datetime) -> float:
    """What the execution's job runs and crawls cost: nearly all that a run costs."""
    hours = sum(_job_seconds(execution, started)) / 3600 + sum(_crawl_hours(started, ended))
    return round(hours * float(setting("DPU_HOUR_DOLLARS")), 6)


def _job_seconds(execution: str, started: datetime) -> Iterator[float]:
    for job in names("JOBS"):
        for page in client("glue").get_paginator("get_job_runs").paginate(JobName=job):
            for run in page["JobRuns"]:
                if run.get("Arguments", {}).get("--run_id") == execution:
                    seconds = max(JOB_SECONDS, run.get("ExecutionTime") or 0) * run.get("MaxCapacity", 0)
                    yield run.get("DPUSeconds") or seconds
            if any(run["StartedOn"] < started - timedelta(days=1) for run in page["JobRuns"]):
                break  # the newest come first


def _crawl_hours(started: datetime, ended: datetime) -> Iterator[float]:
    for crawler in names("CRAWLERS"):
        for crawl in client("glue").list_crawls(CrawlerName=crawler)["Crawls"]:
            if started <= crawl["StartTime"] <= ended:
                seconds = (crawl.get("EndTime", ended) - crawl["StartTime"]).total_seconds()
                yield crawl.get("DPUHour") or max(CRAWL_SECONDS, seconds) / 3600 * CRAWLER_DPU


def record(detail: dict[str, Any]) -> dict[str, Any]:
    """The row of an execution. Where AWS sends no cause or no output with the event, it is empty."""
    started, ended = moment(detail["startDate"]), moment(detail["stopDate"])
    data_sets = outcomes(detail)
    sums = {name: sum(_counted(name, data_sets)) for name in COUNTS}
    status = detail["status"]
    return {
        "execution": detail["name"],
        "status": status,
        "nothing_new": status == "SUCCEEDED" and {one["outcome"] for one in data_sets} == {"NOTHING_NEW"},
        "started_at": started.strftime(TIME),
        "ended_at": ended.strftime(TIME),
        "seconds": (ended - started).total_seconds(),
        **sums,
        "glue_dollars": glue_dollars(detail["name"], started, ended),
        "input": detail.get("input"),
        "error": detail.get("error"),
        "cause": (detail.get("cause") or "")[:CAUSE_LENGTH] or None,
        "datasets": data_sets,
    }


def _counted(count: str, data_sets: list[dict[str, Any]]) -> Iterator[int]:
    """What a later step makes of the same rows is not counted again, but for what it rejects of them."""
    own = set(watched())
    for one in data_sets:
        if count == "rows_quarantined" or one["dataset"] in own:
            yield one[count] or 0


def write(row: dict[str, Any]) -> None:
    key = f"{EXECUTIONS}month={row['started_at'][:7]}/{row['execution']}.json"
    body = json.dumps(row) + "\n"
    client("s3").put_object(Bucket=setting("LAKE"), Key=key, Body=body.encode())


def remember(state: dict[str, Any], row: dict[str, Any] | None, now: datetime) -> None:
    """Put an execution into the state; the month's costs are by execution, so that none counts twice."""
    month = f"{now:%Y-%m}"
    if state.get("month") != month:
        state.update(month=month, costs={})
    good, shares = state.setdefault("good", {}), state.setdefault("quarantined", {})
    state.setdefault("started", now.strftime(TIME))
    for name in watched():
        good.setdefault(name, now.strftime(TIME))
    if row is None:
        return
    state["started"] = max(state["started"], row["started_at"])
    if row["ended_at"].startswith(month):  # one that goes over midnight counts in the month of its end
        state["costs"][row["execution"]] = row["glue_dollars"]
    for one in row["datasets"]:
        name = one["dataset"]
        if one["outcome"] not in (None, "FAILED"):
            good[name] = max(good.get(name, ""), row["ended_at"])
        if one["rows_read"]:
            shares[name] = 100 * (one["rows_quarantined"] or 0) / one["rows_read"]


def uncounted(
    state: dict[str, Any], row: dict[str, Any] | None, now: datetime, call: str
) -> dict[str, float]:
    """By metric, what it has not been told of the execution yet: nothing, if the event comes again.

    A redriven execution ends twice, and its row is that of all its job runs: only what came since is told.
    `call` names this call, and the attempts of Lambda that follow if it fails. What each call is to tell is
    remembered: one that has not told it yet tells the same, whatever came between.
    """
    oldest = (now - timedelta(days=REDRIVE_DAYS)).strftime(TIME)
    known = {name: one for name, one in state.get("told", {}).items() if one["ended_at"] >= oldest}
    state["told"] = known
    if row is None:
        return {}
    before: dict[str, Any] = known.get(row["execution"], {})
    values = {name: max(row[field], before.get(name, 0)) for name, field in METRICS.items()}
    calls: dict[str, dict[str, float]] = before.get("calls", {})
    changes = {name: round(value - before.get(name, 0), 6) for name, value in values.items()}
    news = {name: change for name, change in changes.items() if change or not before}
    if news and call not in calls:
        calls[call] = news
    ended = max(row["ended_at"], before.get("ended_at", ""))
    known[row["execution"]] = {**before, **values, "ended_at": ended, "calls": calls}
    return calls.get(call, {})


def watched() -> list[str]:
    asked = names("ASKED")
    return names("DESCRIBED") if asked == ["*"] else asked


def hours_since(text: str, now: datetime) -> float:
    return (now - datetime.strptime(text, TIME).replace(tzinfo=UTC)).total_seconds() / 3600


def waits(state: dict[str, Any], now: datetime) -> dict[str, float]:
    """By data set, the hours since an execution brought it up to date."""
    return {name: round(hours_since(state["good"][name], now), 3) for name in watched()}


def published(news: dict[str, float], hours: dict[str, float]) -> dict[str, Any]:
    """Metrics of the stack in CloudWatch's embedded metric format: Logs takes them out of the line.

    So they need no right, and no call that could fail.
    """
    if setting("PUBLISH_METRICS") != "true":
        return {}
    values = {**news, WAIT: max(hours.values(), default=0.0)}
    units = [{"Name": name, "Unit": "Count" if name.startswith("Rows") else "None"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": units}
    times = {"Timestamp": int(datetime.now(UTC).timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": times, "Stack": setting("STACK"), **values}


def crossed(state: dict[str, Any], now: datetime) -> dict[str, str]:
    """By name, each bound that is crossed, in a sentence. A bound of 0, and 100 percent, are off."""
    found = {}
    stale, missed = float(setting("STALE_AFTER_HOURS")), float(setting("MISSED_SCHEDULE_HOURS"))
    percent, budget = float(setting("MAX_QUARANTINED_PERCENT")), float(setting("MONTHLY_BUDGET_DOLLARS"))
    for name in watched():
        age, share = hours_since(state["good"][name], now), state["quarantined"].get(name, 0.0)
        if stale and age > stale:
            found[f"stale {name}"] = f"{name}: no execution has brought it up to date for {age:.1f} hours"
        if percent < 100 and share > percent:
            found[f"quarantine {name}"] = f"{name}: {share:.1f}% of the rows read were rejected"
    waited = hours_since(state["started"], now)
    if missed and setting("SCHEDULE_STATE") == "ENABLED" and waited > missed:
        found["schedule"] = f"no execution has started for {waited:.1f} hours, although the schedule is on"
    spent = sum(state["costs"].values())
    if budget and spent > budget:
        found["cost"] = f"job runs and crawls of {state['month']} cost ${spent:.2f}, more than ${budget:g}"
    return found


def tell(before: dict[str, str], now: dict[str, str]) -> None:
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            publish("ALARM", name, now[name])
        elif name not in now:
            publish("OK", name, f"no longer: {before[name]}")


def publish(word: str, name: str, sentence: str) -> None:
    subject = f"{word}: {name} in {setting('STACK')}"[:SUBJECT_LENGTH]
    message = f"{setting('STACK')}: {word}: {sentence}"
    client("sns").publish(TopicArn=setting("TOPIC"), Subject=subject, Message=message)


def watch(row: dict[str, Any] | None, clock: Callable[[], datetime], call: str) -> dict[str, Any]:
    """Remember, compare with the bounds and tell what changed; again where another call was faster.

    Returns the bounds that are crossed, for how many hours each data set has waited, and what is `uncounted`.
    A message is sent before it is remembered: it may come twice, and is never lost.
    """
    for attempt in range(ATTEMPTS):
        state, tag = read(STATE)
        now = clock()
        remember(state, row, now)
        news = uncounted(state, row, now, call)
        alarms = crossed(state, now)
        tell(state.get("alarms", {}), alarms)
        state["alarms"] = alarms
        match = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        try:
            body = json.dumps(state, sort_keys=True).encode()
            client("s3").put_object(Bucket=setting("LAKE"), Key=STATE, Body=body, **match)
        except ClientError as error:
            changed = error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict")
            if not changed or attempt == ATTEMPTS - 1:
                raise
        else:
            return {"alarms": alarms, "hours": waits(state, now), "uncounted": news}
    raise AssertionError("unreachable")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An event of EventBridge: `Step Functions Execution Status Change`, or the hour.

    Returns the name of the execution that was recorded, if any, the bounds that are crossed, and for how many
    hours each data set has waited. It says the same in its log, with the metrics of the stack. Errors of
    AWS are raised: Lambda tries an event again, and everything here may be done twice.
    """
    row = None
    if event.get("detail-type") == "Step Functions Execution Status Change":
        row = record(event["detail"])
        write(row)
    seen = watch(row, lambda: datetime.now(UTC), context.aws_request_id)
    news = seen.pop("uncounted")
    answer = {"execution": row and row["execution"], **seen}
    line = {"message": "watch", **answer, **published(news, seen["hours"])}
    sys.stdout.write(json.dumps(line) + "\n")
    return answer
