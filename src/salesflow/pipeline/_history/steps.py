"""The events of each case put in order and compared with what came before, by window expressions.

Two passes: where an event says again what the one before it said, the deal did not move; then the
others are numbered, and each knows the one after it, and whether the deal has been there before.
Where clocks rest while a deal is on hold, a pass before them adds up the days on hold so far; where
a stage with sub-stages has a limit, one after them finds where each stay in it began. Nothing
depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import UNKNOWN, EventLog
from salesflow.pipeline._history.process_graph import (
    HELD,
    RESUMED,
    RETRACTED,
    START,
    Course,
    GraphNode,
)
from salesflow.rules.columns import Frame, Rail, among

Pair = tuple[int, int, bool]
"""From, to, and whether the deal has been there before."""

_BIG: Final = 1 << 40


def among_pairs(pairs: Iterable[Pair], size: int) -> nw.Expr:
    """Where the step of the event is one of these."""
    codes = [((source - START) * size + target) * 2 + seen for source, target, seen in pairs]
    found: Rail = among(nw.col("pair"), codes)
    # No step has a number below 0; a literal would make a row of an empty frame.
    return nw.col("pair") < nw.lit(0) if isinstance(found, bool) else found


def entered(
    log: EventLog,
    course: Course,
    as_of: date | None,
    *,
    counts_holds: bool = False,
    judged: bool = True,
) -> Frame:
    """The log, with for every event in which a deal enters a place what a report needs.

    Columns more: `known`, `placed` for those that say where the deal is, and `rested`, the days on
    which clocks rested so far. Of placed events `before`, the code before it, or START, `tied` and
    `disordered`; `entry`, and of such events `next`, the code after it, or START; `pair`; `seen`;
    `late`, with the `stay` in days; and `overstayed`, of the first entry into a stage with
    sub-stages, with the `whole_stay` in it and the code `beyond` it. Days on which clocks rested
    are in no stay. Whoever `counts_holds` gets of entries the days `held` until the next one, too,
    whether clocks rest or not. In a log of changes there is a row more
    where an event leads from elsewhere than the one before it says: `unseen`, for nobody knows
    since when the deal was there. Of other events they mean nothing. Without being `judged`, which
    takes windows that engines work out though nobody looks at them, there are neither `pair` and
    `seen` nor `late` and `overstayed`.
    """
    order = ["order", "time", "rank"] if log.ordered else ["time", "rank"]
    # An outcome is taken back before the deal is somewhere again.
    taken_back = nw.col("code") == nw.lit(course.by_key[RETRACTED].code)
    frame = log.frame.with_columns(
        known=nw.col("code") != nw.lit(UNKNOWN),
        rank=nw.when(taken_back).then(nw.lit(UNKNOWN)).otherwise(nw.col("code")) * 2,
        unseen=nw.lit(value=False),
    )
    rests = [course.by_key[key].code for key in (HELD, RESUMED)]
    # Of a log without holds, which most are, nothing has to be added up.
    pauses = course.playbook.policy.pause_on_hold and log.holds > 0
    counts_holds = counts_holds and log.holds > 0
    if pauses or counts_holds:
        frame = _held(frame, log.held, order, as_of)
    # Nor is a stage that the log names as a whole looked for among its parts.
    named = course.nodes if log.parts else ()
    rested = nw.col("hold") if pauses else nw.lit(0.0)
    frame = frame.with_columns(rested=rested)
    is_rest = expr_of(among(nw.col("code"), rests))
    frame = frame.with_columns(placed=nw.col("known") & ~is_rest)
    before = {"before": ("code", 1), "time_before": ("time", 1)}
    if log.ordered:
        before["order_before"] = ("order", 1)
    frame = beside(frame, ("case", "placed"), order, before)
    frame = frame.with_columns(before=_code("before"))
    earlier = nw.col("time") < nw.col("time_before")
    # Where times alone order the events, a repetition at the same time says nothing new.
    moved = nw.col("before") != nw.col("code")
    same = (nw.col("time") == nw.col("time_before")) & moved
    if log.ordered:
        same = nw.col("order") == nw.col("order_before")
    frame = frame.with_columns(
        tied=nw.col("placed") & _on(same),
        disordered=nw.col("placed") & _on(earlier) & nw.lit(log.ordered),
    )
    since = "day"
    if log.changes:
        frame, since = _with_unseen(frame, order, rests), "since"
    frame = frame.with_columns(entry=nw.col("placed") & moved, one=nw.lit(1))
    around = {"next": ("code", -1), "day_after": (since, -1)}
    totals = {"rested": pauses, "hold": counts_holds}
    around |= {f"{name}_after": (name, -1) for name, wanted in totals.items() if wanted}
    frame = beside(frame, ("case", "entry"), order, around, number="number")
    frame = frame.with_columns(next=_code("next"), stage=_stage_of(nw.col("code"), named))
    in_all = {f"{name}_in_all": nw.col(name).max() for name, wanted in totals.items() if wanted}
    if in_all:
        frame = with_aggregates(frame, ["case", "known"], **in_all)
    frame = frame.with_columns(
        stay=_stay(course, as_of, since, "next", "after", pauses=pauses),
        held=_hold_until_next() - nw.col("hold") if counts_holds else nw.lit(0.0),
    )
    if not judged:
        return frame
    frame = _judged(frame, course, parts=log.parts > 0)
    if not course.whole_limits:
        return frame.with_columns(overstayed=nw.lit(value=False))
    outside = nw.col("stage") != _stage_of(nw.col("before"), named)
    frame = frame.with_columns(begins=nw.col("entry") & outside)
    beyond = {"beyond": ("code", -1), "day_beyond": (since, -1)}
    if pauses:
        beyond["rested_beyond"] = ("rested", -1)
    frame = beside(frame, ("case", "begins"), order, beyond)
    frame = frame.with_columns(beyond=_code("beyond"))
    frame = frame.with_columns(
        whole_stay=_stay(course, as_of, since, "beyond", "beyond", pauses=pauses)
    )
    late = _late("whole_stay", "stage", course.whole_limits)
    return frame.with_columns(overstayed=nw.col("begins") & late)


def _judged(frame: Frame, course: Course, *, parts: bool) -> Frame:
    """With the step by which each place was entered, and whether the deal stayed there too long."""
    frame = _with_seen(frame, parts=parts)
    size = len(course.nodes)
    pair = ((nw.col("before") - START) * size + nw.col("code")) * 2 + nw.col("seen").cast(nw.Int64)
    # How it came where it was unseen is for nobody to judge.
    pair = nw.when(nw.col("unseen")).then(nw.lit(-1)).otherwise(pair)
    frame = frame.with_columns(pair=pair)
    return frame.with_columns(late=nw.col("entry") & _late("stay", "code", course.limits))


def _held(frame: Frame, held: int, order: Sequence[str], as_of: date | None) -> Frame:
    """The frame with the days on hold until each event; a hold ends with the next event."""
    frame = beside(frame, ("case", "known"), order, {"day_on": ("day", -1)})
    until = nw.col("day_on")
    if as_of is not None:
        until = until.fill_null(float(as_of.toordinal()))
    days = (until - nw.col("day")).fill_null(0.0)
    rests = nw.col("known") & (nw.col("code") == nw.lit(held)) & (days > nw.lit(0.0))
    frame = frame.with_columns(rest=nw.when(rests).then(days).otherwise(nw.lit(0.0)))
    if isinstance(frame, nw.DataFrame):
        # Sorted by case: a sum over all of them differs by as much between two events of a case.
        return frame.with_columns(hold=nw.col("rest").cum_sum())
    hold = nw.col("rest").cum_sum().over("case", "known", order_by=order)
    return frame.with_columns(hold=hold)


def _hold_until_next() -> nw.Expr:
    """The days on hold until the next entry; of the last one of a case, all that it has."""
    is_last = nw.col("next") == nw.lit(START)
    return nw.when(is_last).then(nw.col("hold_in_all")).otherwise(nw.col("hold_after"))


def _stay(
    course: Course, as_of: date | None, since: str, code: str, end: str, *, pauses: bool
) -> nw.Expr:
    """The days from each event until one after which the deal is elsewhere, without the rests.

    Of that one, `code` is the column of its place, `day_<end>` that of its day and `rested_<end>`
    that of the days on hold until then. Of a case that has not ended, the last is until `as_of`.
    """
    last: nw.Expr | None = None
    until = nw.col(f"day_{end}")
    if as_of is not None:
        ended = among(nw.col("code"), [node.code for node in course.nodes if node.is_end])
        last = (nw.col(code) == nw.lit(START)) & ~expr_of(ended)
        until = nw.when(last).then(nw.lit(float(as_of.toordinal()))).otherwise(until)
    stay = until - nw.col(since)
    if not pauses:
        return stay
    on_hold = nw.col(f"rested_{end}")
    if last is not None:
        on_hold = nw.when(last).then(nw.col("rested_in_all")).otherwise(on_hold)
    return stay - (on_hold - nw.col("rested"))


def _with_unseen(frame: Frame, order: Sequence[str], rests: Sequence[int]) -> Frame:
    """With a row before each event that leads from elsewhere than where the deal was before.

    What leads from a hold leads from where the deal was held.
    """
    origin = nw.col("origin")
    placed = (origin > nw.lit(UNKNOWN)) & ~expr_of(among(origin, rests))
    jumps = nw.col("placed") & placed & (origin != nw.col("before"))
    nothing = nw.lit(value=False)
    added = frame.filter(jumps).with_columns(
        code=origin.cast(nw.Int64),
        rank=nw.col("rank") - 1,
        unseen=nw.lit(value=True),
        tied=nothing,
        disordered=nothing,
    )
    both = cast("list[nw.DataFrame[Any]]", [frame, added])
    found: Frame = nw.concat(both)
    found = beside(found.drop("before"), ("case", "placed"), order, {"before": ("code", 1)})
    return found.with_columns(
        before=_code("before"), since=nw.when(~nw.col("unseen")).then(nw.col("day"))
    )


def beside(
    frame: Frame,
    group: Sequence[str],
    order: Sequence[str],
    wanted: Mapping[str, tuple[str, int]],
    *,
    number: str | None = None,
) -> Frame:
    """The frame with columns of neighbouring rows: by sorting, or by windows on lazy frames.

    Rows of a group share the columns of `group`, none of which is ever missing. `wanted` says, by
    the new name, of which column and how many rows back; the column `number` grows along a group.
    """
    if isinstance(frame, nw.DataFrame):
        frame = frame.sort(*group, *order)
        if number is not None:
            frame = frame.with_row_index(number)
        return frame.with_columns(
            **{
                name: nw.when(_same(group, rows)).then(nw.col(column).shift(rows))
                for name, (column, rows) in wanted.items()
            }
        )
    found = {
        name: nw.col(column).shift(rows).over(*group, order_by=order)
        for name, (column, rows) in wanted.items()
    }
    if number is not None:
        found[number] = nw.col("one").cum_sum().over(*group, order_by=order)
    return frame.with_columns(**found)


def with_runs(frame: Frame, flag: str, name: str) -> Frame:
    """The frame with a number that entries of a case share that have a flag, and none without it.

    The frame is what `beside` made, in the order of its column `number`.
    """
    last = nw.when(nw.col(flag)).then(nw.lit(-1)).otherwise(nw.col("number").cast(nw.Int64))
    frame = frame.with_columns(**{name: last})
    reached = nw.col(name).cum_max()
    if not isinstance(frame, nw.DataFrame):  # it is not sorted, and one deal is not before another
        reached = reached.over("case", order_by="number")
    return frame.with_columns(**{name: reached})


def _same(group: Sequence[str], rows: int) -> nw.Expr:
    equal = [(nw.col(name) == nw.col(name).shift(rows)).fill_null(value=False) for name in group]
    return reduce(and_, equal)


def _code(shifted: str) -> nw.Expr:
    # A shift leaves nothing at the ends, for which some engines turn whole numbers into floats.
    return nw.col(shifted).fill_null(START).cast(nw.Int64)


def _on(rail: nw.Expr) -> nw.Expr:
    return rail.fill_null(value=False)


def _stage_of(code: nw.Expr, nodes: Iterable[GraphNode]) -> nw.Expr:
    """The code of the stage that a place is in."""
    stage = code
    for node in nodes:
        if not node.whole:
            stage = nw.when(code == nw.lit(node.code)).then(nw.lit(node.stage)).otherwise(stage)
    return stage.cast(nw.Int64)


def _with_seen(frame: Frame, *, parts: bool) -> Frame:
    """Whether the deal was here before; one that was in a stage may have been in any part of it."""
    number = nw.col("number")
    frame = with_aggregates(frame, ["case", "entry", "code"], first_here=number.min())
    seen = nw.col("first_here") < number
    if parts:
        is_whole = nw.col("code") == nw.col("stage")
        frame = frame.with_columns(whole=nw.when(is_whole).then(number).otherwise(nw.lit(_BIG)))
        first = {"first_stage": number.min(), "first_whole": nw.col("whole").min()}
        frame = with_aggregates(frame, ["case", "entry", "stage"], **first)
        seen = seen | (is_whole & (nw.col("first_stage") < number))
        seen = seen | (nw.col("first_whole") < number)
    return frame.with_columns(seen=seen)


def _late(stay: str, place: str, limits: Mapping[int, int]) -> nw.Expr:
    """Where a stay is longer than the place, by its code, allows."""
    late = nw.lit(value=False)
    for code, days in limits.items():
        here = nw.col(place) == nw.lit(code)
        late = late | (here & (nw.col(stay) > nw.lit(float(days))))
    return _on(late)
