"""What is due on a deal: the cadences of its playbook, counted from what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal, NamedTuple

from salesflow._arguments import A_PLAYBOOK, describe, instance, mapping, moment, zone
from salesflow._result import keeping
from salesflow.domain import Progress
from salesflow.errors import Problem, ScheduleError
from salesflow.playbook import Cadence, Playbook, Span
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.rules import Verdict
from salesflow.schedule import _calendar as calendars
from salesflow.schedule._duty import Duty, by_the_hour
from salesflow.schedule._span import shifted, times_to_pass
from salesflow.schedule._triggers import occurrence_of


def duties(
    playbook: Playbook,
    progress: Progress,
    facts: Mapping[str, object],
    at: datetime,
    *,
    tz: str = "UTC",
    calendar: calendars.WorkCalendar | None = None,
) -> tuple[Duty, ...]:
    """What the cadences of a playbook ask for now, the most urgent first.

    A cadence counts from its trigger; `Complete` with its key says that it was done. While a deal
    is under way, cadences of the stage where it stands apply, and those of the whole deal, also
    while it is on hold; after its end, those that count from the end or from leaving a stage.

    A state of a track that has a limit asks for the track to have left it by then.

    What recurs counts from the trigger every time, never from when it was last done, and doing it
    settles the due time that is nearest: early or late, not two of them. Of those missed, the
    first is listed.

    Where the `when` of a cadence is NO, nothing is due; where it is UNKNOWN, the duty is listed
    with the facts that decide it.

    In sales engagement a cadence is an outreach sequence; here it is a recurring or dated duty.

    Args:
        playbook: Whose cadences.
        progress: How far the deal has come.
        facts: As from `facts_of`; the days are read that cadences count back from, what decides
            whether they apply, and where tracks stand that do not apply to every deal.
        at: The present moment.
        tz: The zone in which a moment has its calendar day.
        calendar: Due days move to workdays: forward, or back for what is due ahead of a day.

    Returns:
        At most one duty for each cadence and track. On its day a duty is due, and one of hours is
        overdue after its hour, unless the calendar gave it the whole of another day.

    Raises:
        ClockError: `at` has no zone.
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        ScheduleError: A fact that is counted back from is not a day; the calendar fails, or ends
            before a due day (then it is a `CalendarEnds`); `problems` lists every cadence that
            this concerns.
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
    if progress.stage is None or not progress.visits:
        return ()
    done: dict[str, datetime] = {}
    for item in progress.completions:
        before = done.get(item.instrument)
        done[item.instrument] = item.at if before is None else max(before, item.at)
    found: list[Duty] = []
    refused: list[tuple[str, ScheduleError]] = []
    here = progress.visits[-1]
    for cadence in _cadences(playbook, facts):
        elsewhere = cadence.stages and {here.stage, here.sub_stage}.isdisjoint(cadence.stages)
        # Most cadences are about other stages; this spares them the rest.
        if elsewhere and cadence.trigger != "stage_left":
            continue
        try:
            due = _falls_due(cadence, progress, facts, playbook, done.get(cadence.key), place)
            open_ = () if due is None else _open(cadence, facts, now.astimezone(place).date(), tz)
            if due is not None and open_ is not None:
                duty = _duty(cadence, due, now, place, playbook, calendar)
                found.append(duty.model_copy(update={"depends_on": open_}) if open_ else duty)
        except ScheduleError as error:
            refused.append((cadence.key, error))
    if refused:
        raise _all_of(refused)
    return tuple(sorted(found, key=lambda duty: (duty.due_on, duty.due_at)))


def _open(
    cadence: Cadence, facts: Mapping[str, object], today: date, tz: str
) -> tuple[str, ...] | None:
    """What keeps open whether a cadence applies; None where it does not."""
    if cadence.when is None:
        return ()
    found = cadence.when.evaluate(facts, today, tz=tz)
    return None if found.verdict is Verdict.NO else found.open


def _cadences(playbook: Playbook, facts: Mapping[str, object]) -> Iterator[Cadence]:
    """The cadences and the limits of tracks, but for tracks that do not apply to the deal."""
    if not playbook.tracks:
        yield from playbook.cadences
        return
    limits = (it for track in playbook.tracks.values() for it in track.limits.values())
    for cadence in (*playbook.cadences, *limits):
        track = (cadence.state or "").partition(".")[0]
        if facts.get(f"track.{track}") != NOT_APPLICABLE:
            yield cadence


class _DueTime(NamedTuple):
    """When a cadence falls due, counted from what and where."""

    since: datetime
    due_at: datetime
    place: str | None = None


def _duty(
    cadence: Cadence,
    due: _DueTime,
    now: datetime,
    zone: tzinfo,
    playbook: Playbook,
    calendar: calendars.WorkCalendar | None,
) -> Duty:
    due_at = due.due_at.astimezone(zone)
    day, today = due_at.date(), now.astimezone(zone).date()
    due_on = calendars.on_workday(day, calendar, forward=cadence.ahead is None)
    moved = due_on != day
    status: Literal["overdue", "due", "next"]
    if due_on != today:
        status = "overdue" if due_on < today else "next"
    else:
        # An hour counts, unless the calendar gave the whole of another day.
        late = due_at < now and not moved and by_the_hour(cadence)
        status = "overdue" if late else "due"
    return keeping(
        Duty(
            key=cadence.key,
            due_on=due_on,
            status=status,
            since=due.since.astimezone(zone),
            due_at=due_at,
            place=due.place,
            moved_from=day if moved else None,
            moved_by=calendars.name_of(calendar, day) if moved else None,
            cadence=cadence,
        ),
        _playbook=playbook,
    )


def _all_of(refused: list[tuple[str, ScheduleError]]) -> ScheduleError:
    ends = all(isinstance(error, calendars.CalendarEnds) for _, error in refused)
    return (calendars.CalendarEnds if ends else ScheduleError)(
        "The work calendar ends before a due day." if ends else "A due day cannot be worked out.",
        problems=[
            Problem(key, error.message.rstrip("."), error.hint.rstrip("."), error.code)
            for key, error in refused
        ],
    )


def _falls_due(
    cadence: Cadence,
    progress: Progress,
    facts: Mapping[str, object],
    playbook: Playbook,
    done: datetime | None,
    zone: tzinfo,
) -> _DueTime | None:
    """When it is due; None where it does not apply or is done."""
    start = occurrence_of(cadence, progress, playbook, done)
    if start is None:
        return None
    if done is not None and done < start.at:
        done = None
    if cadence.every is not None:
        times = 1 if done is None else _next(start.at, cadence.every, done, zone)
        return _DueTime(start.at, shifted(start.at, cadence.every, times, zone), start.place)
    if done is not None:
        return None
    if cadence.within is not None:
        return _DueTime(start.at, shifted(start.at, cadence.within, 1, zone), start.place)
    since = _ahead_of(cadence.before or "", facts, zone)
    if since is None or cadence.ahead is None:
        return None
    return _DueTime(since, shifted(since, cadence.ahead, -1, zone))


def _next(start: datetime, every: Span, done: datetime, zone: tzinfo) -> int:
    """Which time comes after the one that was settled, which is the nearest to when it was done."""
    times = times_to_pass(start, every, done, zone)
    early = shifted(start, every, times, zone) - done
    late = done - shifted(start, every, times - 1, zone)
    return times + 1 if early < late else times


def _ahead_of(name: str, facts: Mapping[str, object], zone: tzinfo) -> datetime | None:
    """The moment that is counted back from: an instant, or the beginning of a day."""
    value = facts.get(name)
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
        return datetime.combine(value, time(), zone).astimezone(UTC)
    except OverflowError as error:
        raise ScheduleError(f"{name} is outside the supported years 2-9998: {value}.") from error
