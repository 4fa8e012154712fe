"""The CloudWatch dashboard of a stack: executions, durations, rows, rejects, freshness, what drives the cost.

`body` is the dashboard as JSON has it, with `${...}` for what only CloudFormation knows. It draws what AWS
publishes of the stack's resources, and `METRICS`, which the function `watch` puts into its log.
"""

from __future__ import annotations

import json
from typing import Any

from troposphere import Equals, Parameter, Ref, Sub, cloudwatch

from infra.common import monitoring, names, query
from infra.common.parameters import Group, choice

TITLE = "Dashboard"
PARAMETER = "CloudWatchDashboard"
CONDITION = "ShowDashboard"
NAMESPACE = "CovidLake"
# By the metric of a stack: its unit. lambdas/watch/handler.py publishes them with the dimension Stack.
METRICS = {
    "RowsRead": "Count",
    "RowsNew": "Count",
    "RowsQuarantined": "Count",
    "GlueDollars": "None",
    "HoursSinceSuccess": "None",
}
HOUR, DAY = 3600, 86_400
WIDTH, HEIGHT = 12, 6  # of a widget; a row of the grid has 24 columns
QUERY_STATES = ("SUCCEEDED", "FAILED", "CANCELED")
Json = dict[str, Any]


def parameters(*more: Parameter) -> Group:
    return "What is drawn", [
        choice(
            PARAMETER,
            "true makes a CloudWatch dashboard, and has the function watch look each hour and publish five "
            "metrics. An account has three dashboards free of charge; each further one is $3 a month.",
            "false",
            *("true", "false"),
        ),
        *more,
    ]


def condition() -> Equals:
    return Equals(Ref(PARAMETER), "true")


def dashboard(watch: str) -> cloudwatch.Dashboard:
    """`watch`: the name of the function. An account has one dashboard of a name for all of its regions."""
    return cloudwatch.Dashboard(
        TITLE,
        Condition=CONDITION,
        DashboardName=Sub(names.DASHBOARD),
        DashboardBody=Sub(json.dumps(body(watch), sort_keys=True)),
    )


def body(watch: str) -> Json:
    drawn = [
        _executions(),
        _durations(),
        _rows(),
        _rejects(),
        _freshness(),
        _glue(),
        _queries(),
        _storage(),
        _functions(watch),
        _said(watch),
    ]
    return {"start": "-P28D", "periodOverride": "inherit", "widgets": _placed(drawn)}


def _placed(drawn: list[Json]) -> list[Json]:
    """Two beside each other."""
    grid = {"width": WIDTH, "height": HEIGHT}
    return [
        {**grid, "x": number % 2 * WIDTH, "y": number // 2 * HEIGHT, **one}
        for number, one in enumerate(drawn)
    ]


def _chart(title: str, metrics: list[list[Any]], **more: Any) -> Json:
    """Of sums by the day, unless a metric or the chart says otherwise."""
    given = {"view": "timeSeries", "stat": "Sum", "period": DAY, **more}
    return {
        "type": "metric",
        "properties": {"title": title, "region": "${AWS::Region}", "metrics": metrics, **given},
    }


def _left(label: str) -> Json:
    return {"left": {"min": 0, "label": label, "showUnits": False}}


def _of_machine(metric: str, **more: Any) -> list[Any]:
    return ["AWS/States", metric, "StateMachineArn", f"${{{monitoring.STATE_MACHINE}}}", more]


def _own(metric: str, **more: Any) -> list[Any]:
    return [NAMESPACE, metric, "Stack", "${AWS::StackName}", more]


def _executions() -> Json:
    endings = ("Started", "Succeeded", *monitoring.ALARM_METRICS)
    colors = dict(zip(endings, ("#7f7f7f", "#2ca02c", "#d62728", "#ff7f0e", "#9467bd"), strict=True))
    metrics = [_of_machine(f"Executions{one}", label=one, color=colors[one]) for one in endings]
    return _chart("Executions a day", metrics, yAxis=_left("executions"))


def _durations() -> Json:
    """Step Functions counts in milliseconds."""
    seconds = [
        [{"expression": f"{one} / 1000", "label": label, "id": f"{one}_seconds"}]
        for one, label in (("mean", "mean"), ("longest", "longest"))
    ]
    measured = [
        _of_machine("ExecutionTime", id="mean", stat="Average", visible=False),
        _of_machine("ExecutionTime", id="longest", stat="Maximum", visible=False),
    ]
    return _chart("Seconds of an execution", [*seconds, *measured], yAxis=_left("seconds"))


def _rows() -> Json:
    metrics = [_own("RowsRead", label="read"), _own("RowsNew", label="new")]
    return _chart("Rows a day", metrics, yAxis=_left("rows"))


def _rejects() -> Json:
    share = [{"expression": "100 * rejected / read", "label": "% of the rows read", "yAxis": "right"}]
    metrics = [
        _own("RowsQuarantined", id="rejected", label="rows in quarantine"),
        _own("RowsRead", id="read", visible=False),
    ]
    axes = {**_left("rows"), "right": {"min": 0, "max": 100, "label": "%", "showUnits": False}}
    return _chart("Rejected rows a day", [share, *metrics], yAxis=axes)


def _freshness() -> Json:
    metrics = [_own("HoursSinceSuccess", label="hours", stat="Maximum")]
    title = "Hours since the last success of the data set that waits longest"
    return _chart(title, metrics, period=HOUR, yAxis=_left("hours"))


def _glue() -> Json:
    metrics = [_own("GlueDollars", label="job runs and crawls")]
    return _chart("Dollars a day for Glue", metrics, yAxis=_left("$"))


def _queries() -> Json:
    kinds = [["AWS/Athena", "ProcessedBytes", "WorkGroup", f"${{{query.WORK_GROUP}}}", "QueryType", "DML"]]
    metrics = [[*one, "QueryState", state, {"label": state}] for one in kinds for state in QUERY_STATES]
    return _chart("Bytes a day that queries scanned", metrics, yAxis=_left("bytes"))


def _storage() -> Json:
    bucket = ["BucketName", f"${{{names.LAKE_BUCKET}}}", "StorageType", "StandardStorage"]
    metrics = [["AWS/S3", "BucketSizeBytes", *bucket, {"label": "lake", "stat": "Average"}]]
    return _chart("Bytes in the lake", metrics, yAxis=_left("bytes"))


def _functions(watch: str) -> Json:
    """The function that records: where it fails, nothing else here is right."""
    of = ["FunctionName", watch]
    metrics = [
        ["AWS/Lambda", "Invocations", *of, {"label": "calls"}],
        ["AWS/Lambda", "Errors", *of, {"label": "errors", "color": "#d62728"}],
    ]
    return _chart("Calls a day of the function watch", metrics, yAxis=_left("calls"))


def _said(watch: str) -> Json:
    """Which bounds are crossed, and how long each data set waits, as the function's log says it."""
    lines = [
        f"SOURCE '/aws/lambda/{watch}'",
        "fields @timestamp, @message",
        "filter @message like /hours/",
        "sort @timestamp desc",
        "limit 20",
    ]
    return {
        "type": "log",
        "properties": {
            "title": "What the function watch said last",
            "region": "${AWS::Region}",
            "view": "table",
            "query": " | ".join(lines),
        },
    }
