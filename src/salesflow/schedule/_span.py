"""Adding spans of time to a moment, by the calendar and the clock of a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from salesflow.playbook import Span

__all__ = ["added"]


def added(moment: datetime, span: Span, times: int, tz: str) -> datetime:
    """`times` spans after a moment, or before it where `times` is negative.

    Days, weeks, months and years are those of the calendar in `tz`: a month after 31 January is
    the last day of February, three months later counts from the 31st again, and a day later is
    the same time of day also where the clocks change in between. Hours are hours.

    Example:
        >>> start = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
        >>> str(added(start, Span(months=1), 1, "UTC"))
        '2026-02-28 09:00:00+00:00'
        >>> str(added(start, Span(months=1), 2, "UTC"))
        '2026-03-31 09:00:00+00:00'
    """
    zone = ZoneInfo(tz)
    local = moment.astimezone(zone)
    step = relativedelta(
        years=span.years * times,
        months=span.months * times,
        days=(span.days + 7 * span.weeks) * times,
    )
    # Local arithmetic moves the wall clock; hours are added to the moment itself.
    shifted = (local.replace(tzinfo=None) + step).replace(tzinfo=zone)
    return shifted.astimezone(UTC) + timedelta(hours=span.hours * times)
