"""CloudWatch alarms that watch their own dimensions, treat missing data as they say and return to OK.

ministack sums a metric over all dimensions and changes a state only when a new value arrives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from localcloud import plugin

_TICK_SECONDS = 5.0
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def install(_app: Any) -> None:
    """Evaluate alarms as CloudWatch does: when a value arrives, and as time goes by."""
    from ministack.services import cloudwatch

    plugin.require(cloudwatch, "_evaluate_alarm", ["alarm"])
    plugin.require(cloudwatch, "_dispatch_alarm_actions", ["alarm", "old_state", "new_state", "reason"])
    plugin.require(cloudwatch, "_record_history", ["alarm_name", "old_state", "new_state", "reason"])
    cloudwatch._evaluate_alarm = _evaluate
    threading.Thread(target=_tick, name="localcloud-alarms", daemon=True).start()


def _tick() -> None:
    from ministack.services import cloudwatch

    wake = threading.Event()
    while not wake.wait(_TICK_SECONDS):
        cloudwatch._evaluate_all_alarms()


def _evaluate(alarm: dict[str, Any]) -> None:
    """Set the state of one alarm by its latest periods, and act on a change."""
    if not alarm.get("Namespace") or alarm.get("ComparisonOperator") not in _COMPARISONS:
        return
    old, (new, reason) = alarm["StateValue"], judge(alarm, _values(alarm))
    if new == old:
        return
    from ministack.services import cloudwatch

    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _values(alarm: Mapping[str, Any]) -> list[float | None]:
    """The statistic in each of the latest evaluation periods, newest first; None where nothing was put."""
    from ministack.services import cloudwatch

    key = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions", [])))
    points = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], key)) or []
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    period, now = int(alarm.get("Period", 60)), time.time()
    values = []
    for index in range(int(alarm.get("EvaluationPeriods", 1))):
        start = now - period * (index + 1)
        inside = [point for point in points if start <= point["Timestamp"] < start + period]
        statistics = cloudwatch._calc_stats(inside)
        values.append(cloudwatch._stat_value(statistics, statistic, inside) if statistics else None)
    return values


def judge(alarm: Mapping[str, Any], values: list[float | None]) -> tuple[str, str]:
    """The state that these values give, newest first, and its reason.

    See "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide.
    """
    threshold, operator = float(alarm.get("Threshold", 0)), alarm["ComparisonOperator"]
    missing = alarm.get("TreatMissingData") or "missing"
    needed = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods", 1))
    filler = {"breaching": True, "notBreaching": False}.get(missing)
    breaching = [filler if v is None else _COMPARISONS[operator](v, threshold) for v in values]
    known = [outcome for outcome in breaching if outcome is not None]
    if not known:
        state = alarm["StateValue"] if missing == "ignore" else "INSUFFICIENT_DATA"
        return state, "Insufficient Data: no value in the evaluation periods"
    if sum(known) >= min(needed, len(known)):
        return "ALARM", f"Threshold Crossed: {values} {operator} {threshold}"
    return "OK", f"Threshold not crossed: {values} {operator} {threshold}"
