"""`covidlake run`: everything, on the laptop, from the template to Athena's answer."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base import console, project
from covidlake.base.console import Stages
from covidlake.base.errors import CovidLakeError, IngestionError
from covidlake.base.text import count
from covidlake.environment import environment_file
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.laptop import local, pipelines
from covidlake.live import watch
from covidlake.live.stage_events import StageEvents
from covidlake.run import execution_name, going_on, ingest
from covidlake.run import pipelines as run_pipelines
from covidlake.ship.deploy.options import DeployOptions

GONE = "This cloud is gone now"
POINT_AT_IT = 'eval "$(.venv/bin/covidlake local env)"'
LOG_LINES = 15  # of a job run that failed

if TYPE_CHECKING:
    from covidlake.bundle.package import Bundle
    from covidlake.laptop.pipelines.own_part import OwnPart, Wanted
    from covidlake.run.execution import Execution
    from covidlake.run.pipelines.pipeline import Request
    from localcloud.cloud import LocalCloud


def run(wanted: Wanted, timings: Path | None = None, warm: bool = True, as_json: bool = False) -> None:
    """Build, lint, package, deploy, ingest and query, each stage with its time.

    Runs on the cloud that `make up` keeps, or on one of its own that ends with it. `timings` is a file that
    gets the seconds of each stage and state as JSON. With `warm` a cloud of its own starts the JVM of the job
    beside all this. With `as_json` standard output gets events for a program. Raises what `pipelines.of` does
    before anything is built.
    """
    stages: Stages = StageEvents() if as_json else Stages()
    own, environment = pipelines.of(wanted), wanted.environment
    local.require_installed()
    if timings:
        _require_writable(timings)
    with ExitStack() as cleanup:
        kept = local.running() and cleanup.enter_context(local.reserved(console.detail))
        booting = _boot(cleanup, warm, wanted.is_sample) if kept is None else None
        bundle = _make(environment, stages)
        with stages.stage("Local cloud") as stage:
            cloud = booting.result() if booting else kept
            assert cloud is not None
            cleanup.enter_context(local.attached(cloud))
            stage.note = f"{cloud.endpoint_url}, {'kept by make up' if kept else 'for this run only'}"
        try:
            _deploy(environment, own, bundle, stages)
            ended = _ingest(environment, own.request, kept is not None, stages)
            own.answer(ended, stages)
            with stages.stage("Report") as stage:
                stage.note = _report(environment, ended.arn.rpartition(":")[2])
        except (KeyboardInterrupt, CovidLakeError):
            if kept is None:
                console.detail(f"{GONE}, with the stack and its logs. {_keep_one(environment)}")
            raise
        if as_json:
            watch.outcome(
                {"execution": ended.arn, "status": ended.status, "report": stages.finished[-1].note}
            )
        else:
            _say_where_next(environment, ended, kept is not None)
    if timings:
        seconds = {
            "stages": {stage.title: stage.seconds for stage in stages.finished},
            "states": {visit.name: visit.seconds for visit in ended.visits},
        }
        timings.write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")


def _require_writable(file: Path) -> None:
    """Raise `OSError` now for a file that could not be written at the end; leaves none behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    file.open("a").close()
    if new:
        file.unlink()


def _boot(cleanup: ExitStack, warm: bool, little_data: bool) -> Future[LocalCloud]:
    """Start a cloud of our own while the template is being built."""
    started = cleanup.enter_context(ExitStack())
    pool = cleanup.enter_context(ThreadPoolExecutor(max_workers=1))
    return pool.submit(started.enter_context, local.ephemeral(warm, little_data))


def _make(environment: str, stages: Stages) -> Bundle:
    from covidlake.bundle import lint, package, template

    with stages.stage("Read the parameter file") as stage:
        loaded = environment_file.load(environment)
        stage.note = f"{project.relative(loaded.path)}, {len(loaded.parameters)} parameters"
    with stages.stage("Build the template") as stage:
        built = next(one for one in template.build_all() if one.pipeline == loaded.of.pipeline)
        stage.note = f"{project.relative(built.path)}, {built.resources} resources"
    with stages.stage("Lint") as stage:
        stage.note = lint.lint(loaded.of).summary
    with stages.stage("Package") as stage:
        bundle = package.package()
        stage.note = f"{project.relative(bundle.folder)}, digest {bundle.digest[:12]}"
    return bundle


def _deploy(environment: str, own: OwnPart, bundle: Bundle, stages: Stages) -> None:
    from covidlake.run import notifications
    from covidlake.ship.deploy import deploy

    options = DeployOptions(parameters=own.before_deploy(stages))
    with stages.stage(f"Deploy {environment}") as stage:
        with watch.followed(as_json=_wants_events(stages)) as told:
            deployed = deploy.deploy(environment, bundle, told, options)
        stage.note = f"{deployed.stack_name}: {deployed.status}, {deployed.uploaded} artifacts sent"
        notifications.subscribe(environment)
    own.after_deploy(stages)


def _ingest(environment: str, request: Request, kept: bool, stages: Stages) -> Execution:
    name, of = execution_name.timed("ingest"), run_pipelines.of(environment)
    explained = going_on.said(environment, name, _say_of_the_kept_cloud) if kept else nullcontext()
    with stages.stage("Ingest") as stage, explained:
        try:
            with watch.followed(as_json=_wants_events(stages), explained=False) as told:
                ended = ingest.ingest(environment, told, request, name)
        except IngestionError:
            _show_notifications(environment)
            _show_logs(environment)
            console.detail(f"report: {_report(environment, name)}")
            raise
        lines = [of.outcome_text(outcome) for outcome in ingest.outcomes(ended)]
        stage.note = lines[0] if len(lines) == 1 else count(len(lines), of.item)
    if _wants_events(stages):
        for outcome in ingest.outcomes(ended):
            watch.outcome(outcome)
        return ended
    if len(lines) > 1:
        for line in lines:
            console.detail(line)
    for outcome in ingest.outcomes(ended):
        for warning in ingest.warnings_of(outcome):
            console.warning(warning)
    for remark in ingest.remarks(ended):
        console.detail(remark)
    return ended


def _wants_events(stages: Stages) -> bool:
    return isinstance(stages, StageEvents)


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


def _report(environment: str, name: str) -> str:
    """Write the report of an execution, also of one that failed: its file, or why there is none.

    Beside the page lies the same as Markdown, for the summary of a job.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from covidlake.report.form import Form
    from covidlake.report.page import report

    try:
        found = report.found(environment, name)
        report.write(found, Form.MARKDOWN, report.FILE.with_suffix(".md"))
        return project.relative(report.write(found))
    except (ClientError, BotoCoreError, CovidLakeError) as error:
        return f"none could be written: {error}"


def _keep_one(environment: str) -> str:
    of = PipelineEnvironment.parse(environment)
    which = "" if of.is_main else f" PIPELINE={of.pipeline}"
    return f"To look around in one that stays: make up && make run{which}"


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
        lines += [f"{GONE}. {_keep_one(environment)}"]
    for line in lines:
        console.detail(line)
