"""What a pull request may try on prod, by what it would steal, plant or break.

Each attempt is an action of AWS as a thief would call it. `despite` is what stands in the way of an
administrator too, such as the policy of the artifact bucket: what a thief gets must then be told apart from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from localcloud.cloud import ACCOUNT
from tests.e2e.bootstrap_rig import ANYTHING, BUCKET, DENIED, TRUST
from tests.e2e.red_team_rig import (
    EVIL_ROLE,
    FORMATION,
    OPEN,
    PROD,
    STACK_ROLE,
    Action,
    arn,
    role_arn,
)

PLAN, DEPLOY, OPS, DRIFT = "plan of prod", "deploy of preview", "ops of preview", "drift of preview"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
PROD_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{PROD}-boundary"
PREVIEW_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-preview-boundary"
MACHINE = arn("states", f"stateMachine:{PROD}-ingestion")
ADMINISTRATION = "arn:aws:iam::aws:policy/AdministratorAccess"
ISSUER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SHUT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": role_arn(EVIL_ROLE)}, "Action": "kms:*", "Resource": "*"}
        ],
    }
)


@dataclass(frozen=True)
class Attempt:
    """Who tries what; `despite` is the error that keeps an administrator from it as well."""

    thieves: tuple[str, ...]
    action: Action
    despite: str = ""


def by(*thieves: str, despite: str = "") -> object:
    return lambda action: Attempt(thieves, action, despite)


ARTIFACTS = {
    "plant code under the digest of the next release": Attempt(
        (PLAN, "plan of dev", DEPLOY, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.next_artifact(who), Body=b"evil", IfNoneMatch="*"
        ),
    ),
    "plant a template": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.part(f"templates/{who}.json"), Body=b"evil", IfNoneMatch="*"
        ),
    ),
    "plant a bundle to roll back to": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.part(f"bundles/{who}/manifest.json"), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "write a record of a deployment": Attempt(
        (PLAN, DEPLOY, STACK_ROLE),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.record(who), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "leave a template for prod's plans": Attempt(
        ("plan of dev", "plan of preview", DEPLOY),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.plan_template(who), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "overwrite code": Attempt(
        (PLAN, DEPLOY, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").put_object(Bucket=BUCKET, Key=world.artifact, Body=b"evil"),
        despite=DENIED,
    ),
    "overwrite code on a condition": Attempt(
        (DEPLOY, STACK_ROLE),
        lambda aws, world, who: aws("s3").put_object(
            Bucket=BUCKET, Key=world.artifact, Body=b"evil", IfNoneMatch='"0"'
        ),
        despite="NotImplemented",
    ),
    "swap the template of a change set": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("s3").put_object(Bucket=BUCKET, Key=world.template, Body=b"{}"),
        despite=DENIED,
    ),
    "swap code for a copy": Attempt(
        (DEPLOY,),
        lambda aws, world, who: aws("s3").copy_object(
            Bucket=BUCKET, Key=world.artifact, CopySource=f"{BUCKET}/{world.template}"
        ),
        despite=DENIED,
    ),
    "send code in parts": Attempt(
        (DEPLOY,),
        lambda aws, world, who: aws("s3").create_multipart_upload(Bucket=BUCKET, Key=world.artifact),
        despite=DENIED,
    ),
    "read prod's code": Attempt(
        ("plan of dev", DEPLOY, STACK_ROLE),
        lambda aws, world, who: aws("s3").get_object(Bucket=BUCKET, Key=world.artifact),
    ),
    "tag code": Attempt(
        (DEPLOY, FORMATION),
        lambda aws, world, who: aws("s3").put_object_tagging(
            Bucket=BUCKET, Key=world.artifact, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
        ),
    ),
    "let the bucket forget": Attempt(
        (DEPLOY, FORMATION),
        lambda aws, world, who: aws("s3").put_bucket_lifecycle_configuration(
            Bucket=BUCKET,
            LifecycleConfiguration={
                "Rules": [
                    {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
                ]
            },
        ),
    ),
    "end the bucket's versions": Attempt(
        (DEPLOY, FORMATION),
        lambda aws, world, who: aws("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
        ),
    ),
    "delete code": Attempt(
        (PLAN, DEPLOY, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").delete_object(Bucket=BUCKET, Key=world.artifact),
    ),
    "delete a version of the template": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("s3").delete_object(
            Bucket=BUCKET, Key=world.template, VersionId=_version(world)
        ),
    ),
    "lift the policy of the bucket": Attempt(
        (DEPLOY, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").delete_bucket_policy(Bucket=BUCKET),
    ),
    "change the policy of the bucket": Attempt(
        (DEPLOY, FORMATION),
        lambda aws, world, who: aws("s3").put_bucket_policy(
            Bucket=BUCKET,
            Policy=ANYTHING.replace(
                '"Resource": "*"', f'"Principal": "*", "Resource": "arn:aws:s3:::{BUCKET}"'
            ),
        ),
    ),
}


def _version(world: object) -> str:
    s3 = world.cloud.client("s3")  # type: ignore[attr-defined]
    found = s3.list_object_versions(Bucket=BUCKET, Prefix=world.template)  # type: ignore[attr-defined]
    return str(found["Versions"][0]["VersionId"])


STACKS = {
    "make a change set of a deployment": Attempt(
        (PLAN, DEPLOY, OPS),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName=PROD, ChangeSetName=f"deploy-{len(who)}", TemplateBody=TEMPLATE
        ),
    ),
    "plan from a template that is none of prod's plans": Attempt(
        (PLAN,),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName=PROD, ChangeSetName="plan-1", TemplateURL=world.url(world.template)
        ),
    ),
    "plan with a template that nobody sees": Attempt(
        (PLAN, "plan of preview"),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName=PROD, ChangeSetName=f"plan-{len(who)}0", TemplateBody=TEMPLATE
        ),
    ),
    "plan with prod's CloudFormation role": Attempt(
        (PLAN,),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName=PROD,
            ChangeSetName="plan-2",
            TemplateURL=world.url(world.template),
            RoleARN=role_arn(f"{PROD}-cloudformation"),
        ),
    ),
    "have a preview made by prod's CloudFormation role": Attempt(
        (DEPLOY,),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName="covid-lake-pr-9",
            ChangeSetName="deploy-1",
            ChangeSetType="CREATE",
            TemplateURL=world.url(world.template),
            RoleARN=role_arn(f"{PROD}-cloudformation"),
            Capabilities=CAPABILITIES,
        ),
    ),
    "make a stack past any change set": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("cloudformation").create_stack(
            StackName=f"covid-lake-prod-{len(who)}", TemplateBody=TEMPLATE
        ),
    ),
    "change the bootstrap of prod": Attempt(
        (PLAN, DEPLOY, FORMATION),
        lambda aws, world, who: aws("cloudformation").create_change_set(
            StackName="covid-lake-bootstrap-prod",
            ChangeSetName=f"plan-{len(who)}1",
            TemplateBody=TEMPLATE,
        ),
    ),
    "allow the change of what is protected": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("cloudformation").set_stack_policy(
            StackName=PROD,
            StackPolicyBody=json.dumps(
                {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
            ),
        ),
    ),
    "discard what a deployment waits for": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("cloudformation").delete_change_set(
            StackName=PROD, ChangeSetName="deploy-doomed"
        ),
    ),
    "execute what waits for prod's reviewers": Attempt(
        (PLAN, "plan of dev", DEPLOY, OPS),
        lambda aws, world, who: aws("cloudformation").execute_change_set(
            StackName=PROD, ChangeSetName="deploy-pending"
        ),
    ),
    "end the protection of the stack": Attempt(
        (PLAN, DEPLOY),
        lambda aws, world, who: aws("cloudformation").update_termination_protection(
            StackName=PROD, EnableTerminationProtection=False
        ),
    ),
}

IDENTITIES = {
    "make a role without the boundary": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").create_role(
            RoleName="covid-lake-pr-8-FreeRole-1", AssumeRolePolicyDocument=OPEN
        ),
    ),
    "make a role within prod's boundary": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").create_role(
            RoleName="covid-lake-pr-8-OtherRole-1",
            AssumeRolePolicyDocument=OPEN,
            PermissionsBoundary=PROD_BOUNDARY,
        ),
    ),
    "make a role that looks like prod's": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").create_role(
            RoleName=f"{PROD}-OtherRole-1",
            AssumeRolePolicyDocument=OPEN,
            PermissionsBoundary=PREVIEW_BOUNDARY,
        ),
    ),
    "move a role of its own into prod's boundary": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").put_role_permissions_boundary(
            RoleName=EVIL_ROLE, PermissionsBoundary=PROD_BOUNDARY
        ),
    ),
    "give rights to prod's job": Attempt(
        (FORMATION, STACK_ROLE, DRIFT),
        lambda aws, world, who: aws("iam").put_role_policy(
            RoleName=world.physical("JobRole"), PolicyName="x", PolicyDocument=ANYTHING
        ),
    ),
    "give rights to its own deploy role": Attempt(
        (FORMATION, STACK_ROLE, DEPLOY),
        lambda aws, world, who: aws("iam").put_role_policy(
            RoleName="covid-lake-preview-deploy", PolicyName="x", PolicyDocument=ANYTHING
        ),
    ),
    "administer through its own CloudFormation role": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").attach_role_policy(
            RoleName="covid-lake-preview-cloudformation", PolicyArn=ADMINISTRATION
        ),
    ),
    "have prod's deploy role trust a branch": Attempt(
        (FORMATION, DEPLOY),
        lambda aws, world, who: aws("iam").update_assume_role_policy(
            RoleName=f"{PROD}-deploy", PolicyDocument=OPEN
        ),
    ),
    "have prod's job trust anybody": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").update_assume_role_policy(
            RoleName=world.physical("JobRole"), PolicyDocument=OPEN
        ),
    ),
    "widen its own boundary": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").create_policy_version(
            PolicyArn=PREVIEW_BOUNDARY, PolicyDocument=ANYTHING
        ),
    ),
    "widen prod's boundary": Attempt(
        (FORMATION, DEPLOY),
        lambda aws, world, who: aws("iam").create_policy_version(
            PolicyArn=PROD_BOUNDARY, PolicyDocument=ANYTHING
        ),
    ),
    "add an audience to GitHub's provider": Attempt(
        (FORMATION, DEPLOY, STACK_ROLE),
        lambda aws, world, who: aws("iam").add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=ISSUER, ClientID="https://github.com/evil"
        ),
    ),
    "make a user": Attempt(
        (FORMATION, STACK_ROLE, DEPLOY),
        lambda aws, world, who: aws("iam").create_user(UserName=f"evil-{len(who)}"),
    ),
    "run code as prod's job": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("glue").create_job(
            Name="covid-lake-pr-8-evil",
            Role=role_arn(world.physical("JobRole")),
            Command={"Name": "glueetl", "ScriptLocation": "s3://x/y.py"},
        ),
    ),
    "free a role of its own from the boundary": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").delete_role_permissions_boundary(RoleName=EVIL_ROLE),
    ),
}

DATA = {
    "list prod's lake": Attempt(
        (PLAN, DEPLOY, OPS, STACK_ROLE),
        lambda aws, world, who: aws("s3").list_objects_v2(Bucket=world.lake),
    ),
    "read prod's lake": Attempt(
        (DEPLOY, OPS, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").get_object(Bucket=world.lake, Key="clean/uk_covid/x"),
    ),
    "write to prod's lake": Attempt(
        (DEPLOY, OPS, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("s3").put_object(Bucket=world.lake, Key="clean/uk_covid/y", Body=b""),
    ),
    "empty prod's lake": Attempt(
        (DEPLOY, STACK_ROLE),
        lambda aws, world, who: aws("s3").delete_object(Bucket=world.lake, Key="clean/uk_covid/y"),
    ),
    "open prod's lake": Attempt(
        (FORMATION, DEPLOY),
        lambda aws, world, who: aws("s3").delete_public_access_block(Bucket=world.lake),
    ),
    "query in prod's workgroup": Attempt(
        (OPS, STACK_ROLE),
        lambda aws, world, who: aws("athena").start_query_execution(
            QueryString="SELECT 1", WorkGroup=PROD, QueryExecutionContext={"Database": "covid_lake_prod"}
        ),
    ),
    "read prod's catalog": Attempt(
        (OPS, STACK_ROLE, DEPLOY),
        lambda aws, world, who: aws("glue").get_table(DatabaseName="covid_lake_prod", Name="uk_covid"),
    ),
    "start an execution": Attempt(
        (OPS, STACK_ROLE),
        lambda aws, world, who: aws("stepfunctions").start_execution(
            stateMachineArn=MACHINE, name=f"evil-{len(who)}"
        ),
    ),
    "start prod's job": Attempt(
        (OPS, STACK_ROLE),
        lambda aws, world, who: aws("glue").start_job_run(JobName=f"{PROD}-ingest"),
        despite="ConcurrentRunsExceeded",
    ),
    "start prod's crawler": Attempt(
        (OPS, STACK_ROLE), lambda aws, world, who: aws("glue").start_crawler(Name=f"{PROD}-crawler")
    ),
    "call prod's function": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("lambda").invoke(FunctionName=f"{PROD}-start-crawler", Payload=b"{}"),
    ),
    "cry wolf on prod's topic": Attempt(
        (DEPLOY, FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("sns").publish(TopicArn=world.outputs["TopicArn"], Message="x"),
    ),
    "listen to prod's topic": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("sns").subscribe(
            TopicArn=world.outputs["TopicArn"], Protocol="email", Endpoint="evil@example.com"
        ),
    ),
    "have a rule of its own cry wolf on prod's topic": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("events").put_targets(
            Rule="covid-lake-pr-8-schedule", Targets=[{"Id": "x", "Arn": world.outputs["TopicArn"]}]
        ),
    ),
    "have a rule of its own start prod's machine": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("events").put_targets(
            Rule="covid-lake-pr-8-schedule",
            Targets=[{"Id": "x", "Arn": MACHINE, "RoleArn": role_arn(EVIL_ROLE)}],
        ),
    ),
    "read what was not delivered": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("sqs").receive_message(QueueUrl=world.outputs["UndeliveredQueueUrl"]),
    ),
    "read prod's logs": Attempt(
        (OPS, STACK_ROLE),
        lambda aws, world, who: aws("logs").filter_log_events(
            logGroupName=f"/aws/lambda/{PROD}-start-crawler"
        ),
    ),
    "use prod's key": Attempt(
        (STACK_ROLE, OPS, FORMATION),
        lambda aws, world, who: aws("kms").generate_data_key(KeyId=world.key, KeySpec="AES_256"),
    ),
}

DAMAGE = {
    "change prod's function": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("lambda").update_function_configuration(
            FunctionName=f"{PROD}-start-crawler", Timeout=3
        ),
    ),
    "change prod's machine": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("stepfunctions").update_state_machine(
            stateMachineArn=MACHINE, loggingConfiguration={"level": "OFF"}
        ),
    ),
    "stop prod's schedule": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("events").disable_rule(Name=f"{PROD}-schedule"),
    ),
    "silence prod's alarm": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("cloudwatch").delete_alarms(AlarmNames=[f"{PROD}-executions-timedout"]),
    ),
    "delete prod's logs": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("logs").delete_log_group(
            logGroupName=f"/aws/lambda/{PROD}-check-crawler"
        ),
    ),
    "drop a table": Attempt(
        (FORMATION, OPS, STACK_ROLE),
        lambda aws, world, who: aws("glue").delete_table(DatabaseName="covid_lake_prod", Name="uk_covid"),
    ),
    "drop the database": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("glue").delete_database(Name="covid_lake_prod"),
    ),
    "tag prod's key as its own": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("kms").tag_resource(
            KeyId=world.key,
            Tags=[
                {"TagKey": "Application", "TagValue": "covid-lake"},
                {"TagKey": "Environment", "TagValue": "preview"},
            ],
        ),
    ),
    "name prod's key as its own": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("kms").create_alias(
            AliasName=f"alias/covid-lake-pr-{len(who)}", TargetKeyId=world.key
        ),
    ),
    "delete prod's key": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("kms").schedule_key_deletion(KeyId=world.key, PendingWindowInDays=7),
    ),
    "put a policy on prod's key": Attempt(
        (FORMATION, STACK_ROLE),
        lambda aws, world, who: aws("kms").put_key_policy(KeyId=world.key, PolicyName="default", Policy=SHUT),
    ),
    "delete prod's topic": Attempt(
        (FORMATION, DRIFT, STACK_ROLE),
        lambda aws, world, who: aws("sns").delete_topic(TopicArn=arn("sns", f"{PROD}-notifications")),
    ),
    "delete prod's deploy role": Attempt(
        (FORMATION,),
        lambda aws, world, who: aws("iam").delete_role_policy(
            RoleName=f"{PROD}-deploy", PolicyName="Permissions"
        ),
    ),
    "update the stack past any change set": Attempt(
        (PLAN, DEPLOY, OPS),
        lambda aws, world, who: aws("cloudformation").update_stack(StackName=PROD, TemplateBody=TEMPLATE),
    ),
    "delete the stack": Attempt(
        (PLAN, DEPLOY, OPS, DRIFT),
        lambda aws, world, who: aws("cloudformation").delete_stack(StackName=PROD),
    ),
}

ATTEMPTS: dict[str, Attempt] = {**ARTIFACTS, **STACKS, **IDENTITIES, **DATA, **DAMAGE}
assert TRUST  # roles that services take
