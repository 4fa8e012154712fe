"""IAM is enforced for every principal: roles, resource policies, deliveries between services."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import ACCOUNT, LocalCloud
from rigs.roles import allow, assume, document, make_role

REGION = "us-east-2"


def make_queue(cloud: LocalCloud, name: str, *statements: dict[str, Any]) -> tuple[str, str]:
    attributes = {"Policy": document(*statements)} if statements else {}
    url = cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def send_by(service: str, queue: str) -> dict[str, Any]:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    return allow("sqs:SendMessage", arn, Principal={"Service": service})


def received(cloud: LocalCloud, url: str) -> list[dict[str, Any]]:
    answer = cloud.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def eventually(look: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_an_assumed_role_may_do_what_its_policy_says_and_no_more(cloud: LocalCloud) -> None:
    cloud.client("s3").create_bucket(
        Bucket="core-iam-reading", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    cloud.client("s3").put_object(Bucket="core-iam-reading", Key="open/a", Body=b"1")
    role = make_role(cloud, "core-reader", allow("s3:GetObject", "arn:aws:s3:::core-iam-reading/open/*"))
    s3 = cloud.client("s3", assume(cloud, role))
    assert s3.get_object(Bucket="core-iam-reading", Key="open/a")["Body"].read() == b"1"
    for attempt in (
        lambda: s3.get_object(Bucket="core-iam-reading", Key="shut/a"),
        lambda: s3.put_object(Bucket="core-iam-reading", Key="open/a", Body=b"2"),
        lambda: s3.list_objects_v2(Bucket="core-iam-reading"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()


def test_a_session_policy_narrows_what_the_role_allows(cloud: LocalCloud) -> None:
    role = make_role(cloud, "core-narrowed", allow("s3:*"))
    listing = document(allow("s3:ListAllMyBuckets"))
    narrowed = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="narrowed", Policy=listing)
    s3 = cloud.client("s3", narrowed["Credentials"])
    assert s3.list_buckets()["Buckets"] is not None
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket="core-iam-reading")


LIMITS = {
    "because no {} allows the {} action": (allow("s3:ListAllMyBuckets"),),
    "with an explicit deny in a {}": (allow("*"), {**allow("*"), "Effect": "Deny"}),
}
# Services that word a denial in different ways, or whose resource has a policy that is judged besides.
DENIED: dict[str, Callable[[Any], object]] = {
    "logs:DescribeLogGroups": lambda client: client.describe_log_groups(),
    "s3:ListBucket": lambda client: client.list_objects_v2(Bucket="core-iam-limited"),
    "secretsmanager:GetSecretValue": lambda client: client.get_secret_value(SecretId="core-limited"),
    "sns:ListTopics": lambda client: client.list_topics(),
}


@pytest.fixture(scope="module")
def guarded(cloud: LocalCloud) -> None:
    """A bucket and a secret that let in someone else."""
    someone = {"Principal": {"AWS": make_role(cloud, "core-someone-else")}}
    here: Any = {"LocationConstraint": REGION}
    cloud.client("s3").create_bucket(Bucket="core-iam-limited", CreateBucketConfiguration=here)
    policy = document(allow("s3:ListBucket", "arn:aws:s3:::core-iam-limited", **someone))
    cloud.client("s3").put_bucket_policy(Bucket="core-iam-limited", Policy=policy)
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="core-limited", SecretString="x")
    policy = document(allow("secretsmanager:GetSecretValue", **someone))
    secrets.put_resource_policy(SecretId="core-limited", ResourcePolicy=policy)


def limited_by(cloud: LocalCloud, kind: str, policy: str) -> dict[str, str]:
    """A session of a role that may do anything, were it not for this boundary or policy of the session."""
    name = f"core-{uuid.uuid4()}"
    role, given = make_role(cloud, name, allow("*")), {"Policy": policy}
    if kind == "permissions boundary":
        given = {}
        made = cloud.client("iam").create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
        cloud.client("iam").put_role_permissions_boundary(RoleName=name, PermissionsBoundary=made)
    answer = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="limited", **given)
    return dict(answer["Credentials"])


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("reason", list(LIMITS))
@pytest.mark.parametrize("kind", ["permissions boundary", "session policy"])
def test_a_denial_says_which_kind_of_policy_denies(cloud: LocalCloud, kind: str, reason: str) -> None:
    session = limited_by(cloud, kind, document(*LIMITS[reason]))
    for action, call in DENIED.items():
        with pytest.raises(ClientError) as denied:
            call(cloud.client(action.partition(":")[0], session))
        said = denied.value.response["Error"]["Message"]
        assert f" is not authorized to perform: {action} on resource: " in said
        assert said.endswith(reason.format(kind, action))


@pytest.mark.usefixtures("guarded")
def test_a_denial_by_the_roles_own_policy_says_so_whatever_limits_it(cloud: LocalCloud) -> None:
    role = make_role(cloud, "core-limited-twice", allow("s3:ListAllMyBuckets"))
    policy = document(allow("s3:ListAllMyBuckets"))
    session = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="limited", Policy=policy)
    for action, call in DENIED.items():
        with pytest.raises(ClientError, match=f"no identity-based policy allows the {action} action"):
            call(cloud.client(action.partition(":")[0], session["Credentials"]))


def test_a_bucket_policy_denies_what_the_role_allows(cloud: LocalCloud) -> None:
    bucket = "core-iam-denying"
    root = cloud.client("s3")
    root.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    root.put_bucket_policy(
        Bucket=bucket, Policy=document({**deny, "Resource": f"arn:aws:s3:::{bucket}/kept/*"})
    )
    role = make_role(cloud, "core-writer", allow("s3:*"))
    s3 = cloud.client("s3", assume(cloud, role))
    s3.put_object(Bucket=bucket, Key="free/a", Body=b"1")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="kept/a", Body=b"1")


def test_a_policy_that_asks_for_tls_does_not_lock_the_laptop_out(cloud: LocalCloud) -> None:
    bucket = "core-iam-tls"
    root = cloud.client("s3")
    root.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    root.put_bucket_policy(Bucket=bucket, Policy=document(tls_only))
    role = make_role(cloud, "core-tls", allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    cloud.client("s3", assume(cloud, role)).put_object(Bucket=bucket, Key="a", Body=b"1")


def test_a_wrong_secret_is_refused(cloud: LocalCloud) -> None:
    role = make_role(cloud, "core-forged", allow("s3:*"))
    forged = {**assume(cloud, role), "SecretAccessKey": "guess"}
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        cloud.client("s3", forged).list_buckets()


def test_managed_policies_are_the_ones_that_aws_publishes(cloud: LocalCloud) -> None:
    policy = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    role = make_role(cloud, "core-glue")
    cloud.client("iam").attach_role_policy(RoleName="core-glue", PolicyArn=policy)
    credentials = assume(cloud, role)
    cloud.client("glue", credentials).get_databases()
    with pytest.raises(ClientError, match="not authorized"):
        cloud.client("athena", credentials).list_work_groups()
    s3 = cloud.client("s3", credentials)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="core-iam-reading", Key="open/a")


def test_a_topic_delivers_only_to_a_queue_that_lets_it(cloud: LocalCloud) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="core-news")["TopicArn"]
    shut_url, shut = make_queue(cloud, "core-news-shut")
    open_url, open_ = make_queue(cloud, "core-news-open", send_by("sns.amazonaws.com", "core-news-open"))
    lost_url, lost = make_queue(cloud, "core-news-lost", send_by("sns.amazonaws.com", "core-news-lost"))
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": lost})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=shut, Attributes=redrive)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=open_)
    sns.publish(TopicArn=topic, Message="hello")
    assert [json.loads(m["Body"])["Message"] for m in received(cloud, open_url)] == ["hello"]
    assert received(cloud, shut_url) == []
    assert [json.loads(m["Body"])["Message"] for m in received(cloud, lost_url)] == ["hello"]


def test_a_queue_policy_that_names_another_topic_does_not_let_this_one_in(cloud: LocalCloud) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="core-other-news")["TopicArn"]
    only = {"ArnEquals": {"aws:SourceArn": f"{topic}-of-someone-else"}}
    statement = {**send_by("sns.amazonaws.com", "core-narrow"), "Condition": only}
    url, arn = make_queue(cloud, "core-narrow", statement)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello")
    assert received(cloud, url) == []


def put_rule(cloud: LocalCloud, name: str, source: str, *targets: dict[str, Any]) -> str:
    events = cloud.client("events")
    arn = events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    events.put_targets(Rule=name, Targets=list(targets))
    return str(arn)


def put_event(cloud: LocalCloud, source: str) -> None:
    entry = {"Source": source, "DetailType": "t", "Detail": json.dumps({"n": 1})}
    cloud.client("events").put_events(Entries=[entry])


def test_a_rule_delivers_only_to_a_queue_that_lets_it(cloud: LocalCloud) -> None:
    shut_url, shut = make_queue(cloud, "core-rule-shut")
    open_url, open_ = make_queue(cloud, "core-rule-open", send_by("events.amazonaws.com", "core-rule-open"))
    lost_url, lost = make_queue(cloud, "core-rule-lost", send_by("events.amazonaws.com", "core-rule-lost"))
    rule = put_rule(
        cloud,
        "core-rule",
        "core.queues",
        {"Id": "shut", "Arn": shut, "DeadLetterConfig": {"Arn": lost}},
        {"Id": "open", "Arn": open_},
    )
    put_event(cloud, "core.queues")
    assert [json.loads(m["Body"])["detail"] for m in eventually(lambda: received(cloud, open_url))] == [
        {"n": 1}
    ]
    assert received(cloud, shut_url) == []
    (dead,) = eventually(lambda: received(cloud, lost_url))
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (rule, shut)


def test_a_rule_delivers_as_the_role_of_its_target(cloud: LocalCloud) -> None:
    """Then the role says what it may, and the queue need not."""
    urls, targets = {}, []
    for name, statement in (("may", allow("sqs:SendMessage")), ("may-not", allow("sns:Publish"))):
        urls[name], queue = make_queue(cloud, f"core-rule-role-{name}")
        role = make_role(cloud, f"core-rule-role-{name}", statement, service="events.amazonaws.com")
        targets.append({"Id": name, "Arn": queue, "RoleArn": role})
    put_rule(cloud, "core-rule-role", "core.roles", *targets[::-1])
    put_event(cloud, "core.roles")
    assert eventually(lambda: received(cloud, urls["may"]))
    assert received(cloud, urls["may-not"]) == []


@pytest.mark.parametrize("permitted", [True, False])
def test_a_rule_publishes_only_to_a_topic_that_names_eventbridge(cloud: LocalCloud, permitted: bool) -> None:
    name = f"core-rule-topic-{permitted}".lower()
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    if permitted:
        statement = allow("sns:Publish", topic, Principal={"Service": "events.amazonaws.com"})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document(statement))
    url, queue = make_queue(cloud, name, send_by("sns.amazonaws.com", name))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    probe_url, probe = make_queue(cloud, f"{name}-probe", send_by("events.amazonaws.com", f"{name}-probe"))
    put_rule(cloud, name, name, {"Id": "topic", "Arn": topic}, {"Id": "probe", "Arn": probe})
    put_event(cloud, name)
    assert eventually(lambda: received(cloud, probe_url)), "the rule has not fired"
    assert len(received(cloud, url)) == (1 if permitted else 0)


def ring_alarm(cloud: LocalCloud, name: str, topic: str) -> None:
    """Put an alarm that publishes to the topic into the state ALARM."""
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="core",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")


@pytest.mark.parametrize("permitted", [True, False])
def test_an_alarm_publishes_only_to_a_topic_that_lets_cloudwatch(cloud: LocalCloud, permitted: bool) -> None:
    name = f"core-alarm-{permitted}".lower()
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    service = "cloudwatch.amazonaws.com" if permitted else "events.amazonaws.com"
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=document(allow("sns:Publish", topic, Principal={"Service": service})),
    )
    url, queue = make_queue(cloud, name, send_by("sns.amazonaws.com", name))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    ring_alarm(cloud, name, topic)
    assert len(received(cloud, url)) == (1 if permitted else 0)


@pytest.mark.parametrize("permitted", [True, False])
def test_an_encrypted_topic_needs_a_key_that_lets_cloudwatch_use_it(
    cloud: LocalCloud, permitted: bool
) -> None:
    name = f"core-secret-{permitted}".lower()
    root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    service = allow("kms:GenerateDataKey*", Principal={"Service": "cloudwatch.amazonaws.com"})
    policy = document(root, *([service] if permitted else []))
    key = cloud.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key})["TopicArn"]
    url, queue = make_queue(cloud, name, send_by("sns.amazonaws.com", name))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    ring_alarm(cloud, name, topic)
    assert len(received(cloud, url)) == (1 if permitted else 0)
