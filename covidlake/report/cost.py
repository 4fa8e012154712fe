"""What a Glue job run costs, by AWS's published rates: an estimate, to be checked against the bill.

https://aws.amazon.com/glue/pricing/ for us-east-1, us-east-2 and most regions; per second, the first minute
whole. Crawls, queries, requests and storage are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DPU_HOUR_USD = {"STANDARD": 0.44, "FLEX": 0.29}
SHORTEST_SECONDS = 60.0


def of_job_run(run: Mapping[str, Any]) -> float:
    """US dollars for a run as GetJobRun reports it: its DPU-seconds, or else its capacity by time."""
    rate = DPU_HOUR_USD.get(run.get("ExecutionClass") or "STANDARD", DPU_HOUR_USD["STANDARD"])
    capacity = float(run.get("MaxCapacity") or run.get("NumberOfWorkers") or 0)
    seconds = max(float(run.get("ExecutionTime") or 0), SHORTEST_SECONDS)
    dpu_seconds = float(run.get("DPUSeconds") or capacity * seconds)
    return dpu_seconds / 3600 * rate


def text(usd: float) -> str:
    """`$0.015`: two significant digits are all that an estimate has."""
    return f"${usd:.2g}" if usd else "$0"
