"""`covidlake preview-stack`: a throw-away stack for a pull request, with a time to live."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import CovidLakeError, DeployError
from covidlake.base.progress import Progress
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file, tags
from covidlake.ship.deploy import destroy
from covidlake.ship.deploy.deploy import deploy as deploy_stack
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.destroy import Destroyed
from covidlake.ship.deploy.options import DEFAULTS, DeployOptions
from covidlake.ship.plan import untrusted
from covidlake.ship.stack import stack, stack_inputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

MODEL = "dev"  # the parameter file that the stacks of pull requests are made after
PULL_REQUEST_TAG = tags.PULL_REQUEST
# Not the time itself: a stack tag is handed down to each resource, and would change with each push.
HOURS_TAG = tags.HOURS
PREFIX = project.stack_name("pr-")
TIME_LIMIT_MINUTES = 45.0  # a job has an hour
LONGEST_DAYS = 7  # of a stack whose time to live cannot be read
GONE = {"DELETE_COMPLETE", "DELETE_IN_PROGRESS"}


def deploy(
    number: int, bundle: Bundle, hours: float, progress: Progress, options: DeployOptions = DEFAULTS
) -> Deployment:
    """Deploy a bundle to the pull request's own stack, to live `hours` from its last change on.

    Raises `BundleError` for a template with a macro, and
    `DeployError` where a stack of this name is not one of a pull request.
    """
    untrusted.check(bundle)
    name = project.preview_environment(number)
    _refuse_other(number, stack.describe(project.stack_name(name)))
    with _with_environment(bundle, number, hours) as prepared:
        # A branch that was rewritten may be older than what it was.
        return deploy_stack(name, prepared, progress, replace(options, allow_older=True, express=True))


def delete(number: int, progress: Progress) -> Destroyed:
    """Delete the pull request's stack with all that it holds; an absent one is a success."""
    name = project.preview_environment(number)
    _refuse_other(number, stack.describe(project.stack_name(name)))
    return destroy.destroy(name, progress, TIME_LIMIT_MINUTES)


@dataclass(frozen=True)
class Swept:
    """What was done about one stack: `error` where it could not be deleted."""

    stack_name: str
    why: str
    error: str = ""


def sweep(progress: Progress, is_closed: Callable[[int], bool] | None = None) -> Iterator[Swept]:
    """Delete the stacks whose time to live has passed or whose pull request is closed.

    `is_closed` says so of a pull request's number; without it only the time to live counts. A stack that
    cannot be deleted does not keep the others: its error is reported.
    """
    for found in _stacks():
        number = int(found["StackName"].removeprefix(PREFIX))
        if (why := _why(found, number, is_closed)) is None:
            continue
        progress(f"{found['StackName']}: {why}")
        try:
            delete(number, progress)
        except CovidLakeError as error:
            yield Swept(found["StackName"], why, str(error))
        else:
            yield Swept(found["StackName"], why)


def _why(found: StackTypeDef, number: int, is_closed: Callable[[int], bool] | None) -> str | None:
    tags = stack.tags_of(found)
    if tags.get(stack_inputs.THROW_AWAY_TAG) != "true" or tags.get(PULL_REQUEST_TAG) != str(number):
        return None
    now = datetime.now(UTC)
    try:
        changed = found.get("LastUpdatedTime", found["CreationTime"])
        expires = changed + timedelta(hours=float(tags[HOURS_TAG]))
        if expires <= now:
            return f"its time to live ended at {expires.isoformat(timespec='seconds')}"
    except (KeyError, ValueError, OverflowError):
        if found["CreationTime"] <= now - timedelta(days=LONGEST_DAYS):
            return f"older than {LONGEST_DAYS} days, and its time to live cannot be read"
    if is_closed is not None and is_closed(number):
        return f"pull request #{number} is closed"
    return None


def _stacks() -> Iterator[StackTypeDef]:
    pages = aws.client("cloudformation").get_paginator("list_stacks").paginate()
    names = {
        one["StackName"]
        for page in pages
        for one in page["StackSummaries"]
        if one["StackStatus"] not in GONE
        and one["StackName"].startswith(PREFIX)
        and one["StackName"].removeprefix(PREFIX).isdecimal()
    }
    for name in sorted(names):
        if found := stack.describe(name):
            yield found


def _refuse_other(number: int, found: StackTypeDef | None) -> None:
    """A ghost that never became a stack has no tags yet."""
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return
    if stack.tags_of(found).get(PULL_REQUEST_TAG) != str(number):
        raise DeployError(
            f'stack {found["StackName"]} has no tag {PULL_REQUEST_TAG}: "{number}": it is somebody else\'s'
        )


@contextmanager
def _with_environment(bundle: Bundle, number: int, hours: float) -> Iterator[Bundle]:
    """The same bundle, of the same digest, with a parameter file for the pull request made after dev's."""
    model = environment_file.load(MODEL, bundle.environments)
    name = project.preview_environment(number)
    quiet = {"Environment": name, "ScheduleState": "DISABLED", "NotificationEmail": ""}
    kept = {key: value for key, value in model.tags.items() if key != stack_inputs.PROTECTED_TAG}
    content = {
        "template-file-path": "build/template.json",
        "parameters": {**model.parameters, **quiet},
        "tags": {
            **kept,
            "Environment": project.PREVIEW,  # what the shared roles know its keys by
            stack_inputs.THROW_AWAY_TAG: "true",
            PULL_REQUEST_TAG: str(number),
            HOURS_TAG: f"{hours:g}",
        },
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        shutil.copytree(bundle.folder, folder)
        text = yaml.safe_dump(content, sort_keys=False)
        (folder / "environments" / f"{name}.yaml").write_text(text, encoding="utf-8")
        yield replace(bundle, folder=folder)
