"""The queue that `covidlake notifications` reads from: it belongs to an environment and to no stack."""

from __future__ import annotations

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.progress import Progress

MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


def queue_name(environment: str) -> str:
    return f"{project.stack_name(environment)}-reader"


def delete(environment: str, progress: Progress) -> None:
    """Delete the queue when its stack goes; report one that the caller may not delete.

    Its subscription goes with the topic.
    """
    name, sqs = queue_name(environment), aws.client("sqs")
    try:
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return
        if not aws.is_denied(error):
            raise
        progress(f"queue {name}, if `covidlake notifications` made it, stays: {aws.message(error)}")
    else:
        progress(f"queue {name} of `covidlake notifications` deleted")
