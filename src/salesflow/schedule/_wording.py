"""The sentence of a duty, in every language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from salesflow.playbook import Cadence, Span
from salesflow.text import Text, both, filled


class _Unit(NamedTuple):
    """What one and several of a unit are called, and one of it after "every"."""

    one: Text
    several: Text
    every: Text


_UNITS: Final = {
    "years": _Unit(
        both(en="{n} year", zh="{n}年"),
        both(en="{n} years", zh="{n}年"),
        both(en="year", zh="年"),
    ),
    "months": _Unit(
        both(en="{n} month", zh="{n}个月"),
        both(en="{n} months", zh="{n}个月"),
        both(en="month", zh="月"),
    ),
    "weeks": _Unit(
        both(en="{n} week", zh="{n}周"),
        both(en="{n} weeks", zh="{n}周"),
        both(en="week", zh="周"),
    ),
    "days": _Unit(
        both(en="{n} day", zh="{n}天"),
        both(en="{n} days", zh="{n}天"),
        both(en="day", zh="天"),
    ),
    "hours": _Unit(
        both(en="{n} hour", zh="{n}小时"),
        both(en="{n} hours", zh="{n}小时"),
        both(en="hour", zh="小时"),
    ),
}
_AND: Final = both(en="{first} and {second}", zh="{first}{second}")
_EVENTS: Final = {
    "started": both(en="when the deal started", zh="商机启动"),
    "won": both(en="when the deal was won", zh="赢单"),
    "lost": both(en="when the deal was lost", zh="输单"),
    "disqualified": both(en="when the deal was disqualified", zh="商机被放弃"),
    "ended": both(en="when the deal ended", zh="商机结束"),
    "stage_entered": both(en='when "{place}" was entered', zh="进入“{place}”"),
    "stage_left": both(en='when "{place}" was left', zh="离开“{place}”"),
}
_OF_THE_STAGE: Final = {
    "stage_entered": both(en="when the stage was entered", zh="进入该阶段"),
    "stage_left": both(en="when the stage was left", zh="离开该阶段"),
}
_WHAT: Final = both(en='"{title}"', zh="“{title}”")
_WHAT_AND_WHO: Final = both(en='"{title}" ({role})', zh="“{title}”（{role}）")
_STATUS: Final = {
    "overdue": both(en="was due on {day} and is overdue", zh="最迟应于{day}完成，已逾期"),
    "due": both(en="is due today, {day}", zh="最迟应于今天（{day}）完成"),
    "next": both(en="is due on {day}", zh="最迟应于{day}完成"),
}
_AHEAD: Final = both(
    en="{span} ahead of {before}, {since}", zh="须比“{before}”（{since}）提前{span}"
)
_EVERY: Final = both(
    en="every {span}, counted from {since}, {event}", zh="每{span}一次，自{since}{event}起算"
)
_WITHIN: Final = both(en="within {span} of {since}, {event}", zh="自{since}{event}起{span}内")
_NAMED: Final = both(en=" ({name})", zh="（{name}）")
_LATER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故顺延"
)
_EARLIER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故提前"
)
_SENTENCE: Final = both(en="{what} {status}: {why}{move}.", zh="{what}{status}：{why}{move}。")


def sentence(
    cadence: Cadence,
    *,
    role: Text | None,
    due_on: date,
    status: str,
    due_at: datetime | None,
    since: str,
    place: Text | None,
    before: Text | None,
    moved_from: date | None,
    moved_by: Text | None,
) -> Text:
    """Who has to do what by when, and why by then."""
    day = f"{due_at:%Y-%m-%d %H:%M}" if due_at else f"{due_on}"
    what = _WHAT if role is None else _WHAT_AND_WHO
    move: Text | str = ""
    if moved_from is not None:
        name = filled(_NAMED, name=moved_by) if moved_by else ""
        move = filled(_LATER if cadence.ahead is None else _EARLIER, day=moved_from, name=name)
    return filled(
        _SENTENCE,
        what=filled(what, title=cadence.title, role=role),
        status=filled(_STATUS[status], day=day),
        why=_why(cadence, since, place, before),
        move=move,
    )


def _why(cadence: Cadence, since: str, place: Text | None, before: Text | None) -> Text:
    if cadence.ahead is not None:
        called = before or cadence.before
        return filled(_AHEAD, span=_length(cadence.ahead), before=called, since=since)
    words = _EVENTS if place else {**_EVENTS, **_OF_THE_STAGE}
    event = filled(words[cadence.trigger], place=place)
    if cadence.every is not None:
        return filled(_EVERY, span=_length(cadence.every, every=True), since=since, event=event)
    return filled(_WITHIN, span=_length(cadence.within), since=since, event=event)


def _length(span: Span | None, *, every: bool = False) -> Text | str:
    """A span in words: "1 month and 15 days"; "month" for one of them after "every"."""
    parts = [(getattr(span, unit, 0), words) for unit, words in _UNITS.items()]
    parts = [(n, words) for n, words in parts if n]
    if every and [n for n, _ in parts] == [1]:
        return parts[0][1].every
    said: Text | str = ""
    for n, words in parts:
        part = filled(words.one if n == 1 else words.several, n=n)
        said = filled(_AND, first=said, second=part) if said else part
    return said
