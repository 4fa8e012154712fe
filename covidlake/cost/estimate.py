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
    sizes = {
        "execution": (1, LOG_KILOBYTES),
        "look": (used.looked, LOOK_LOG_KILOBYTES),
        "job run": (runs, JOB_LOG_KILOBYTES),
        "load": (used.loaded, LOAD_LOG_KILOBYTES),
    }
    requests = services.requests(
        prices,
        writes + used.looked * LOOK_WRITES + used.loaded * LOAD_WRITES + watching.RECORD_WRITES,
        reads + used.looked * LOOK_READS + used.loaded * LOAD_READS + watching.RECORD_READS,
        (
            _requests(used, LOOK_WRITES, LOAD_WRITES, writes, watching.RECORD_WRITES),
            _requests(used, LOOK_READS, LOAD_READS, reads, watching.RECORD_READS),
        ),
    )
    kilobytes = sum(number * size for number, size in sizes.values())
    parts = " + ".join(f"{count(number, name)} x {size}" for name, (number, size) in sizes.items() if number)
    found = [*requests, services.logs(prices, kilobytes, parts), services.traces(prices)]
    if with_metrics and runs:
        found.append(services.metrics(prices, JOB_METRICS * runs))
    return found


def _requests(used: Used, look: int, load: int, machine: int, record: int) -> str:
    """`2 tables looked at x 3 + 1 loaded x 40 + 0 of the state machine + 2 of the record`."""
    looked = f"{count(used.looked, 'table')} looked at x {look} + {used.loaded:,} loaded x {load}"
    return f"{looked} + {machine} of the state machine + {record} of the record"
