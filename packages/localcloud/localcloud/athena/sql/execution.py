"""One query execution as the Athena API shows it, and the thread that runs it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import SYSTEM, QueryCancelledError, QueryError, output_refused, refused
from localcloud.athena.sql.results import result_body
from localcloud.athena.sql.session import Result, Session
from localcloud.athena.sql.statements.kinds import classify, strip
from localcloud.glue.catalog.table_objects import split_location

ENGINE = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass
class Execution:
    """The record of a query; everything but `session` outlives a restart of the cloud."""

    sql: str
    database: str
    catalog: str
    workgroup: str
    output: str
    settings: dict[str, Any] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    cutoff: int | None = None
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    reason: str = ""
    category: int = 0
    submitted: float = field(default_factory=time.time)
    started: float = 0.0
    planned: float = 0.0
    executed: float = 0.0
    completed: float = 0.0
    scanned: int = 0
    columns: list[tuple[str, str]] = field(default_factory=list)
    row_count: int = 0
    update_count: int | None = None
    manifest: str = ""
    reuse: dict[str, Any] = field(default_factory=dict)
    """What the request says of reusing results."""
    reused: bool = False
    """Whether the result is that of an earlier query."""
    managed: bool = False
    """Whether Athena keeps the result itself, by the work group's managed query results."""
    held: str = ""
    """The result that Athena keeps."""

    @property
    def kind(self) -> str:
        return classify(self.sql)[0]

    def same_question(self, other: Execution) -> bool:
        """Whether another query asks the same of the same catalog."""
        mine, its = (
            (one.sql.strip(), one.database, one.catalog, one.workgroup, one.parameters)
            for one in (self, other)
        )
        return mine == its

    @property
    def substatement(self) -> str:
        return classify(self.sql)[1]

    @property
    def written_as(self) -> str:
        """The kind by which the result is written: the plan of EXPLAIN is a table with a header, too."""
        return "DML" if self.substatement == "EXPLAIN" else self.kind

    @property
    def makes_table(self) -> bool:
        """Whether it is a CREATE TABLE AS: that leaves no result but a manifest and notes of Athena's own."""
        return self.substatement == "CREATE_TABLE_AS_SELECT"

    @property
    def location(self) -> str:
        """Where the result is written: `<location>/<id>.csv`, `.txt` for what is not a query of rows.

        A CREATE TABLE AS has no result: its place has no ending, which tells clients so.
        """
        ending = "" if self.makes_table else ".csv" if self.written_as == "DML" else ".txt"
        return f"{self.output.rstrip('/')}/{self.query_id}{ending}"

    def view(self) -> dict[str, Any]:
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": self.submitted}
        if self.state in FINAL:
            status["CompletionDateTime"] = self.completed
        if self.reason:
            status["StateChangeReason"] = self.reason
        if self.state == "FAILED":
            status["AthenaError"] = {
                "ErrorCategory": self.category,
                "ErrorType": 1000 + self.category,
                "Retryable": False,
                "ErrorMessage": self.reason,
            }
        kept: dict[str, Any] = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
        written = {"ResultConfiguration": {**self.settings, "OutputLocation": self.location}}
        return {
            "QueryExecutionId": self.query_id,
            "Query": self.sql,
            "StatementType": self.kind,
            "SubstatementType": self.substatement,
            **(kept if self.managed else written),
            "ResultReuseConfiguration": self.reuse or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": {"Database": self.database, "Catalog": self.catalog.lower()},
            "Status": status,
            "Statistics": self.statistics(),
            "WorkGroup": self.workgroup,
            "EngineVersion": ENGINE,
            **({"ExecutionParameters": self.parameters} if self.parameters else {}),
        }

    def statistics(self) -> dict[str, Any]:
        def span(start: float, end: float) -> int:
            return max(0, round((end - start) * 1000)) if start and end else 0

        end = self.completed or time.time()
        shown: dict[str, Any] = {
            "EngineExecutionTimeInMillis": span(self.started, self.executed or end),
            "DataScannedInBytes": self.scanned,
            "TotalExecutionTimeInMillis": span(self.submitted, end),
            "QueryQueueTimeInMillis": span(self.submitted, self.started or end),
            "QueryPlanningTimeInMillis": span(self.started, self.planned),
            "ServicePreProcessingTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": span(self.executed, end),
            "ResultReuseInformation": {"ReusedPreviousResult": self.reused},
        }
        return {**shown, "DataManifestLocation": self.manifest} if self.manifest else shown


@dataclass
class Running:
    """A query in progress: who may stop it, and how."""

    execution: Execution
    glue: Any
    s3: Any
    stop: threading.Event = field(default_factory=threading.Event)
    session: Session | None = None
    prepared: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _action, _request: {}
    previous: Execution | None = None
    """An earlier query whose result may be taken."""

    def cancel(self) -> None:
        """Stop the query; an interrupt between two statements of DuckDB is lost, so it is repeated."""
        self.stop.set()
        threading.Thread(target=self._interrupt, daemon=True).start()

    def _interrupt(self) -> None:
        while self.execution.state not in FINAL:
            if self.session is not None:
                self.session.interrupt()
            time.sleep(0.05)

    def run(self) -> None:
        """Run the query to its end; the execution's state says how it went."""
        execution = self.execution
        folder = Path(tempfile.mkdtemp(prefix="athena-"))
        execution.started, execution.state = time.time(), "RUNNING"
        reason, category = "", 0
        try:
            if self.previous is not None:
                self._reuse(self.previous)
            else:
                result = self._execute(folder)
                execution.executed = time.time()
                self._store(result)
            final = "SUCCEEDED"
        except Exception as error:
            final, reason, category = self._explain(error)
        shutil.rmtree(folder, ignore_errors=True)
        if self.session is not None:
            self.session.close()
            execution.scanned = self.session.scanned
        execution.completed = time.time()
        execution.reason, execution.category = reason, category
        execution.state = final

    def _explain(self, error: Exception) -> tuple[str, str, int]:
        """Final state, reason and category of a query that did not succeed."""
        if isinstance(error, QueryCancelledError):
            return "CANCELLED", str(error), 0
        if self.stop.is_set() and isinstance(error, QueryError | duckdb.Error):
            return "CANCELLED", "Query cancelled by user", 0
        if isinstance(error, ClientError):
            error = refused(error, error.operation_name)
        if isinstance(error, QueryError):
            return "FAILED", error.message, error.category
        return "FAILED", f"INTERNAL_ERROR: {type(error).__name__}: {error}", SYSTEM

    def _execute(self, folder: Path) -> Result:
        execution = self.execution
        sql = strip(execution.sql)
        self.session = Session(
            sql,
            execution.database.lower(),
            self.glue,
            self.s3,
            folder,
            execution.output,
            execution.cutoff,
            stop=self.stop,
        )
        self.session.parameters = execution.parameters
        self.session.query_id = execution.query_id
        self.session.workgroup, self.session.prepared = execution.workgroup, self.prepared
        self._require_output()
        self.session.check()
        self.session.open()
        execution.planned = time.time()
        return classify(execution.sql)[2](self.session, sql)

    def _reuse(self, previous: Execution) -> None:
        """Take the result of an earlier query, which the caller must be allowed to read."""
        execution = self.execution
        self._require_output()
        source, key = split_location(previous.location)
        bucket, target = split_location(execution.location)
        body = self.s3.get_object(Bucket=source, Key=key)["Body"].read()
        self.s3.put_object(Bucket=bucket, Key=target, Body=body)
        execution.columns, execution.row_count = previous.columns, previous.row_count
        execution.executed, execution.reused = time.time(), True

    def _require_output(self) -> None:
        """Athena refuses before it runs when the output bucket is not there."""
        if self.execution.managed:
            return
        bucket, _ = split_location(self.execution.location)
        try:
            self.s3.get_bucket_location(Bucket=bucket)
        except ClientError as error:
            raise output_refused(self.execution.location, error) from error

    def _store(self, result: Result) -> None:
        execution = self.execution
        execution.columns, execution.row_count = result.columns, len(result.rows)
        execution.update_count = result.update_count
        body = result_body(result, execution.written_as)
        if execution.managed:
            execution.held = body.decode()
            return
        bucket, key = split_location(execution.location)
        stem = key.removesuffix(".csv").removesuffix(".txt")
        try:
            if execution.makes_table:
                self.s3.put_object(Bucket=bucket, Key=f"{stem}.metadata", Body=body)
            else:
                self.s3.put_object(Bucket=bucket, Key=key, Body=body)
            if result.manifest is not None:
                body = "".join(f"{url}\n" for url in result.manifest).encode()
                self.s3.put_object(Bucket=bucket, Key=f"{stem}-manifest.csv", Body=body)
                execution.manifest = f"s3://{bucket}/{stem}-manifest.csv"
        except ClientError as error:
            raise output_refused(execution.location, error) from error
