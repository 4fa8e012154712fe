"""Three bootstrapped environments on one local cloud, a source, and a GitHub of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from covidlake.base import project
from covidlake.dataset import descriptions
from covidlake.laptop import local
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.repository import Repository
from localcloud.cloud import LocalCloud
from tests.github_api import GitHubApi
from tests.workflows import act_rig
from tests.workflows.account import ENVIRONMENTS, Account

REPOSITORY = Repository("acme", "77", "lake", "99")


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.ephemeral(wait_scale=0.02) as running:
        yield running


@pytest.fixture(scope="session")
def account(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """What the administrator of an account has done by the README's steps."""
    from covidlake.laptop.source.from_description import generate
    from covidlake.laptop.source.mirror import mirror

    sample = tmp_path_factory.mktemp("sample")
    generate(descriptions.load(act_rig.DATA_SET), sample)
    with local.attached(cloud):
        mirror(sample, project.SOURCE_BUCKET)
        for environment in (*ENVIRONMENTS, "preview"):
            bootstrap.bootstrap(environment, REPOSITORY, progress=lambda _: None)
    return Account(cloud)


@pytest.fixture
def github() -> Iterator[GitHubApi]:
    with GitHubApi(act_rig.REPOSITORY, act_rig.TOKEN) as api:
        yield api


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> act_rig.Checkout:
    return act_rig.Checkout(tmp_path_factory.mktemp("runner"))
