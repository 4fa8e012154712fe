"""What someone needs next, once the stack is there."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Output, Ref, Sub

from infra.common import monitoring, names, parameters, partitions, query
from infra.ingestion import catalog, job

_CONSOLE = "https://${AWS::Region}.${Console}"


def _output(title: str, description: str, value: Any) -> Output:
    return Output(title, Description=description, Value=value)


def _names() -> list[Output]:
    return [
        _output("StateMachineArn", "State machine to start for an ingestion", Ref(monitoring.STATE_MACHINE)),
        _output("LakeBucketName", "Bucket that holds the lake", Ref(names.LAKE_BUCKET)),
        _output("DatabaseName", "Glue database of the tables", Ref(catalog.DATABASE)),
        _output("WorkGroupName", "Athena workgroup to query in", Ref(query.WORK_GROUP)),
        _output("JobName", "Glue job", Ref(job.JOB)),
        _output("CrawlerName", "Glue crawler", Ref(catalog.CRAWLER)),
        _output("TopicArn", "Topic to subscribe to for failures", Ref(names.TOPIC)),
        _output(
            "UndeliveredQueueUrl", "Queue of messages that were not delivered", Ref(names.UNDELIVERED_QUEUE)
        ),
        _output("UndeliveredQueueArn", "The same queue by ARN", GetAtt(names.UNDELIVERED_QUEUE, "Arn")),
        _output("ArtifactBucketName", "Bucket that the code is deployed from", Sub(names.ARTIFACT_BUCKET)),
    ]


def _logs() -> list[Output]:
    return [
        _output("StateMachineLogGroupName", "Log of the executions", Ref(monitoring.STATE_MACHINE_LOG_GROUP)),
        _output("JobOutputLogGroupName", "Output of the job runs", Ref(monitoring.JOB_OUTPUT_LOG_GROUP)),
        _output("JobErrorLogGroupName", "Spark logs of the job runs", Ref(monitoring.JOB_ERROR_LOG_GROUP)),
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
        _output("ExecutionsLink", "Executions in the console", _link(executions)),
        _output("QueryEditorLink", "Athena's query editor in the console", _link(queries)),
        _output("LakeBucketLink", "The lake bucket in the console", _link(bucket)),
    ]


def _bundle() -> list[Output]:
    described = {
        parameters.BUNDLE_DIGEST: "Digest of the bundle that the stack was deployed from",
        parameters.BUNDLE_COMMIT: "Commit that the bundle was packaged from",
    }
    return [
        Output(name, Condition=parameters.BUNDLE_CONDITION, Description=text, Value=Ref(name))
        for name, text in described.items()
    ]


def outputs() -> list[Output]:
    return [*_names(), *_logs(), *_links(), *_bundle()]
