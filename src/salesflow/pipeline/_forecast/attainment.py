"""What comes in, against what ought to: attainment, gap and coverage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import fsum

from salesflow.pipeline._forecast.values import ForecastLine
from salesflow.pipeline._metrics.values import Metric


def quota_of(names: Collection[str], quotas: Mapping[str, float], unit: str) -> Metric:
    """What ought to come in in some periods together; quotas are by the name of the period."""
    lacking = [name for name in names if name not in quotas]
    if lacking:
        reason = "no quota is given"
        if len(lacking) < len(names):
            reason = f"no quota is given for {', '.join(lacking)}"
        return Metric(value=None, unit=unit, reason=reason)
    return Metric(value=fsum(quotas[name] for name in names), unit=unit)


def against(lines: Mapping[str, ForecastLine], quota: Metric) -> dict[str, Metric]:
    """A quota, and how the lines of as many periods measure up to it."""
    currency = quota.unit
    closed, waiting = lines["closed"], lines["open"]

    def none(unit: str, reason: str) -> Metric:
        return Metric(value=None, unit=unit, reason=reason)

    made = {"quota": quota}
    if quota.value is None or closed.amount is None:
        reason = quota.reason if quota.value is None else closed.reason
        units = {"attainment": "share", "gap": currency, "coverage": "times"}
        return made | {name: none(unit, reason) for name, unit in units.items()}
    gap = quota.value - closed.amount

    def of(value: float, unit: str, line: ForecastLine) -> Metric:
        return Metric(value=value, unit=unit, source="snapshot", rows=line.rows, reason=line.reason)

    made["gap"] = of(gap, currency, closed)
    made["attainment"] = (
        of(closed.amount / quota.value, "share", closed)
        if quota.value
        else none("share", "the quota is 0")
    )
    if gap <= 0:
        made["coverage"] = none("times", "the quota is met")
    elif waiting.amount is None:
        made["coverage"] = none("times", waiting.reason)
    else:
        made["coverage"] = of(waiting.amount / gap, "times", waiting)
    return made
