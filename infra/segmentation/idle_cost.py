"""What the stack costs on a day on which nothing runs: each resource that is paid for while it waits.

List prices of us-east-2 in US dollars, without tax, free tiers or a query; docs show this table. Prices
change: the pages of AWS that `source` names have today's.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.segmentation.network import INTERFACE_ENDPOINTS

HOURS = 24
DAYS_OF_MONTH = 30


@dataclass(frozen=True)
class Idle:
    """`number` of them, each at `price` for a day.

    `modes` are those of the parameter DatabaseMode that have it.
    """

    what: str
    number: int
    price: float
    why: str
    source: str
    modes: tuple[str, ...] = ("create",)

    @property
    def a_day(self) -> float:
        return self.number * self.price


_PRICING = "https://aws.amazon.com/{}/pricing/"
BOTH = ("create", "existing")
IDLE = (
    Idle(
        "interface endpoints",
        len(INTERFACE_ENDPOINTS),
        0.01 * HOURS,
        "Glue, Secrets Manager and CloudWatch Logs, in one availability zone: 0.01 for each and hour",
        _PRICING.format("privatelink"),
    ),
    Idle(
        "secrets",
        2,
        0.40 / DAYS_OF_MONTH,
        "the master's and the jobs': 0.40 for each and month",
        _PRICING.format("secrets-manager"),
    ),
    Idle("Aurora capacity", 1, 0.0, "it pauses at 0 units", _PRICING.format("rds/aurora")),
    Idle(
        "Aurora storage, 1 GB",
        1,
        0.10 / DAYS_OF_MONTH,
        "0.10 for each GB and month; backups up to that size are free",
        _PRICING.format("rds/aurora"),
    ),
    Idle("S3 gateway endpoint", 1, 0.0, "free", _PRICING.format("privatelink")),
    Idle("network, groups, connection, jobs, crawlers, functions", 1, 0.0, "free", _PRICING.format("vpc")),
    Idle(
        "alarms",
        3,
        0.10 / DAYS_OF_MONTH,
        "0.10 for each and month",
        _PRICING.format("cloudwatch"),
        BOTH,
    ),
    Idle(
        "lake, 1 GB",
        1,
        0.023 / DAYS_OF_MONTH,
        "0.023 for each GB and month, older versions included",
        _PRICING.format("s3"),
        BOTH,
    ),
    Idle(
        "key, with Encryption SSE-KMS",
        1,
        1.00 / DAYS_OF_MONTH,
        "1.00 for a month; it is kept when the stack goes",
        _PRICING.format("kms"),
        BOTH,
    ),
)


def a_day(mode: str) -> float:
    """US dollars of an idle day in this mode, with 1 GB each in database and lake."""
    return sum(one.a_day for one in IDLE if mode in one.modes)


def markdown() -> str:
    """The table for people."""
    rows = ["| what | of them | $ a day | why |", "|---|---|---|---|"]
    rows += [f"| {one.what} | {one.number} | {one.a_day:.3f} | [{one.why}]({one.source}) |" for one in IDLE]
    total = f"| **together, DatabaseMode create** | | **{a_day('create'):.2f}** | |"
    return "\n".join([*rows, total, f"| **existing** | | **{a_day('existing'):.2f}** | |"])
