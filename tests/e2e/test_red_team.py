"""No way from a pull request to prod, in one account and region that all environments share."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import BundleError
from covidlake.laptop import local
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.stack import change_set_request, stack
from localcloud.cloud import LocalCloud
from tests.e2e.bootstrap_rig import BUCKET, DENIED
from tests.e2e.red_team.artifacts import ARTIFACTS
from tests.e2e.red_team.damage import DAMAGE
from tests.e2e.red_team.data import DATA
from tests.e2e.red_team.identities import IDENTITIES
from tests.e2e.red_team.rig import (
    ADMINISTRATOR,
    FORMATION,
    PREVIEW,
    PREVIEW_OPS,
    PROD,
    PULL_REQUEST,
    REPO,
    STACK_ROLE,
    TAKEN,
    Attempt,
    Turn,
    World,
    alarm,
    build,
)
from tests.e2e.red_team.stacks import STACKS
from tests.e2e.releases import ignore
from tests.e2e.role_sessions import acting_with, role_arn

# What destroys more comes later: at the end an administrator does all of it in turn.
ATTEMPTS: dict[str, Attempt] = {**STACKS, **IDENTITIES, **DATA, **ARTIFACTS, **DAMAGE}
CASES = [(name, thief) for name, attempt in ATTEMPTS.items() for thief in attempt.thieves]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An account of its own: at the end an administrator does in it what no thief could."""
    with LocalCloud.ephemeral(wait_scale=0.02) as cloud, local.attached(cloud):
        yield build(cloud, tmp_path_factory.mktemp("package"))


def test_there_are_enough_attempts() -> None:
    assert len(CASES) >= 175


@pytest.mark.parametrize(("name", "thief"), CASES)
def test_a_pull_request_does_nothing_to_prod(world: World, name: str, thief: str) -> None:
    with pytest.raises(ClientError, match=DENIED):
        ATTEMPTS[name].action(Turn(world, thief))


SUBJECTS = {
    "a branch": f"{REPO}:ref:refs/heads/evil",
    "a branch named main in a fork": "repo:evil@66/lake@55:ref:refs/heads/main",
    "a tag": f"{REPO}:ref:refs/tags/v1",
    "a pull request": PULL_REQUEST,
    "the environment preview": PREVIEW,
    "the environment preview-ops": PREVIEW_OPS,
    "an environment that a branch makes up": f"{REPO}:environment:prod2",
    "an environment with a longer name": f"{REPO}:environment:prod-ops:x",
    "the other form of the subject": "repo:acme/lake:environment:prod",
    "another repository of the owner": "repo:acme@77/evil@98:environment:prod",
}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("role", ["deploy", "ops", "drift", "cloudformation"])
def test_no_token_of_a_branch_takes_a_role_of_prod(world: World, role: str, subject: str) -> None:
    with pytest.raises(ClientError, match=DENIED):
        world.take_on(f"{PROD}-{role}", SUBJECTS[subject])


def test_the_environments_themselves_take_the_roles_of_prod(world: World) -> None:
    """What keeps a branch from running in them is a rule on GitHub, which doctor looks at."""
    for role, environment in {"deploy": "prod", "ops": "prod-ops", "drift": "prod-ops"}.items():
        assert world.take_on(f"{PROD}-{role}", f"{REPO}:environment:{environment}")


@pytest.mark.parametrize("role", ["plan", "deploy", "cloudformation", "ops", "drift"])
@pytest.mark.parametrize("thief", [FORMATION, STACK_ROLE, "deploy of preview", "plan of prod"])
def test_no_session_leads_to_a_role_of_prod(world: World, role: str, thief: str) -> None:
    with pytest.raises(ClientError, match=DENIED):
        world.client(thief, "sts").assume_role(RoleArn=role_arn(f"{PROD}-{role}"), RoleSessionName="thief")


def test_each_thief_has_the_rights_that_are_its_own(world: World) -> None:
    """Or it would be refused for want of any."""
    own = f"covid-lake-pr-8/artifacts/{'0' * 64}/x"
    world.client("deploy of preview", "s3").put_object(Bucket=BUCKET, Key=own, Body=b"", IfNoneMatch="*")
    world.client(STACK_ROLE, "s3").get_object(Bucket=BUCKET, Key=own)
    lake = world.physical("LakeBucket", "covid-lake-pr-8")
    world.client(STACK_ROLE, "s3").put_object(Bucket=lake, Key="clean/x", Body=b"")
    world.client(STACK_ROLE, "sns").publish(TopicArn=world.physical("Topic", "covid-lake-pr-8"), Message="x")
    for name in ("dev", "staging", "prod", "preview"):
        key = f"plans/covid-lake-{'pr-8' if name == 'preview' else name}/{'1' * 64}.json"
        client = world.client(f"plan of {name}", "s3")
        client.put_object(Bucket=BUCKET, Key=key, Body=b"{}", IfNoneMatch="*")
    world.client(FORMATION, "lambda").update_function_configuration(
        FunctionName="covid-lake-pr-8-start-crawler", Timeout=3
    )
    machine = world.physical("StateMachine", "covid-lake-pr-8")
    for thief in ("ops of preview", "drift of preview"):
        world.client(thief, "stepfunctions").describe_state_machine(stateMachineArn=machine)
    world.client(FORMATION, "events").put_targets(
        Rule="covid-lake-pr-8-schedule",
        Targets=[{"Id": "x", "Arn": world.physical("Topic", "covid-lake-pr-8")}],
    )
    formation = Turn(world, FORMATION)
    assert formation.own_topic == world.physical("Topic", "covid-lake-pr-8")
    for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        alarm(formation, **{kind: [formation.own_topic]})


STAGING = "covid-lake-staging"


def deploy_staging(world: World) -> Deployment:
    with acting_with(world.take_on(f"{STAGING}-deploy", f"{REPO}:environment:staging")):
        return deploy.deploy("staging", world.bundle, ignore)


def test_code_that_somebody_planted_is_not_deployed(world: World) -> None:
    """Not even where an administrator's rights were stolen: the content is none of the bundle's."""
    key = next(key for key in world.bundle.object_keys(STAGING) if key.endswith("ingest.py"))
    administrator = world.client(ADMINISTRATOR, "s3")
    administrator.put_object(Bucket=BUCKET, Key=key, Body=b"evil", IfNoneMatch="*")
    try:
        with pytest.raises(BundleError, match=rf"{key} holds something else .* nothing was changed"):
            deploy_staging(world)
        assert stack.describe(STAGING) is None
    finally:
        administrator.delete_object(Bucket=BUCKET, Key=key)


def test_nothing_is_swapped_between_upload_and_change_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, keys = change_set_request.create, world.bundle.object_keys(STAGING)
    refused: list[str] = []

    def swap(thief: str, key: str, **condition: str) -> None:
        with pytest.raises(ClientError, match=f"{DENIED}|PreconditionFailed"):
            world.client(thief, "s3").put_object(Bucket=BUCKET, Key=key, Body=b"evil", **condition)
        refused.append(key)

    def late(*arguments: Any, **options: Any) -> Any:
        for key in keys:
            for thief in (*TAKEN, FORMATION, STACK_ROLE, ADMINISTRATOR):
                swap(thief, key)
                swap(thief, key, IfNoneMatch="*")
        return create(*arguments, **options)

    monkeypatch.setattr(change_set_request, "create", late)
    assert deploy_staging(world).status == "CREATE_COMPLETE"
    assert len(refused) == len(keys) * (len(TAKEN) + 3) * 2
    made = aws.client("cloudformation").get_template(StackName=STAGING, TemplateStage="Original")[
        "TemplateBody"
    ]
    assert made == world.bundle.template
    for function in ("start", "check"):
        found = world.cloud.client("lambda").get_function(FunctionName=f"{STAGING}-{function}-crawler")
        (name,) = [one for one in world.bundle.artifacts() if one.endswith(f"{function}_crawler.zip")]
        digest = base64.b64encode(bytes.fromhex(world.bundle.manifest[name])).decode()
        assert found["Configuration"]["CodeSha256"] == digest


@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_has_the_rights_does_it(world: World, name: str) -> None:
    """The very same call by an administrator: what kept a thief from it was his rights, not a slip here."""
    attempt, turn = ATTEMPTS[name], Turn(world, ADMINISTRATOR)
    if not attempt.despite:
        attempt.action(turn)
        return
    with pytest.raises(ClientError) as caught:
        attempt.action(turn)
    assert re.search(attempt.despite, str(caught.value))
