"""What nobody reports by run: requests to S3, logs, traces, metrics. Assumed sizes, named here."""

from __future__ import annotations

from covidlake.base.text import count
from covidlake.cost import services, watching
from covidlake.cost.history import Used
from covidlake.cost.lines import Line
from covidlake.cost.prices import Prices

# For each table, of a data set or of a database: looking at it, and loading it. As in `benchmarks/price.py`.
LOOK_WRITES, LOOK_READS = 3, 3
LOAD_WRITES, LOAD_READS = 40, 30
LOG_KILOBYTES, LOOK_LOG_KILOBYTES, JOB_LOG_KILOBYTES, LOAD_LOG_KILOBYTES = 40, 2, 20, 40
JOB_METRICS = 40  # custom metrics of a job run with JobMetrics


def lines(prices: Prices, used: Used, with_metrics: bool = False) -> list[Line]:
    """The lines that are estimated for an execution."""
    runs = len(used.job_runs())
    writes, reads = used.s3_requests()
    how = f"{count(used.looked, 'table')} looked at, {used.loaded:,} loaded, the state machine's, a record"
    kilobytes = (
        LOG_KILOBYTES
        + used.looked * LOOK_LOG_KILOBYTES
        + runs * JOB_LOG_KILOBYTES
        + used.loaded * LOAD_LOG_KILOBYTES
    )
    found = [
        *services.requests(
            prices,
            writes + used.looked * LOOK_WRITES + used.loaded * LOAD_WRITES + watching.RECORD_WRITES,
            reads + used.looked * LOOK_READS + used.loaded * LOAD_READS + watching.RECORD_READS,
            how,
        ),
        services.logs(prices, kilobytes),
        services.traces(prices),
    ]
    if with_metrics and runs:
        found.append(services.metrics(prices, JOB_METRICS * runs))
    return found
