"""What is due on a deal: the cadences of its playbook, counted from what happened."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from salesflow._arguments import A_PLAYBOOK, describe, instance, mapping, moment, zone
from salesflow._result import keeping
from salesflow.domain import Progress
from salesflow.errors import Problem, ScheduleError
from salesflow.playbook import Cadence, Playbook, Span
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.rules import Verdict
from salesflow.schedule import _calendar as calendars
from salesflow.schedule._duty import Duty, Escalation, by_the_hour, status_on
from salesflow.schedule._hold_reviews import hold_review
from salesflow.schedule._rests import NO_RESTS, Rests, rests_of
from salesflow.schedule._span import Clock, to_the_hour
from salesflow.schedule._triggers import Occurrence, Situation, occurrence_of

_MOST_MISSED: Final = 100


def duties(
    playbook: Playbook,
    progress: Progress,
    facts: Mapping[str, object],
    at: datetime,
    *,
    tz: str = "UTC",
    calendar: calendars.WorkCalendar | None = None,
    missed: bool = False,
) -> tuple[Duty, ...]:
    """What the cadences of a playbook ask for now, the most urgent first.

    A cadence counts from its trigger; `Complete` with its key says that it was done. While a deal
    is under way, cadences of the stage where it stands apply, and those of the whole deal, also
    while it is on hold; after its end, those that count from the end or from leaving a stage.

    A state of a track that has a limit asks for the track to have left it by then.

    What recurs counts from the trigger every time, never from when it was last done, and doing it
    settles the due time that is nearest: early or late, not two of them. Of those missed, the
    first is listed, or all.

    Where the playbook says `pause_on_hold`, the time that a deal was on hold does not count: what
    was left of a span when the hold began is left when it ends, and while it lasts nothing falls
    overdue that had not before. What is due ahead of a day stays where it is, for the day does not
    move either.

    A deal on hold is to be reviewed by the day that was given for it, whether or not clocks rest:
    that is the duty `hold.review`. [`StageEngine.due`][salesflow.engine.StageEngine.due] has those
    of held decisions, too.

    Where the `when` of a cadence is NO, nothing is due; where it is UNKNOWN, the duty is listed
    with the facts that decide it.

    In sales engagement a cadence is an outreach sequence; here it is a recurring or dated duty.

    Args:
        playbook: Whose cadences.
        progress: How far the deal has come.
        facts: As from `facts_of`; the days are read that cadences count back from, what decides
            whether they apply or whether a criterion is met that they count from, and where tracks
            stand that do not apply to every deal.
        at: The present moment.
        tz: The zone in which a moment has its calendar day.
        calendar: Due days move to workdays: forward, or back for what is due ahead of a day. Spans
            of workdays and of working hours are counted by it, and need one.
        missed: Of what recurs, every time that was missed is listed, and not only the first; of
            each cadence at most 100, from the first on.

    Returns:
        At most one duty for each cadence and track, where not all that are `missed` are asked for.
        On its day a duty is due, and one of hours is
        overdue after its hour, unless the calendar gave it the whole of another day.

    Raises:
        ClockError: `at` has no zone.
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        ScheduleError: A fact that is counted back from is not a day; a span of work has no
            calendar, or one without opening hours; the calendar fails, or ends before a due day
            (then it is a `CalendarEnds`); `problems` lists every cadence that this concerns.
        FactError: A fact that decides whether a cadence applies is of the wrong kind.

    Example:
        >>> import salesflow as sf
        >>> care = sf.Playbook.from_toml('''
        ...     id = "care"
        ...     version = "1"
        ...     title = "Care"
        ...     [[cadences]]
        ...     key = "call"
        ...     title = "Call the customer"
        ...     every = { months = 1 }
        ...     [[stages]]
        ...     key = "care"
        ...     title = "Care"
        ... ''')
        >>> now = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
        >>> deal = sf.Opportunity(id="D-1", name="Deal")
        >>> deal = sf.StageEngine(care).decide(deal, sf.Start(by="li"), at=now).require()
        >>> (call,) = duties(care, deal.progress, {}, now)
        >>> print(call.reason)
        "Call the customer" is due on 2026-02-28: every month, counted from 2026-01-31, when the ...
    """
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    instance(progress, Progress, "progress", "pass deal.progress")
    mapping(facts, "facts", "pass what facts_of gives, or {}", required=True)
    if calendar is not None:
        calendars.check_calendar(calendar)
    now, place = moment(at, "at"), zone(tz)
    if not progress.course:
        return ()
    clock = Clock(place, calendar)
    situation = Situation(playbook, progress, facts, clock.day(now), tz)
    finder = _Finder(situation, now, clock, calendar, rests_of(playbook, progress, now))
    done: dict[str, datetime] = {}
    for item in progress.completions:
        before = done.get(item.instrument)
        done[item.instrument] = item.at if before is None else max(before, item.at)
    found: list[Duty] = []
    refused: list[tuple[str, ScheduleError]] = []
    for cadence in _cadences(playbook, facts):
        try:
            found.extend(finder.duties(cadence, done.get(cadence.key), every_missed=missed))
        except ScheduleError as error:
            refused.append((cadence.key, error))
    if refused:
        raise _all_of(refused)
    if progress.hold is not None and not progress.ended:
        found.append(hold_review(playbook, progress.hold, situation.today, place))
    return in_order(found)


def in_order(found: list[Duty]) -> tuple[Duty, ...]:
    """Duties, the most urgent first."""
    return tuple(sorted(found, key=lambda duty: (duty.due_on, duty.due_at)))


def _cadences(playbook: Playbook, facts: Mapping[str, object]) -> Iterator[Cadence]:
    """The cadences and the limits of tracks, but for tracks that do not apply to the deal."""
    limits = (it for track in playbook.tracks.values() for it in track.limits.values())
    for cadence in (*playbook.cadences, *limits):
        track = (cadence.state or "").partition(".")[0]
        if facts.get(f"track.{track}") != NOT_APPLICABLE:
            yield cadence


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds when a deal's cadences fall due."""

    situation: Situation
    now: datetime
    clock: Clock
    calendar: calendars.WorkCalendar | None
    rests: Rests

    def duties(
        self, cadence: Cadence, done: datetime | None, *, every_missed: bool
    ) -> Iterator[Duty]:
        """What a cadence asks for: nothing, one duty, or every one that was missed."""
        start = occurrence_of(cadence, self.situation, done)
        if start is None:
            return
        if done is not None and done < start.at:
            done = None
        if cadence.every is not None:
            dues = self._recurring(start.at, cadence.every, done)
        elif done is not None:
            return
        elif cadence.within is not None:
            dues = iter((self.clock.due(start.at, cadence.within, 1, self.rests),))
        else:
            since = self._ahead_of(cadence.before or "")
            if since is None or cadence.ahead is None:
                return
            start = Occurrence(since)
            dues = iter((self.clock.shifted(since, cadence.ahead, -1),))
        open_ = self._open(cadence)
        if open_ is None:
            return
        first = self._duty(cadence, start, next(dues), open_)
        yield first
        if every_missed and first.status == "overdue":
            for due, _ in zip(dues, range(_MOST_MISSED - 1), strict=False):
                duty = self._duty(cadence, start, due, open_)
                if duty.status != "overdue":
                    return
                yield duty

    def _open(self, cadence: Cadence) -> tuple[str, ...] | None:
        """What keeps open whether a cadence applies; None where it does not."""
        if cadence.when is None:
            return ()
        situation = self.situation
        found = cadence.when.evaluate(situation.facts, situation.today, tz=situation.tz)
        return None if found.verdict is Verdict.NO else found.open

    def _recurring(self, start: datetime, every: Span, done: datetime | None) -> Iterator[datetime]:
        """When something that recurs falls due: from the first time on that is not settled."""

        def due(times: int) -> datetime:
            return self.clock.due(start, every, times, self.rests) if times else start

        times = 1
        if done is not None:
            times = self.clock.times_to_pass(start, every, done)
            if self.rests.periods:  # fewer have passed than without them
                times = 1 + bisect_left(range(1, times), True, key=lambda n: due(n) > done)
            # What was settled is the nearest to when it was done.
            if due(times) - done < done - due(times - 1):
                times += 1
        while True:
            yield due(times)
            times += 1

    def _duty(
        self, cadence: Cadence, start: Occurrence, due: datetime, open_: tuple[str, ...]
    ) -> Duty:
        clock, rests = self.clock, NO_RESTS if cadence.ahead is not None else self.rests
        since, due_at = start.at.astimezone(clock.zone), due.astimezone(clock.zone)
        day, today = due_at.date(), self.situation.today
        due_on = clock.workday(day, forward=cadence.ahead is None)
        moved, whole_day = due_on != day, due_on != day or not by_the_hour(cadence)
        status = status_on(due_on, today)
        # An hour counts, unless the calendar gave the whole of another day.
        if due < self.now and not whole_day:
            status = "overdue"
        return keeping(
            Duty(
                key=cadence.key,
                due_on=due_on,
                status=status,
                since=since,
                due_at=due_at,
                place=start.place,
                moved_from=day if moved else None,
                moved_by=calendars.name_of(self.calendar, day) if moved else None,
                depends_on=open_,
                rested=self._rested(cadence, start.at, due, rests),
                escalations=self._escalations(cadence, None if whole_day else due, due_on, rests),
                cadence=cadence,
            ),
            _playbook=self.situation.playbook,
        )

    def _rested(self, cadence: Cadence, start: datetime, due: datetime, rests: Rests) -> timedelta:
        """How long the clock of a duty rested."""
        if by_the_hour(cadence):
            return rests.time(start, due)
        return timedelta(days=rests.days(start, due, self.clock.zone))

    def _escalations(
        self, cadence: Cadence, hour: datetime | None, day: date, rests: Rests
    ) -> tuple[Escalation, ...]:
        """Who is told when of what is due at an hour, or at the latest on a day."""
        clock, found = self.clock, []
        for step in cadence.escalate:
            begins = hour
            if begins is None:
                # Days are counted from the day itself, hours from its end.
                begins = clock.midnight(day + timedelta(days=to_the_hour(step.after)))
            at = clock.due(begins, step.after, 1, rests)
            found.append(
                Escalation(role=step.role, at=at.astimezone(clock.zone), reached=at <= self.now)
            )
        return tuple(found)

    def _ahead_of(self, name: str) -> datetime | None:
        """The moment that is counted back from: an instant, or the beginning of a day."""
        value = self.situation.facts.get(name)
        if value is None:
            return None
        if isinstance(value, datetime):
            if value.utcoffset() is None:
                raise ScheduleError(
                    f"{name} is a datetime without a zone.",
                    hint="For instance 2026-01-31T09:00:00+08:00.",
                )
            return value.astimezone(UTC)
        if not isinstance(value, date):
            raise ScheduleError(
                f"{name} is {describe(value)}, not a day.", hint="Pass what facts_of gives."
            )
        try:
            return self.clock.midnight(value)
        except OverflowError as error:
            raise ScheduleError(
                f"{name} is outside the supported years 2-9998: {value}."
            ) from error


def _all_of(refused: list[tuple[str, ScheduleError]]) -> ScheduleError:
    ends = all(isinstance(error, calendars.CalendarEnds) for _, error in refused)
    return (calendars.CalendarEnds if ends else ScheduleError)(
        "The work calendar ends before a due day." if ends else "A due day cannot be worked out.",
        problems=[
            Problem(key, error.message.rstrip("."), error.hint.rstrip("."), error.code)
            for key, error in refused
        ],
    )
