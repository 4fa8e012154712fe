"""What one service delivers to another is judged by the target's policy, and dead-lettered when refused.

SNS to SQS, EventBridge to SQS, SNS, Lambda and Step Functions, CloudWatch alarms to SNS. As on AWS the
publisher never hears of a refusal: the message goes to the dead-letter queue of the subscription or of
the target when there is one that lets the service in, else it is lost. Each refusal is logged.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud import plugin

_logger = logging.getLogger(__name__)

# A rule's target of these is called as its RoleArn where it has one, and by its own policy where not.
_BY_ROLE = {"lambda", "sns", "sqs"}
_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}


@dataclass(frozen=True)
class Delivery:
    """A service's call on a resource: `service` is its principal, `source` the ARN it acts for."""

    service: str
    source: str
    target: str

    @property
    def action(self) -> str:
        return _ACTIONS[self.target.split(":")[2]]


def install() -> None:
    """Wrap the three places of ministack where a service delivers."""
    from ministack.services import kms, lambda_svc, sns, sqs

    plugin.require(lambda_svc, "function_policy_for_arn", ["resource_arn"])
    plugin.require(sns, "_topic_by_arn_any_scope", ["topic_arn"])
    plugin.require(sqs, "_queue_by_arn", ["arn"])
    plugin.require(kms, "key_policy_for_arn", ["resource_arn"])
    _judge_subscriptions()
    _judge_rules()
    _judge_alarms()


def _judge_subscriptions() -> None:
    from ministack.services import sns

    deliver = plugin.require(sns, "_deliver_to_sqs", ["endpoint", "envelope", "raw", "raw_message"])

    def judged(
        endpoint: str, envelope: str, raw: bool, raw_message: str, topic_arn: str = "", **rest: Any
    ) -> None:
        if allows(Delivery("sns.amazonaws.com", topic_arn, endpoint)):
            _pin_service()
            deliver(endpoint, envelope, raw, raw_message, topic_arn=topic_arn, **rest)
            return
        body = raw_message if raw else envelope
        _dead_letter("sns.amazonaws.com", topic_arn, _redrive_queue(topic_arn, endpoint), body, {})

    sns._deliver_to_sqs = judged


def _redrive_queue(topic_arn: str, endpoint: str) -> str | None:
    """The dead-letter queue of the subscription of this queue to this topic."""
    from ministack.services import sns

    topic = sns._topic_by_arn_any_scope(topic_arn) or {}
    for subscription in topic.get("subscriptions", []):
        if subscription.get("endpoint") == endpoint:
            policy = subscription.get("attributes", {}).get("RedrivePolicy") or "{}"
            redrive = json.loads(policy) if isinstance(policy, str) else policy
            target: str | None = redrive.get("deadLetterTargetArn")
            return target
    return None


def _judge_rules() -> None:
    from ministack.services import eventbridge

    invoke = plugin.require(eventbridge, "_invoke_target", ["target", "event", "rule", "view"])
    build_view = plugin.require(eventbridge, "_pattern_event_view", ["event"])

    def judged(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], view: Any = None) -> None:
        problem = _refusal(target, rule)
        if problem is None:
            _pin_service()
            invoke(target, event, rule, view)
            return
        attributes = {
            "RULE_ARN": rule.get("Arn", ""),
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": problem[0],
            "ERROR_MESSAGE": problem[1],
        }
        body = json.dumps((view or build_view(event)).event_with_detail())
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        _dead_letter("events.amazonaws.com", rule.get("Arn", ""), queue, body, attributes)

    eventbridge._invoke_target = judged


def _refusal(target: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, str] | None:
    """EventBridge's error code and message for a target that it may not or cannot reach, else None."""
    arn, source = target.get("Arn", ""), rule.get("Arn", "")
    service = arn.split(":")[2] if arn.startswith("arn:") else ""
    role = target.get("RoleArn")
    if service == "states" or (role and (service in _BY_ROLE or ":schedule/" in source)):
        action = _ACTIONS.get(service, "states:StartExecution")
        allowed = bool(role) and role_allows(str(role), _assumer(source), source, action, arn)
    elif service in _ACTIONS:
        allowed = allows(Delivery("events.amazonaws.com", source, arn))
    else:
        return None
    return None if allowed else ("NO_PERMISSIONS", f"{source} is not authorized to deliver to {arn}")


def _assumer(source: str) -> str:
    return "scheduler.amazonaws.com" if ":scheduler:" in source else "events.amazonaws.com"


def _judge_alarms() -> None:
    from ministack.services import cloudwatch

    names = ["alarm", "old_state", "new_state", "reason"]
    dispatch = plugin.require(cloudwatch, "_dispatch_alarm_actions", names)

    def judged(alarm: Mapping[str, Any], old_state: str, new_state: str, reason: str) -> None:
        source, permitted = alarm.get("AlarmArn", ""), dict(alarm)
        for field in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            permitted[field] = [
                arn
                for arn in alarm.get(field) or []
                if arn.split(":")[2] != "sns" or allows(Delivery("cloudwatch.amazonaws.com", source, arn))
            ]
        _pin_service()
        dispatch(permitted, old_state, new_state, reason)

    cloudwatch._dispatch_alarm_actions = judged


def allows(delivery: Delivery) -> bool:
    """Whether the target exists and its own policy, and that of its key, let the service deliver."""
    found = _policy_of(delivery.target)
    if found is None:
        _logger.warning("%s: %s does not exist", delivery.source, delivery.target)
        return False
    policy, key = found
    allowed = _service_allowed(policy, delivery, delivery.action, delivery.target)
    if not allowed:
        _logger.warning(
            "%s: the policy of %s does not allow %s to %s",
            *(delivery.source, delivery.target, delivery.service, delivery.action),
        )
    return allowed and (key is None or _key_allows(key, delivery))


def _policy_of(arn: str) -> tuple[Any, str | None] | None:
    """The resource policy of a queue, topic or function and the id of its KMS key; None without resource."""
    from ministack.services import lambda_svc, sns, sqs

    service = arn.split(":")[2]
    if service == "lambda":
        found = lambda_svc.function_policy_for_arn(arn)
        return (found[0], None) if found else None
    resource = sqs._queue_by_arn(arn) if service == "sqs" else sns._topic_by_arn_any_scope(arn)
    if resource is None:
        return None
    attributes = resource.get("attributes", {})
    return attributes.get("Policy") or None, attributes.get("KmsMasterKeyId") or None


def _key_allows(key: str, delivery: Delivery) -> bool:
    """A service writes to an encrypted resource with that key: its policy must name the service.

    The policy of an AWS managed key (`alias/aws/sns`) names none of the services here but SNS itself.
    """
    from ministack.services import kms

    if key.split("/", 1)[-1].startswith("aws/"):
        return delivery.service == "sns.amazonaws.com"
    found = kms.key_policy_for_arn(key)
    allowed = found is not None and _service_allowed(found[0], delivery, "kms:GenerateDataKey", key)
    if not allowed:
        _logger.warning("%s: key %s does not allow %s", delivery.source, key, delivery.service)
    return allowed


def _service_allowed(policy: Any, delivery: Delivery, action: str, resource: str) -> bool:
    from ministack.core import iam_evaluator

    account = delivery.source.split(":")[4] if delivery.source.count(":") > 4 else plugin.current_account()
    conditions = {"aws:sourcearn": delivery.source, "aws:sourceaccount": account}
    if delivery.service != "events.amazonaws.com":  # the default policy of a topic does not admit EventBridge
        conditions["aws:sourceowner"] = account
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=plugin.current_region(),
        secure_transport=True,
        service_context=conditions,
    )
    decision = iam_evaluator.evaluate_resource_policy(policy, context, service=delivery.service).decision
    return bool(decision == "Allow")


def role_allows(role_arn: str, service: str, source: str, action: str, resource: str) -> bool:
    """Whether the service may, for `source`, assume the role and the role do `action` on the resource."""
    from ministack.core import iam_evaluator

    if not plugin.role_trusts(role_arn, service, source):
        _logger.warning("%s cannot be assumed by %s", role_arn, service)
        return False
    credentials = plugin.role_credentials(role_arn, "delivery")
    principal = iam_evaluator.resolve_principal(credentials["aws_access_key_id"], role_arn.split(":")[4])
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=plugin.current_region(),
        secure_transport=True,
    )
    decision = iam_evaluator.evaluate(context, principal.policies, *principal.limits).decision
    allowed = bool(decision == "Allow")
    if not allowed:
        _logger.warning("%s does not allow %s on %s", role_arn, action, resource)
    return allowed


def _pin_service() -> None:
    """ministack judges some deliveries once more, with the transport of the request that caused them."""
    from ministack.core import iam_evaluator

    iam_evaluator.pin_request_origin("127.0.0.1", True)


def _dead_letter(
    service: str, source: str, queue_arn: str | None, body: str, attributes: Mapping[str, str]
) -> None:
    """Put a refused message into the dead-letter queue, which must itself let the service in."""
    from ministack.services import sqs

    if queue_arn is None or not allows(Delivery(service, source, queue_arn)):
        _logger.warning("%s: a message was refused and lost", source)
        return
    queue, now = sqs._queue_by_arn(queue_arn), time.time()
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    message["md5_attrs"] = sqs._md5_msg_attrs(message["message_attributes"])
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
