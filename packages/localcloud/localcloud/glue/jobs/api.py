"""Glue job runs that really run: StartJobRun, GetJobRun, GetJobRuns, BatchStopJobRun.

Jobs stay ministack's; the runs are kept in its own table, so that they are persisted, reset and deleted
with everything else.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from localcloud import plugin
from localcloud.glue.connections import api as connections
from localcloud.glue.jobs.job_run import DEFAULT_LOG_GROUP, JobRun
from localcloud.glue.jobs.waiting import Waiting
from localcloud.plugin import AwsError, cleanup, quiet, state
from localcloud.plugin.paging import page

ACTIVE = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
DPU_OF_WORKER = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "G.12X": 12, "G.16X": 16}
WORKERS = {*DPU_OF_WORKER, "Standard", "R.1X", "R.2X", "R.4X", "R.8X", "Z.2X"}
VERSIONS = {"0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0"}
MAX_PAGE = 200
LARGEST_PAGE = 1000
# What ministack's CreateJob and UpdateJob drop.
KEPT_FIELDS = ("ExecutionProperty", "ExecutionClass", "NotificationProperty", "LogUri", "JobMode")
RUN_FIELDS = (
    *("Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "SecurityConfiguration"),
    *("NotificationProperty", "ExecutionClass"),
)
SEVERITY = {"FAILED": "ERROR", "TIMEOUT": "WARN"}
NUMBERS = ("Timeout", "MaxCapacity", "NumberOfWorkers")
DEFAULT_TIMEOUT_MINUTES = 480

WARM = "LOCALCLOUD_WARM"
"""An environment variable of the cloud's process: 1 keeps a JVM that waits for the next job run."""
QUIET_SECONDS = 3.0  # without a request, before such a JVM is started
IDLE_SECONDS = 60.0  # without a job run, for a cloud that somebody asks all the time


def install(app: Any) -> None:
    from ministack.services import eventbridge, glue

    plugin.require(eventbridge, "_put_events", ["data", "allow_aws_source"])
    service = GlueJobs(_table(glue, "_jobs"), _table(glue, "_job_runs"))
    actions = {
        "CreateJob": service.create_job,
        "UpdateJob": service.update_job,
        "ListJobs": service.list_jobs,
        "BatchGetJobs": service.batch_get_jobs,
        "StartJobRun": service.start_job_run,
        "GetJobRun": service.get_job_run,
        "GetJobRuns": service.get_job_runs,
        "BatchStopJobRun": service.batch_stop_job_run,
    }
    service.call_original = plugin.route(app, "glue", actions)
    _check_definitions(glue)
    if os.environ.get(WARM) == "1":
        service.waiting = Waiting(service.is_quiet)
        cleanup.at_exit(service.waiting.close)
        service.waiting.keep()
    cleanup.at_exit(service.stop_all)
    state.keep("glue_jobs", save=dict, restore=lambda _: None, reset=service.stop_all)


def _check_definitions(glue: Any) -> None:
    """Check jobs where ministack stores them: stacks make theirs there, too."""
    create, update = (
        plugin.require(glue, "_create_job", ["data"]),
        plugin.require(glue, "_update_job", ["data"]),
    )

    def checked(store: Callable[[Any], Any], definition: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def store_checked(data: dict[str, Any]) -> Any:
            try:
                check_definition(definition(data))
            except AwsError as error:
                reply = plugin.to_json({"__type": error.code, "message": error.message})
                return 400, {"Content-Type": plugin.JSON_CONTENT_TYPE}, reply
            return store(data)

        return store_checked

    glue._create_job = checked(create, lambda data: data)
    glue._update_job = checked(update, lambda data: data.get("JobUpdate") or {})


def _table(glue: Any, name: str) -> Any:
    found = getattr(glue, name, None)
    if found is None or not hasattr(found, "setdefault"):
        raise plugin.UnsupportedMinistackError(
            f"ministack.services.glue.{name} is not the table of the pinned release"
        )
    return found


class GlueJobs:
    """The job-run actions of Glue, over ministack's tables of jobs and runs."""

    call_original: Callable[[str, dict[str, Any]], dict[str, Any]]

    def __init__(self, jobs: Any, runs: Any) -> None:
        self._jobs = jobs
        self._runs = runs
        self._live: dict[str, JobRun] = {}
        self._lock = threading.RLock()
        self._last_end = time.monotonic()
        self.waiting: Waiting | None = None

    def create_job(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.call_original("CreateJob", request)
        self._jobs[request["Name"]].update({name: request[name] for name in KEPT_FIELDS if name in request})
        if tags := request.get("Tags"):
            self.call_original("TagResource", {"ResourceArn": _arn(request["Name"]), "TagsToAdd": tags})
        return answer

    def update_job(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.call_original("UpdateJob", request)
        update = request.get("JobUpdate", {})
        self._jobs[request["JobName"]].update({name: update[name] for name in KEPT_FIELDS if name in update})
        return answer

    def list_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """The names of the jobs that have all of `Tags`."""
        wanted = (request.get("Tags") or {}).items()
        names = [name for name in sorted(self._jobs) if wanted <= self._tags(name).items()]
        shown, more = page(names, request, LARGEST_PAGE)
        return {"JobNames": shown, **more}

    def _tags(self, name: str) -> dict[str, str]:
        return dict(self.call_original("GetTags", {"ResourceArn": _arn(name)}).get("Tags") or {})

    def batch_get_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        names = list(request.get("JobNames") or [])
        found = [self._job(name) for name in names if name in self._jobs]
        return {"Jobs": found, "JobsNotFound": [name for name in names if name not in self._jobs]}

    def start_job_run(self, request: dict[str, Any]) -> dict[str, Any]:
        job = self._job(request.get("JobName"))
        _validate(request)
        for name in connection_names(job):
            connections.found(name)
        with self._lock:
            self._require_free_slot(job)
            record = new_record(job, request)
            self._start(job, record)
        return {"JobRunId": record["Id"]}

    def get_job_run(self, request: dict[str, Any]) -> dict[str, Any]:
        self._job(request.get("JobName"))
        return {"JobRun": _shown(self._record(request["JobName"], request.get("RunId")))}

    def get_job_runs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Newest first; the token is the id of the last run of a page."""
        self._job(request.get("JobName"))
        records = [_shown(record) for record in reversed(self._records(request["JobName"]))]
        start = 0
        if token := request.get("NextToken"):
            ids = [record["Id"] for record in records]
            if token not in ids:
                raise AwsError("InvalidInputException", f"NextToken {token} is not one that was returned")
            start = ids.index(token) + 1
        size = min(int(request.get("MaxResults") or MAX_PAGE), MAX_PAGE)
        shown = records[start : start + size]
        more = {"NextToken": shown[-1]["Id"]} if start + size < len(records) else {}
        return {"JobRuns": shown, **more}

    def batch_stop_job_run(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get("JobName")
        self._job(name)
        stopped, errors = [], []
        for run_id in request.get("JobRunIds", []):
            try:
                self._stop(str(name), run_id)
                stopped.append({"JobName": name, "JobRunId": run_id})
            except AwsError as error:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
        return {"SuccessfulSubmissions": stopped, "Errors": errors}

    def stop_all(self) -> None:
        """End every run: the cloud stops, or all of its state is wiped."""
        with self._lock:
            live = list(self._live.values())
        for run in live:
            run.stop("FAILED", "The local cloud stopped during the run")
        for run in live:
            run.ended.wait(10)

    def is_quiet(self) -> bool:
        """Whether no job runs and nobody uses the cloud, so that it may do something for later."""
        idle = time.monotonic() - self._last_end
        return not self._live and (quiet.seconds() > QUIET_SECONDS or idle > IDLE_SECONDS)

    def _job(self, name: Any) -> dict[str, Any]:
        if not name:
            raise AwsError("InvalidInputException", "JobName is required")
        return cast("dict[str, Any]", self.call_original("GetJob", {"JobName": name})["Job"])

    def _records(self, job_name: str) -> list[dict[str, Any]]:
        records = cast("list[dict[str, Any]]", self._runs.setdefault(job_name, []))
        for record in records:
            if record["JobRunState"] in ACTIVE and record["Id"] not in self._live:
                # Restored from the state of a cloud that was killed.
                message = "The local cloud ended during the run"
                record.update(JobRunState="FAILED", ErrorMessage=message, CompletedOn=time.time())
        return records

    def _record(self, job_name: str, run_id: Any) -> dict[str, Any]:
        for record in self._records(job_name):
            if record["Id"] == run_id:
                return record
        raise AwsError("EntityNotFoundException", f"Job run {run_id} of job {job_name} not found")

    def _require_free_slot(self, job: Mapping[str, Any]) -> None:
        limit = int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)
        active = sum(record["JobRunState"] in ACTIVE for record in self._records(job["Name"]))
        if active >= limit:
            raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")

    def _start(self, job: dict[str, Any], record: dict[str, Any]) -> None:
        run = JobRun(job, record, merged_arguments(job, record["Arguments"]), self.waiting)
        self._live[record["Id"]] = run  # before the record is: one without the other counts as lost
        self._records(job["Name"]).append(record)
        plugin.in_thread(self._execute, job, run)

    def _execute(self, job: dict[str, Any], run: JobRun) -> None:
        try:
            run.execute()
        finally:
            with self._lock:
                self._live.pop(run.record["Id"], None)
                self._last_end = time.monotonic()
            run.ended.set()
        record = run.record
        is_failed = record["JobRunState"] == "FAILED" and not run.is_stopped
        if is_failed and record["Attempt"] < int(job.get("MaxRetries") or 0):
            with self._lock:
                self._start(job, next_attempt(record))
        publish_state(record)

    def _stop(self, job_name: str, run_id: str) -> None:
        record = self._record(job_name, run_id)
        with self._lock:
            run = self._live.get(run_id)
        if run is None or record["JobRunState"] not in ACTIVE:
            raise AwsError(
                "InvalidInputException", f"Job run {run_id} is {record['JobRunState']} and cannot be stopped"
            )
        run.stop()


def _arn(name: str) -> str:
    return f"arn:aws:glue:{plugin.current_region()}:{plugin.current_account()}:job/{name}"


def connection_names(job: Mapping[str, Any]) -> list[str]:
    """The connections of a job, in the order in which Glue tries them."""
    return list((job.get("Connections") or {}).get("Connections") or [])


def merged_arguments(job: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The job's defaults, the run's own in their place, and what no run may override."""
    merged = {
        **(job.get("DefaultArguments") or {}),
        **given,
        **(job.get("NonOverridableArguments") or {}),
    }
    return {name: _text(value) for name, value in merged.items()}


def _text(value: Any) -> str:
    # A CloudFormation template may give a number or a boolean.
    return str(value).lower() if isinstance(value, bool) else str(value)


def new_record(job: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The JobRun that the API shows; `Arguments` are those of the run, not the merged ones."""
    now = time.time()
    given = dict(request.get("Arguments") or {})
    group = merged_arguments(job, given).get("--custom-logGroup-prefix") or DEFAULT_LOG_GROUP
    fields = {name: request.get(name) or job.get(name) for name in RUN_FIELDS}
    for name in NUMBERS:
        fields[name] = _number(fields[name])
    if request.get("MaxCapacity"):
        fields |= {"WorkerType": None, "NumberOfWorkers": None}
    elif fields["WorkerType"]:
        workers = fields["NumberOfWorkers"] or 2
        fields["MaxCapacity"] = float(DPU_OF_WORKER.get(fields["WorkerType"], 1) * workers)
    return {
        "Id": "jr_" + secrets.token_hex(32),
        "Attempt": 0,
        "JobName": job["Name"],
        "JobRunState": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "Arguments": given,
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        # There from the start: ministack may copy a record, to save it, while its run goes on.
        "CompletedOn": None,
        "ErrorMessage": None,
        "LogGroupName": group,
        "GlueVersion": job.get("GlueVersion"),
        "Timeout": DEFAULT_TIMEOUT_MINUTES,
        "AllocatedCapacity": int(fields["MaxCapacity"] or 2),
        **{name: value for name, value in fields.items() if value},
    }


def _number(value: Any) -> float | None:
    # A template's parameter arrives as text; Timeout may be a fraction of a minute, which no SDK sends.
    if value in (None, ""):
        return None
    number = float(value)
    return int(number) if number.is_integer() else number


def next_attempt(record: Mapping[str, Any]) -> dict[str, Any]:
    """The run that MaxRetries starts after a failed one, named and linked as Glue does it."""
    now = time.time()
    attempt = record["Attempt"] + 1
    first = record["Id"].partition("_attempt_")[0]
    return {
        **record,
        "Id": f"{first}_attempt_{attempt}",
        "Attempt": attempt,
        "PreviousRunId": record["Id"],
        "JobRunState": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "ExecutionTime": 0,
        "CompletedOn": None,
        "ErrorMessage": None,
    }


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


def publish_state(record: Mapping[str, Any]) -> None:
    """The event that EventBridge gets for a run that has ended.

    https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
    """
    from ministack.services import eventbridge

    detail = {
        "jobName": record["JobName"],
        "severity": SEVERITY.get(record["JobRunState"], "INFO"),
        "state": record["JobRunState"],
        "jobRunId": record["Id"],
        "message": record["ErrorMessage"] or "Job run succeeded",
    }
    event = {"Source": "aws.glue", "DetailType": "Glue Job State Change", "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)


def check_definition(job: Mapping[str, Any]) -> None:
    """Refuse a version of Glue or a type of workers that there is not."""
    version, worker = str(job.get("GlueVersion") or "5.1"), str(job.get("WorkerType") or "G.1X")
    if version not in VERSIONS:
        raise AwsError("InvalidInputException", f"Glue version {version} is not supported.")
    if worker not in WORKERS:
        raise AwsError("InvalidInputException", f"Worker type {worker} is not supported.")


def _validate(request: Mapping[str, Any]) -> None:
    check_definition(request)
    timeout = request.get("Timeout", 1)
    if not timeout > 0:
        raise AwsError("InvalidInputException", f"Timeout {timeout} is not a number of minutes above 0")
    if request.get("MaxCapacity") and (request.get("WorkerType") or request.get("NumberOfWorkers")):
        raise AwsError(
            "InvalidInputException",
            "Please do not set Max Capacity if using Worker Type and Number of Workers.",
        )
