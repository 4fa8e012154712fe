"""Map runs: the child executions of a distributed Map, as one."""

from __future__ import annotations

from typing import Any

from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.control.requests import Body, Request, check_arn, page, refuse, without_nothing


class MapRuns:
    """The operations on map runs; `service` is ministack's module."""

    def __init__(self, service: Any) -> None:
        self.service = service

    def list_map_runs(self, request: Request) -> Body:
        arn = check_arn(request.get("executionArn", ""), "execution")
        if arn not in self.service._executions:
            refuse("ExecutionDoesNotExist", arn)
        runs = [run for run in self.service._map_runs.values() if run["executionArn"] == arn]
        shown, more = page(runs, request)
        names = ("executionArn", "mapRunArn", "startDate", "stopDate")
        listed = [
            {**{name: run.get(name) for name in names}, "stateMachineArn": run["_stateMachineArn"]}
            for run in shown
        ]
        return {"mapRuns": [without_nothing(item) for item in listed], **more}

    def _run(self, request: Request) -> dict[str, Any]:
        arn = check_arn(request.get("mapRunArn", ""), "mapRun")
        run: dict[str, Any] | None = self.service._map_runs.get(arn)
        if run is None:
            raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'")
        return run

    def describe_map_run(self, request: Request) -> Body:
        run = self._run(request)
        body = {name: value for name, value in run.items() if not name.startswith("_")}
        return without_nothing({**body, "redriveCount": 0})

    def update_map_run(self, request: Request) -> Body:
        self._run(request)
        raise AwsError("ValidationException", refusals.not_supported("UpdateMapRun"))
