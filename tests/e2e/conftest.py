"""One local cloud for all of these tests; at the end nothing of it may be left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from covidlake.laptop import local
from localcloud import processes
from localcloud.cloud import LocalCloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.ephemeral(wait_scale=0.02) as running:
        yield running
    assert not processes.of(running.home.temporary), "processes of the cloud are left"
    assert not running.home.path.exists(), "files of the cloud are left"


@pytest.fixture(scope="module")
def attached(cloud: LocalCloud) -> Iterator[None]:
    """The verbs of this process call that cloud, for a module of tests."""
    with local.attached(cloud):
        yield
