"""What doctor examines of the environment's stack: its state, its parts, e-mail, the last ingestion."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.doctor.check import Check, Subject, fail, ok, skip
from covidlake.environment import environment_file
from covidlake.environment.environment_file import BUNDLE_DIGEST
from covidlake.ship.stack import artifacts as stack_artifacts
from covidlake.ship.stack import stack as stacks

GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
MISSING = {"EntityNotFoundException", "StateMachineDoesNotExist", "NotFound", "NotFoundException"}
PENDING = "PendingConfirmation"


def stack(subject: Subject) -> Iterator[Check]:
    name, hint = project.stack_name(subject.environment), f"covidlake deploy {subject.environment}"
    found = stacks.describe(name)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        yield fail("stack", f"{name} is not deployed", hint)
    elif found["StackStatus"] in GOOD:
        yield ok("stack", f"{name} is {found['StackStatus']}")
    elif found["StackStatus"].endswith("_IN_PROGRESS"):
        yield fail("stack", f"{name} is {found['StackStatus']}", "wait for its end and look again")
    else:
        yield fail("stack", f"{name} is {found['StackStatus']}", f"{hint} recovers it")


def parts(subject: Subject) -> Iterator[Check]:
    """The state machine, the job and the crawler of the stack's outputs exist."""
    outputs = _outputs(subject)
    if not outputs:
        yield skip("state machine, job, crawler", "the stack is not deployed")
        return
    glue, states = aws.client("glue"), aws.client("stepfunctions")
    asked: dict[str, tuple[str, Callable[[str], object]]] = {
        "state machine": (
            "StateMachineArn",
            lambda arn: states.describe_state_machine(stateMachineArn=arn),
        ),
        "job": ("JobName", lambda name: glue.get_job(JobName=name)),
        "crawler": ("CrawlerName", lambda name: glue.get_crawler(Name=name)),
    }
    for kind, (output, ask) in asked.items():
        if output in outputs:
            yield _present(kind, outputs[output], ask)


def _present(kind: str, name: str, ask: Callable[[str], object]) -> Check:
    try:
        ask(name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise
        hint = "it was deleted beside the stack: see covidlake drift, then delete and deploy the stack anew"
        return fail(kind, f"{name} does not exist", hint)
    return ok(kind, name)


def artifacts(subject: Subject) -> Iterator[Check]:
    """The code that the stack runs lies in the artifact bucket, by the manifest of the deployed bundle."""
    name = project.stack_name(subject.environment)
    digest = stacks.parameters_of(stacks.describe(name)).get(BUNDLE_DIGEST)
    if not digest:
        yield skip("artifacts", "the stack is not deployed")
        return
    bucket = project.artifact_bucket(aws.account(), aws.region())
    again = f"covidlake deploy {subject.environment} sends what is missing, from the bundle of that commit"
    try:
        manifest = stack_artifacts.manifest_of(digest, bucket, name)
        missing = [
            one
            for one in manifest.artifacts()
            if not stack_artifacts.holds(manifest, bucket, f"{name}/{one}", one)
        ]
    except BundleError as error:
        yield fail("artifacts", str(error), f"after that, {again}")  # no deploy replaces what is there
        return
    if missing:
        names = ", ".join(one.rpartition("/")[2] for one in missing)
        yield fail("artifacts", f"missing in s3://{bucket}/{name}/artifacts/: {names}", again)
    else:
        yield ok("artifacts", f"all {len(manifest.artifacts())} of bundle {digest[:12]} are in s3://{bucket}")


def notifications(subject: Subject) -> Iterator[Check]:
    outputs = _outputs(subject)
    environment = environment_file.load(subject.environment)
    address = environment.parameters.get("NotificationEmail", "")
    if not outputs:
        yield skip("notifications", "the stack is not deployed")
        return
    if not address:
        shown = project.relative(environment.path)
        yield skip("notifications", f"nobody gets an e-mail: NotificationEmail is empty in {shown}")
        return
    yield _subscription(address, _subscriptions(outputs["TopicArn"]), subject)


def _subscription(address: str, subscriptions: dict[str, str], subject: Subject) -> Check:
    if address not in subscriptions:
        hint = f"covidlake deploy {subject.environment}"
        return fail("notifications", f"{address} is not subscribed", hint)
    if subscriptions[address] == PENDING:
        hint = f"follow the link in the mail to {address}; AWS forgets it after two days"
        return fail("notifications", f"{address} has not confirmed the subscription", hint)
    return ok("notifications", f"{address} gets an e-mail for each failure")


def _subscriptions(topic: str) -> dict[str, str]:
    """The ARN of each e-mail subscription of a topic, by its address."""
    sns = aws.client("sns")
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return {
        item["Endpoint"]: item["SubscriptionArn"]
        for page in pages
        for item in page["Subscriptions"]
        if item["Protocol"] == "email"
    }


def last_ingestion(subject: Subject) -> Iterator[Check]:
    if subject.environment != subject.bootstrapped:
        return  # another pipeline ingests nothing
    machine = _outputs(subject).get("StateMachineArn")
    if machine is None:
        yield skip("last ingestion", "the stack is not deployed")
        return
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=machine, maxResults=1)["executions"]
    if not listed:
        yield skip("last ingestion", f"none yet: covidlake ingest {subject.environment}")
        return
    last = listed[0]
    shown = f"{last['name']} {last['status']}, started {last['startDate']:%Y-%m-%d %H:%M}"
    if last["status"] in {"SUCCEEDED", "RUNNING"}:
        yield ok("last ingestion", shown)
    else:
        yield fail("last ingestion", shown, f"covidlake ingest {subject.environment} shows the cause again")


def _outputs(subject: Subject) -> dict[str, str]:
    """The stack's outputs; {} when it is not deployed."""
    found = stacks.describe(project.stack_name(subject.environment))
    return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])} if found else {}


EXAMINATIONS = (stack, artifacts, parts, notifications, last_ingestion)
