"""`covidlake local`: the cloud on the laptop, as this project uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import LocalCloudError, StackBusyError
from covidlake.base.progress import Progress
from covidlake.laptop.source import SAMPLE, folder_of, mirror
from covidlake.laptop.source.alone import alone
from covidlake.run import stop

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

HOME = project.ROOT / ".localcloud"
# A laptop's crawl takes a second, not a minute: the waits between two looks at it are shortened alike.
WAIT_SCALE = 0.02


def running() -> LocalCloud | None:
    """The cloud that `make up` keeps, if it runs.

    Raises `LocalCloudError` when its folder is damaged: whether it runs is unknown then.
    """
    if not _is_installed():
        return None
    from localcloud import errors
    from localcloud.cloud import LocalCloud

    try:
        return LocalCloud.running(HOME)
    except errors.NotRunningError:
        return None
    except errors.LocalCloudError as error:
        raise LocalCloudError(str(error)) from error
    except OSError as error:
        cause = f"{error.filename}: {error.strerror}"
        raise LocalCloudError(f"{cause}: move {HOME} away, then: make up") from error


def require_running() -> LocalCloud:
    """The cloud that `make up` keeps.

    Raises `LocalCloudError` when it is not running.
    """
    cloud = running()
    if cloud is None:
        raise LocalCloudError("the local cloud is not running: start it with: make up")
    return cloud


def _is_installed() -> bool:
    return find_spec("localcloud") is not None


def require_installed() -> None:
    """Raise `LocalCloudError` without the local cloud's distribution."""
    if not _is_installed():
        raise LocalCloudError("the local cloud is not installed: install the extra `local`, or: make install")


@contextmanager
def ephemeral(warm: bool = False, little_data: bool = False) -> Iterator[LocalCloud]:
    """A cloud of our own that is gone at the end of the block. `warm` has a JVM wait for its job runs.

    With `little_data` Java compiles for a sample's rows. Raises `LocalCloudError` when it does not start.
    """
    require_installed()
    from localcloud.cloud import LocalCloud
    from localcloud.errors import LocalCloudError as NotStarted

    try:
        with LocalCloud.ephemeral(project.SOURCE_REGION, WAIT_SCALE, warm, little_data) as cloud:
            yield cloud
    except NotStarted as error:
        raise LocalCloudError(" ".join(str(error).split())) from error


def control(verb: str, *options: str) -> str:
    """Run a command of the local cloud on the home that `make up` keeps; returns its output.

    Raises `LocalCloudError` with its message when it fails.
    """
    require_installed()
    command = [sys.executable, "-m", "localcloud", verb, "--home", str(HOME), *options]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:backslashreplace"}  # whatever ours is
    done = subprocess.run(
        command, cwd=project.ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise LocalCloudError(" ".join((done.stderr or done.stdout).split()))
    return done.stdout.strip()


def start(warm: bool = True) -> LocalCloud:
    """Start the cloud that stays, with everything that was in it when it stopped.

    `warm` has a JVM wait for each next job run.
    """
    options = ["--region", project.SOURCE_REGION, "--wait-scale", str(WAIT_SCALE)]
    control("up", *options, *(["--warm"] if warm else []))
    return require_running()


@contextmanager
def reserved(progress: Progress) -> Iterator[LocalCloud | None]:
    """The cloud that stays, for one run at a time: another would replace the source objects meanwhile.

    Waits for the other; None where somebody stopped the cloud until then.
    """
    with alone(HOME, "works in this cloud", progress):
        yield running()


@contextmanager
def attached(cloud: LocalCloud) -> Iterator[LocalCloud]:
    """Point this process at a cloud on the laptop, for the block."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        del os.environ[name]  # a profile or session of the user's must not meet the laptop's keys
    os.environ.update(cloud.environment())
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    aws.forget()
    try:
        yield cloud
    finally:
        os.environ.clear()
        os.environ.update(before)
        aws.forget()


def fill_source(source: str | None, progress: Progress) -> str:
    """Give the cloud its copy of the public bucket and say what it holds.

    Without a source, an existing bucket stays as it is; a new one, or one whose copy was interrupted,
    gets the sample.
    """
    if source is None and mirror.is_whole(project.SOURCE_BUCKET):
        return f"s3://{project.SOURCE_BUCKET} as it was"
    folder = folder_of(source or SAMPLE, progress)
    _refuse_while_it_is_read()
    result = mirror.mirror(folder, project.SOURCE_BUCKET)
    left_out = "" if (source or SAMPLE) == SAMPLE else result.remark  # the sample's own notice is no object
    return (
        f"s3://{project.SOURCE_BUCKET}: {result.objects} objects from {source or SAMPLE}, "
        f"{result.sent} sent, {result.removed} removed{left_out}"
    )


def _refuse_while_it_is_read() -> None:
    """Raise `StackBusyError` while an execution runs: it would report on objects that are gone meanwhile."""
    if found := stop.running_anywhere():
        raise StackBusyError(
            f"execution {found[0]} reads s3://{project.SOURCE_BUCKET}, so its objects stay until then: "
            f"wait for its end, or: covidlake stop ENV {found[0]}"
        )
