"""What the function `watch` costs: it records each execution, and looks at bounds each hour if asked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from covidlake.cost import services
from covidlake.cost.lines import Line, number
from covidlake.cost.prices import HOURS_OF_MONTH, Prices
from infra.common import dashboard, watch

SECONDS = 2.0  # assumed of a call, its start included
# Of a call: the state is read and written. Of a record: row, listing, and the run records of what failed.
CALL_WRITES, CALL_READS, RECORD_WRITES, RECORD_READS = 1, 1, 2, 2


def of_execution(prices: Prices) -> list[Line]:
    """The call that records an execution; its requests to S3 are `RECORD_WRITES` and `RECORD_READS`."""
    return _calls(prices, 1, "1 call")


def metrics_of_execution(prices: Prices) -> list[Line]:
    """What it publishes of an execution for the dashboard: all of its metrics but the one of each hour."""
    return [replace(services.metrics(prices, len(dashboard.METRICS) - 1), what="watch: metrics")]


def of_month(prices: Prices, parameters: Mapping[str, str]) -> list[Line]:
    """The calls of each hour of a month, and the metric that each publishes for the dashboard.

    None where there is no dashboard, and no bound is set that time alone may cross.
    """
    drawn = parameters.get(dashboard.PARAMETER) == "true"
    if not drawn and not any(float(parameters.get(name) or 0) for name in watch.OF_TIME):
        return []
    metric = services.metrics(prices, 1, HOURS_OF_MONTH)
    writes, reads = HOURS_OF_MONTH * CALL_WRITES, HOURS_OF_MONTH * CALL_READS
    by_the_hour = f"{HOURS_OF_MONTH:.0f} calls"
    how = (f"{by_the_hour} x {CALL_WRITES}", f"{by_the_hour} x {CALL_READS}")
    requests = services.requests(prices, writes, reads, how)
    calls = _calls(prices, HOURS_OF_MONTH, by_the_hour)
    return [*calls, *requests, *([replace(metric, what="watch: metric of each hour")] if drawn else [])]


def _calls(prices: Prices, calls: float, words: str) -> list[Line]:
    settings = watch.SETTINGS
    how = f"{words} x {settings.memory_megabytes} MB / 1,024 x {number(SECONDS)} s"
    usage = calls * settings.memory_megabytes / 1024 * SECONDS
    return [
        Line("watch", usage, prices["lambda_arm_gb_second"], how, True),
        Line("watch: calls", calls, prices["lambda_request"], "", True),
    ]
