"""The sheet that a score is made of: about us or about a competitor, now or on an earlier day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from salesflow._arguments import day as day_of
from salesflow._arguments import several, zone
from salesflow.domain import AnswerRecord, Opportunity
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._fold import A_LIST_OF_EVENTS, replay
from salesflow.engine.events import Event
from salesflow.errors import ClockError, CommandError, EventError, Problem, UnknownName
from salesflow.qualify import US, AnswerSheet
from salesflow.qualify._sheets import answers_told


def sheet_then(
    deal: Deal,
    about: str,
    *,
    at: datetime,
    as_of: date | None,
    events: Iterable[Event] | None,
    tz: str,
) -> tuple[date, AnswerSheet]:
    """The day of the score, and the answers that counted then; see `StageEngine.score`."""
    _refuse_stranger(deal, about)
    place = zone(tz)
    today = at.astimezone(place).date()
    if as_of is None:
        return today, AnswerSheet(about=about, answers=_about(deal.progress.answers, about))
    day = day_of(as_of, "as_of", place)
    if (as_of > at) if isinstance(as_of, datetime) else (day > today):
        raise ClockError("as_of lies after at.", hint="Leave it out for the score of now.")
    if events is not None:
        listed = several(events, Event, "events", A_LIST_OF_EVENTS)
        if replay(listed) != deal.progress or any(e.opportunity_id != deal.id for e in listed):
            raise EventError(
                f"These events do not add up to the progress of deal {deal.id!r}.",
                hint="Pass all events of this deal, the latest ones too.",
            )
        answers = _about(answers_told(listed, lambda moment: _is_by(moment, as_of, tz)), about)
        kept = {*AnswerSheet(about=about, answers=answers).at(as_of, tz=tz).answers}
        # Of two answers at the same moment the later event counts, as it does in the progress.
        latest = {item.question: item for item in answers if item in kept}
        return day, AnswerSheet(about=about, answers=tuple(latest.values()))
    sheet = AnswerSheet(about=about, answers=_about(deal.progress.answers, about))
    before = sheet.at(as_of, tz=tz)
    later = [(item.question, item.at) for item in sheet.answers if item not in before.answers]
    _refuse_gaps(
        later
        + [
            (item.question, item.at)
            for item in deal.progress.withdrawals
            if item.question is not None and item.about == about and not _is_by(item.at, as_of, tz)
        ]
    )
    return day, before


def _is_by(moment: datetime, as_of: date, tz: str) -> bool:
    """Whether something had happened by then, as `AnswerSheet.at` takes it."""
    if isinstance(as_of, datetime):
        return moment <= as_of
    return moment.astimezone(zone(tz)).date() <= as_of


def _about(answers: Iterable[AnswerRecord], about: str) -> tuple[AnswerRecord, ...]:
    return tuple(item for item in answers if item.about == about)


def _refuse_stranger(deal: Deal, about: object) -> None:
    listed = deal.competitors if isinstance(deal, Opportunity) else None
    if listed is None:
        listed = tuple(dict.fromkeys(item.about for item in deal.progress.answers))
    if about != US and about not in [*listed]:
        raise UnknownName("competitor", about, [name for name in listed if name != US])


def _refuse_gaps(later: list[tuple[str, datetime]]) -> None:
    if later:
        raise CommandError(
            "What was answered before is not in the deal's progress, which keeps the latest only.",
            hint="Pass events=, all events of the deal.",
            problems=[
                Problem(name, f"it was answered or withdrawn at {at.isoformat()}", code="later")
                for name, at in later
            ],
        )
