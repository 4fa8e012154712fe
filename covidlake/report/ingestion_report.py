"""The report of an ingestion, for the job summary and for the issue that a failure opens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.markdown import code, table
from covidlake.base.text import count
from covidlake.cost import run_cost
from covidlake.cost.lines import dollars
from covidlake.report import state_diagram
from covidlake.report.job_report import JobReport
from covidlake.run import execution, execution_history, ingest, pipelines
from covidlake.run.execution import Execution
from covidlake.run.execution_history import StateOutcome
from covidlake.run.ingest import OUTCOMES_STATE
from covidlake.run.pipelines.pipeline import Pipeline

NOTHING_NEW = "NOTHING_NEW"
CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
MARKS = {"SUCCEEDED": "✅", NOTHING_NEW: "✅", **dict.fromkeys(execution.RUNNING, "⏳")}


@dataclass(frozen=True)
class Facts:
    """What AWS reports of an execution; `job_runs` are the newest ones of their data sets."""

    environment: str
    ended: Execution
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, StateOutcome] = field(default_factory=dict)
    definition: Mapping[str, Any] | None = None
    job_runs: list[Mapping[str, Any]] = field(default_factory=list)

    def job_run_of(self, dataset: str) -> Mapping[str, Any]:
        """The job run that took a data set; {} if none did or it is not known."""
        return next((run for run in self.job_runs if dataset in self.taken(run)), {})

    @property
    def of(self) -> Pipeline:
        """The pipeline, which knows the names of what an execution is about."""
        return pipelines.of(self.environment)

    def taken(self, run: Mapping[str, Any]) -> list[str]:
        """What a job run was started for."""
        return self.of.taken(run)

    @property
    def status(self) -> str:
        """The execution's status, or NOTHING_NEW if every data set had that outcome."""
        names = {one["outcome"] for one in self.outcomes}
        return (
            NOTHING_NEW if self.ended.status == "SUCCEEDED" and names == {NOTHING_NEW} else self.ended.status
        )


def report(environment: str, ended: Execution, jobs: Iterable[str]) -> JobReport:
    """The report of an execution, however it ended; `jobs` are the names of those that it may have run.

    A history or jobs that cannot be read are left out.
    """
    return made_of(_facts(environment, ended, jobs))


def made_of(facts: Facts) -> JobReport:
    status = facts.status
    return JobReport(
        kind="ingest",
        environment=facts.environment,
        healthy=status in {"SUCCEEDED", NOTHING_NEW},
        status=status,
        title=f"{facts.environment}: {_sentence(facts)}",
        markdown="\n\n".join(_parts(facts)) + "\n",
    )


def not_started(environment: str, why: str) -> JobReport:
    """The report of an execution that did not start."""
    text = " ".join(why.split())
    return JobReport(
        "ingest",
        environment,
        False,
        "FAILED",
        text,
        f"### Ingestion in {code(environment)}\n\n❌ {code(text)}\n",
    )


def _facts(environment: str, ended: Execution, jobs: Iterable[str]) -> Facts:
    events = _events(ended.arn)
    return Facts(
        environment,
        ended,
        execution_history.data_set_outcomes(events, OUTCOMES_STATE),
        execution_history.outcomes(events, ended.status),
        _definition(ended.arn),
        [run for job in jobs for run in _job_runs(job, ended.arn.rsplit(":", 1)[-1])],
    )


def _events(arn: str) -> list[Any]:
    try:
        return list(execution.history(arn))
    except (ClientError, BotoCoreError):
        return []


def _definition(arn: str) -> Mapping[str, Any] | None:
    machine = arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    try:
        found: Mapping[str, Any] = json.loads(
            aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)["definition"]
        )
    except (ClientError, BotoCoreError):
        return None  # a report without its picture is better than none
    return found


def _job_runs(job_name: str, run_id: str) -> list[Mapping[str, Any]]:
    """The job runs of this execution, the newest first; [] where they cannot be read."""
    glue = aws.client("glue")
    try:
        runs = glue.get_job_runs(JobName=job_name, MaxResults=100)["JobRuns"]
    except (ClientError, BotoCoreError):
        return []
    return [run for run in runs if run.get("Arguments", {}).get("--run_id") == run_id]


def _parts(facts: Facts) -> Iterator[str]:
    ended = facts.ended
    mark = MARKS.get(facts.status, "❌")
    yield f"### Ingestion in {code(facts.environment)}"
    yield f"{mark} **{facts.status}**: {code(_sentence(facts))}, {ended.seconds:.0f} s"
    yield f"[Execution {code(ended.arn.rsplit(':', 1)[-1])} in the console]({console_url(ended.arn)})"
    for failed in (one for one in facts.outcomes if one["outcome"] == "FAILED"):
        yield _failure(failed, facts)
    if facts.status in {"FAILED", "TIMED_OUT", "ABORTED"} and not any(
        "state" in one for one in facts.outcomes
    ):
        stuck = [
            name for name, one in facts.states.items() if one.outcome in {"failed", "timedout", "aborted"}
        ]
        where = f" in {code(', '.join(stuck))}" if stuck else ""
        cause = " ".join(ended.cause.split()) or "no cause was given"
        yield f"- {code(ended.error or facts.status)}{where}: {code(cause)}"
    if facts.outcomes:
        yield _table(facts)
        for made in facts.of.made(facts.outcomes):
            yield table(made.columns, made.rows, made.numbers)
        for one in facts.outcomes:
            for warning in ingest.warnings_of(one):
                yield f"- ⚠️ {code(warning)}"
        yield from (f"- {code(remark)}" for remark in ingest.remarks(facts.ended))
        region = _place(facts.ended.arn)[1]
        yield from (_job_run(facts, run, region) for run in facts.job_runs)
        if facts.job_runs:
            yield f"*Cost: an estimate of the Glue job runs alone; all of it: {code(_cost_command(facts))}*"
    if facts.definition is not None:
        yield f"```mermaid\n{state_diagram.diagram(facts.definition, facts.states)}\n```"


def _failure(failed: Mapping[str, Any], facts: Facts) -> str:
    of_job = failed.get("state") in facts.of.states_of_jobs
    logs = _logs_url(facts.ended.arn, facts.job_run_of(failed["dataset"])) if of_job else ""
    cause = " ".join(str(failed.get("cause", "")).split())
    link = f" ([logs]({logs}))" if logs else ""
    return (
        f"- {code(failed['dataset'])} failed in {code(str(failed.get('state')))}: "
        f"{code(str(failed.get('error')))}: {code(cause)}{link}"
    )


def _sentence(facts: Facts) -> str:
    failed = [one for one in facts.outcomes if one["outcome"] == "FAILED"]
    if failed:
        return "; ".join(
            f"{one['dataset']} failed in {one.get('state')}: {one.get('error')}" for one in failed
        )
    if facts.status == NOTHING_NEW:
        return "nothing new"
    if facts.status == "SUCCEEDED":
        return f"{count(len(facts.outcomes), facts.of.item)} ingested"
    if facts.status in execution.RUNNING:
        return "the execution still runs; its outcome is not known yet"
    return {"TIMED_OUT": "the execution timed out", "ABORTED": "the execution was stopped"}.get(
        facts.status, f"the execution failed: {facts.ended.error or 'no error name'}"
    )


def _table(facts: Facts) -> str:
    counts = facts.of.counts
    columns = (facts.of.item, "outcome", *counts, "time")
    return table(columns, [_row(one, counts.values()) for one in facts.outcomes], columns[2:])


def _row(outcome: Mapping[str, Any], keys: Iterable[str]) -> list[str | None]:
    counts = [f"{outcome[name]:,}" if name in outcome else None for name in keys]
    spent = f"{outcome['seconds']:.0f} s" if "seconds" in outcome else None
    return [code(outcome["dataset"]), code(outcome["outcome"]), *counts, spent]


def _cost_command(facts: Facts) -> str:
    return f"covidlake cost {facts.environment} {facts.ended.arn.rpartition(':')[2]}"


def _job_run(facts: Facts, run: Mapping[str, Any], region: str) -> str:
    names = ", ".join(map(code, facts.taken(run)))
    usd = run_cost.job_run_usd(run, region)
    price = "cost not known in this region" if usd is None else dollars(usd)
    spent = f"{run.get('ExecutionTime', 0)} s, {price}"
    return (
        f"- job run {code(str(run.get('Id', '')))} of {names}: {code(str(run.get('JobRunState')))}, {spent}"
    )


def _place(arn: str) -> tuple[str, str]:
    """The console's host and the region of an ARN."""
    _, partition, _, region, *_ = arn.split(":")
    return f"{region}.{CONSOLES.get(partition, 'console.aws.amazon.com')}", region


def console_url(arn: str) -> str:
    """The page of an execution in the AWS console of its partition."""
    host, region = _place(arn)
    return f"https://{host}/states/home?region={region}#/v2/executions/details/{arn}"


def _logs_url(arn: str, run: Mapping[str, Any]) -> str:
    """The page of the job run's log group; empty where it names none."""
    group = run.get("LogGroupName")
    if not group:
        return ""
    host, region = _place(arn)
    escaped = f"{group}/error".replace("/", "$252F")
    return f"https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{escaped}"
