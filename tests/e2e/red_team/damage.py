"""Breaking what prod runs."""

from __future__ import annotations

import json

from localcloud.cloud import ACCOUNT
from tests.e2e.red_team.rig import (
    DEPLOY,
    DRIFT,
    EVIL_ROLE,
    FORMATION,
    OPS,
    PLAN,
    PROD,
    REGION,
    STACK_ROLE,
    Attempt,
    alarm,
    arn,
)
from tests.e2e.role_sessions import role_arn

TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
MACHINE = arn("states", f"stateMachine:{PROD}-ingestion")
ISSUER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SHUT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": role_arn(EVIL_ROLE)}, "Action": "kms:*", "Resource": "*"}
        ],
    }
)


DAMAGE = {
    "change prod's function": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("lambda").update_function_configuration(
            FunctionName=f"{PROD}-start-crawler", Timeout=3
        ),
    ),
    "change prod's machine": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("stepfunctions").update_state_machine(
            stateMachineArn=MACHINE, loggingConfiguration={"level": "OFF"}
        ),
    ),
    "stop prod's schedule": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("events").disable_rule(Name=f"{PROD}-schedule"),
    ),
    "silence prod's alarm": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("cloudwatch").delete_alarms(AlarmNames=[f"{PROD}-executions-timedout"]),
    ),
    "end an instance of the account by an alarm of its own": Attempt(
        (FORMATION,),
        lambda it: alarm(it, AlarmActions=[f"arn:aws:automate:{REGION}:ec2:terminate"]),
    ),
    "stop an instance of the account when all is well": Attempt(
        (FORMATION,),
        lambda it: alarm(it, OKActions=[it.own_topic, f"arn:aws:automate:{REGION}:ec2:stop"]),
    ),
    "change what prod's alarm does": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: alarm(it, AlarmName=f"{PROD}-executions-failed", AlarmActions=[it.own_topic]),
    ),
    "delete prod's logs": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("logs").delete_log_group(logGroupName=f"/aws/lambda/{PROD}-check-crawler"),
    ),
    "drop a table": Attempt(
        (FORMATION, OPS, STACK_ROLE),
        lambda it: it.aws("glue").delete_table(DatabaseName="covid_lake_prod", Name="uk_covid"),
    ),
    "drop the database": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("glue").delete_database(Name="covid_lake_prod"),
    ),
    "tag prod's key as its own": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("kms").tag_resource(
            KeyId=it.world.key,
            Tags=[
                {"TagKey": "Application", "TagValue": "covid-lake"},
                {"TagKey": "Environment", "TagValue": "preview"},
            ],
        ),
    ),
    "name prod's key as its own": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("kms").create_alias(
            AliasName=f"alias/covid-lake-pr-{len(it.who)}", TargetKeyId=it.world.key
        ),
    ),
    "delete prod's key": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("kms").schedule_key_deletion(KeyId=it.world.key, PendingWindowInDays=7),
    ),
    "put a policy on prod's key": Attempt(
        (FORMATION, STACK_ROLE),
        lambda it: it.aws("kms").put_key_policy(KeyId=it.world.key, PolicyName="default", Policy=SHUT),
    ),
    "delete prod's topic": Attempt(
        (FORMATION, DRIFT, STACK_ROLE),
        lambda it: it.aws("sns").delete_topic(TopicArn=arn("sns", f"{PROD}-notifications")),
    ),
    "delete GitHub's provider": Attempt(
        (FORMATION, DEPLOY, STACK_ROLE),
        lambda it: it.aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=ISSUER),
    ),
    "delete prod's deploy role": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").delete_role_policy(RoleName=f"{PROD}-deploy", PolicyName="Permissions"),
    ),
    "update the stack past any change set": Attempt(
        (PLAN, DEPLOY, OPS),
        lambda it: it.aws("cloudformation").update_stack(StackName=PROD, TemplateBody=TEMPLATE),
    ),
    "delete the stack": Attempt(
        (PLAN, DEPLOY, OPS, DRIFT),
        lambda it: it.aws("cloudformation").delete_stack(StackName=PROD),
    ),
}
