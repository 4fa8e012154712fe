"""What days and a month cost on AWS, by published rates: python -m benchmarks.price [--help].

Three ways to ingest several small data sets with the smallest Glue job, two workers G.1X:

- the example's way reads and writes each data set every day, in a job run and a crawl of its own;
- each by itself: a job run for each data set every day, which reads what is new, then a crawl if any was;
- shared: look first; one job run for the data sets with news, one crawl where the catalog would change.

A day of news brings rows of the same month for each data set: the catalog changes once a month, with the
first day's new partitions, and on that day all data sets share one crawl. Every assumption is printed. The
rates are those of us-east-2 in `covidlake/cost/prices.json`, which names date and source of each; look them
up before you quote them. Free tiers are left out; alarms, the key and storage cost the same in each way.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from rich.console import Console
from rich.table import Table

from covidlake.cost import prices
from covidlake.cost.prices import HOURS_OF_MONTH
from covidlake.cost.services import CRAWL_SECONDS, CRAWLER_DPU, JOB_SECONDS, QUERY_BYTES, TERABYTE

PRICES = prices.load("us-east-2")
WORKERS = 2  # DPUs of the smallest job
LAMBDA_GB_SECOND = PRICES["lambda_arm_gb_second"].usd
LAMBDA_REQUEST = PRICES["lambda_request"].usd

DATA_SETS = 6
DAYS = 30


@dataclass(frozen=True)
class Usage:
    """What is used in a day. Each job run, crawl and query is billed for its minimum at least.

    `job_seconds` are those of one job run. Crawler Lambdas have 0.25 GB and take a second, `find_work` has 1
    GB. `metrics` are sent by each job run where the stack's parameter JobMetrics is true.
    """

    job_runs: int = 0
    job_seconds: float = 0.0
    crawls: int = 0
    queries: int = 0
    crawler_calls: int = 0
    find_work_seconds: float = 0.0
    transitions: int = 0
    lists_and_puts: int = 0
    gets: int = 0
    log_kilobytes: int = 0
    traces: int = 1
    metrics: int = 0

    def prices(self) -> dict[str, float]:
        """Dollars by service."""
        seconds = max(self.job_seconds, JOB_SECONDS) * self.job_runs
        calls = self.crawler_calls * (0.25 * LAMBDA_GB_SECOND + LAMBDA_REQUEST)
        looked = self.find_work_seconds * LAMBDA_GB_SECOND + bool(self.find_work_seconds) * LAMBDA_REQUEST
        logs = self.log_kilobytes / 1e6 * PRICES["logs_gigabyte"].usd
        crawl = CRAWL_SECONDS / 3600 * CRAWLER_DPU * PRICES["glue_crawler_dpu_hour"].usd
        return {
            "jobs": seconds / 3600 * WORKERS * PRICES["glue_dpu_hour"].usd,
            "crawls": self.crawls * crawl,
            "Athena": self.queries * QUERY_BYTES / TERABYTE * PRICES["athena_terabyte"].usd,
            "Step Functions": self.transitions * PRICES["states_transition"].usd,
            "Lambda": calls + looked,
            "S3": self.lists_and_puts * PRICES["s3_write"].usd + self.gets * PRICES["s3_read"].usd,
            "logs, traces": logs + self.traces * PRICES["xray_trace"].usd,
            "metrics": self.job_runs * self.metrics * PRICES["metric_month"].usd / HOURS_OF_MONTH,
        }

    @property
    def price(self) -> float:
        return sum(self.prices().values())


# A crawl is started, and checked five times while it goes: a wait, a check and a choice each.
CRAWL_CALLS, CRAWL_STATES = 6, 16


def example(_news: int, _crawl: bool = False, data_sets: int = DATA_SETS) -> Usage:
    """Nothing is remembered, so a day is like any other; two minutes to read and write a table anew."""
    return Usage(
        job_runs=data_sets,
        job_seconds=120,
        crawls=data_sets,
        crawler_calls=data_sets * 8,
        transitions=data_sets * 25,
        lists_and_puts=data_sets * 60,
        gets=data_sets * 200,
        log_kilobytes=data_sets * 30,
    )


def each_by_itself(news: int, _crawl: bool = True, data_sets: int = DATA_SETS) -> Usage:
    """A job run for each data set, always; whatever a run has changed is crawled."""
    return Usage(
        job_runs=data_sets,
        job_seconds=60,
        crawls=news,
        queries=news,
        crawler_calls=news * CRAWL_CALLS,
        transitions=5 + 5 * data_sets + news * (6 + CRAWL_STATES),
        lists_and_puts=data_sets * 5 + news * 40,
        gets=data_sets * 5 + news * 30,
        log_kilobytes=data_sets * 20 + news * 40,
    )


def shared(news: int, crawl: bool = False, data_sets: int = DATA_SETS) -> Usage:
    """The states that tests/e2e/ingestion counts; half a minute to start, 15 s for each data set."""
    looked = Usage(
        find_work_seconds=5,
        transitions=10,
        lists_and_puts=data_sets * 3,
        gets=data_sets * 3,
        log_kilobytes=40 + 2 * data_sets,
    )
    if not news:
        return looked
    return replace(
        looked,
        job_runs=1,
        job_seconds=30 + 15 * news,
        crawls=int(crawl),
        queries=news,
        crawler_calls=CRAWL_CALLS * crawl,
        transitions=10 + 6 + 7 * news + CRAWL_STATES * crawl,
        lists_and_puts=looked.lists_and_puts + news * 40,
        gets=looked.gets + news * 30,
        log_kilobytes=looked.log_kilobytes + 20 + news * 40,
    )


WAYS = {"the example's way": example, "each by itself": each_by_itself, "shared": shared}


def month(way: str, metrics: int = 0, data_sets: int = DATA_SETS, days: int = DAYS) -> float:
    """Dollars of a month with news in every data set each day; on one day there are new partitions."""
    ordinary, first = (
        replace(WAYS[way](data_sets, crawl, data_sets), metrics=metrics).price for crawl in (False, True)
    )
    return first + (days - 1) * ordinary


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-sets", type=int, default=DATA_SETS, help="data sets [%(default)s]")
    parser.add_argument(
        "--metrics",
        type=int,
        default=0,
        help="custom metrics of a job run, if JobMetrics is on [%(default)s]",
    )
    options = parser.parse_args()
    console = Console()
    for title, news in (("nothing new", 0), ("news in one", 1), ("news in all", options.data_sets)):
        console.print(_day(f"A day, {options.data_sets} data sets: {title}", news, options))
    console.print(_assumptions(options))
    months = {way: month(way, options.metrics, options.data_sets) for way in WAYS}
    for way, dollars in months.items():
        console.print(f"a month, news in all data sets each day, {way}: ${dollars:.2f}")
    console.print(f"shared / each by itself: 1 / {months['each by itself'] / months['shared']:.1f}")


def _day(title: str, news: int, options: argparse.Namespace) -> Table:
    used = {
        way: replace(usage(news, data_sets=options.data_sets), metrics=options.metrics)
        for way, usage in WAYS.items()
    }
    table = Table("way", title=f"{title}; US dollars")
    for name in (*Usage().prices(), "total"):
        table.add_column(name, justify="right")
    for way, usage in used.items():
        table.add_row(way, *(_dollars(price) for price in usage.prices().values()), _dollars(usage.price))
    return table


def _assumptions(options: argparse.Namespace) -> Table:
    all_news = options.data_sets
    columns = {way: usage(all_news, data_sets=all_news) for way, usage in WAYS.items()}
    table = Table("assumed, a day with news in all", *columns)
    for item in fields(Usage):
        values: Iterable[object] = (getattr(usage, item.name) for usage in columns.values())
        table.add_row(item.name.replace("_", " "), *map(str, values))
    return table


def _dollars(price: float) -> str:
    return f"{price:.4f}" if price >= 0.0001 or not price else f"{price:.6f}"


if __name__ == "__main__":
    main()
