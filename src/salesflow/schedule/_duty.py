"""A duty: what somebody has to do by a day, and the sentence that says why by that day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

from pydantic import Field, PrivateAttr, computed_field

from salesflow._result import Result
from salesflow.playbook import Cadence, Playbook
from salesflow.playbook._span_words import span_words
from salesflow.text import Text, both, filled

_EVENTS: Final = {
    "started": both(en="when the deal started", zh="商机启动"),
    "won": both(en="when the deal was won", zh="赢单"),
    "lost": both(en="when the deal was lost", zh="输单"),
    "disqualified": both(en="when the deal was disqualified", zh="商机被放弃"),
    "ended": both(en="when the deal ended", zh="商机结束"),
    "changed": both(en="when the deal changed", zh="商机发生变动"),
    "stage_entered": both(en='when "{place}" was entered', zh="进入“{place}”"),
    "stage_left": both(en='when "{place}" was left', zh="离开“{place}”"),
}
_OF_THE_STAGE: Final = {
    "stage_entered": both(en="when the stage was entered", zh="进入该阶段"),
    "stage_left": both(en="when the stage was left", zh="离开该阶段"),
}
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
_NAMED: Final = both(en=" ({name})", zh="（{name}）")
_LATER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故顺延"
)
_EARLIER: Final = both(
    en="; moved from {day}{name}, which is not a workday", zh="；{day}{name}不是工作日，故提前"
)
_DEPENDS: Final = both(
    en="{move}; whether it applies depends on what is not known: {names}",
    zh="{move}；是否适用取决于尚不清楚的：{names}",
)
_SENTENCE: Final = both(en="{what} {status}: {why}{move}.", zh="{what}{status}：{why}{move}。")


def by_the_hour(cadence: Cadence) -> bool:
    """Whether hours are part of its span."""
    span = cadence.every or cadence.within or cadence.ahead
    return span is not None and span.hours > 0


class Duty(Result):
    """Something that somebody has to do by a day.

    Attributes:
        key: The cadence's key; `Complete` with it says that the duty was done. Of a track that has
            to leave its state, `track.<key>`: `MoveTrack` does it.
        due_on: The day by which it is to be done; a workday where a calendar was given.
        status: `"overdue"`, `"due"` today, or `"next"`.
        since: What it counts from, in the zone that was given: the event, or the day ahead of
            which it is due.
        due_at: When it falls due by the cadence alone, before a calendar moves it; in that zone.
        place: The stage or sub-stage that was entered or left, where that is the event; the state
            of a track.
        moved_from: The day by the cadence alone, where that is not a workday; else None.
        moved_by: What that day is called: a holiday, a Saturday; None where nobody knows.
        depends_on: Where it is not known whether the cadence applies, the facts that decide it.
        cadence: The playbook's entry.
    """

    key: str
    due_on: date
    status: Literal["overdue", "due", "next"]
    since: datetime
    due_at: datetime
    place: str | None
    moved_from: date | None
    moved_by: Text | None
    depends_on: tuple[str, ...] = ()
    cadence: Cadence = Field(repr=False)
    _playbook: Playbook = PrivateAttr()

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
        role = None if self.role is None else self.playbook.roles.get(self.role)
        title = role.title if role else None
        # A duty of hours says them, unless a calendar gave it the whole of another day.
        to_the_hour = by_the_hour(self.cadence) and self.moved_from is None
        day = f"{self.due_at:%Y-%m-%d %H:%M}" if to_the_hour else f"{self.due_on}"
        move: Text | str = ""
        if self.moved_from is not None:
            name = filled(_NAMED, name=self.moved_by) if self.moved_by else ""
            moved = _LATER if self.cadence.ahead is None else _EARLIER
            move = filled(moved, day=self.moved_from, name=name)
        if self.depends_on:
            titles = self.playbook.fact_titles
            known = [titles.get(name) or both(en=name, zh=name) for name in self.depends_on]
            names = both(
                en=", ".join(title.get("en") for title in known),
                zh="、".join(title.get("zh") for title in known),
            )
            move = filled(_DEPENDS, move=move, names=names)
        return filled(
            _SENTENCE,
            what=filled(_WHAT_AND_WHO if title else _WHAT, title=self.title, role=title),
            status=filled(_STATUS[self.status], day=day),
            why=self._why(),
            move=move,
        )

    def _why(self) -> Text:
        cadence = self.cadence
        hours = by_the_hour(cadence)
        since = f"{self.since:%Y-%m-%d %H:%M}" if hours else f"{self.since:%Y-%m-%d}"
        if cadence.ahead is not None:
            before = self.playbook.fact_titles.get(cadence.before or "") or cadence.before
            return filled(_AHEAD, span=span_words(cadence.ahead), before=before, since=since)
        place = self._place()
        words = _EVENTS if place else {**_EVENTS, **_OF_THE_STAGE}
        event = filled(words[cadence.trigger], place=place)
        if cadence.every is not None:
            span = span_words(cadence.every, every=True)
            return filled(_EVERY, span=span, since=since, event=event)
        return filled(_WITHIN, span=span_words(cadence.within), since=since, event=event)

    def _place(self) -> Text | None:
        track, _, state = (self.cadence.state or "").partition(".")
        if (known := self.playbook.tracks.get(track)) and (stands := known.state(state)):
            return filled(_STATE, track=known.title, state=stands.title)
        for position in self.playbook.positions:
            if position.sub_stage is not None and position.sub_stage.key == self.place:
                return position.sub_stage.title
            if position.stage.key == self.place:
                return position.stage.title
        return None if self.place is None else both(en=self.place, zh=self.place)
