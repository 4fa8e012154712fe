"""Bootstrap on the local cloud, and what each role may do by a session taken on as GitHub does."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from covidlake import _commands_bootstrap, _project, bootstrap, change_set, deploy, doctor, local, stack
from covidlake.bundle import Bundle
from covidlake.github import Repository
from covidlake.package import package
from localcloud.cloud import ACCOUNT, LocalCloud

ENVIRONMENT, STACK = "staging", "covid-lake-staging"
REPOSITORY = Repository("acme", "77", "lake", "99")
ISSUER = "https://token.actions.githubusercontent.com"
BUCKET = f"covid-lake-artifacts-{ACCOUNT}-us-east-2"
DENIED = "AccessDenied|not authorized"


def ignore(_: str) -> None:
    """No progress in tests."""


@pytest.fixture(scope="module", autouse=True)
def attached(cloud: LocalCloud) -> Iterator[None]:
    with local.attached(cloud):
        yield


@pytest.fixture(scope="module")
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bootstrapped and deployed environment, and a source bucket."""
    if _project.SOURCE_BUCKET not in [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"]]:
        region: Any = {"LocationConstraint": cloud.region}
        cloud.client("s3").create_bucket(Bucket=_project.SOURCE_BUCKET, CreateBucketConfiguration=region)
    bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, report=ignore)
    bundle = package(tmp_path_factory.mktemp("package") / "bundle")
    deploy.deploy(ENVIRONMENT, bundle, ignore)
    return bundle


def token(subject: str, audience: str = "sts.amazonaws.com") -> str:
    """A token with GitHub's claims; its signature is AWS's business, not that of a trust policy."""
    claims = {"iss": ISSUER, "aud": audience, "sub": subject}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "x"])


def take_on(
    cloud: LocalCloud, role: str, subject: str, audience: str = "sts.amazonaws.com"
) -> dict[str, str]:
    answer = cloud.client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{role}",
        RoleSessionName="test",
        WebIdentityToken=token(subject, audience),
    )
    return dict(answer["Credentials"])


SUBJECTS = {
    "plan": "repo:acme@77/lake@99:pull_request",
    "deploy": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}",
    "ops": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}",
    "drift": f"repo:acme@77/lake@99:environment:{ENVIRONMENT}",
}


def client(cloud: LocalCloud, role: str, service: str) -> Any:
    return cloud.client(service, take_on(cloud, role, SUBJECTS[role]))


@contextmanager
def acting_as(cloud: LocalCloud, role: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the verbs of this process call with the role's session."""
    credentials = take_on(cloud, role, SUBJECTS[role])
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", credentials["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", credentials["SecretAccessKey"])
        patch.setenv("AWS_SESSION_TOKEN", credentials["SessionToken"])
        local.forget_clients()
        yield
    local.forget_clients()


def statuses(repository: Repository | None = REPOSITORY) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.checks(ENVIRONMENT, repository)}


def test_doctor_finds_nothing_wrong_after_bootstrap_and_deploy(deployed: Bundle) -> None:
    found = statuses()
    failing = [doctor.line(check) for check in found.values() if check.status == "FAIL"]
    assert failing == []
    assert {name for name, check in found.items() if check.status == "OK"} >= {
        *("python", "packages", "parameter file", "region", "credentials", "account", "source bucket"),
        *("artifact bucket", "artifact bucket, TLS only", "bootstrap stack", "OIDC provider"),
        *("role plan", "role deploy", "role cloudformation", "role ops", "role drift"),
        *("permissions boundary", "stack", "state machine", "job", "crawler"),
    }


def test_a_second_bootstrap_changes_nothing_and_another_environment_shares_what_there_is(
    deployed: Bundle,
) -> None:
    said: list[str] = []
    bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, report=said.append)
    assert said[-1] == "stack covid-lake-bootstrap-staging: nothing to change"
    other: list[str] = []
    bootstrap.bootstrap("prod", REPOSITORY, report=other.append)
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


def test_the_plan_role_plans_the_real_stack_and_leaves_nothing(
    cloud: LocalCloud, deployed: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from covidlake.plan import plan

    with acting_as(cloud, "plan", monkeypatch):
        made = plan(ENVIRONMENT, deployed, ignore)
    assert made.is_empty
    left = [one["ChangeSetName"] for one in stack.client().list_change_sets(StackName=STACK)["Summaries"]]
    assert [name for name in left if name.startswith("plan-")] == []


def new_parameters() -> list[dict[str, str]]:
    found: Any = stack.describe(STACK)
    return [
        {"ParameterKey": one["ParameterKey"], "ParameterValue": "England"}
        if one["ParameterKey"] == "Areas"
        else {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
        for one in found["Parameters"]
    ]


def make_change_set(formation: Any, name: str) -> None:
    formation.create_change_set(
        StackName=STACK,
        ChangeSetName=name,
        UsePreviousTemplate=True,
        Parameters=new_parameters(),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )


def test_the_plan_role_makes_and_deletes_a_plan_and_executes_none(
    cloud: LocalCloud, deployed: Bundle
) -> None:
    formation = client(cloud, "plan", "cloudformation")
    make_change_set(formation, "plan-1")
    assert formation.describe_change_set(StackName=STACK, ChangeSetName="plan-1")["ChangeSetName"] == "plan-1"
    with pytest.raises(ClientError, match=DENIED):
        formation.execute_change_set(StackName=STACK, ChangeSetName="plan-1")
    formation.delete_change_set(StackName=STACK, ChangeSetName="plan-1")


def test_the_plan_role_touches_no_change_set_of_a_deployment(cloud: LocalCloud, deployed: Bundle) -> None:
    with pytest.raises(ClientError, match=DENIED):
        make_change_set(client(cloud, "plan", "cloudformation"), "deploy-1")
    make_change_set(stack.client(), "deploy-1")
    with pytest.raises(ClientError, match=DENIED):
        client(cloud, "plan", "cloudformation").delete_change_set(StackName=STACK, ChangeSetName="deploy-1")
    stack.client().delete_change_set(StackName=STACK, ChangeSetName="deploy-1")


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
        lambda service: service("s3").put_object(Bucket=BUCKET, Key="artifacts/00/x.zip", Body=b""),
    ),
    "plan replaces a template": (
        "plan",
        lambda service: service("s3").put_object(Bucket=BUCKET, Key="templates/00.json", Body=b""),
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
        lambda service: service("s3").put_object(Bucket=BUCKET, Key="plans/x.json", Body=b""),
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


def lake() -> str:
    return stack.find(ENVIRONMENT).outputs["LakeBucketName"]


def machine() -> str:
    return stack.find(ENVIRONMENT).outputs["StateMachineArn"]


def stack_role(logical_id: str) -> str:
    found = stack.client().describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return found["StackResourceDetail"]["PhysicalResourceId"]


@pytest.mark.parametrize("case", FORBIDDEN)
def test_no_role_does_what_is_not_its_work(cloud: LocalCloud, deployed: Bundle, case: str) -> None:
    role, attempt = FORBIDDEN[case]
    with pytest.raises(ClientError, match=DENIED):
        attempt(lambda service: client(cloud, role, service))


def test_the_deploy_role_deploys(
    cloud: LocalCloud, deployed: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as(cloud, "deploy", monkeypatch):
        again = deploy.deploy(ENVIRONMENT, deployed, ignore)
        assert again.status == "NO_CHANGE"
        make_change_set(stack.client(), "deploy-2")
        change = change_set.ChangeSet(STACK, "deploy-2", "UPDATE")
        assert deploy.execute(change, ignore) == "UPDATE_COMPLETE"
        back = deploy.deploy(ENVIRONMENT, deployed, ignore)
        assert back.status == "UPDATE_COMPLETE"


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


def test_doctor_tells_of_an_ingestion_that_did_not_succeed(deployed: Bundle) -> None:
    last = statuses()["last ingestion"]
    assert (last.status, last.found.split(",")[0]) == ("FAIL", "by-ops ABORTED")


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


def test_the_drift_role_detects_drift(
    cloud: LocalCloud, deployed: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from covidlake import drift

    with acting_as(cloud, "drift", monkeypatch):
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


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{STACK}-boundary"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
ANYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
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


def remove_provider(cloud: LocalCloud) -> Callable[[], None]:
    iam, arn = cloud.client("iam"), bootstrap.provider_arn()
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return lambda: iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])


def change_audience(cloud: LocalCloud) -> Callable[[], None]:
    iam, restore = cloud.client("iam"), remove_provider(cloud)
    iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["https://github.com/acme"])

    def back() -> None:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=bootstrap.provider_arn())
        restore()

    return back


def widen_trust(cloud: LocalCloud) -> Callable[[], None]:
    """A wildcard beside the exact subject, as someone in a hurry adds it."""
    iam, name = cloud.client("iam"), f"{STACK}-deploy"
    before = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    wide = json.loads(json.dumps(before))
    (statement,) = wide["Statement"]
    subject = statement["Condition"]["StringEquals"].pop("token.actions.githubusercontent.com:sub")
    statement["Condition"]["StringLike"] = {"token.actions.githubusercontent.com:sub": "repo:acme/*"}
    assert subject == SUBJECTS["deploy"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(wide))
    return lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(before))


def rename_role(cloud: LocalCloud) -> Callable[[], None]:
    iam, name = cloud.client("iam"), f"{STACK}-ops"
    role = iam.get_role(RoleName=name)["Role"]
    policy = iam.get_role_policy(RoleName=name, PolicyName="Permissions")["PolicyDocument"]
    iam.delete_role_policy(RoleName=name, PolicyName="Permissions")
    iam.delete_role(RoleName=name)

    def back() -> None:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
        iam.put_role_policy(RoleName=name, PolicyName="Permissions", PolicyDocument=json.dumps(policy))

    return back


def free_a_role(cloud: LocalCloud) -> Callable[[], None]:
    iam, name = cloud.client("iam"), stack_role("CrawlerRole")
    iam.delete_role_permissions_boundary(RoleName=name)
    return lambda: iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=BOUNDARY)


def suspend_versioning(cloud: LocalCloud) -> Callable[[], None]:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    return lambda: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def open_to_the_public(cloud: LocalCloud) -> Callable[[], None]:
    s3 = cloud.client("s3")
    before = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    after = {**before, "BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=after)
    return lambda: s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=before)


def allow_plain_http(cloud: LocalCloud) -> Callable[[], None]:
    s3 = cloud.client("s3")
    before = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    s3.delete_bucket_policy(Bucket=BUCKET)
    return lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=before)


def remove_crawler(cloud: LocalCloud) -> Callable[[], None]:
    glue, name = cloud.client("glue"), f"{STACK}-crawler"
    found = glue.get_crawler(Name=name)["Crawler"]
    kept = ("Name", "Role", "DatabaseName", "Targets", "Configuration", "SchemaChangePolicy", "RecrawlPolicy")
    glue.delete_crawler(Name=name)
    return lambda: glue.create_crawler(**{key: found[key] for key in kept if key in found})


Break = Callable[[LocalCloud], Callable[[], None]]
BROKEN: dict[str, tuple[Break, str, str]] = {
    "OIDC provider": (
        remove_provider,
        "does not exist",
        "delete that stack, then covidlake bootstrap staging",
    ),
    "OIDC provider, audience": (
        change_audience,
        "https://github.com/acme",
        "add-client-id-to-open-id-connect",
    ),
    "role deploy": (
        widen_trust,
        "trusts repo:acme/*, expected repo:acme@77/lake@99:environment:staging",
        "boot",
    ),
    "role ops": (rename_role, "covid-lake-staging-ops does not exist", "delete that stack"),
    "permissions boundary": (free_a_role, "does not hold covid-lake-staging-CrawlerRole", "covidlake deploy"),
    "artifact bucket, versioning": (suspend_versioning, "Suspended", "put-bucket-versioning"),
    "artifact bucket, public access block": (
        open_to_the_public,
        "not all four on",
        "put-public-access-block",
    ),
    "artifact bucket, TLS only": (allow_plain_http, "not enforced", "put-bucket-policy"),
    "crawler": (remove_crawler, "covid-lake-staging-crawler does not exist", "covidlake drift"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_doctor_names_what_is_broken_and_the_cure(cloud: LocalCloud, deployed: Bundle, name: str) -> None:
    broken, found, cure = BROKEN[name]
    title = name.removesuffix(", audience")
    assert statuses()[title].status == "OK"
    restore = broken(cloud)
    try:
        check = statuses()[title]
    finally:
        restore()
    assert check.status == "FAIL"
    assert found in check.found
    assert cure in check.cure
    assert "\n" not in doctor.line(check)
    assert statuses()[title].status == "OK"


@pytest.mark.parametrize(
    ("repository", "failing"),
    [
        (Repository("acme", "77", "lake", "98"), {"role plan", "role deploy", "role ops", "role drift"}),
        (
            Repository("acme", "77", "lake", "99", True),
            {"role plan", "role deploy", "role ops", "role drift"},
        ),
    ],
)
def test_doctor_says_when_the_roles_trust_another_repository(
    deployed: Bundle, repository: Repository, failing: set[str]
) -> None:
    found = statuses(repository)
    assert {n for n, check in found.items() if check.status == "FAIL" and n.startswith("role")} == failing
    assert f"expected {repository.subject('pull_request')}" in found["role plan"].found


def test_doctor_expects_what_bootstrap_was_told_when_no_repository_is_given(deployed: Bundle) -> None:
    assert statuses(None)["role plan"].status == "OK"


def test_doctor_of_an_environment_that_is_not_there(deployed: Bundle) -> None:
    found = {check.name: check for check in doctor.checks("dev")}
    if stack.describe("covid-lake-dev") is None:
        assert found["stack"].status == "FAIL"
        assert found["stack"].cure == "covidlake deploy dev"
    assert found["bootstrap stack"].status == "SKIP"
    with_repository = {check.name: check for check in doctor.checks("dev", REPOSITORY)}
    assert with_repository["bootstrap stack"].status == "FAIL"
    assert with_repository["bootstrap stack"].cure.startswith("covidlake bootstrap dev --repository")


def test_the_commands_tell_github_what_to_know_and_fail_when_a_check_does(deployed: Bundle) -> None:
    app = typer.Typer()
    _commands_bootstrap.register(app)
    arguments = ["--repository", "acme/lake", "--repository-id", "99", "--owner-id", "77"]
    made = CliRunner().invoke(app, ["bootstrap", ENVIRONMENT, *arguments])
    assert made.exit_code == 0, made.output
    lines = made.stdout.splitlines()
    assert lines[0] == "gh api --silent --method PUT repos/acme/lake/environments/staging"
    assert lines[1:] == [one.command() for one in bootstrap.expected_variables(ENVIRONMENT, REPOSITORY)]
    examined = CliRunner().invoke(app, ["doctor", ENVIRONMENT, *arguments])
    assert examined.exit_code == 1  # the ingestion that was stopped
    assert [line for line in examined.stdout.splitlines() if line.startswith("FAIL")] == [
        line for line in examined.stdout.splitlines() if "last ingestion" in line
    ]


def test_bootstrap_moves_to_the_older_subject_and_back(cloud: LocalCloud, deployed: Bundle) -> None:
    legacy = Repository("acme", "77", "lake", "99", legacy_subject=True)
    bootstrap.bootstrap(ENVIRONMENT, legacy, report=ignore)
    try:
        with pytest.raises(ClientError, match=DENIED):
            take_on(cloud, "deploy", SUBJECTS["deploy"])
        take_on(cloud, "deploy", "repo:acme/lake:environment:staging")
        assert statuses(None)["role deploy"].status == "OK"
    finally:
        bootstrap.bootstrap(ENVIRONMENT, REPOSITORY, report=ignore)
    take_on(cloud, "deploy", SUBJECTS["deploy"])
