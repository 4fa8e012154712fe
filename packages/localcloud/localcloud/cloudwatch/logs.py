"""CloudWatch Logs: patterns that filter as AWS's do, and nothing set up that would never happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud import plugin
from localcloud.cloudwatch import filter_patterns, insights, log_events
from localcloud.plugin import AwsError, refusals

Request = dict[str, Any]
Original = Callable[[str, Request], Request]


def install(app: Any) -> None:
    from ministack.services import cloudwatch_logs

    plugin.require(cloudwatch_logs, "_compile_filter_pattern", ["raw"])
    plugin.require(cloudwatch_logs, "_subscription_pattern_matches", ["pattern", "message"])
    cloudwatch_logs._compile_filter_pattern = _compiled
    cloudwatch_logs._subscription_pattern_matches = lambda pattern, message: _compiled(pattern or "")(
        message or ""
    )
    original = plugin.route(app, "logs", _actions(cloudwatch_logs, lambda *asked: original(*asked)))


def _actions(service: Any, original: Original) -> dict[str, plugin.Action]:
    split = plugin.require(service, "_split_insights_pipes", ["query_string"])
    compiled = plugin.require(service, "_compile_insights_filter", ["stage"])
    for name in ("_resolve_log_group_name", "_put_log_events", "_get_log_events"):
        plugin.require(service, name, ["data"])

    def put(request: Request) -> Request:
        return log_events.put(service, request, original)

    def filtered(request: Request) -> Request:
        return log_events.find(service, request, _compiled(request.get("filterPattern") or ""))

    def got(request: Request) -> Request:
        log_events.check_limit(request)
        return original("GetLogEvents", request)

    def asked(request: Request) -> Request:
        query = insights.checked(str(request.get("queryString") or ""), split, compiled)
        return original("StartQuery", {**request, "queryString": query})

    def subscribed(request: Request) -> Request:
        _check_subscription(request)
        return original("PutSubscriptionFilter", request)

    return {
        "PutLogEvents": put,
        "FilterLogEvents": filtered,
        "GetLogEvents": got,
        "StartQuery": asked,
        "PutSubscriptionFilter": subscribed,
        "TestMetricFilter": _tested,
    }


def _check_subscription(request: Request) -> None:
    _compiled(request.get("filterPattern") or "")
    destination = str(request.get("destinationArn"))
    if ":function:" not in destination:
        what = f"the destination {destination} of a subscription filter"
        reason = refusals.not_supported(what, "events go to functions alone")
        raise AwsError("InvalidParameterException", reason)


def _compiled(pattern: str) -> Callable[[str], bool]:
    try:
        return filter_patterns.compiled(pattern)
    except filter_patterns.InvalidPatternError as error:
        raise AwsError("InvalidParameterException", str(error)) from error


def _tested(request: Request) -> Request:
    """Which messages a pattern matches; the values that it extracts are not told."""
    matches = _compiled(request.get("filterPattern") or "")
    messages = request.get("logEventMessages") or []
    found = [
        {"eventNumber": number, "eventMessage": message, "extractedValues": {}}
        for number, message in enumerate(messages, 1)
        if matches(message)
    ]
    return {"matches": found}
