"""One run: the table `customers` from the extracted tables. It does nothing where none has changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame

from ingestion.state.job_runs import JobRuns
from ingestion.state.storage import Storage
from segmentation.arguments import JoinArguments
from segmentation.join import identities, orders
from segmentation.join.customers import KEY, customers
from segmentation.join.orders import CANCELLED, OUTCOME, USED, Judged
from segmentation.lake import publication
from segmentation.lake.files import Files, session
from segmentation.lake.inputs import Inputs
from segmentation.lake.merge import Merge
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantine
from segmentation.lake.table_state import TableState
from segmentation.record.reporting import Recorder
from segmentation.record.step_record import StepRecord
from segmentation.step import JobRun

_logger = logging.getLogger(__name__)

NAME = "customers"
INPUTS: Mapping[str, tuple[str, ...]] = {
    "crm_customers": ("customer_id", "name", "email", "country", "created_at", "updated_at"),
    "crm_customer_links": ("duplicate_id", "customer_id"),
    "sales_orders": ("order_id", "customer_id", "ordered_at", "status", "items", "amount", "currency"),
    "sales_refunds": ("refund_id", "order_id", "refunded_at", "amount"),
    "sales_exchange_rates": ("currency", "valid_from", "rate_to_usd"),
}


def run(
    options: Mapping[str, str], storage: Storage | None = None, job_runs: JobRuns | None = None
) -> StepRecord:
    """Make the table anew and publish what differs; returns the run record that was written."""
    arguments = JoinArguments.parse(options)
    job_run = JobRun.of(options, storage, job_runs)
    return job_run.carry_out(NAME, arguments, Join(job_run, arguments).execute)


@dataclass(frozen=True)
class _Joined:
    """`outcomes` counts orders and refunds by table and OUTCOME."""

    rows: DataFrame
    rejected: DataFrame
    outcomes: Mapping[tuple[str, str], int]
    findings: tuple[str, ...]

    def count(self, table: str, *outcomes: str) -> int:
        return sum(n for (name, one), n in self.outcomes.items() if name == table and one in outcomes)

    @property
    def unusable(self) -> int:
        fine = (USED, CANCELLED, "order_not_used")
        return sum(n for (_, outcome), n in self.outcomes.items() if outcome not in fine)


@dataclass(frozen=True)
class Join:
    """One run of the join."""

    job_run: JobRun
    arguments: JoinArguments

    def execute(self) -> StepRecord:
        """Raises SegmentationError with a message of one line."""
        storage = self.job_run.storage
        places = Places(NAME, self.arguments.run_id, self.arguments.lake_root)
        state = publication.load(storage, places)
        recorder = Recorder(storage, places, state.revision)
        inputs = Inputs(storage, self.arguments.lake_root, self.arguments.run_id)
        states = inputs.states(INPUTS)
        made_of = {"code": self.arguments.code, **{name: one.revision for name, one in states.items()}}
        if state.about.get("made_of") == made_of:
            _logger.info("no table that is joined has changed")
            return recorder.record(state)
        publication.clean_up(storage, places)
        files = Files(session(self.job_run.job_name), storage, places)
        joined = self._joined(files, inputs, states)
        rows = files.keep(joined.rows, "joined")
        merged = Merge(files, state, rows, KEY, rows.count(), complete=True).execute()
        rejected = Quarantine(files, state, recorder.started).stage(
            joined.rejected if joined.unusable else None
        )
        about = {"made_of": made_of}
        after = publication.next_state(state, self.arguments.run_id, KEY, merged, rejected, about=about)
        done = publication.publish(storage, places, state, after, merged, rejected)
        return recorder.record(
            done.state,
            findings=joined.findings,
            rows_read=sum(one.rows for one in states.values()),
            **merged.recorded,
            rows_quarantined=joined.unusable,
            files_written=done.files,
            bytes_written=done.size,
            detail={
                "read": {name: one.rows for name, one in states.items()},
                **{f"{name}.{outcome}": n for (name, outcome), n in sorted(joined.outcomes.items())},
                "as_of": states["sales_orders"].about["as_of"],
            },
        )

    @staticmethod
    def _joined(files: Files, inputs: Inputs, states: Mapping[str, TableState]) -> _Joined:
        read = {name: inputs.of(files.spark, name, state).rows() for name, state in states.items()}
        people, links = read["crm_customers"], read["crm_customer_links"]
        members = identities.members(files, people, links)
        rates, as_of = read["sales_exchange_rates"], str(states["sales_orders"].about["as_of"])
        ordered = orders.judged_orders(read["sales_orders"], members, rates, as_of)
        ordered = files.keep(ordered, "orders")
        judged = Judged(ordered, orders.judged_refunds(read["sales_refunds"], ordered))
        worth = files.keep(orders.worth(judged), "worth")
        counted = {
            (name, row[0]): int(row[1])
            for name, rows in ((orders.ORDERS, judged.orders), (orders.REFUNDS, judged.refunds))
            for row in rows.groupBy(OUTCOME).count().collect()
        }
        over = worth.where("over_refunded").count()
        lost = identities.unknown_links(people, links)
        said = [f"{over} orders were refunded more than they cost, counted as worth nothing"] if over else []
        said += [f"{lost} links name an id that no customer has"] if lost else []
        return _Joined(customers(people, members, worth), orders.rejected(judged), counted, tuple(said))
