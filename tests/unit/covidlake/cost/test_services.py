"""One example for each service, worked by hand from AWS's rules and prices in us-east-1."""

from __future__ import annotations

import pytest

from covidlake.cost import prices, services
from covidlake.cost.lines import Line
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


EXAMPLES = {
    # $0.025 a thousand: 30 / 1,000 x 0.025
    "Step Functions": (
        services.transitions(US, 27, 2, 1),
        0.00075,
        "27 states entered + 2 retries + 1 redrives = 30 state transitions x $0.000025 = $0.00075",
    ),
    # 2 DPU for 90 s are 180 DPU-seconds, 0.05 DPU-hours, $0.44 each
    "Glue job run": (
        services.job_run(US, {"MaxCapacity": 2.0, "ExecutionTime": 90}),
        0.022,
        "2 DPU x 90 s / 3,600 = 0.05 DPU-hours x $0.44 = $0.022",
    ),
    # 2 DPU for ten minutes at least are 1,200 DPU-seconds, a third of a DPU-hour: 0.44 / 3
    "Glue crawl": (
        services.crawl(US, Crawl("lake", 60.0, 2 * 60 / 3600)),
        0.146666667,
        "2 DPU x 600 s (the minimum; it took 60 s) / 3,600 = 0.333 DPU-hours x $0.44 = $0.147",
    ),
    # One GB for 2 s: 2 x 0.0000133334
    "Lambda": (
        services.functions(US, [Invocation("find-work", 2.0, 1024)])[0],
        0.0000266668,
        "1,024 MB / 1,024 x 2 s = 2 GB-seconds x $0.0000133334 = $0.00002667",
    ),
    # 10 MB at least for the first, 251 MB for the second: 261 / 1,000,000 of a TB, $5 each
    "Athena": (
        services.queries(US, [0, 250_000_001]),
        0.001305,
        "1 query x 10 MB (the minimum) + 251 MB of 1 query = 0.000261 TB scanned x $5 = $0.0013",
    ),
    # $0.005 a thousand writes: 40 / 1,000 x 0.005
    "S3 writes": (
        services.requests(US, 40, 30)[0],
        0.0002,
        "40 PUTs, COPYs and LISTs x $0.000005 = $0.0002",
    ),
    # $0.0004 a thousand reads: 30 / 1,000 x 0.0004
    "S3 reads": (services.requests(US, 40, 30)[1], 0.000012, "30 GETs x $0.0000004 = $0.000012"),
    # 40 metrics for one of a month's 730 hours, $0.30 a month each: 40 / 730 x 0.30
    "CloudWatch metrics": (
        services.metrics(US, 40),
        0.016438356,
        "40 metrics x 1 h / 730 = 0.0548 metric-months x $0.3 = $0.0164",
    ),
    # $0.50 a million: 2 / 1,000,000 x 0.50
    "SNS": (services.messages(US, 2), 0.000001, "2 requests x $0.0000005 = $0.000001"),
}


@pytest.mark.parametrize(("line", "usd", "arithmetic"), EXAMPLES.values(), ids=EXAMPLES)
def test_each_service_shows_the_arithmetic_that_was_done_by_hand(
    line: Line, usd: float, arithmetic: str
) -> None:
    assert line.usd == pytest.approx(usd, rel=1e-6)
    assert line.arithmetic == arithmetic


def test_x_ray_and_sns_bill_each_trace_and_message() -> None:
    assert services.traces(US).usd == pytest.approx(5.0 / 1_000_000)
    assert services.messages(US, 2).usd == pytest.approx(2 * 0.50 / 1_000_000)
