"""What EventBridge refuses and ministack takes: schedules, rules that have targets, malformed events."""

from __future__ import annotations

import contextvars
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud import plugin
from localcloud.events import entries, schedules
from localcloud.plugin import stacks

Request = dict[str, Any]
Refused = Callable[..., Any]

MOST_TARGETS = 5  # of a rule, by default
_TOO_MANY = "The requested resource exceeds the maximum number allowed."
_TARGET_ID = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
_INPUTS = ("Input", "InputPath", "InputTransformer")
_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
_PREDEFINED = (
    *("aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"),
    *("aws.events.event", "aws.events.event.json"),
)
_event_time: contextvars.ContextVar[float | None] = contextvars.ContextVar("event_time", default=None)


def install(_app: Any) -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import eventbridge

    def refused(message: str, code: str = "ValidationException") -> Any:
        return error_response_json(code, message, 400)

    _look_at_rules(eventbridge, refused)
    _look_at_targets(eventbridge, refused)
    _look_at_events(eventbridge)


def _look_at_rules(eventbridge: Any, refused: Refused) -> None:
    parse_cron = plugin.require(eventbridge, "_parse_cron_fields", ["expr"])
    delete = plugin.require(eventbridge, "_delete_rule", ["data"])
    rule_key = plugin.require(eventbridge, "_rule_key", ["rule_name", "bus_name"])
    put = eventbridge._put_rule

    def rule_put(data: Request) -> Any:
        wrong = schedule_problem(data, parse_cron)
        return refused(wrong) if wrong else put(data)

    def rule_deleted(data: Request) -> Any:
        key = rule_key(data.get("Name"), data.get("EventBusName", "default"))
        if eventbridge._targets.get(key):
            return refused("Rule can't be deleted since it has targets.")
        return delete(data)

    def problem(properties: Mapping[str, Any]) -> str | None:
        targets = properties.get("Targets") or []
        wrong = schedule_problem(properties, parse_cron) or targets_problem(targets)
        return wrong or (_TOO_MANY if len(targets) > MOST_TARGETS else None)

    eventbridge._put_rule, eventbridge._delete_rule = rule_put, rule_deleted
    stacks.look_at("AWS::Events::Rule", problem)


def _look_at_targets(eventbridge: Any, refused: Refused) -> None:
    put = plugin.require(eventbridge, "_put_targets", ["data"])

    def targets_put(data: Request) -> Any:
        given = data.get("Targets") or []
        key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName", "default"))
        known = {target["Id"] for target in eventbridge._targets.get(key) or ()}
        if wrong := targets_problem(given):
            return refused(wrong)
        if len(known | {target["Id"] for target in given}) > MOST_TARGETS:
            return refused(_TOO_MANY, "LimitExceededException")
        return put(data)

    eventbridge._put_targets = targets_put


def _look_at_events(eventbridge: Any) -> None:
    """Answer malformed entries as failed, and give each event the time that its entry names."""
    put = plugin.require(eventbridge, "_put_events", ["data", "allow_aws_source"])
    now = plugin.require(eventbridge, "_now_ts", [])

    def sent(entry: Request, allow_aws_source: bool) -> Any:
        token = _event_time.set(entry.get("Time"))
        try:
            return json.loads(put({"Entries": [entry]}, allow_aws_source)[2])
        finally:
            _event_time.reset(token)

    def events_put(data: Request, allow_aws_source: bool = False) -> Any:
        given: Sequence[Request] = data.get("Entries") or []
        if not 0 < len(given) <= entries.MOST:
            return put(data, allow_aws_source)

        def send(good: Sequence[Request]) -> Request:
            answers = [sent(entry, allow_aws_source) for entry in good]
            return {"Entries": [answer["Entries"][0] for answer in answers]}

        answer = entries.put(given, send)
        return 200, {"Content-Type": plugin.JSON_CONTENT_TYPE}, plugin.to_json(answer)

    eventbridge._now_ts = lambda: now() if _event_time.get() is None else _event_time.get()
    eventbridge._put_events = events_put


def schedule_problem(rule: Mapping[str, Any], parse_cron: Any) -> str | None:
    """What is wrong with a rule's schedule, or nothing."""
    expression = rule.get("ScheduleExpression")
    if not expression and not rule.get("EventPattern"):
        return "Parameter(s) EventPattern or ScheduleExpression must be specified."
    if not expression:
        return None
    if str(rule.get("EventBusName", "default")).rpartition("/")[2] != "default":  # a name or an ARN
        return "ScheduleExpression is supported only on the default event bus."
    if schedules.is_valid(str(expression), parse_cron):
        return None
    return "Parameter ScheduleExpression is not valid."


def targets_problem(targets: Sequence[Mapping[str, Any]]) -> str | None:
    """What is wrong with the first bad target, or nothing."""
    return next(filter(None, map(target_problem, targets, range(1, len(targets) + 1))), None)


def target_problem(target: Mapping[str, Any], number: int) -> str | None:
    """What is wrong with a target of a rule, the `number`th of its request, or nothing."""
    name = str(target.get("Id", ""))
    if not _TARGET_ID.fullmatch(name):
        constraint = (
            "length less than or equal to 64"
            if len(name) > 64
            else r"satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
        )
        verb = "have " if constraint.startswith("length") else ""
        return (
            f"1 validation error detected: Value '{name}' at 'targets.{number}.member.id' failed to satisfy "
            f"constraint: Member must {verb}{constraint}"
        )
    if sum(one in target for one in _INPUTS) > 1:
        return f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
    transformer = target.get("InputTransformer") or {}
    for placeholder in _PLACEHOLDER.findall(transformer.get("InputTemplate", "")):
        if placeholder not in (*transformer.get("InputPathsMap", {}), *_PREDEFINED):
            return f"InputTemplate for target {name} contains invalid placeholder {placeholder}."
    return None
