"""Rules and alarms that wait for what this cloud never sends are refused when they are set up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import refusals, stacks

# By source of events: the kinds that come here; an empty set stands for all of them.
EVENTS: dict[str, set[str]] = {
    "aws.events": {"Scheduled Event"},
    "aws.glue": {"Glue Job State Change"},
    "aws.s3": set(),
    "aws.scheduler": set(),
    "aws.secretsmanager": set(),
    "aws.states": {"Step Functions Execution Status Change"},
}
_NEVER = (
    *("AWS API Call via CloudTrail", "Athena ", "CloudFormation ", "CloudWatch "),
    *("Glue Crawler ", "Glue Data Catalog "),
)
# By namespace: the metrics that come here.
METRICS = {
    "AWS/Lambda": {"Duration", "Errors", "Invocations", "RecursiveInvocationsDropped", "Throttles"},
    "AWS/States": {
        *("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"),
        *("ExecutionsAborted", "ExecutionTime"),
    },
}
_ASKED = ("Metrics", "Namespace", "MetricName")
_OF_SEVERAL = refusals.not_supported("an alarm on Metrics", "name one metric by Namespace and MetricName")


def install(_app: Any) -> None:
    _refuse_rules()
    _refuse_alarms()


def _refuse_rules() -> None:
    from ministack.services import eventbridge

    put_rule = plugin.require(eventbridge, "_put_rule", ["data"])

    def rule_put(data: dict[str, Any]) -> Any:
        if reason := event_refusal(data.get("EventPattern") or ""):
            return _error(reason)
        return put_rule(data)

    eventbridge._put_rule = rule_put
    stacks.look_at(
        "AWS::Events::Rule", lambda given: event_refusal(json.dumps(given.get("EventPattern") or ""))
    )


def _refuse_alarms() -> None:
    from ministack.services import cloudwatch

    put_alarm = plugin.require(cloudwatch, "_put_metric_alarm", ["params", "cbor_data", "is_cbor", "is_json"])
    stack_alarm = plugin.require(cloudwatch, "cloudformation_put_metric_alarm", ["alarm"])
    value = plugin.require(cloudwatch, "_p", ["params", "key"])

    def alarm_put(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            asked = {name: cbor_data.get(name) for name in _ASKED}
        else:  # the query protocol numbers the members of a list
            asked = {name: value(params, name) for name in _ASKED[1:]}
            asked["Metrics"] = any(str(name).startswith("Metrics.member.") for name in params)
        if reason := alarm_refusal(asked):
            return cloudwatch._error("InvalidParameterValue", reason, 400, is_json, is_cbor)
        return put_alarm(params, cbor_data, is_cbor, is_json)

    def alarm_of_stack(alarm: Mapping[str, Any]) -> None:
        if reason := alarm_refusal(alarm):
            raise ValueError(reason)
        stack_alarm(alarm)

    cloudwatch._put_metric_alarm, cloudwatch.cloudformation_put_metric_alarm = alarm_put, alarm_of_stack


def _error(reason: str) -> Any:
    from ministack.core.responses import error_response_json

    return error_response_json("ValidationException", reason, 400)


def event_refusal(pattern: str) -> str:
    """Why no event will ever match, or nothing."""
    try:
        wanted = json.loads(pattern) if pattern else {}
    except ValueError:
        return ""
    if not isinstance(wanted, dict):
        return ""
    sources, kinds = _texts(wanted.get("source")), _texts(wanted.get("detail-type"))
    if sources and not any(_comes(source, kinds) for source in sources):
        what = f"events of {', '.join(sources)}" + (f" ({', '.join(kinds)})" if kinds else "")
        return refusals.not_supported(what, "no such event is sent here, so the rule would never match")
    if "source" not in wanted and kinds and all(kind.startswith(_NEVER) for kind in kinds):
        return refusals.not_supported(f"events {', '.join(kinds)}", "the rule would never match")
    return ""


def _texts(values: Any) -> list[str]:
    """The values where all of them are plain text; a pattern may also hold conditions."""
    plain = isinstance(values, list) and all(isinstance(one, str) for one in values)
    return list(values) if plain else []


def _comes(source: str, kinds: list[str]) -> bool:
    if not source.startswith("aws."):
        return True  # whoever puts events chooses their source
    if source not in EVENTS:
        return False
    known = EVENTS[source]
    return not known or not kinds or bool(known & set(kinds))


def alarm_refusal(alarm: Mapping[str, Any]) -> str:
    """Why an alarm could never change its state, or nothing."""
    if alarm.get("Metrics"):
        return _OF_SEVERAL
    return metric_refusal(str(alarm.get("Namespace") or ""), str(alarm.get("MetricName") or ""))


def metric_refusal(namespace: str, metric: str) -> str:
    """Why no value of a metric will ever come, or nothing."""
    if not namespace.startswith("AWS/"):
        return ""
    if metric in METRICS.get(namespace, ()):
        return ""
    hint = "nothing here puts it, so the alarm would never change; metrics of AWS/States and AWS/Lambda come"
    return refusals.not_supported(f"the metric {metric} of {namespace}", hint)
