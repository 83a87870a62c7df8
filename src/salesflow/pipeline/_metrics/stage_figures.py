"""What a history says of each stage: who entered it, who went on, how long they stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._day_figures import DayFigures
from salesflow.pipeline._frames.engines import engine_errors, expr_of, rows_of, whole
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.process_graph import RETRACTED, START, GraphNode
from salesflow.pipeline._metrics.snapshot import days_of
from salesflow.rules.columns import Frame, among

_NEVER: Final = -1e12


@dataclass(frozen=True, slots=True)
class Passage:
    """The deals that were in a stage or sub-stage.

    Attributes:
        entered: All of them.
        went_on: Those that were in a place beyond it too, or were won.
        decided: Those, and those that ended.
        days: What those that left it spent in it.
    """

    entered: int
    went_on: int
    decided: int
    days: DayFigures


class HistoryFigures:
    """What a history says of all its deals, or of those of each group, by its number.

    Without groups all deals are in group 0. Deals that the frame of `groups` does not have are in
    none.
    """

    def __init__(self, found: Found, groups: Frame | None = None) -> None:
        """The history, and a frame of the columns `case` and `group`."""
        self._found = found
        self._groups = groups
        self._by: tuple[str, ...] = () if groups is None else ("group",)

    @cached_property
    def _places(self) -> list[GraphNode]:
        found = self._found
        return [
            node
            for node in found.course.nodes
            if not node.is_end and (node.whole or node.code in found.codes)
        ]

    @property
    def no_passages(self) -> dict[str, Passage]:
        """What it says of deals that it does not have."""
        return {node.key: Passage(0, 0, 0, DayFigures({})) for node in self._places}

    @cached_property
    def passages(self) -> dict[int, dict[str, Passage]]:
        """By stage, and by every sub-stage that occurs."""
        found = self._found
        places = self._places
        with engine_errors(found.frame):
            flows = self._flows(places)
            stays = self._stays("code")
            if any(not node.whole for node in found.course.nodes):
                stays |= self._stays("stage")
        # A sub-stage is never a stage of its own, so that no number stands for two things.
        return {
            group: {
                node.key: Passage(
                    entered=whole(row[f"e{node.code}"]),
                    went_on=whole(row[f"o{node.code}"]),
                    decided=whole(row[f"d{node.code}"]),
                    days=DayFigures(stays.get((group, node.code), {})),
                )
                for node in places
            }
            for group, row in flows.items()
        }

    @cached_property
    def cycles(self) -> dict[int, tuple[DayFigures, int]]:
        """The days from the first event of a case to the one by which it is won, and stays so.

        And how many won cases begin unseen, so that nobody knows how long they took.
        """
        found = self._found
        won = found.course.by_key["won"].code
        # The days so far that count: they grow along a case as the calendar does.
        day = nw.col("day") - nw.col("rested")
        is_won = nw.col("code") == nw.lit(won)
        marked = self._grouped(_standing(found)).select(
            *self._by,
            "case",
            day.alias("first"),
            nw.when(is_won).then(day).otherwise(nw.lit(_NEVER)).alias("won"),
            (nw.col("unseen") & (nw.col("before") == nw.lit(START))).cast(nw.Int64).alias("unseen"),
        )
        cases = marked.group_by(*self._by, "case").agg(
            nw.col("first").min(), nw.col("won").max(), nw.col("unseen").max()
        )
        length = (nw.col("won") - nw.col("first")).cast(nw.Float64)
        cases = cases.filter(nw.col("won") > nw.lit(_NEVER))
        seen = nw.col("unseen") == nw.lit(0)
        with engine_errors(found.frame):
            unseen = self._counted(cases.filter(~seen)) if found.log.changes else {}
            days = days_of(cases.filter(seen).select(*self._by, length.alias("days")))
        return {
            group: (days.get(group, DayFigures({})), unseen.get(group, 0))
            for group in {*days, *unseen}
        }

    def _grouped(self, entries: Frame) -> Frame:
        if self._groups is None:
            return entries
        pair = cast("nw.LazyFrame[Any]", entries)
        return pair.join(cast("nw.LazyFrame[Any]", self._groups), on="case", how="inner")

    def _counted(self, cases: Frame) -> dict[int, int]:
        if self._groups is None:
            return {0: whole(rows_of(cases.select(nw.len().alias("n")))[0]["n"])}
        rows = rows_of(cases.group_by("group").agg(nw.len().alias("n")))
        return {int(row["group"]): int(row["n"]) for row in rows}

    def _flows(self, places: Iterable[GraphNode]) -> dict[int, dict[str, Any]]:
        course, code = self._found.course, nw.col("code")
        over = [node.code for node in course.nodes if node.is_end and node.key != RETRACTED]
        ends = among(code, over)
        ended = (nw.col("next") == nw.lit(START)) & expr_of(ends)
        flags = {"ended": ended}
        for place in places:
            inside = [node.code for node in course.nodes if place.code in {node.code, node.stage}]
            flags[f"e{place.code}"] = expr_of(among(code, inside))
            flags[f"b{place.code}"] = expr_of(among(code, course.beyond(place)))
        marked = self._grouped(_standing(self._found)).select(
            *self._by, "case", *(rail.cast(nw.Int64).alias(name) for name, rail in flags.items())
        )
        cases = marked.group_by(*self._by, "case").agg(*(nw.col(name).max() for name in flags))
        counted = {}
        for place in places:
            was, beyond = nw.col(f"e{place.code}"), nw.col(f"b{place.code}")
            counted[f"e{place.code}"] = was
            counted[f"o{place.code}"] = was * beyond
            counted[f"d{place.code}"] = was * nw.max_horizontal(beyond, nw.col("ended"))
        sums = cases.select(*self._by, *(flag.alias(name) for name, flag in counted.items()))
        totals = [nw.col(name).sum() for name in counted]
        if self._groups is None:
            return {0: rows_of(sums.select(*totals))[0]}
        return {int(row["group"]): row for row in rows_of(sums.group_by("group").agg(*totals))}

    def _stays(self, place: str) -> dict[tuple[int, int], Counter[int]]:
        """By group and place, how many deals spent how many days in it and left it."""
        entries = self._grouped(self._found.frame.filter(nw.col("entry")))
        gone_on = nw.col("next") != nw.lit(START)
        here = entries.select(
            *self._by,
            "case",
            nw.col(place).alias("place"),
            nw.col("stay"),
            # Who is still there spends more time, and how long who was unseen did nobody knows.
            (~gone_on | nw.col("stay").is_null()).cast(nw.Int64).alias("open"),
        )
        spent = here.group_by(*self._by, "case", "place").agg(
            nw.col("stay").sum(), nw.col("open").max()
        )
        left = spent.filter(nw.col("open") == nw.lit(0)).select(
            *self._by, "place", nw.col("stay").cast(nw.Float64).alias("stay")
        )
        rows = rows_of(left.group_by(*self._by, "place", "stay").agg(nw.len().alias("n")))
        found: dict[tuple[int, int], Counter[int]] = {}
        for row in rows:
            key = int(row.get("group", 0)), int(row["place"])
            found.setdefault(key, Counter())[int(row["stay"])] += int(row["n"])
        return found


def _standing(found: Found) -> Frame:
    """The entries, without wins that were taken back and what came of them."""
    entries = found.frame.filter(nw.col("entry"))
    retracted = found.course.by_key[RETRACTED].code
    if retracted not in found.codes:
        return entries
    number = nw.col("number").cast(nw.Int64)
    taken_back = nw.when(nw.col("code") == nw.lit(retracted)).then(number)
    entries = entries.with_columns(until=taken_back.otherwise(nw.lit(-1)))
    entries = with_aggregates(entries, ["case"], until=nw.col("until").max())
    won = among(nw.col("code"), [it.code for it in found.course.nodes if it.outcome == "won"])
    return entries.filter(~(expr_of(won) & (number < nw.col("until"))))
