"""What a run costs on AWS, by published rates: python -m benchmarks.price [--days 30].

Three runs of one small data set, smallest Glue job (2 workers G.1X): the seed's way, which reads and writes
everything each time and crawls each time; ours with new data; ours with nothing new. The rates are those of
us-east-2 as stored copies of AWS's price pages had them in November 2026; look them up before you quote them.
Free tiers are left out, and so are S3 requests and logs, which are the same order in all three.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

DPU_HOUR = 0.44  # Glue jobs and crawlers
WORKERS = 2  # DPUs of the smallest job
JOB_MINIMUM_SECONDS = 60.0
CRAWLER_MINIMUM_SECONDS = 600.0
CRAWLER_DPU = 2
ATHENA_TERABYTE = 5.0
ATHENA_MINIMUM_BYTES = 10_000_000
TRANSITION = 0.025 / 1_000  # of a standard state machine
LAMBDA_GB_SECOND, LAMBDA_REQUEST = 0.0000166667, 0.20 / 1_000_000
LAMBDA_MEMORY_GB = 0.125


@dataclass(frozen=True)
class Run:
    """What a run uses: seconds of the Glue job, crawls, Athena queries, Lambda calls, state transitions."""

    name: str
    job_seconds: float
    crawls: int
    queries: int
    lambda_calls: int
    transitions: int

    def prices(self) -> dict[str, float]:
        """Dollars by service; what is billed has a minimum for each job run, crawl and query."""
        job = max(self.job_seconds, JOB_MINIMUM_SECONDS) / 3600 * WORKERS * DPU_HOUR
        crawl = self.crawls * CRAWLER_MINIMUM_SECONDS / 3600 * CRAWLER_DPU * DPU_HOUR
        athena = self.queries * ATHENA_MINIMUM_BYTES / 1e12 * ATHENA_TERABYTE
        one_call = LAMBDA_GB_SECOND * LAMBDA_MEMORY_GB + LAMBDA_REQUEST  # of about a second
        rest = self.lambda_calls * one_call + self.transitions * TRANSITION
        return {"job": job, "crawler": crawl, "Athena": athena, "Lambda and Step Functions": rest}

    @property
    def price(self) -> float:
        return sum(self.prices().values())


# Seconds of the job: the minimum that is billed, and two minutes where everything is read and written again.
RUNS = (
    Run("the seed's way", 120, crawls=1, queries=0, lambda_calls=8, transitions=25),
    Run("ours, new data", 60, crawls=1, queries=1, lambda_calls=4, transitions=22),
    Run("ours, nothing new", 60, crawls=0, queries=0, lambda_calls=0, transitions=9),
)


def mixed(days: int, with_news: int) -> tuple[float, float]:
    """Dollars of a number of daily runs: the seed's way, and ours where so many of the days have new data."""
    seed, news, nothing = (run.price for run in RUNS)
    return days * seed, with_news * news + (days - with_news) * nothing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="daily runs")
    parser.add_argument("--news", type=int, default=0, help="days of them with new data")
    options = parser.parse_args()
    table = Table(title="US dollars for one run")
    table.add_column("run")
    for name in (*RUNS[0].prices(), "total"):
        table.add_column(name, justify="right")
    for run in RUNS:
        table.add_row(run.name, *(f"{price:.4f}" for price in run.prices().values()), f"{run.price:.4f}")
    console = Console()
    console.print(table)
    seed, ours = mixed(options.days, options.news)
    console.print(
        f"{options.days} daily runs, {options.news} with new data: {seed:.2f} and {ours:.2f} dollars"
    )


if __name__ == "__main__":
    main()
