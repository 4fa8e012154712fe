"""What someone needs next, once the stack is there."""

from __future__ import annotations

from troposphere import GetAtt, Output, Ref, Sub

from infra.common import monitoring, names, partitions, query
from infra.common.outputs import bundle, output
from infra.ingestion import catalog, job

_CONSOLE = "https://${AWS::Region}.${Console}"


def _names() -> list[Output]:
    return [
        output("StateMachineArn", "State machine to start for an ingestion", Ref(monitoring.STATE_MACHINE)),
        output("LakeBucketName", "Bucket that holds the lake", Ref(names.LAKE_BUCKET)),
        output("DatabaseName", "Glue database of the tables", Ref(catalog.DATABASE)),
        output("WorkGroupName", "Athena workgroup to query in", Ref(query.WORK_GROUP)),
        output("JobName", "Glue job", Ref(job.JOB)),
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


def outputs() -> list[Output]:
    return [*_names(), *_logs(), *_links(), *bundle()]
