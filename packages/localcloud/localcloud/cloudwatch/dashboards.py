"""CloudWatch dashboards: a body that AWS refuses is refused, through the API and in a stack.

ministack keeps any text as a dashboard, and does not escape it in the query protocol.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from localcloud import plugin

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MOST_WIDGETS, _COLUMNS, _MOST_HEIGHT, _NAME_LENGTH = 500, 24, 1000, 255
# By the type of a widget: the properties that it cannot do without.
_NEEDED = {
    "alarm": ("alarms",),
    "custom": ("endpoint",),
    "explorer": ("metrics",),
    "log": ("query", "region"),
    "metric": (),
    "text": ("markdown",),
}
Message = tuple[str, str]  # where in the body, and what is wrong there


def install(_app: Any) -> None:
    from ministack.services import cloudwatch

    arguments = ["params", "cbor_data", "is_cbor", "is_json"]
    put = plugin.require(cloudwatch, "_put_dashboard", arguments)
    get = plugin.require(cloudwatch, "_get_dashboard", arguments)
    delete = plugin.require(cloudwatch, "_delete_dashboards", arguments)
    of_stack = plugin.require(cloudwatch, "cloudformation_put_dashboard", ["name", "body"])
    value = plugin.require(cloudwatch, "_p", ["params", "key"])

    def asked(name: str, params: Any, data: Any, is_data: bool) -> str:
        return str((data if is_data else {name: value(params, name)}).get(name) or "")

    def put_checked(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        given = (asked(one, params, data, is_cbor or is_json) for one in ("DashboardName", "DashboardBody"))
        if reason := refusal(*given):
            return cloudwatch._error("InvalidParameterInput", reason, 400, is_json, is_cbor)
        return put(params, data, is_cbor, is_json)

    def got(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        name = asked("DashboardName", params, data, is_cbor or is_json)
        if is_cbor or is_json or name not in cloudwatch._dashboards:
            return get(params, data, is_cbor, is_json)
        found = cloudwatch._dashboards[name]
        fields = ("DashboardArn", "DashboardBody", "DashboardName")
        members = "".join(f"<{one}>{escape(found[one])}</{one}>" for one in fields)
        inner = f"<GetDashboardResult>{members}</GetDashboardResult>"
        return cloudwatch._xml(200, "GetDashboardResponse", inner)

    def deleted(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        status, headers, body = delete(params, data, is_cbor, is_json)
        return status, headers, body.replace(b"DashboardNotFoundError", b"ResourceNotFound")

    def put_of_stack(name: str, body: str) -> Any:
        if reason := refusal(name, body):
            raise ValueError(f"{reason} (Service: CloudWatch, Status Code: 400)")
        return of_stack(name, body)

    cloudwatch._put_dashboard, cloudwatch._get_dashboard = put_checked, got
    cloudwatch._delete_dashboards, cloudwatch.cloudformation_put_dashboard = deleted, put_of_stack


def refusal(name: str, body: str) -> str:
    """Why AWS would not take a dashboard, in its words, or nothing."""
    if not name:
        return "The field DashboardName must not be empty"
    if len(name) > _NAME_LENGTH:
        return f"The field DashboardName must not exceed {_NAME_LENGTH} characters"
    if not _NAME.fullmatch(name):
        return "The field DashboardName must only contain alphanumerics, dash and underscore"
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return "The field DashboardBody must be a valid JSON object"
    found = [{"dataPath": path, "message": message} for path, message in _wrong(content)]
    if not found:
        return ""
    many = f"there are {len(found)} validation errors"
    return f"The dashboard body is invalid, {many}:\n{json.dumps(found, indent=2)}"


def _wrong(body: dict[str, Any]) -> Iterator[Message]:
    widgets = body.get("widgets")
    if widgets is None:
        yield "", "Should have required property 'widgets'"
    elif not isinstance(widgets, list):
        yield "/widgets", "Should be array"
    elif len(widgets) > _MOST_WIDGETS:
        yield "/widgets", f"Should NOT have more than {_MOST_WIDGETS} items"
    else:
        for index, widget in enumerate(widgets):
            yield from _wrong_widget(f"/widgets/{index}", widget)


def _wrong_widget(path: str, widget: Any) -> Iterator[Message]:
    if not isinstance(widget, dict):
        yield path, "Should be object"
        return
    limits = {"x": (0, _COLUMNS - 1), "y": (0, None), "width": (1, _COLUMNS), "height": (1, _MOST_HEIGHT)}
    for name, (least, most) in limits.items():
        yield from _wrong_number(f"{path}/{name}", widget.get(name, least), least, most)
    kind, properties = widget.get("type"), widget.get("properties")
    if kind is None:
        yield path, "Should have required property 'type'"
    elif kind not in _NEEDED:
        yield f"{path}/type", "Should be equal to one of the allowed values"
    elif not isinstance(properties, dict):
        missing = properties is None
        yield (path, "Should have required property 'properties'") if missing else (path, "Should be object")
    else:
        yield from _wrong_properties(f"{path}/properties", kind, properties)


def _wrong_number(path: str, value: Any, least: int, most: int | None) -> Iterator[Message]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield path, "Should be integer"
    elif value < least:
        yield path, f"Should be >= {least}"
    elif most is not None and value > most:
        yield path, f"Should be <= {most}"


def _wrong_properties(path: str, kind: str, properties: dict[str, Any]) -> Iterator[Message]:
    for name in _NEEDED[kind]:
        if name not in properties:
            yield path, f"Should have required property '{name}'"
    if kind != "metric":
        return
    sources = [name for name in ("metrics", "annotations") if name in properties]
    for name in ("metrics", "annotations") if not sources else ():
        yield path, f"Should have required property '{name}'"
    if not sources or ("region" not in properties and "metrics" in properties):
        message = "The metric widget should have specified a region and a data source or an alarm annotation"
        yield path, message
    yield from _wrong_metrics(f"{path}/metrics", properties.get("metrics", []))


def _wrong_metrics(path: str, metrics: Any) -> Iterator[Message]:
    if not isinstance(metrics, list):
        yield path, "Should be array"
        return
    for index, metric in enumerate(metrics):
        if not isinstance(metric, list):
            yield f"{path}/{index}", "Should be array"
            continue
        fields = metric[:-1] if metric and isinstance(metric[-1], dict) else metric
        made = not fields and "expression" in (metric or [{}])[-1]
        if not all(isinstance(one, str) for one in fields) or (not fields and not made):
            message = (
                'Field "metrics" has to be an array of array of strings, with an optional metricRenderer '
                "object as last element"
            )
            yield f"{path}/{index}", message
        elif not made and len(fields) % 2 and "..." not in fields:
            yield f"{path}/{index}", "Namespace, MetricName and pairs of dimensions are expected"
