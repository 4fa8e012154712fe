"""`covidlake run`: everything, on the laptop, from the template to Athena's answer."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base import console, project
from covidlake.base.console import Stages
from covidlake.base.errors import CovidLakeError, DataSetError, IngestionError
from covidlake.base.nearest import instead
from covidlake.dataset import descriptions
from covidlake.environment import environment_file
from covidlake.laptop import local
from covidlake.live import watch
from covidlake.run import execution_name, going_on, ingest

GONE, KEEP_ONE = "This cloud is gone now", "To look around in one that stays: make up && make run"
POINT_AT_IT = 'eval "$(.venv/bin/covidlake local env)"'
LOG_LINES = 15  # of a job run that failed

if TYPE_CHECKING:
    from covidlake.bundle.package import Bundle
    from covidlake.run.execution import Execution
    from localcloud.cloud import LocalCloud


def run(
    environment: str,
    source: str | None,
    timings: Path | None = None,
    data_sets: str = descriptions.MAIN,
    warm: bool = True,
) -> None:
    """Build, lint, package, deploy, ingest and query, each stage with its time.

    Runs on the cloud that `make up` keeps, or on one of its own that ends with it. `data_sets` are
    names, comma separated, or `*` for those of the environment. `timings` is a file that gets the seconds of
    each stage and state as JSON. With `warm` a cloud of its own starts the JVM of the job beside all this.
    """
    stages, chosen = Stages(), _chosen(environment, data_sets)
    with ExitStack() as cleanup:
        kept = local.running() and cleanup.enter_context(local.reserved(console.detail))
        booting = _boot(cleanup, warm) if kept is None else None
        bundle = _make(environment, stages)
        with stages.stage("Local cloud") as stage:
            cloud = booting.result() if booting else kept
            assert cloud is not None
            cleanup.enter_context(local.attached(cloud))
            stage.note = f"{cloud.endpoint_url}, {'kept by make up' if kept else 'for this run only'}"
        try:
            _deploy(environment, source, bundle, stages)
            ended = _ingest(environment, chosen, kept is not None, stages)
            _answer(environment, ended, stages)
            with stages.stage("Report") as stage:
                stage.note = _report(environment, ended.arn.rpartition(":")[2])
        except (KeyboardInterrupt, CovidLakeError):
            if kept is None:
                console.detail(f"{GONE}, with the stack and its logs. {KEEP_ONE}")
            raise
        _say_where_next(environment, ended, kept is not None)
    if timings:
        seconds = {
            "stages": {stage.title: stage.seconds for stage in stages.finished},
            "states": {visit.name: visit.seconds for visit in ended.visits},
        }
        timings.write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")


def _chosen(environment: str, data_sets: str) -> tuple[str, ...]:
    """What to ingest, checked before anything is built; () for all of the environment's data sets.

    Raises `EnvironmentFileError` for another pipeline's environment, `DataSetError` for a wrong name.
    """
    ingest.require_main(environment)
    loaded = environment_file.load(environment)
    if data_sets == "*":
        return ()
    named = [name.strip() for name in data_sets.split(",") if name.strip()]
    if not named:
        raise DataSetError(f"{data_sets!r} names no data set: {instead(data_sets, descriptions.names())}")
    return tuple(descriptions.chosen(named, loaded))


def _boot(cleanup: ExitStack, warm: bool) -> Future[LocalCloud]:
    """Start a cloud of our own while the template is being built."""
    started = cleanup.enter_context(ExitStack())
    pool = cleanup.enter_context(ThreadPoolExecutor(max_workers=1))
    return pool.submit(started.enter_context, local.ephemeral(warm))


def _make(environment: str, stages: Stages) -> Bundle:
    from covidlake.bundle import lint, package, template

    with stages.stage("Read the parameter file") as stage:
        loaded = environment_file.load(environment)
        stage.note = f"{project.relative(loaded.path)}, {len(loaded.parameters)} parameters"
    with stages.stage("Build the template") as stage:
        built = template.build()
        stage.note = f"{project.relative(built.path)}, {built.resources} resources"
    with stages.stage("Lint") as stage:
        stage.note = lint.lint().summary
    with stages.stage("Package") as stage:
        bundle = package.package()
        stage.note = f"{project.relative(bundle.folder)}, digest {bundle.digest[:12]}"
    return bundle


def _deploy(environment: str, source: str | None, bundle: Bundle, stages: Stages) -> None:
    from covidlake.run import notifications
    from covidlake.ship.deploy import deploy

    with stages.stage("Source objects") as stage:
        stage.note = local.fill_source(source, console.detail)
    with stages.stage(f"Deploy {environment}") as stage:
        with watch.followed() as told:
            deployed = deploy.deploy(environment, bundle, told)
        stage.note = f"{deployed.stack_name}: {deployed.status}, {deployed.uploaded} artifacts sent"
        notifications.subscribe(environment)


def _ingest(environment: str, data_sets: tuple[str, ...], kept: bool, stages: Stages) -> Execution:
    name, request = execution_name.timed("ingest"), ingest.Request(data_sets)
    explained = going_on.said(environment, name, _say_of_the_kept_cloud) if kept else nullcontext()
    with stages.stage("Ingest") as stage, explained:
        try:
            with watch.followed(explained=False) as told:
                ended = ingest.ingest(environment, told, request, name)
        except IngestionError:
            _show_notifications(environment)
            _show_logs(environment)
            console.detail(f"report: {_report(environment, name)}")
            raise
        lines = [ingest.outcome_text(outcome) for outcome in ingest.outcomes(ended)]
        stage.note = lines[0] if len(lines) == 1 else f"{len(lines)} data sets"
    if len(lines) > 1:
        for line in lines:
            console.detail(line)
    for outcome in ingest.outcomes(ended):
        for warning in ingest.warnings_of(outcome):
            console.warning(warning)
    return ended


def _say_of_the_kept_cloud(line: str) -> None:
    console.detail(f"{line}; before that: {POINT_AT_IT}")


def _show_notifications(environment: str) -> None:
    from covidlake.run import notifications

    for message in notifications.peek(environment, wait_seconds=3):
        console.detail(f"notified: {message.subject}")
        for line in message.message.splitlines():
            console.detail(f"  {line}")


def _show_logs(environment: str) -> None:
    """The last lines of the job runs that failed: they may go with this cloud."""
    from covidlake.run import logs

    for log in logs.logs(environment, None, LOG_LINES):
        if log.failed:
            console.detail(log.title)
            for line in log.lines:
                console.detail(f"  {line}")


def _answer(environment: str, ended: Execution, stages: Stages) -> None:
    """Run the first named query of each ingested data set and show Athena's answer."""
    from covidlake.run import query

    for outcome in ingest.outcomes(ended):
        name = outcome["dataset"]
        with stages.stage(f"Ask Athena about {name}") as stage:
            described = descriptions.load(name)
            named = described.queries[0]
            answer = query.query(environment, named.sql)
            stage.note = f"{len(answer.rows)} rows, {answer.bytes_scanned:,} bytes scanned"
        console.show(answer.columns, answer.rows, named.title)


def _report(environment: str, name: str) -> str:
    """Write the report of an execution, also of one that failed: its file, or why there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    from covidlake.report.page import report

    try:
        return project.relative(report.write(report.found(environment, name)))
    except (ClientError, BotoCoreError, CovidLakeError) as error:
        return f"none could be written: {error}"


def _say_where_next(environment: str, ended: Execution, kept: bool) -> None:
    lines = [f"execution {ended.arn.rsplit(':', 1)[-1]} {ended.status} in {ended.seconds:.1f} s"]
    if kept:
        commands = {
            POINT_AT_IT: "point AWS SDKs and the AWS CLI at this cloud",
            f".venv/bin/covidlake status {environment}": "the stack, its executions and tables",
            f".venv/bin/covidlake query {environment} 'SELECT ...'": "ask Athena",
            "make down": "stop it; make up brings it back as it was",
        }
        lines += [f"{command:<42} {purpose}" for command, purpose in commands.items()]
    else:
        lines += [f"{GONE}. {KEEP_ONE}"]
    for line in lines:
        console.detail(line)
