"""Bootstrap on the local cloud, and what each role may do by a session taken on as GitHub does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.doctor import examine
from covidlake.run import ingest, query, status
from covidlake.run.pipelines import ingestion
from covidlake.ship.bootstrap import bootstrap, shared_logs
from covidlake.ship.bootstrap.repository import Repository
from covidlake.ship.deploy import deploy, execute
from covidlake.ship.stack import change_set, stack
from localcloud.cloud import ACCOUNT, LocalCloud
from tests.e2e.bootstrap_rig import (
    ANYTHING,
    BOUNDARY,
    BUCKET,
    DENIED,
    ENVIRONMENT,
    REPOSITORY,
    SERVICE_ROLE,
    STACK,
    SUBJECTS,
    TRUST,
    acting_as,
    client,
    deploy_environment,
    lake,
    machine,
    make_change_set,
    plan_template_of,
    stack_role,
    take_on,
    template_of,
)
from tests.e2e.releases import ignore

pytestmark = pytest.mark.usefixtures("attached")


@pytest.fixture(scope="module")
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return deploy_environment(cloud, tmp_path_factory.mktemp("package"))


def stack_logs(cloud: LocalCloud) -> dict[str, int | None]:
    pages = cloud.client("logs").get_paginator("describe_log_groups").paginate()
    return {one["logGroupName"]: one.get("retentionInDays") for page in pages for one in page["logGroups"]}


def test_a_second_bootstrap_changes_nothing_and_another_environment_shares_what_there_is(
    cloud: LocalCloud,
    deployed: Bundle,
) -> None:
    said: list[str] = []
    bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, progress=said.append)
    assert said[-1] == "stack covid-lake-bootstrap-staging: nothing to change"
    groups = stack_logs(cloud)
    assert {groups[name] for name in shared_logs.GROUPS} == {shared_logs.RETENTION_DAYS}
    other: list[str] = []
    bootstrap.bootstrap("prod", REPOSITORY, progress=other.append)
    assert [line for line in other if "used as it is" in line] == [
        "ArtifactBucket: the account has it already and it is used as it is",
        "OidcProvider: the account has it already and it is used as it is",
    ]
    found = bootstrap.parameters_of("prod")
    assert (found["CreateArtifactBucket"], found["CreateOidcProvider"]) == ("false", "false")


def test_the_variables_are_ready_commands(deployed: Bundle) -> None:
    commands = [one.command() for one in bootstrap.expected_variables(ENVIRONMENT, REPOSITORY)]
    role = f"arn:aws:iam::{ACCOUNT}:role/{STACK}"
    assert commands == [
        "gh variable set AWS_REGION_STAGING --repo acme/lake --body us-east-2",
        f"gh variable set AWS_PLAN_ROLE_ARN_STAGING --repo acme/lake --body {role}-plan",
        "gh variable set AWS_REGION --env staging --repo acme/lake --body us-east-2",
        f"gh variable set AWS_DEPLOY_ROLE_ARN --env staging --repo acme/lake --body {role}-deploy",
        f"gh variable set AWS_OPS_ROLE_ARN --env staging --repo acme/lake --body {role}-ops",
        f"gh variable set AWS_DRIFT_ROLE_ARN --env staging --repo acme/lake --body {role}-drift",
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme@77/lake@99:ref:refs/heads/main",
        "repo:acme@77/lake@99:environment:prod",
        "repo:acme@77/lake@98:environment:staging",
        "repo:acme@78/lake@99:environment:staging",
        "repo:acme/lake:environment:staging",
        "repo:acme@77/lake@99:environment:staging-2",
        "repo:acme@77/lake@99:pull_request",
    ],
)
def test_no_other_subject_may_deploy(cloud: LocalCloud, deployed: Bundle, subject: str) -> None:
    with pytest.raises(ClientError, match=DENIED):
        take_on(cloud, "deploy", subject)


def test_no_other_audience_may_deploy(cloud: LocalCloud, deployed: Bundle) -> None:
    with pytest.raises(ClientError, match=DENIED):
        take_on(cloud, "deploy", SUBJECTS["deploy"], audience="https://github.com/acme")


@pytest.mark.parametrize("role", ["plan", "ops", "drift", "deploy"])
def test_nobody_takes_on_a_role_with_credentials_of_the_account(
    cloud: LocalCloud, deployed: Bundle, role: str
) -> None:
    own = client(cloud, "deploy" if role != "deploy" else "ops", "sts")
    with pytest.raises(ClientError, match=DENIED):
        own.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{role}", RoleSessionName="test")


def test_the_plan_role_plans_the_real_stack_and_leaves_nothing(cloud: LocalCloud, deployed: Bundle) -> None:
    from covidlake.ship.plan.plan import plan

    with acting_as(cloud, "plan"):
        made = plan(ENVIRONMENT, deployed, ignore)
    assert made.is_empty
    left = [
        one["ChangeSetName"]
        for one in aws.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    ]
    assert [name for name in left if name.startswith("plan-")] == []


def test_the_plan_role_makes_and_deletes_a_plan_and_executes_none(
    cloud: LocalCloud, deployed: Bundle
) -> None:
    formation = client(cloud, "plan", "cloudformation")
    make_change_set(formation, "plan-1", plan_template_of(deployed))
    assert formation.describe_change_set(StackName=STACK, ChangeSetName="plan-1")["ChangeSetName"] == "plan-1"
    with pytest.raises(ClientError, match=DENIED):
        formation.execute_change_set(StackName=STACK, ChangeSetName="plan-1")
    formation.delete_change_set(StackName=STACK, ChangeSetName="plan-1")


def test_the_plan_role_touches_no_change_set_of_a_deployment(cloud: LocalCloud, deployed: Bundle) -> None:
    with pytest.raises(ClientError, match=DENIED):
        make_change_set(client(cloud, "plan", "cloudformation"), "deploy-1", plan_template_of(deployed))
    make_change_set(aws.client("cloudformation"), "deploy-1")
    with pytest.raises(ClientError, match=DENIED):
        client(cloud, "plan", "cloudformation").delete_change_set(StackName=STACK, ChangeSetName="deploy-1")
    aws.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName="deploy-1")


Attempt = Callable[[Callable[[str], Any]], Any]
FORBIDDEN: dict[str, tuple[str, Attempt]] = {
    "plan deletes the stack": (
        "plan",
        lambda service: service("cloudformation").delete_stack(StackName=STACK),
    ),
    "plan updates the stack": (
        "plan",
        lambda service: service("cloudformation").update_stack(StackName=STACK, UsePreviousTemplate=True),
    ),
    "plan reaches another environment": (
        "plan",
        lambda service: service("cloudformation").describe_stacks(StackName="covid-lake-prod"),
    ),
    "plan replaces an artifact": (
        "plan",
        lambda service: service("s3").put_object(
            Bucket=BUCKET, Key=f"{STACK}/artifacts/00/x.zip", Body=b"", IfNoneMatch="*"
        ),
    ),
    "plan replaces a template": (
        "plan",
        lambda service: service("s3").put_object(
            Bucket=BUCKET, Key=f"{STACK}/templates/00.json", Body=b"", IfNoneMatch="*"
        ),
    ),
    "plan reads the lake": ("plan", lambda service: service("s3").list_objects_v2(Bucket=lake())),
    "deploy makes a role itself": (
        "deploy",
        lambda service: service("iam").create_role(
            RoleName=f"{STACK}-XRole-1", AssumeRolePolicyDocument="{}"
        ),
    ),
    "deploy reads data": (
        "deploy",
        lambda service: service("s3").get_object(Bucket=lake(), Key="clean/uk_covid/x"),
    ),
    "deploy deploys another environment": (
        "deploy",
        lambda service: service("cloudformation").delete_stack(StackName="covid-lake-prod"),
    ),
    "deploy writes a pull request's plan": (
        "deploy",
        lambda service: service("s3").put_object(
            Bucket=BUCKET, Key=f"plans/{STACK}/x.json", Body=b"", IfNoneMatch="*"
        ),
    ),
    "ops deploys": (
        "ops",
        lambda service: service("cloudformation").create_change_set(
            StackName=STACK, ChangeSetName="plan-2", UsePreviousTemplate=True
        ),
    ),
    "ops changes the machine": (
        "ops",
        lambda service: service("stepfunctions").update_state_machine(
            stateMachineArn=machine(), loggingConfiguration={"level": "OFF"}
        ),
    ),
    "ops replaces a table": (
        "ops",
        lambda service: service("s3").put_object(Bucket=lake(), Key="clean/uk_covid/x", Body=b""),
    ),
    "ops starts the job past the machine": (
        "ops",
        lambda service: service("glue").start_job_run(JobName=f"{STACK}-ingest"),
    ),
    "drift deploys": (
        "drift",
        lambda service: service("cloudformation").create_change_set(
            StackName=STACK, ChangeSetName="plan-3", UsePreviousTemplate=True
        ),
    ),
    "drift starts an execution": (
        "drift",
        lambda service: service("stepfunctions").start_execution(stateMachineArn=machine()),
    ),
    "drift changes a role": (
        "drift",
        lambda service: service("iam").put_role_policy(
            RoleName=stack_role("JobRole"), PolicyName="x", PolicyDocument="{}"
        ),
    ),
    "drift writes to the lake": (
        "drift",
        lambda service: service("s3").put_object(Bucket=lake(), Key="x", Body=b""),
    ),
    "drift empties the topic": (
        "drift",
        lambda service: service("sns").delete_topic(TopicArn=stack.find(ENVIRONMENT).outputs["TopicArn"]),
    ),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_no_role_does_what_is_not_its_work(cloud: LocalCloud, deployed: Bundle, case: str) -> None:
    role, attempt = FORBIDDEN[case]
    with pytest.raises(ClientError, match=DENIED):
        attempt(lambda service: client(cloud, role, service))


def test_the_deploy_role_deploys(cloud: LocalCloud, deployed: Bundle) -> None:
    with acting_as(cloud, "deploy"):
        again = deploy.deploy(ENVIRONMENT, deployed, ignore)
        assert again.status == "NO_CHANGE"
        make_change_set(aws.client("cloudformation"), "deploy-2", template_of(deployed), RoleARN=SERVICE_ROLE)
        change = change_set.ChangeSet(STACK, "deploy-2", "UPDATE")
        assert execute.execute(change, ignore)["StackStatus"] == "UPDATE_COMPLETE"
        back = deploy.deploy(ENVIRONMENT, deployed, ignore)
        assert back.status == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("name", "template", "more"),
    [
        ("deploy-3", "plan", {"RoleARN": SERVICE_ROLE}),
        ("deploy-3", "none", {"RoleARN": SERVICE_ROLE}),
        ("deploy-3", "own", {}),
        ("plan-3", "own", {"RoleARN": SERVICE_ROLE}),
    ],
)
def test_the_deploy_role_makes_no_other_change_set(
    cloud: LocalCloud, deployed: Bundle, name: str, template: str, more: dict[str, str]
) -> None:
    """Neither from what a plan has left, nor past the service role, nor under a plan's name."""
    places = {"plan": plan_template_of(deployed), "own": template_of(deployed), "none": ""}
    with pytest.raises(ClientError, match=DENIED):
        make_change_set(client(cloud, "deploy", "cloudformation"), name, places[template], **more)


def test_the_deploy_role_executes_no_plan(cloud: LocalCloud, deployed: Bundle) -> None:
    make_change_set(aws.client("cloudformation"), "plan-4")
    with pytest.raises(ClientError, match=DENIED):
        client(cloud, "deploy", "cloudformation").execute_change_set(StackName=STACK, ChangeSetName="plan-4")
    aws.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName="plan-4")


def test_the_ops_role_starts_follows_and_stops_an_execution(cloud: LocalCloud, deployed: Bundle) -> None:
    states = client(cloud, "ops", "stepfunctions")
    started = states.start_execution(stateMachineArn=machine(), name="by-ops")["executionArn"]
    assert states.describe_execution(executionArn=started)["name"] == "by-ops"
    assert states.get_execution_history(executionArn=started)["events"]
    states.stop_execution(executionArn=started)
    deadline = time.monotonic() + 60
    while states.describe_execution(executionArn=started)["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution goes on"
        time.sleep(0.1)
    assert [one["name"] for one in states.list_executions(stateMachineArn=machine())["executions"]] == [
        "by-ops"
    ]


def test_the_ops_role_queries(cloud: LocalCloud, deployed: Bundle) -> None:
    athena = client(cloud, "ops", "athena")
    query = athena.start_query_execution(
        QueryString="SHOW TABLES", WorkGroup=STACK, QueryExecutionContext={"Database": "covid_lake_staging"}
    )["QueryExecutionId"]
    deadline = time.monotonic() + 60
    while (status := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])[
        "State"
    ] in {"QUEUED", "RUNNING"}:
        assert time.monotonic() < deadline, "the query goes on"
        time.sleep(0.1)
    assert status["State"] == "SUCCEEDED", status
    with pytest.raises(ClientError, match=DENIED):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup="primary")


@pytest.mark.prove
def test_the_ops_role_ingests_under_the_boundary_and_asks_athena(
    cloud: LocalCloud, deployed: Bundle, tmp_path: Path
) -> None:
    from covidlake.laptop.source.mirror import mirror
    from covidlake.laptop.source.uk_sample import generate

    generate(tmp_path, days=2)
    mirror(tmp_path, project.SOURCE_BUCKET)
    with acting_as(cloud, "ops"):
        ended = ingest.ingest(ENVIRONMENT, ignore, ingestion.Request(("uk_covid",)), "under-the-boundary")
        (outcome,) = ingest.outcomes(ended)
        answer = query.query(ENVIRONMENT, "SELECT count(*) FROM uk_covid")
        shown = status.status(ENVIRONMENT)
    assert outcome["outcome"] == "LOADED"
    assert int(answer.rows[0][0] or 0) == outcome["table_rows"] > 0
    assert {"uk_covid", "uk_covid_by_age"} <= {row[0] for row in shown.tables}


def test_the_drift_role_detects_drift(cloud: LocalCloud, deployed: Bundle) -> None:
    from covidlake.ship.drift import drift

    with acting_as(cloud, "drift"):
        drift.drift(ENVIRONMENT, ignore)


def as_cloudformation(cloud: LocalCloud) -> Any:
    """IAM with the policy of the service role, in a role that a test may take on."""
    iam = cloud.client("iam")
    name, policy = "bootstrap-test-cloudformation", "Permissions"
    document = iam.get_role_policy(RoleName=f"{STACK}-cloudformation", PolicyName=policy)["PolicyDocument"]
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    if name not in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        statement = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=statement)
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return cloud.client(
        "iam", cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    )


def test_cloudformation_makes_roles_only_within_the_boundary(cloud: LocalCloud, deployed: Bundle) -> None:
    iam = as_cloudformation(cloud)
    name = f"{STACK}-NewRole-1"
    for boundary in ({}, {"PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-prod-boundary"}):
        with pytest.raises(ClientError, match=DENIED):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **boundary)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=BOUNDARY)
    iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=ANYTHING)
    with pytest.raises(ClientError, match=DENIED):
        iam.delete_role_permissions_boundary(RoleName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="x")
    iam.delete_role(RoleName=name)


def test_cloudformation_gives_nothing_to_a_role_without_the_boundary(
    cloud: LocalCloud, deployed: Bundle
) -> None:
    name = f"{STACK}-FreeRole-1"
    cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam = as_cloudformation(cloud)
    with pytest.raises(ClientError, match=DENIED):
        iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=ANYTHING)
    with pytest.raises(ClientError, match=DENIED):
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    cloud.client("iam").delete_role(RoleName=name)


@pytest.mark.parametrize("role", ["plan", "deploy", "cloudformation", "ops", "drift"])
def test_cloudformation_changes_no_bootstrap_role(cloud: LocalCloud, deployed: Bundle, role: str) -> None:
    iam, name = as_cloudformation(cloud), f"{STACK}-{role}"
    for attempt in (
        lambda: iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=ANYTHING),
        lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST),
        lambda: iam.delete_role(RoleName=name),
    ):
        with pytest.raises(ClientError, match=DENIED):
            attempt()


def test_cloudformation_does_not_change_the_boundary(cloud: LocalCloud, deployed: Bundle) -> None:
    iam = as_cloudformation(cloud)
    with pytest.raises(ClientError, match=DENIED):
        iam.create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=ANYTHING, SetAsDefault=True)
    with pytest.raises(ClientError, match=DENIED):
        iam.delete_policy(PolicyArn=BOUNDARY)


def test_the_boundary_is_a_ceiling_for_a_role_of_the_stack(cloud: LocalCloud, deployed: Bundle) -> None:
    """The job's role may do anything by its own policy and yet reaches only the environment's data."""
    iam, role = cloud.client("iam"), stack_role("JobRole")
    before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    iam.put_role_policy(RoleName=role, PolicyName="Wide", PolicyDocument=ANYTHING)
    opened = json.dumps({"Version": "2012-10-17", "Statement": [root]})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=opened)
    try:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        session = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        cloud.client("s3", session).list_objects_v2(Bucket=lake())
        for attempt in (
            lambda: cloud.client("s3", session).list_objects_v2(Bucket=BUCKET),
            lambda: cloud.client("iam", session).list_roles(),
            lambda: cloud.client("s3", session).delete_bucket(Bucket=lake()),
        ):
            with pytest.raises(ClientError, match=DENIED):
                attempt()
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="Wide")
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


def test_bootstrap_moves_to_the_older_subject_and_back(cloud: LocalCloud, deployed: Bundle) -> None:
    legacy = Repository("acme", "77", "lake", "99", legacy_subject=True)
    bootstrap.bootstrap(ENVIRONMENT, legacy, progress=ignore)
    try:
        with pytest.raises(ClientError, match=DENIED):
            take_on(cloud, "deploy", SUBJECTS["deploy"])
        take_on(cloud, "deploy", "repo:acme/lake:environment:staging")
        found = {check.name: check.status for check in examine.checks(ENVIRONMENT)}
        assert found["role deploy"] == "OK"
    finally:
        bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, progress=ignore)
    take_on(cloud, "deploy", SUBJECTS["deploy"])


@pytest.mark.parametrize("role", ["plan", "deploy"])
def test_a_role_reads_the_validations_of_its_own_change_sets(
    cloud: LocalCloud, deployed: Bundle, role: str
) -> None:
    formation = client(cloud, role, "cloudformation")
    for owner, allowed in ((role, True), ("plan" if role == "deploy" else "deploy", False)):
        make_change_set(aws.client("cloudformation"), name := f"{owner}-{STACK}-1")
        made = aws.client("cloudformation").describe_change_set(StackName=STACK, ChangeSetName=name)[
            "ChangeSetId"
        ]
        try:
            if allowed:
                assert formation.describe_events(ChangeSetName=made)["OperationEvents"] == []
            else:
                with pytest.raises(ClientError, match=DENIED):
                    formation.describe_events(ChangeSetName=made)
        finally:
            aws.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName=name)
