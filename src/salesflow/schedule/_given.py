"""What a caller gives: a moment with its zone, and the name of a zone."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesflow.errors import ClockError, ScheduleError


def aware(moment: object, name: str) -> datetime:
    """`moment` in UTC; raises ClockError when it has no zone."""
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise ClockError(
            f"{name} must be a datetime with a zone, not {moment!r:.80}.",
            hint="For instance datetime(2026, 1, 31, 9, 0, tzinfo=UTC).",
        )
    if not MINYEAR < moment.year < MAXYEAR:  # in some zones such a moment has no date
        raise ClockError(f"{name}, {moment.isoformat()}, is no time of this world.")
    return moment.astimezone(UTC)


def zone_of(tz: object) -> ZoneInfo:
    """The time zone of that name; raises ScheduleError where there is none."""
    if isinstance(tz, str):
        found = _zone(tz)
        if found is not None:
            return found
    raise ScheduleError(
        f"There is no time zone {tz!r:.80}.", hint='For instance tz="Asia/Shanghai".'
    )


@lru_cache(maxsize=64)
def _zone(tz: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
