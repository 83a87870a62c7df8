"""Spans of time in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from salesflow.playbook._model_cadences import Span
from salesflow.text import Text, both, filled

# One of a unit, several, and one after "every".
_ONE: Final = {
    "years": both(en="{n} year", zh="{n}年"),
    "months": both(en="{n} month", zh="{n}个月"),
    "weeks": both(en="{n} week", zh="{n}周"),
    "days": both(en="{n} day", zh="{n}天"),
    "workdays": both(en="{n} workday", zh="{n}个工作日"),
    "work_hours": both(en="{n} working hour", zh="{n}个工作小时"),
    "hours": both(en="{n} hour", zh="{n}小时"),
    "minutes": both(en="{n} minute", zh="{n}分钟"),
}
_SEVERAL: Final = {
    "years": both(en="{n} years", zh="{n}年"),
    "months": both(en="{n} months", zh="{n}个月"),
    "weeks": both(en="{n} weeks", zh="{n}周"),
    "days": both(en="{n} days", zh="{n}天"),
    "workdays": both(en="{n} workdays", zh="{n}个工作日"),
    "work_hours": both(en="{n} working hours", zh="{n}个工作小时"),
    "hours": both(en="{n} hours", zh="{n}小时"),
    "minutes": both(en="{n} minutes", zh="{n}分钟"),
}
_UNIT: Final = {
    "years": both(en="year", zh="年"),
    "months": both(en="month", zh="月"),
    "weeks": both(en="week", zh="周"),
    "days": both(en="day", zh="天"),
    "workdays": both(en="workday", zh="个工作日"),
    "work_hours": both(en="working hour", zh="个工作小时"),
    "hours": both(en="hour", zh="小时"),
}
_AND: Final = both(en="{first} and {second}", zh="{first}{second}")


def span_words(span: Span | None, *, every: bool = False) -> Text | str:
    """A span in words: "1 month and 15 days"; "month" for one of them after "every"."""
    parts = [(n, unit) for unit, n in (span.parts if span else {}).items()]
    if every and [n for n, _ in parts] == [1]:
        return _UNIT[parts[0][1]]
    return _in_words(parts)


def time_words(length: timedelta) -> Text | str:
    """A length of time in words, to the minute."""
    hours, seconds = divmod(length.seconds, 3600)
    counts = {"days": length.days, "hours": hours, "minutes": -(-seconds // 60)}
    return _in_words([(n, unit) for unit, n in counts.items() if n])


def _in_words(parts: Iterable[tuple[int, str]]) -> Text | str:
    said: Text | str = ""
    for n, unit in parts:
        part = filled((_ONE if n == 1 else _SEVERAL)[unit], n=n)
        said = filled(_AND, first=said, second=part) if said else part
    return said
