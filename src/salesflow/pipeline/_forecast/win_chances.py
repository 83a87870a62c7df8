"""Learn from the course of past deals how likely, and how soon, a deal in a stage is won."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, day, number_to
from salesflow._result import keeping
from salesflow.errors import Problem
from salesflow.pipeline._forecast.chance_values import WinChances
from salesflow.pipeline._forecast.course_ends import ends_in
from salesflow.pipeline._forecast.learned_places import LearnedPlaces
from salesflow.pipeline._forecast.segments import segments_of
from salesflow.pipeline._frames.engines import engine_errors, rows_of, whole
from salesflow.pipeline._frames.groups import MOST_GROUPS
from salesflow.pipeline._frames.options import read_playbook, refusal
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._history.check_history import as_of_day, of_another_playbook
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.log import EventLog, process_and_log, read_log_options, unexplained
from salesflow.pipeline._history.process_graph import Course
from salesflow.pipeline._history.report import HistoryReport
from salesflow.pipeline._intervals import CONFIDENCE, read_confidence
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame

_MESSAGE: Final = "The chances cannot be learned like this."
_NO_DEALS: Final = Problem(
    "by", "a log of stages has no such columns", "pass deals=, a frame with a row per deal"
)
_NO_SEGMENTS: Final = Problem("deals", "nothing is asked of it", "say by=, what makes segments")


def win_chances(  # noqa: PLR0913 - options, each with its name
    history: FrameT | Source[FrameT] | HistoryReport[FrameT],
    playbook: Playbook,
    *,
    as_of: date,
    by: str | Iterable[str] | None = None,
    deals: FrameT | Source[FrameT] | None = None,
    top: int = 20,
    case: str | None = None,
    stage: str | None = None,
    at: str | None = None,
    order: str | None = None,
    previous: str | None = None,
    stages: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    tz: str | None = None,
    confidence: float = CONFIDENCE,
) -> WinChances:
    """The chance that a deal in a stage is won, and when, as the course of past deals tells it.

    For each stage and sub-stage before the win, the deals that came to it are followed, in days of
    the calendar since they first came, whatever way they then took, until they are won, or end
    otherwise: lost or disqualified. Deals that are open on the day are no losses: what they say is
    that they had not ended after so many days. The share that is won is the estimate of Aalen and
    Johansen (1978), whose variance is by the delta method (Dinse and Larson 1986), and whose
    interval is even on the scale of log(-log). It is a share of what was watched: where no deal was
    watched to its end, `undecided` says how much of it is left.

    What is asked is how a deal stands on the day:

    - A deal that ended and went on is open again, and has not ended; one that then ended anew ended
      on that later day. So it is with an outcome that was taken back (`retracted`).
    - What a deal does after its win, in the stages of the playbook that lie beyond it, changes
      nothing: it was won on the day of the win. Such stages have no chances.
    - A deal on hold is open, and its days on hold count, whether the playbook's clocks rest or not:
      it is the calendar that a forecast is about.
    - Where a log of changes does not say since when a deal was in its stage, or one ended before it
      came, it is counted in `untold` of the stage and nowhere else.

    Fewer than 10 deals that ended tell no chance, but a reason.

    A deal that has stood in its stage for long is another case than one that just came, and another
    than most that are open after as long, for these have moved on. `standing` tells of it: at each
    of a few landmarks, in days since they came, the deals that still stood there are followed from
    that day on by the same estimate, whatever way they then took (landmarking: van Houwelingen
    2007; of shares, Putter and Spitoni 2018).

    By segment, few deals are drawn to all (empirical Bayes): to those of each segment that ended as
    many are added that ended as all did, as follows from how far the segments differ beyond luck
    (DerSimonian and Laird 1986). `alone` is what a segment says by itself.

    Snapshots in one frame, a row per day and deal, are a log, too: name the day as `at`. Then a
    deal comes to a stage, and ends, on the first day on which a snapshot has it so.

    Engines count how many deals ended how after how many days; what is left is small. The frames
    are not changed, and the order of rows means nothing.

    Args:
        history: The log of stages, one row per event, as for `check_history`; or what that found,
            for the same playbook, and then its columns are not named again.
        playbook: The process.
        as_of: The day up to which the history counts; later events are not looked at.
        by: The column or columns of `deals`, or the facts that they hold, whose values make the
            segments.
        deals: One row per deal, with the log's name for the column of the case, or a source that
            says its `key`, in a frame of the same kind.
        top: How many of the largest segments are told apart, up to 200; the rest are told together.
        case: The column of the log that says which deal.
        stage: Its column of stages, sub-stages, and ends of deals.
        at: Its column of times.
        order: A column that numbers the events of a case.
        previous: In a log of changes, the column of where each event leads from.
        stages: Label and stage, sub-stage, `won`, `lost`, `disqualified`, `ended`, `retracted`,
            `held` or `resumed`.
        ignore: Labels that do not matter.
        tz: Where calendar days begin.
        confidence: Of all intervals, above 0 and below 1.

    Raises:
        FrameError: `problems` lists everything that is wrong, as for `check_history`; also labels
            that nobody knows, a history all of which lies after the day, and a column of segments
            that is not there.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from datetime import timedelta
        >>> from salesflow import load_playbook
        >>> begin = date(2026, 1, 1)
        >>> log = pl.DataFrame(
        ...     [
        ...         (f"D-{n}", label, begin + timedelta(days=days))
        ...         for n in range(24)
        ...         for label, days in (
        ...             ("demand_generation", n),
        ...             (("won", "lost", "won", "demand_generation")[n % 4], 2 * n + 10),
        ...         )
        ...     ],
        ...     schema=["deal", "phase", "since"],
        ...     orient="row",
        ... )
        >>> found = win_chances(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     as_of=date(2026, 2, 28),
        ...     case="deal",
        ...     stage="phase",
        ...     at="since",
        ... )
        >>> found
        <WinChances: 24 deals, 1 of 13 places told>
        >>> place = found.places["demand_generation"]
        >>> place.entered, place.won, place.lost, place.open
        (24, 12, 6, 6)
        >>> round(place.chance.value, 3), round(place.chance.low, 3), round(place.chance.high, 3)
        (0.5, 0.291, 0.678)
        >>> place.days_to_win.value
        22
        >>> old = found.standing("demand_generation", 20)
        >>> round(old.value, 3), old.rows
        (0.45, 20)
        >>> found.places["opportunity_plan"].chance.reason
        'no deal has come here'
    """
    given = Arguments()
    confidence = read_confidence(given, confidence)
    hint = "the other segments are told together"
    top = given.read(number_to, top, MOST_GROUPS, "top", hint) or 1
    if by is not None and deals is None:
        given.problems.append(_NO_DEALS)
    if by is None and deals is not None:
        given.problems.append(_NO_SEGMENTS)
    if isinstance(history, HistoryReport):
        said: dict[str, object] = {"case": case, "stage": stage, "at": at, "order": order}
        said |= {"previous": previous, "stages": stages, "tz": tz}
        said["ignore"] = None if ignore == () else ignore
        course, log, frame, until = _of_report(given, history, playbook, as_of, said)
    else:
        frame = None
        options = read_log_options(
            given,
            history,
            case=case,
            stage=stage,
            at=at,
            order=order,
            previous=previous,
            stages=stages,
            tz=tz,
            as_of=as_of,
            needs_day=True,
        )
        until = options.day
        course, log = process_and_log(given, playbook, options, message=_MESSAGE, ignore=ignore)
    problems = unexplained(log, course)
    segments = None
    if by is not None:
        segments, wrong = segments_of(given, log, playbook, by, deals)
        problems += wrong
    if log.later and not log.rows:
        message = f"all {log.later:,} events of the history are after {until.isoformat()}"
        problems.append(Problem("as_of", message, "ask on a later day", "no_event"))
    if problems or given.problems:
        raise refusal(given, _MESSAGE, problems)
    with engine_errors(log.frame):
        placed = None if segments is None else segments.placed(top)
        groups = None if placed is None else placed.groups
        ends = ends_in(frame, log, course, until, groups)
        cases = log.frame.select(nw.col("case").n_unique().alias("n"))
        number = whole(rows_of(cases)[0]["n"])
    made = LearnedPlaces(ends, course, confidence)
    parts: dict[str, Any] = {}
    if segments is not None and placed is not None:
        shown = enumerate(placed.chosen.texts)
        parts = {
            "by": segments.grouping.names,
            "segments": tuple(
                made.segment(at, segments.grouping.values(texts)) for at, texts in shown
            ),
            "others": None,
            "others_total": placed.chosen.others,
            "unplaced": number - placed.cases,
        }
        if placed.chosen.others:
            nothing = (None,) * len(segments.grouping.names)
            parts["others"] = made.segment(len(placed.chosen.texts), nothing)
    return keeping(
        WinChances(
            as_of=until,
            deals=number,
            later=log.later,
            places=made.places,
            confidence=confidence,
            labels=log.read.told,
            **parts,
        ),
        _playbook=course.playbook,
    )


def _of_report(
    given: Arguments,
    report: HistoryReport[Any],
    playbook: object,
    as_of: object,
    said: Mapping[str, object],
) -> tuple[Course, EventLog, Frame, date]:
    """What a log was found to be, as it stood on the day, and that day."""
    given.problems += of_another_playbook(report, read_playbook(given, playbook, _MESSAGE))
    until = given.read(day, as_of, "as_of")
    for name, value in said.items():
        if value is not None:
            message = "the history was read already"
            given.problems.append(Problem(name, message, "say it to check_history"))
    given.refuse(_MESSAGE)
    if until is None:  # pragma: no cover - refused above
        raise AssertionError
    found: Found = as_of_day(report, until)._kept("_found")  # noqa: SLF001 - siblings
    return found.course, found.log, found.frame, until
