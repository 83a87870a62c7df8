"""Which calendar day is meant."""

from __future__ import annotations

from datetime import date, datetime

from salesflow.errors import FactError


def calendar_day(today: date, name: str = "today") -> date:
    """The day itself; of a moment the day in its own zone.

    Args:
        today: The day.
        name: The name of the argument that it was given as.

    Raises:
        FactError: A datetime without a time zone, or no day at all.
    """
    if type(today) is date:
        return today
    if isinstance(today, datetime) and today.utcoffset() is not None:
        return today.date()
    hint = "Pass a day, as in date(2026, 3, 1), or a moment with its zone."
    if isinstance(today, datetime):
        raise FactError(f"{name} is a datetime without a time zone.", hint=hint)
    raise FactError(f"{name} is a day, not {type(today).__name__}.", hint=hint)
