"""What doctor says of a whole chain, and of each thing that is broken in it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle
from covidlake.commands import bootstrap as commands_bootstrap
from covidlake.doctor import examine
from covidlake.doctor.check import Check, line
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap import repository as github
from covidlake.ship.bootstrap.repository import Repository
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack
from localcloud.cloud import LocalCloud
from tests.e2e.bootstrap_rig import (
    BOUNDARY,
    BUCKET,
    ENVIRONMENT,
    REPOSITORY,
    STACK,
    SUBJECTS,
    TRUST,
    deploy_environment,
    machine,
    stack_role,
)
from tests.e2e.role_sessions import ISSUER

pytestmark = pytest.mark.usefixtures("attached")


@pytest.fixture(scope="module")
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return deploy_environment(cloud, tmp_path_factory.mktemp("package"))


def statuses(repository: Repository | None = REPOSITORY) -> dict[str, Check]:
    return {check.name: check for check in examine.checks(ENVIRONMENT, repository)}


def test_doctor_finds_nothing_wrong_after_bootstrap_and_deploy(deployed: Bundle) -> None:
    found = statuses()
    failing = [line(check) for check in found.values() if check.status == "FAIL"]
    assert failing == []
    assert {name for name, check in found.items() if check.status == "OK"} >= {
        *("python", "packages", "parameter file", "region", "credentials", "account", "source bucket"),
        *("artifact bucket", "artifact bucket, TLS only", "bootstrap stack", "OIDC provider"),
        *("role plan", "role deploy", "role cloudformation", "role ops", "role drift"),
        *("permissions boundary", "stack", "state machine", "job", "crawler"),
    }


def test_roles_of_an_older_version_are_found(deployed: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "template", lambda: '{"Resources": {}}')
    check = statuses()["bootstrap stack"]
    assert check.status == "FAIL"
    assert "was made by another version of its template" in check.found
    assert check.hint.startswith(f"covidlake bootstrap {ENVIRONMENT} ")


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
    shared = [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    iam.delete_role_policy(RoleName=name, PolicyName="Permissions")
    for arn in shared:
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_role(RoleName=name)

    def back() -> None:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
        for arn in shared:
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
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


def drop_the_policy(cloud: LocalCloud) -> Callable[[], None]:
    s3 = cloud.client("s3")
    before = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    s3.delete_bucket_policy(Bucket=BUCKET)
    return lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=before)


def bootstrap_an_overlapping_environment(cloud: LocalCloud) -> Callable[[], None]:
    iam, name = cloud.client("iam"), f"{STACK}-2-deploy"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    return lambda: iam.delete_role(RoleName=name)


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
    "artifact bucket, write once": (drop_the_policy, "objects can be overwritten", "s3:if-none-match"),
    "artifact bucket, TLS only": (drop_the_policy, "not enforced", "aws:SecureTransport"),
    "account shared with": (
        bootstrap_an_overlapping_environment,
        "staging-2: the roles of one would reach what the other owns",
        "under another name",
    ),
    "crawler": (remove_crawler, "covid-lake-staging-crawler does not exist", "covidlake drift"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_doctor_names_what_is_broken_and_the_cure(cloud: LocalCloud, deployed: Bundle, name: str) -> None:
    broken, found, hint = BROKEN[name]
    title = name.removesuffix(", audience")
    assert statuses()[title].status == "OK"
    restore = broken(cloud)
    try:
        check = statuses()[title]
    finally:
        restore()
    assert check.status == "FAIL"
    assert found in check.found
    assert hint in check.hint
    assert "\n" not in line(check)
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


def test_doctor_expects_what_bootstrap_was_given_when_no_repository_is_given(deployed: Bundle) -> None:
    assert statuses(None)["role plan"].status == "OK"


def test_doctor_of_an_environment_that_is_not_there(deployed: Bundle) -> None:
    found = {check.name: check for check in examine.checks("dev")}
    if stack.describe("covid-lake-dev") is None:
        assert found["stack"].status == "FAIL"
        assert found["stack"].hint == "covidlake deploy dev"
    assert found["bootstrap stack"].status == "SKIP"
    with_repository = {check.name: check for check in examine.checks("dev", REPOSITORY)}
    assert with_repository["bootstrap stack"].status == "FAIL"
    assert with_repository["bootstrap stack"].hint.startswith("covidlake bootstrap dev --repository")


def test_the_commands_tell_github_what_to_know_and_fail_when_a_check_does(
    cloud: LocalCloud, deployed: Bundle
) -> None:
    app = typer.Typer()
    commands_bootstrap.register(app)
    arguments = ["--repository", "acme/lake", "--repository-id", "99", "--owner-id", "77"]
    made = CliRunner().invoke(app, ["bootstrap", ENVIRONMENT, *arguments])
    assert made.exit_code == 0, made.output
    lines = made.stdout.splitlines()
    environments = [
        command
        for name in ("staging", "staging-ops")
        for command in github.environment_commands(name, "acme/lake")
    ]
    assert lines[: len(environments)] == environments
    variables = bootstrap.expected_variables(ENVIRONMENT, REPOSITORY, "staging-ops")
    assert lines[len(environments) :] == [one.command() for one in variables]
    examined = CliRunner().invoke(app, ["doctor", ENVIRONMENT, *arguments])
    assert examined.exit_code == 0, examined.output
    restore = suspend_versioning(cloud)
    try:
        examined = CliRunner().invoke(app, ["doctor", ENVIRONMENT, *arguments])
    finally:
        restore()
    assert examined.exit_code == 1
    (failing,) = [line for line in examined.stdout.splitlines() if line.startswith("FAIL")]
    assert failing.startswith(
        "FAIL  artifact bucket, versioning: Suspended -> aws s3api put-bucket-versioning"
    )


def test_what_doctor_says_of_a_damaged_artifact_mends_it(cloud: LocalCloud, deployed: Bundle) -> None:
    s3, key = cloud.client("s3"), f"{STACK}/{next(iter(deployed.artifacts()))}"
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"damaged", IfNoneMatch="*")
    damaged = statuses()["artifacts"]
    assert "have an administrator delete it" in damaged.found
    assert damaged.hint.startswith(f"after that, covidlake deploy {ENVIRONMENT} sends what is missing")
    with pytest.raises(BundleError, match="holds something else"):
        deploy.deploy(ENVIRONMENT, deployed, lambda _: None)
    s3.delete_object(Bucket=BUCKET, Key=key)
    assert statuses()["artifacts"].hint.startswith(f"covidlake deploy {ENVIRONMENT} sends what is missing")
    deploy.deploy(ENVIRONMENT, deployed, lambda _: None)
    assert statuses()["artifacts"].status == "OK"


def test_doctor_tells_of_an_ingestion_that_did_not_succeed(cloud: LocalCloud, deployed: Bundle) -> None:
    states = cloud.client("stepfunctions")
    started = states.start_execution(stateMachineArn=machine(), name="stopped")["executionArn"]
    states.stop_execution(executionArn=started)
    last = statuses()["last ingestion"]
    assert (last.status, last.found.split(",")[0]) == ("FAIL", "stopped ABORTED")
    assert last.hint.startswith("covidlake ingest staging")
