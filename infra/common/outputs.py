"""Outputs of stacks, and those that every pipeline has."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Output, Ref, Sub

from infra.common import catalog, monitoring, names, parameters, partitions, query

_CONSOLE = "https://${AWS::Region}.${Console}"


def output(title: str, description: str, value: Any) -> Output:
    return Output(title, Description=description, Value=value)


def bundle() -> list[Output]:
    """From which bundle the stack was deployed: every pipeline says so."""
    described = {
        parameters.BUNDLE_DIGEST: "Digest of the bundle that the stack was deployed from",
        parameters.BUNDLE_COMMIT: "Commit that the bundle was packaged from",
    }
    return [
        Output(name, Condition=parameters.BUNDLE_CONDITION, Description=text, Value=Ref(name))
        for name, text in described.items()
    ]


def lake(what: str) -> list[Output]:
    """Of every pipeline that keeps tables in a lake; `what` an execution of it is, such as `an ingestion`."""
    return [*_names(what), *_logs(), *_links()]


def _names(what: str) -> list[Output]:
    return [
        output("StateMachineArn", f"State machine to start for {what}", Ref(monitoring.STATE_MACHINE)),
        output("LakeBucketName", "Bucket that holds the lake", Ref(names.LAKE_BUCKET)),
        output("DatabaseName", "Glue database of the tables", Ref(catalog.DATABASE)),
        output("WorkGroupName", "Athena workgroup to query in", Ref(query.WORK_GROUP)),
        output("CrawlerName", "Glue crawler", Ref(catalog.CRAWLER)),
        output("TopicArn", "Topic to subscribe to for failures", Ref(names.TOPIC)),
        output(
            "UndeliveredQueueUrl", "Queue of messages that were not delivered", Ref(names.UNDELIVERED_QUEUE)
        ),
        output("UndeliveredQueueArn", "The same queue by ARN", GetAtt(names.UNDELIVERED_QUEUE, "Arn")),
        output("ArtifactBucketName", "Bucket that the code is deployed from", Sub(names.ARTIFACT_BUCKET)),
    ]


def _logs() -> list[Output]:
    return [
        output("StateMachineLogGroupName", "Log of the executions", Ref(monitoring.STATE_MACHINE_LOG_GROUP)),
        output("JobOutputLogGroupName", "Output of the job runs", Ref(monitoring.JOB_OUTPUT_LOG_GROUP)),
        output("JobErrorLogGroupName", "Spark logs of the job runs", Ref(monitoring.JOB_ERROR_LOG_GROUP)),
    ]


def _link(text: str) -> Sub:
    return Sub(text, {"Console": partitions.console()})


def _links() -> list[Output]:
    executions = (
        f"{_CONSOLE}/states/home?region=${{AWS::Region}}#/statemachines/view/${{{monitoring.STATE_MACHINE}}}"
    )
    queries = f"{_CONSOLE}/athena/home?region=${{AWS::Region}}#/query-editor"
    bucket = f"{_CONSOLE}/s3/buckets/${{{names.LAKE_BUCKET}}}"
    return [
        output("ExecutionsLink", "Executions in the console", _link(executions)),
        output("QueryEditorLink", "Athena's query editor in the console", _link(queries)),
        output("LakeBucketLink", "The lake bucket in the console", _link(bucket)),
    ]
