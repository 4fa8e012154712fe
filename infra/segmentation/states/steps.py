"""The steps after the crawl: each runs a Glue job, reads its run records, crawls and verifies its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states import job_run
from infra.common.states.building_blocks import caught_failure, jsonata
from infra.common.states.run_records import JOB_LOGS, RUN_ID, RunRecords
from infra.common.states.tables import prove_tables
from infra.segmentation.states.validation import FULL, INCREMENTAL

# Counts of the run record that become part of the outcome.
COUNTS = (
    "rows_read",
    "rows_new",
    "rows_changed",
    "rows_unchanged",
    "rows_deleted",
    "rows_quarantined",
    "quarantine_rows",
    "files_written",
    "bytes_written",
    "table_rows",
    "seconds",
    "findings",
)
# Figures of the model, which the record of the segmentation alone has.
FIGURES = ("segments", "silhouette", "drift")
EXTRACTED = RunRecords(COUNTS, job="RunExtract")


@dataclass(frozen=True)
class Step:
    """A step of the whole: `name` is that of its run record, `job` the placeholder of its job's name."""

    prefix: str
    name: str
    job: str
    comment: str
    figures: tuple[str, ...] = ()

    @property
    def records(self) -> RunRecords:
        return RunRecords(COUNTS, f"Run{self.prefix}", self.prefix, self.figures)

    def run(self, read: Any) -> sdk.Task:
        """The job's run, whose record is read whether or not it failed."""
        state_id = f"Run{self.prefix}"
        added = jsonata(f"$append($dataSets, [{{'dataset': '{self.name}'}}])")
        begun = {"dataSets": added, "crawled": False, "polls": 0}
        failure = caught_failure(state_id, JOB_LOGS)
        failed = {**begun, "jobRuns": [{"datasets": [self.name], "failure": failure}]}
        catch = sdk.Catch(error_equals=["States.ALL"], assign=failed, next_step=read)
        task = job_run.run_job(
            state_id,
            self.job,
            {"--run_id": jsonata(RUN_ID)},
            catch,
            assign={**begun, "jobRuns": [{"datasets": [self.name]}]},
            comment=self.comment,
        )
        task.next(read)
        return task


JOIN = Step("Join", "customers", "JoinJobName", "One row for each customer, of all tables")
SEGMENT = Step("Segment", "customer_segments", "SegmentJobName", "The segments of customers", FIGURES)
WRITE_BACK = Step("WriteBack", "write_back", "WriteBackJobName", "The segments to the database, for others")


def extract(then: Any, failed_as_a_whole: Any) -> Any:
    """The runs of the extraction, each of several tables, and what their run records say."""
    names = jsonata("$states.input.datasets")
    ended = sdk.Pass("ExtractFailed", comment="Some of its tables may be done: their run records say so")
    failure = {"datasets": names, "failure": caught_failure("RunExtract", JOB_LOGS)}
    arguments = {
        "--tables": jsonata("$join($states.input.datasets, ',')"),
        "--run_id": jsonata(RUN_ID),
        "--load_mode": jsonata(f"$mode = '{FULL}' ? '{FULL}' : '{INCREMENTAL}'"),
        "--compare_keys": jsonata("$compareKeys"),
        "--allow_removal": jsonata("$allowRemoval"),
    }
    catch = sdk.Catch(error_equals=["States.ALL"], output=failure, next_step=ended)
    run = job_run.run_job("RunExtract", "ExtractJobName", arguments, catch, output={"datasets": names})
    comment = "Each run takes several tables; one that fails does not stop the others"
    runs = job_run.run_jobs("RunExtracts", comment, sdk.chain(run), failed_as_a_whole)
    return sdk.chain(runs, EXTRACTED.read(failed_as_a_whole), then)


def all_well(state_id: str, comment: str, then: Any, outcomes: Any) -> sdk.Choice:
    """Go on where nothing has failed so far: the next step would work on half of the truth."""
    choice = sdk.Choice(state_id, comment=comment)
    choice.add_choice(sdk.Condition(jsonata("$count($dataSets[$exists(failure)]) > 0")), outcomes)
    choice.default_choice(then)
    return choice


def made(step: Step, then: Any, outcomes: Any, failed_as_a_whole: Any, *, table: bool = True) -> Any:
    """A step from its run to its proof, which one without a table of its own does not need."""
    well = all_well(f"{step.prefix}Done", f"Without {step.name} the execution ends", then, outcomes)
    proof = prove_tables(step.prefix, well, failed_as_a_whole) if table else well
    return step.run(sdk.chain(step.records.read(failed_as_a_whole), proof))
