"""One example for each service, worked by hand from AWS's rules and prices in us-east-1."""

from __future__ import annotations

import pytest

from covidlake.cost import prices, services
from covidlake.cost.services import Crawl, Invocation

US = prices.load("us-east-1")
FRANKFURT = prices.load("eu-central-1")


def test_step_functions_bills_each_entry_and_each_retry() -> None:
    line = services.transitions(US, entered=27, retries=2, redrives=1)
    assert line.usd == pytest.approx(30 * 0.025 / 1_000)  # 30 transitions, $0.025 a thousand
    assert line.arithmetic == (
        "27 states entered + 2 retries + 1 redrives = 30 state transitions x $0.000025 = $0.00075"
    )


@pytest.mark.parametrize(
    ("run", "usd"),
    [
        ({"MaxCapacity": 2.0, "ExecutionTime": 90}, 2 * 90 / 3600 * 0.44),  # by the second
        ({"NumberOfWorkers": 2, "ExecutionTime": 12}, 2 * 60 / 3600 * 0.44),  # a minute at least
        (
            {"DPUSeconds": 130.5, "MaxCapacity": 10.0, "ExecutionTime": 90},
            130.5 / 3600 * 0.44,
        ),  # auto scaling
        ({"DPUSeconds": 3600, "ExecutionClass": "FLEX"}, 0.29),
    ],
)
def test_glue_bills_dpu_seconds(run: dict[str, object], usd: float) -> None:
    assert services.job_run(US, run).usd == pytest.approx(usd)


def test_the_shortest_job_run_says_so() -> None:
    line = services.job_run(US, {"Id": "jr_1", "MaxCapacity": 2.0, "ExecutionTime": 12})
    assert line.what == "job run: jr_1"
    assert line.arithmetic == (
        "2 DPU x 60 s (the minimum; it took 12 s) / 3,600 = 0.0333 DPU-hours x $0.44 = $0.0147"
    )


def test_a_crawl_is_billed_for_ten_minutes_at_least() -> None:
    # Glue says 0.0333 DPU-hours in 60 s: two DPUs, which are then billed for 600 s: 1,200 / 3,600 x 0.44.
    line = services.crawl(US, Crawl("lake", 60.0, 2 * 60 / 3600))
    assert line.usd == pytest.approx(2 * 600 / 3600 * 0.44)
    assert not line.estimated
    longer = services.crawl(US, Crawl("lake", 900.0, 2 * 900 / 3600))
    assert longer.usd == pytest.approx(2 * 900 / 3600 * 0.44)


def test_a_crawl_of_unknown_size_is_assumed_and_says_so() -> None:
    line = services.crawl(US, Crawl("lake", 60.0))
    assert line.usd == pytest.approx(2 * 600 / 3600 * 0.44)
    assert line.estimated
    assert "2 DPU (assumed) x 600 s (the minimum; it took 60 s)" in line.arithmetic


def test_lambda_bills_gigabyte_seconds_and_requests() -> None:
    calls = [Invocation("find-work", 2.8, 1024), Invocation("start", 0.4, 256), Invocation("check", 0.6, 256)]
    seconds, requests = services.functions(US, calls)
    assert seconds.usd == pytest.approx((1.0 * 2.8 + 0.25 * 0.4 + 0.25 * 0.6) * 0.0000133334)  # 3.05 GB-s
    assert requests.usd == pytest.approx(3 * 0.20 / 1_000_000)
    assert seconds.how == "1,024 MB / 1,024 x 2.800 s + 256 MB / 1,024 x 1 s"
    assert not seconds.estimated


def test_lambda_on_other_processors_has_a_price_of_its_own() -> None:
    calls = [Invocation("x", 1.0, 1024, arm=False), Invocation("x", 1.0, 1024, billed=False)]
    arm, intel, _ = services.functions(US, calls)
    assert (arm.usd, intel.usd) == (pytest.approx(0.0000133334), pytest.approx(0.0000166667))
    assert (arm.estimated, intel.estimated) == (True, False)
    assert services.functions(US, []) == []


def test_athena_bills_ten_megabytes_at_least_and_whole_megabytes() -> None:
    line = services.queries(US, [0, 9_999, 250_000_001])
    assert line is not None
    assert line.usd == pytest.approx((10 + 10 + 251) / 1e6 * 5.0)  # MB of a TB, $5 each
    assert line.how == "2 queries x 10 MB (the minimum) + 251 MB of 1 query"
    assert services.queries(US, []) is None


def test_s3_bills_requests_by_region() -> None:
    writes, reads = services.requests(FRANKFURT, 44, 34)
    assert writes.usd == pytest.approx(44 * 0.0054 / 1_000)
    assert reads.usd == pytest.approx(34 * 0.00043 / 1_000)
    assert writes.estimated
    assert reads.estimated


def test_cloudwatch_bills_logs_and_metrics() -> None:
    assert services.logs(FRANKFURT, 102).usd == pytest.approx(0.000102 * 0.63)
    assert services.metrics(US, 40).usd == pytest.approx(40 * 1 / 730 * 0.30)


def test_x_ray_and_sns_bill_each_trace_and_message() -> None:
    assert services.traces(US).usd == pytest.approx(5.0 / 1_000_000)
    assert services.messages(US, 2).usd == pytest.approx(2 * 0.50 / 1_000_000)
