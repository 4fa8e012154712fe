"""A stand-in for `find_work`: every data set goes to the job, but for what `state/<dataset>/find.json` in the
lake says.

That holds what the function answers for the data set, a `run` or a `failure`, or {"raises": NAME}, or
{"sleep_seconds": N}, or {"alone": true} for a job run of its own.
"""

import json
import os
import time

import boto3

s3 = boto3.client("s3")


class FindWorkUnavailableError(RuntimeError):
    """By the name that is retried."""


def found(dataset):
    bucket = os.environ["LAKE_ROOT"].removeprefix("s3://").strip("/")
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=f"state/{dataset}/find.json")["Body"].read())
    except s3.exceptions.NoSuchKey:
        return {}


def handler(event, _context):
    answers = {name: found(name) for name in event["datasets"]}
    for answer in answers.values():
        time.sleep(answer.pop("sleep_seconds", 0))
        if "raises" in answer:
            raise {"FindWorkUnavailableError": FindWorkUnavailableError, "ValueError": ValueError}[
                answer["raises"]
            ]("asked to")
    alone = {name for name, answer in answers.items() if answer.pop("alone", False)}
    needed = [name for name, answer in answers.items() if not answer]
    shared = [name for name in needed if name not in alone]
    groups = [[name] for name in needed if name in alone] + ([shared] if shared else [])
    return {
        "data_sets": [{"dataset": name, **answer} for name, answer in answers.items()],
        "job_runs": [{"datasets": names} for names in groups],
    }
