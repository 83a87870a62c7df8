"""A duty: what somebody has to do by a day, and the sentence that says why by that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias

from pydantic import Field, PrivateAttr, computed_field

from salesflow._result import Result
from salesflow.playbook import Cadence, Playbook
from salesflow.playbook._span_words import span_words, time_words
from salesflow.schedule._span import to_the_hour
from salesflow.terms import listing
from salesflow.text import Text, both, filled

_EVENTS: Final = {
    "started": both(en="when the deal started", zh="项目启动"),
    "won": both(en="when the deal was won", zh="赢单"),
    "lost": both(en="when the deal was lost", zh="输单"),
    "disqualified": both(en="when the deal was disqualified", zh="项目被判定不合格"),
    "ended": both(en="when the deal ended", zh="项目结束"),
    "changed": both(en="when the deal changed", zh="项目发生变动"),
    "stage_entered": both(en='when "{place}" was entered', zh="进入“{place}”"),
    "stage_left": both(en='when "{place}" was left', zh="离开“{place}”"),
    "state_entered": both(en='when "{place}" was entered', zh="进入“{place}”"),
    "met": both(en='when "{of}" was met', zh="“{of}”达成"),
    "requested": both(en='when "{of}" was asked for', zh="提请“{of}”"),
}
_OF_A_FACT: Final = both(en='when "{of}" changed', zh="“{of}”变动")
_STATE: Final = both(en="{track}: {state}", zh="{track}：{state}")
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
_HELD: Final = both(en="it rests since {since}", zh="自{since}起暂缓")
_RESTED: Final = both(en="; the clock rested {span}", zh="；期间暂停计时{span}")
_TOLD: Final = both(en="; to be told: {roles}", zh="；须告知：{roles}")
_SINCE: Final = both(en="{role} (since {at})", zh="{role}（自{at}起）")
_NAMED: Final = both(en=" ({name})", zh="（{name}）")
_LATER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故顺延"
)
_EARLIER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故提前"
)
_DEPENDS: Final = both(
    en="; whether it applies depends on what is not known: {names}",
    zh="；是否适用取决于尚不清楚的：{names}",
)
_SENTENCE: Final = both(en="{what} {status}: {why}{more}.", zh="{what}{status}：{why}{more}。")
_WITH: Final = both(en="{first}{second}", zh="{first}{second}")


Status: TypeAlias = Literal["overdue", "due", "next"]
"""Whether the day of a duty is past, today or ahead."""


def status_on(day: date, today: date) -> Status:
    """How a duty of a day stands today."""
    if day == today:
        return "due"
    return "overdue" if day < today else "next"


def by_the_hour(cadence: Cadence) -> bool:
    """Whether hours are part of its span."""
    span = cadence.every or cadence.within or cadence.ahead
    return span is not None and to_the_hour(span)


class Escalation(Result):
    """Who is told of a duty that was not done, and when.

    Attributes:
        role: Key of the role that is told.
        at: From when on, in the zone that was given; a step of days begins with its day.
        reached: Whether that moment has come. The duty is in the list, so that it was not done.
    """

    role: str
    at: datetime
    reached: bool


class Duty(Result):
    """Something that somebody has to do by a day.

    Attributes:
        key: The cadence's key; `Complete` with it says that the duty was done. Of a track that has
            to leave its state, `track.<key>`: `MoveTrack` does it. Of a deal on hold that is to be
            reviewed, `hold.review`: `Resume` does it. Of a decision that a role held,
            `hold.<criterion>.<role>`: their next word does it.
        due_on: The day by which it is to be done; a workday where a calendar was given.
        status: `"overdue"`, `"due"` today, or `"next"`.
        since: What it counts from, in the zone that was given: the event, or the day ahead of
            which it is due.
        due_at: When it falls due by the cadence alone, before a calendar moves it; in that zone.
            Workdays and working hours are by the calendar, and are not moved.
        place: The stage or sub-stage that was entered or left, where that is the event; the state
            of a track.
        moved_from: The day by the cadence alone, where that is not a workday; else None.
        moved_by: What that day is called: a holiday, a Saturday; None where nobody knows.
        depends_on: Where it is not known whether the cadence applies, the facts that decide it.
        rested: How long its clock rested while the deal was on hold: whole days, where it counts
            days.
        escalations: Who is told when, if it is not done.
        cadence: The playbook's entry; of a review of what is on hold, one in its likeness.
    """

    key: str
    due_on: date
    status: Status
    since: datetime
    due_at: datetime
    place: str | None
    moved_from: date | None
    moved_by: Text | None
    depends_on: tuple[str, ...] = ()
    rested: timedelta = timedelta()
    escalations: tuple[Escalation, ...] = ()
    cadence: Cadence = Field(repr=False)
    _playbook: Playbook = PrivateAttr()
    _reason: Text = PrivateAttr()

    def __getstate__(self) -> dict[object, object]:
        # The sentence goes along instead of what it is made from, which is a whole playbook.
        kept = {"_reason": self.reason} if self.__pydantic_private__ else None
        return {**super().__getstate__(), "__pydantic_private__": kept}

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it over a property
    @property
    def title(self) -> Text:
        """What is to be done."""
        return self.cadence.title

    @computed_field  # type: ignore[prop-decorator]
    @property
    def role(self) -> str | None:
        """Who has to do it; None where the playbook does not say."""
        return self.cadence.role

    @property
    def playbook(self) -> Playbook:
        """The process, for the names in `reason`."""
        playbook: Playbook = self._kept("_playbook")
        return playbook

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason(self) -> Text:
        """Who has to do what by when, and why: the cadence, what it counts from, what moved it."""
        said: Text | None = (self.__pydantic_private__ or {}).get("_reason")
        return said or self._sentence()

    def _sentence(self) -> Text:
        role = None if self.role is None else self.playbook.roles.get(self.role)
        title = role.title if role else None
        # A duty of hours says them, unless a calendar gave it the whole of another day.
        to_the_hour = by_the_hour(self.cadence) and self.moved_from is None
        day = f"{self.due_at:%Y-%m-%d %H:%M}" if to_the_hour else f"{self.due_on}"
        more: Text | str = ""
        for part in self._more():
            more = filled(_WITH, first=more, second=part)
        return filled(
            _SENTENCE,
            what=filled(_WHAT_AND_WHO if title else _WHAT, title=self.title, role=title),
            status=filled(_STATUS[self.status], day=day),
            why=self._why(),
            more=more,
        )

    def _more(self) -> Iterator[Text]:
        """What rested, what moved it, who is told, and what it depends on."""
        if self.rested:
            yield filled(_RESTED, span=time_words(self.rested))
        if self.moved_from is not None:
            name = filled(_NAMED, name=self.moved_by) if self.moved_by else ""
            moved = _LATER if self.cadence.ahead is None else _EARLIER
            yield filled(moved, day=self.moved_from, name=name)
        told = [self._told(step) for step in self.escalations if step.reached]
        if told:
            yield filled(_TOLD, roles=listing(told))
        if self.depends_on:
            titles = self.playbook.fact_titles
            known = [titles.get(name) or name for name in self.depends_on]
            yield filled(_DEPENDS, names=listing(known))

    def _told(self, step: Escalation) -> Text:
        role = self.playbook.roles.get(step.role)
        at = f"{step.at:%Y-%m-%d}" if step.at.time() == time() else f"{step.at:%Y-%m-%d %H:%M}"
        return filled(_SINCE, role=role.title if role else step.role, at=at)

    def _why(self) -> Text:
        cadence = self.cadence
        hours = by_the_hour(cadence)
        since = f"{self.since:%Y-%m-%d %H:%M}" if hours else f"{self.since:%Y-%m-%d}"
        if cadence.ahead is not None:
            before = self.playbook.fact_titles.get(cadence.before or "") or cadence.before
            return filled(_AHEAD, span=span_words(cadence.ahead), before=before, since=since)
        if cadence.trigger == "held":
            return filled(_HELD, since=since)
        place, of = self._place(), self._of()
        event = filled(_OF_A_FACT if cadence.of else _EVENTS[cadence.trigger], place=place, of=of)
        if cadence.every is not None:
            span = span_words(cadence.every, every=True)
            return filled(_EVERY, span=span, since=since, event=event)
        return filled(_WITHIN, span=span_words(cadence.within), since=since, event=event)

    def _of(self) -> Text | str | None:
        """What changed, was met or was asked for, where the cadence names it."""
        cadence, playbook = self.cadence, self.playbook
        if cadence.of is not None:
            return playbook.fact_titles.get(cadence.of) or cadence.of
        key = cadence.criterion or cadence.request or ""
        named = playbook.criteria.get(key) or playbook.instruments.get(key)
        return named.title if named else key

    def _place(self) -> Text | str | None:
        track, _, state = (self.cadence.state or "").partition(".")
        if (known := self.playbook.tracks.get(track)) and (stands := known.state(state)):
            return filled(_STATE, track=known.title, state=stands.title)
        for position in self.playbook.positions:
            if position.sub_stage is not None and position.sub_stage.key == self.place:
                return position.sub_stage.title
            if position.stage.key == self.place:
                return position.stage.title
        return self.place  # which an earlier version called so
