"""What makes a payment due, and on which days that happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, get_args

from salesflow.errors import Problem, ScheduleError, closest

PaymentEvent = Literal["signing", "delivery", "acceptance", "final_acceptance", "warranty_end"]
"""What makes a payment due."""

_EVENTS: Final[tuple[PaymentEvent, ...]] = get_args(PaymentEvent)


def days_of(happened: Mapping[PaymentEvent, object]) -> dict[PaymentEvent, date]:
    """The day of each event that has one.

    Raises:
        ScheduleError: It is no mapping, or an event does not exist, or a day is none; all of the
            events that are wrong are told.
    """
    if not isinstance(happened, Mapping):
        raise ScheduleError(
            f"The days are given by event, not as {type(happened).__name__}.",
            hint='Write {"acceptance": date(2026, 5, 20)}.',
        )
    known: dict[PaymentEvent, date] = {}
    problems = list[Problem]()
    for event, day in happened.items():
        if event not in _EVENTS:
            problems.append(_no_event(event))
        elif isinstance(day, date) and not isinstance(day, datetime):
            known[event] = day
        elif day is not None:  # None: the event has no day yet
            said = f"{type(day).__name__} is no day"
            problems.append(Problem(event, said, "give one as in date(2026, 5, 20)", "kind"))
    if problems:
        raise ScheduleError("The days of the events cannot be read.", problems=problems)
    return known


def _no_event(event: object) -> Problem:
    near = closest(event, _EVENTS)
    hint = f'did you mean "{near}"?' if near else f"known: {', '.join(_EVENTS)}"
    where = event[:80] if isinstance(event, str) else type(event).__name__
    return Problem(where, "there is no such event", hint, "unknown_name")
