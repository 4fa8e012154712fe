"""The topic that failures are published to, and the queue for messages that could not be delivered."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Sub, sns, sqs

from infra.common import names
from infra.common.encryption import key_arn
from infra.common.monitoring import ALARM_METRICS
from infra.common.parameters import EMAIL_CONDITION
from infra.common.policies import allow_service, deny_insecure_transport, document

_RULES = (names.STATUS_RULE, names.SCHEDULE_RULE, *names.WATCH_RULES)
MESSAGE_RETENTION_SECONDS = 1_209_600


def topic(display_name: str) -> sns.Topic:
    """`display_name` is what people see as the sender."""
    return sns.Topic(
        names.TOPIC,
        TopicName=Sub(names.TOPIC_NAME),
        DisplayName=display_name,
        KmsMasterKeyId=key_arn(),
    )


def _from(*arns: Any) -> dict[str, Any]:
    return {"ArnEquals": {"aws:SourceArn": list(arns)}}


def topic_policy() -> sns.TopicPolicy:
    """The state machine publishes by its own role; rules and alarms have none and need this.

    EventBridge's guide rules out conditions in the policy of a topic that its rules publish to.
    """
    alarms = [names.arn("cloudwatch", f"alarm:{names.alarm_name(metric)}") for metric in ALARM_METRICS]
    publish = ["sns:Publish"]
    return sns.TopicPolicy(
        "TopicPolicy",
        Topics=[Ref(names.TOPIC)],
        PolicyDocument=document(
            deny_insecure_transport("sns:Publish", Ref(names.TOPIC)),
            allow_service("StatusRule", "events.amazonaws.com", publish, Ref(names.TOPIC)),
            allow_service("Alarms", "cloudwatch.amazonaws.com", publish, Ref(names.TOPIC), _from(*alarms)),
        ),
    )


def email_subscription() -> sns.SubscriptionResource:
    """People get every message, but those that a smoke test publishes to see whether it can."""
    return sns.SubscriptionResource(
        "EmailSubscription",
        Condition=EMAIL_CONDITION,
        TopicArn=Ref(names.TOPIC),
        Protocol="email",
        Endpoint=Ref("NotificationEmail"),
        FilterPolicy={names.PURPOSE_ATTRIBUTE: [{"exists": False}, {"anything-but": [names.SMOKE_TEST]}]},
        RedrivePolicy={"deadLetterTargetArn": GetAtt(names.UNDELIVERED_QUEUE, "Arn")},
    )


def undelivered_queue() -> sqs.Queue:
    return sqs.Queue(
        names.UNDELIVERED_QUEUE,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        QueueName=Sub(names.QUEUE_NAME),
        MessageRetentionPeriod=MESSAGE_RETENTION_SECONDS,
        SqsManagedSseEnabled=True,
    )


def undelivered_queue_policy() -> sqs.QueuePolicy:
    """The topic and the rules leave here what they could not deliver."""
    queue = GetAtt(names.UNDELIVERED_QUEUE, "Arn")
    rules = [names.arn("events", f"rule/{rule}") for rule in _RULES]
    send = ["sqs:SendMessage"]
    return sqs.QueuePolicy(
        "UndeliveredQueuePolicy",
        Queues=[Ref(names.UNDELIVERED_QUEUE)],
        PolicyDocument=document(
            deny_insecure_transport("sqs:*", queue),
            allow_service("Topic", "sns.amazonaws.com", send, queue, _from(Ref(names.TOPIC))),
            allow_service("Rules", "events.amazonaws.com", send, queue, _from(*rules)),
        ),
    )
