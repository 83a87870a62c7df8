"""How far off forecasts were, from what each said and what came: no engine is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from salesflow.pipeline._forecast.backtest_values import (
    METHODS,
    CalibrationBin,
    ForecastCoverage,
    ForecastDay,
    ForecastErrors,
    Method,
)
from salesflow.pipeline._intervals import wilson
from salesflow.pipeline._metrics.values import Metric

NOT_OVER: Final = "no period is over"


class Said(NamedTuple):
    """What was said of open deals of a day that stand in one place, and what came of them.

    Attributes:
        stage: The key of the place.
        chance: That each of them is won by the end of the period.
        deals: How many there were.
        won: How many were won by then.
    """

    stage: str
    chance: float
    deals: int
    won: int


def errors_of(
    days: Sequence[ForecastDay], unit: str, reasons: Mapping[Method, str]
) -> dict[str, ForecastErrors]:
    """How far off each method was; the `reasons` are why one of them said nothing at all."""
    over = [(it, it.actual) for it in days if it.actual is not None]
    return {method: _errors(over, method, unit, reasons.get(method, "")) for method in METHODS}


def errors_of_known(
    days: Sequence[ForecastDay], unit: str, reasons: Mapping[Method, str]
) -> ForecastErrors:
    """How far off the learned forecast was of the deals that were known on the day."""
    over = [(it, it.actual_known) for it in days if it.actual_known is not None]
    return _errors(over, "learned", unit, reasons.get("learned", ""))


def _errors(
    over: Sequence[tuple[ForecastDay, float]], method: Method, unit: str, reason: str
) -> ForecastErrors:
    reason = reason if over else NOT_OVER
    said = [
        (value - actual, actual, it.said("learned"))
        for it, actual in over
        if (value := it.said(method)) is not None
    ]
    learned = [abs(value - actual) for _, actual, value in said if value is not None]

    def mean(values: Sequence[float], unit: str, otherwise: str) -> Metric:
        value = sum(values) / len(values) if values else None
        return Metric.of(value, unit, "history", rows=len(values), reason=otherwise)

    return ForecastErrors(
        bias=mean([off for off, _, _ in said], unit, reason),
        absolute=mean([abs(off) for off, _, _ in said], unit, reason),
        percentage=mean(
            [abs(off) / actual for off, actual, _ in said if actual],
            "share",
            reason or "nothing came in any of the periods",
        ),
        learned_absolute=mean(learned, unit, reason or "there is no learned forecast"),
    )


def coverage_of(
    days: Sequence[ForecastDay],
    reasons: Mapping[Method, str],
    confidence: float,
    *,
    known: bool = False,
) -> ForecastCoverage:
    """How often what came lay where; of all deals, or of those `known` on the day."""
    came = [(it.learned, it.actual_known if known else it.actual) for it in days]
    over = [(interval, actual) for interval, actual in came if actual is not None]
    pairs = [(interval, actual) for interval, actual in over if interval is not None]
    below = sum(actual < interval.p10 for interval, actual in pairs)
    above = sum(actual > interval.p90 for interval, actual in pairs)
    reason = reasons.get("learned", "") if over else NOT_OVER

    def share(part: int) -> Metric:
        return Metric.share(part, len(pairs), "history", reason=reason, confidence=confidence)

    return ForecastCoverage(
        within=share(len(pairs) - below - above), below=share(below), above=share(above)
    )


def calibrated(
    said: Iterable[Said], stages: Sequence[str], bins: int, confidence: float
) -> tuple[CalibrationBin, ...]:
    """Bins of equal width, of all deals and then of each stage in order; empty ones are left out.

    Example:
        >>> found = calibrated(
        ...     [Said("plan", 0.25, 8, 2), Said("plan", 0.29, 2, 1)], ["plan"], 4, 0.95
        ... )
        >>> [(it.stage, it.chance_from, it.deals, round(it.chance, 3), it.share) for it in found]
        [(None, 0.25, 10, 0.258, 0.3), ('plan', 0.25, 10, 0.258, 0.3)]
    """
    tallies: dict[tuple[str | None, int], list[Said]] = {}
    for it in said:
        at = min(int(it.chance * bins), bins - 1)
        for stage in (None, it.stage):
            tallies.setdefault((stage, at), []).append(it)
    found = []
    for stage in (None, *stages):
        for at in range(bins):
            parts = tallies.get((stage, at))
            if not parts:
                continue
            deals, won = sum(it.deals for it in parts), sum(it.won for it in parts)
            low, high = wilson(deals, won, confidence)
            found.append(
                CalibrationBin(
                    stage=stage,
                    chance_from=at / bins,
                    chance_to=(at + 1) / bins,
                    chance=sum(it.chance * it.deals for it in parts) / deals,
                    deals=deals,
                    won=won,
                    share=won / deals,
                    low=low,
                    high=high,
                )
            )
    return tuple(found)
