"""A stack of its own for a labelled pull request, until it is closed or its time is over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github_api import GitHubApi
from tests.sampling import sampled
from tests.workflows import act_rig
from tests.workflows.account import Account
from tests.workflows.act_rig import Checkout, Run

NUMBER = 7


def event(checkout: Checkout, action: str, labels: tuple[str, ...] = ("preview-stack",)) -> Any:
    commit = checkout.git("rev-parse", "HEAD")
    return {
        "action": action,
        "number": NUMBER,
        "label": {"name": "preview-stack"},
        "repository": {"full_name": act_rig.REPOSITORY},
        "pull_request": {
            "number": NUMBER,
            "labels": [{"name": label} for label in labels],
            "head": {"ref": "feature", "sha": commit, "repo": {"full_name": act_rig.REPOSITORY}},
            "base": {"ref": "main", "sha": commit},
        },
    }


def run(checkout: Checkout, account: Account, github: GitHubApi, name: str, payload: Any = None) -> Run:
    checkout.new_run()
    return checkout.act(
        name,
        "preview-stack.yml",
        payload=payload,
        variables=account.variables(),
        environment={**account.environment(), "GITHUB_API_URL": github.url},
    )


def test_without_the_label_there_is_no_stack(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    done = run(checkout, account, github, "pull_request", event(checkout, "synchronize", labels=()))
    assert done.jobs == {}


@pytest.mark.prove
def test_a_pull_request_that_has_moved_on_gets_no_stack(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    github.add_pull_request(NUMBER, labels=("preview-stack",), head="d" * 40)
    done = run(checkout, account, github, "pull_request", event(checkout, "synchronize"))
    assert list(done.jobs.values()) == ["success", "success"], done.jobs  # build, deploy
    assert "nothing is deployed: pull request #7 is at dddd" in done.output
    assert account.stack("pr-7") is None


def test_the_label_gives_a_stack(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    head = checkout.git("rev-parse", "HEAD")
    github.add_pull_request(NUMBER, labels=("preview-stack",), head=head)
    done = run(checkout, account, github, "pull_request", event(checkout, "labeled"))
    assert done.code == 0, done.output[-4000:]
    assert list(done.jobs.values()) == ["success", "success"], done.jobs  # build, deploy
    assert account.stack("pr-7")
    taken = "covid-lake-preview-deploy as repo:acme@77/lake@99:environment:preview"
    assert set(checkout.log("roles.log")) == {taken}
    assert "::warning::whether pull request" not in done.output


def test_a_stack_in_use_is_left_by_the_sweeper(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    github.add_pull_request(NUMBER)
    done = run(checkout, account, github, "schedule")
    assert list(done.jobs.values()) == ["success"], done.jobs
    assert account.stack("pr-7")


def test_the_sweeper_takes_what_a_closed_pull_request_left(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    lake = account.outputs("pr-7")["LakeBucketName"]
    s3 = account.cloud.client("s3")
    s3.put_object(Bucket=lake, Key="clean/something", Body=b"1")
    github.add_pull_request(NUMBER, state="closed")
    done = run(checkout, account, github, "schedule")
    assert done.code == 0, done.output[-4000:]
    assert list(done.jobs.values()) == ["success"], done.jobs
    assert account.stack("pr-7") is None
    assert lake not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("action", sampled(["closed", "unlabeled"], 2))
def test_closing_or_the_label_that_goes_takes_the_stack_away(
    checkout: Checkout, account: Account, github: GitHubApi, action: str
) -> None:
    head = checkout.git("rev-parse", "HEAD")
    github.add_pull_request(NUMBER, labels=("preview-stack",), head=head)
    run(checkout, account, github, "pull_request", event(checkout, "labeled"))
    assert account.stack("pr-7")
    done = run(checkout, account, github, "pull_request", event(checkout, action))
    assert done.code == 0, done.output[-4000:]
    assert list(done.jobs.values()) == ["success"], done.jobs
    assert account.stack("pr-7") is None


def test_the_role_of_previews_reaches_no_other_stack(checkout: Checkout, account: Account) -> None:
    """What the role may do is judged by the cloud, with a session of the role itself."""
    from tests.workflows.assume_role import token

    answer = account.cloud.client("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::000000000000:role/covid-lake-preview-deploy",
        RoleSessionName="test",
        WebIdentityToken=token("repo:acme@77/lake@99:environment:preview"),
    )
    formation = account.cloud.client("cloudformation", dict(answer["Credentials"]))
    for name in ("covid-lake-dev", "covid-lake-prod", "covid-lake-preview"):
        with pytest.raises(formation.exceptions.ClientError, match=r"AccessDenied|not authorized"):
            formation.delete_stack(StackName=name)
