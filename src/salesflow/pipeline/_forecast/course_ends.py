"""How deals that came to a place ended, and after how many days: counted by the engine of the log.

Each deal counts once in each place, from the day on which it first came there. It stands as its
last entry says: won, over otherwise, or open. It has ended so since the first of the entries that
say the same with no other behind them, so that neither an end that was taken back nor what comes of
a win counts.

It stayed in the place until it first left it: a stage for another stage, a sub-stage for any other
place; an end is another place, too. Where a log of changes does not say when it left, it counts
among all that came, and at no later landmark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._forecast.aalen_johansen import EndCounts
from salesflow.pipeline._forecast.landmarks import reached
from salesflow.pipeline._frames.engines import expr_of, rows_of, whole
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import EventLog
from salesflow.pipeline._history.process_graph import START, Course, GraphNode
from salesflow.pipeline._history.steps import beside, entered
from salesflow.rules.columns import Frame, among

NO_GROUP: Final = -1
"""The number of the group of deals that are in none."""
ON_COMING: Final = -1
"""The end of the day before a deal came."""

_WON, _OVER, _OPEN = range(3)
_UNTOLD: Final = -1.0


@dataclass(slots=True)
class EndsHere:
    """What became of the deals that came to a place.

    Attributes:
        stays: By the last landmark at the end of which they still stood there, and by the days
            since they came, how many were won, ended otherwise, and are open.
        untold: How many there are of which nobody knows since when they were there.
    """

    stays: dict[int, dict[int, tuple[int, int, int]]] = field(default_factory=dict)
    untold: int = 0

    def add(self, landmark: int, days: int, end: int, deals: int) -> None:
        """Count deals more; days below 0 are not known."""
        if days < 0:
            self.untold += deals
        else:
            stays = self.stays.setdefault(landmark, {})
            counts = list(stays.get(days, (0, 0, 0)))
            counts[end] += deals
            stays[days] = counts[_WON], counts[_OVER], counts[_OPEN]

    def include(self, others: EndsHere) -> None:
        """Count other deals too."""
        self.untold += others.untold
        for landmark, stays in others.stays.items():
            for days, counts in stays.items():
                for end, deals in enumerate(counts):
                    self.add(landmark, days, end, deals)

    def since(self, landmark: int, after: int | None = None) -> EndCounts:
        """What became of those that stood there at the end of a day, after it.

        Of `ON_COMING` it is all that came; of the first day, 0, those that are open at the end of
        it, wherever they were. With `after`, a later day, it is those of them that are open at the
        end of that one, wherever they then were.
        """
        day = landmark if after is None else after
        found: dict[int, tuple[int, int, int]] = {}
        for stood, stays in self.stays.items():
            for days, (won, over, still_open) in stays.items() if stood >= landmark else ():
                if days >= day:
                    later = days > day
                    others = found.get(days, (0, 0, 0))
                    found[days] = (
                        others[_WON] + won * later,
                        others[_OVER] + over * later,
                        others[_OPEN] + still_open,
                    )
        return found

    @property
    def totals(self) -> tuple[int, int, int]:
        """How many were won, ended otherwise, and are open."""
        counts = self.since(ON_COMING).values()
        won, over, still_open = (sum(each[end] for each in counts) for end in range(3))
        return won, over, still_open


Ends: TypeAlias = Mapping[int, Mapping[int, EndsHere]]
"""By the number of a group, NO_GROUP among them, and the code of a place."""


def places_of(course: Course) -> list[GraphNode]:
    """The stages and sub-stages from which a deal can be won, in the order of the process."""
    return [node for node in course.nodes if not node.is_end and node.outcome == "none"]


def ends_in(
    frame: Frame | None, log: EventLog, course: Course, until: date, groups: Frame | None = None
) -> Ends:
    """Count them in a log up to a day.

    `frame` is what `entered` made of it, if that is there already; `groups` say the group of a
    case.
    """
    if frame is None:
        frame = entered(log, course, None)
        if log.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
    entries = _ended(frame.filter(nw.col("entry")), log, course, until)
    here = _first_entries(entries, course, parts=log.parts > 0)
    by: tuple[str, ...] = ()
    if groups is not None:
        by = ("group",)
        here = cast("nw.LazyFrame[Any]", here).join(
            cast("nw.LazyFrame[Any]", groups), on="case", how="left"
        )
        here = here.with_columns(group=nw.col("group").fill_null(NO_GROUP).cast(nw.Int64))
    # What is missing is no group of its own in every engine.
    days = (nw.col("ended") - nw.col("came")).cast(nw.Float64).fill_null(_UNTOLD)
    # One that is there still stood there at the end of the last day, too.
    there = nw.col("ended") - nw.col("came")
    stood = nw.when(nw.col("gone")).then(nw.col("left") - nw.col("came") - 1.0).otherwise(there)
    counted = here.select(*by, "place", "end", days=days, landmark=reached(stood))
    found: dict[int, dict[int, EndsHere]] = {}
    keys = (*by, "place", "end", "days", "landmark")
    rows = counted.group_by(*keys).agg(nw.len().alias("n"))
    for row in rows_of(rows):
        of_group = found.setdefault(int(row.get("group", NO_GROUP)), {})
        place = of_group.setdefault(int(row["place"]), EndsHere())
        days_here, end = int(row["days"]), int(row["end"])
        place.add(int(row["landmark"]), days_here, end, whole(row["n"]))
    return found


def _ended(entries: Frame, log: EventLog, course: Course, until: date) -> Frame:
    """With the `end` of each case, and the day on which it `ended`; of open ones the last day."""
    code, number = nw.col("code"), nw.col("number")
    won = [node.code for node in course.nodes if node.outcome == "won"]
    over = [node.code for node in course.nodes if node.outcome not in {"none", "won"}]
    stands = nw.when(expr_of(among(code, won))).then(nw.lit(_WON)).otherwise(nw.lit(_OPEN))
    stands = nw.when(expr_of(among(code, over))).then(nw.lit(_OVER)).otherwise(stands)
    # In a log of changes nobody knows since when a deal was where nobody saw it come.
    came = nw.col("since" if log.changes else "day").cast(nw.Float64)
    entries = entries.with_columns(
        came=came,
        stands=stands.cast(nw.Int64),
        number=number.cast(nw.Int64),
    )
    entries = with_aggregates(entries, ["case"], last=number.max())
    is_last = number == nw.col("last")
    entries = entries.with_columns(
        end=nw.when(is_last).then(nw.col("stands")).otherwise(nw.lit(-1))
    )
    entries = with_aggregates(entries, ["case"], end=nw.col("end").max())
    other = nw.when(nw.col("stands") != nw.col("end")).then(number).otherwise(nw.lit(-1))
    entries = entries.with_columns(other=other)
    entries = with_aggregates(entries, ["case"], other=nw.col("other").max())
    since = nw.when(number > nw.col("other")).then(number).otherwise(nw.col("last"))
    entries = entries.with_columns(ending=since)
    entries = with_aggregates(entries, ["case"], ending=nw.col("ending").min())
    day = nw.when(number == nw.col("ending")).then(nw.col("came"))
    entries = entries.with_columns(ended=day)
    entries = with_aggregates(entries, ["case"], ended=nw.col("ended").max())
    is_open = nw.col("end") == nw.lit(_OPEN)
    last_day = nw.lit(float(until.toordinal()))
    ended = nw.when(is_open).then(last_day).otherwise(nw.col("ended"))
    return entries.with_columns(ended=ended)


def _first_entries(entries: Frame, course: Course, *, parts: bool) -> Frame:
    """The entry by which each case first came to each place, and the day on which it `left`.

    That is missing where nobody saw it leave; where it is not `gone`, it is there still.
    The log names sub-stages where it has `parts`.
    """
    places = places_of(course)
    number = nw.col("number")
    columns = ("case", "place", "came", "ended", "end", "left", "gone")
    left = {"left": nw.col("day_after"), "gone": nw.col("next") != nw.lit(START)}
    inside = [node.code for node in places if not node.whole] if parts else []
    if not inside:
        here = expr_of(among(nw.col("code"), [node.code for node in places]))
        found = entries.filter(here & (number == nw.col("first_here")))
        return found.with_columns(place=nw.col("code"), **left).select(*columns)
    here = expr_of(among(nw.col("code"), inside)) & (number == nw.col("first_here"))
    sub_stages = entries.filter(here).with_columns(place=nw.col("code"), **left).select(*columns)
    # A stage is left for another one, not for another part of it.
    entries = beside(entries, ("case",), ("number",), {"stage_before": ("stage", 1)})
    begins = (nw.col("stage") != nw.col("stage_before")).fill_null(value=True)
    begins_here = {"left": ("came", -1), "begins": ("number", -1)}
    stays = beside(entries.filter(begins), ("case",), ("number",), begins_here)
    stages = [node.code for node in places if node.whole]
    here = expr_of(among(nw.col("stage"), stages)) & (number == nw.col("first_stage"))
    stays = stays.filter(here).with_columns(place=nw.col("stage"), gone=~nw.col("begins").is_null())
    return nw.concat(cast("list[nw.DataFrame[Any]]", [stays.select(*columns), sub_stages]))
