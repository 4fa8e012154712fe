"""Amazon Athena's query executions over the Data Catalog; work groups and named queries stay ministack's.

A query runs in a thread with the rights of its caller: IAM judges the reads of the catalog and of S3
and the writing of the result.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud import plugin
from localcloud.athena import work_groups
from localcloud.athena.sql.execution import FINAL, Execution, Running
from localcloud.athena.sql.results import column_info, read_rows, row_view
from localcloud.athena.sql.statements.kinds import malformed
from localcloud.glue.catalog.table_objects import split_location
from localcloud.iam import policies
from localcloud.plugin import state
from localcloud.plugin.paging import page

KEPT = 10_000
LONGEST_QUERY = 262_144
Original = Callable[[str, dict[str, Any]], dict[str, Any]]
Key = tuple[str, str, str]


def invalid(message: str) -> plugin.AwsError:
    return plugin.AwsError("InvalidRequestException", message)


class Athena:
    """The actions of Athena that concern query executions."""

    def __init__(self, original: Original) -> None:
        self.original = original
        self.executions: dict[Key, Execution] = {}
        self.running: dict[str, Running] = {}
        self.tokens: dict[tuple[str, str, str], tuple[dict[str, Any], str]] = {}
        self.lock = threading.Lock()

    def key(self, name: str) -> Key:
        return plugin.current_account(), plugin.current_region(), name

    def find(self, query_id: str) -> Execution:
        execution = self.executions.get(self.key(query_id))
        if execution is None:
            raise invalid(f"QueryExecution {query_id} was not found")
        return execution

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        sql = request.get("QueryString") or ""
        if not sql.strip() or len(sql.encode()) > LONGEST_QUERY:
            raise invalid("QueryString must have 1 to 262144 bytes")
        token = request.get("ClientRequestToken")
        asked = {name: value for name, value in request.items() if name != "ClientRequestToken"}
        with self.lock:
            if token and (known := self.tokens.get(self.key(token))):
                if known[0] != asked:
                    raise invalid("Idempotent parameters do not match")
                return {"QueryExecutionId": known[1]}
            execution = self._new_execution(request, sql)
            if token:
                self.tokens[self.key(token)] = (asked, execution.query_id)
            self._remember(execution)
        if (request.get("QueryExecutionContext") or {}).get("Database") == "default":
            _make_default_database()
        credentials = plugin.caller_credentials()
        running = Running(
            execution,
            plugin.client("glue", credentials),
            plugin.client("s3", credentials),
            prepared=self.original,
            previous=self._reusable(execution),
        )
        self.running[execution.query_id] = running
        plugin.in_thread(self._run, running)
        return {"QueryExecutionId": execution.query_id}

    def _reusable(self, wanted: Execution) -> Execution | None:
        """The newest query that was the same and is young enough, where the request asks for one."""
        asked = wanted.reuse.get("ResultReuseByAgeConfiguration") or {}
        if not asked.get("Enabled") or wanted.substatement != "SELECT" or wanted.managed:
            return None
        oldest = wanted.submitted - 60 * int(asked.get("MaxAgeInMinutes", 60))
        account, region, _ = self.key("")
        same = [
            one
            for (owner, place, _), one in self.executions.items()
            if (owner, place, one.state) == (account, region, "SUCCEEDED")
            and one.same_question(wanted)
            and one.completed >= oldest
        ]
        return same[-1] if same else None

    def _remember(self, execution: Execution) -> None:
        self.executions[self.key(execution.query_id)] = execution
        for key in list(self.executions)[:-KEPT]:
            del self.executions[key]

    def _run(self, running: Running) -> None:
        try:
            running.run()
        finally:
            self.running.pop(running.execution.query_id, None)

    def _new_execution(self, request: dict[str, Any], sql: str) -> Execution:
        name = request.get("WorkGroup") or "primary"
        group = self.workgroup(name)
        configuration = group["Configuration"]
        context = request.get("QueryExecutionContext") or {}
        settings = work_groups.result_settings(request, configuration)
        managed = work_groups.keeps_results(configuration)
        output = "" if managed else _output(settings.pop("OutputLocation", ""))
        if managed and settings:
            raise invalid("ResultConfiguration is not supported in a work group with managed query results")
        if reason := work_groups.refusal(sql, configuration) or malformed(sql):
            raise invalid(reason)
        cutoff = configuration.get("BytesScannedCutoffPerQuery")
        return Execution(
            sql=sql,
            database=(context.get("Database") or "default").strip("`"),
            catalog=context.get("Catalog") or "AwsDataCatalog",
            workgroup=name,
            output=output,
            settings=settings,
            parameters=request.get("ExecutionParameters") or [],
            cutoff=int(cutoff) if cutoff else None,
            reuse=request.get("ResultReuseConfiguration") or {},
            managed=managed,
        )

    def workgroup(self, name: str) -> dict[str, Any]:
        """The definition of an enabled work group."""
        try:
            group: dict[str, Any] = self.original("GetWorkGroup", {"WorkGroup": name})["WorkGroup"]
        except plugin.AwsError as error:
            raise invalid(f"WorkGroup {name} is not found.") from error
        group = work_groups.completed(group)
        if group.get("State") == "DISABLED":
            raise invalid(f"WorkGroup {name} is disabled.")
        return group

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"QueryExecution": self.find(request["QueryExecutionId"]).view()}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        found, missing = [], []
        for query_id in request["QueryExecutionIds"]:
            execution = self.executions.get(self.key(query_id))
            if execution:
                found.append(execution.view())
            else:
                text = f"QueryExecution {query_id} was not found"
                missing.append(
                    {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": text}
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self.find(request["QueryExecutionId"])
        running = self.running.get(execution.query_id)
        if running is not None:
            running.cancel()
        return {}

    def list_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        group = request.get("WorkGroup") or "primary"
        account, region, _ = self.key("")
        newest = [
            execution.query_id
            for (owner, place, _), execution in reversed(self.executions.items())
            if (owner, place, execution.workgroup) == (account, region, group)
        ]
        shown, token = page(newest, request, 50, code="InvalidRequestException")
        return {"QueryExecutionIds": shown, **token}

    def statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self.find(request["QueryExecutionId"])
        shown = execution.statistics()
        spans = [name for name in shown if name.endswith("InMillis")]
        return {
            "QueryRuntimeStatistics": {
                "Timeline": {name: shown[name] for name in spans},
                "Rows": {"InputBytes": execution.scanned, "OutputRows": execution.row_count},
            }
        }

    def results(self, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the result object, which the caller must be allowed to read, as on AWS."""
        execution = self.find(request["QueryExecutionId"])
        if execution.state == "FAILED":
            raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
        if execution.state != "SUCCEEDED":
            raise invalid(f"Query has not yet finished. Current state: {execution.state}")
        rows = read_rows(self._result_text(execution), len(execution.columns), execution.written_as)
        start, size = _page_bounds(request)
        end = start + size
        token = {"NextToken": str(end)} if end < len(rows) else {}
        return {
            "UpdateCount": execution.update_count or 0,
            "ResultSet": {
                "Rows": [row_view(row) for row in rows[start:end]],
                "ResultSetMetadata": {"ColumnInfo": [column_info(*column) for column in execution.columns]},
            },
            **token,
        }

    def _result_text(self, execution: Execution) -> str:
        if execution.managed or execution.makes_table:
            return execution.held
        bucket, key = split_location(execution.location)
        s3 = plugin.client("s3", plugin.caller_credentials())
        try:
            return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
        except ClientError as error:
            found = error.response["Error"]
            if found["Code"] == "AccessDenied":
                raise plugin.AwsError(
                    "AccessDeniedException", f"s3:GetObject of {execution.location}: {found.get('Message')}"
                ) from error
            raise invalid(f"Could not find results at {execution.location}: {found['Code']}") from error

    def resource(self, _action: str, request: dict[str, Any]) -> str | None:
        """What IAM judges the request by: the work group of its query."""
        execution = self.executions.get(self.key(request.get("QueryExecutionId", "")))
        return f"workgroup/{execution.workgroup}" if execution else None

    def save(self) -> list[dict[str, Any]]:
        return [
            {"key": list(key), **dataclasses.asdict(execution)}
            for key, execution in self.executions.items()
            if execution.state in FINAL
        ]

    def restore(self, saved: list[dict[str, Any]]) -> None:
        for record in saved:
            account, region, name = record.pop("key")
            record["columns"] = [(column, kind) for column, kind in record["columns"]]
            self.executions[account, region, name] = Execution(**record)

    def reset(self) -> None:
        for running in list(self.running.values()):
            running.cancel()
        self.executions.clear()
        self.tokens.clear()


def _output(location: str) -> str:
    """The location, if results can be written there."""
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the Workgroup "
            "result configuration setting or as an API input."
        )
    try:
        split_location(location)
    except ValueError as error:
        raise invalid(f"outputLocation is not a valid S3 path. {error}") from error
    return location


def _make_default_database() -> None:
    """Athena makes the database `default` for who asks in it."""
    glue = plugin.client("glue")
    with contextlib.suppress(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": "default", "Description": "Default Hive database"})


def _page_bounds(request: dict[str, Any]) -> tuple[int, int]:
    size = int(request.get("MaxResults") or 1000)
    if not 1 <= size <= 1000:
        raise invalid(f"MaxResults is {size}: it must be from 1 to 1000")
    with contextlib.suppress(ValueError):
        return int(request.get("NextToken") or 0), size
    raise invalid("NextToken is not one of this query's")


def install(app: Any) -> None:
    athena = Athena(lambda action, request: original(action, request))
    actions = {
        "StartQueryExecution": athena.start,
        "GetQueryExecution": athena.get,
        "BatchGetQueryExecution": athena.batch_get,
        "GetQueryResults": athena.results,
        "StopQueryExecution": athena.stop,
        "ListQueryExecutions": athena.list_executions,
        "GetQueryRuntimeStatistics": athena.statistics,
        **work_groups.actions(athena.original),
    }
    original = plugin.route(app, "athena", actions)
    policies.RESOURCE_OF["athena"] = athena.resource
    state.keep("athena", athena.save, athena.restore, athena.reset)
