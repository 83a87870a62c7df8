"""What a history says of each stage: who entered it, who went on, how long they stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import engine_errors, expr_of, rows_of, sums_of, whole
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.process_graph import RETRACTED, START, GraphNode
from salesflow.pipeline._metrics.snapshot import days_of
from salesflow.pipeline._metrics.values import DayFigures
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


def passages(found: Found) -> dict[str, Passage]:
    """By stage, and by every sub-stage that occurs."""
    places = [
        node
        for node in found.course.nodes
        if not node.is_end and (node.whole or node.code in found.codes)
    ]
    entries = found.frame.filter(nw.col("entry"))
    with engine_errors(found.frame):
        row = _flows(found, _standing(found), places)
        stays = _stays(entries, "code")
        if any(not node.whole for node in found.course.nodes):
            stays |= _stays(entries, "stage")
    # A sub-stage is never a stage of its own, so that no number stands for two things.
    return {
        node.key: Passage(
            entered=whole(row[f"e{node.code}"]),
            went_on=whole(row[f"o{node.code}"]),
            decided=whole(row[f"d{node.code}"]),
            days=DayFigures(stays.get(node.code, {})),
        )
        for node in places
    }


def _flows(found: Found, entries: Frame, places: Iterable[GraphNode]) -> dict[str, Any]:
    course, code = found.course, nw.col("code")
    over = [node.code for node in course.nodes if node.is_end and node.key != RETRACTED]
    ends = among(code, over)
    ended = (nw.col("next") == nw.lit(START)) & expr_of(ends)
    flags = {"ended": ended}
    for place in places:
        inside = [node.code for node in course.nodes if place.code in {node.code, node.stage}]
        flags[f"e{place.code}"] = expr_of(among(code, inside))
        flags[f"b{place.code}"] = expr_of(among(code, course.beyond(place)))
    marked = entries.select(
        "case", *(rail.cast(nw.Int64).alias(name) for name, rail in flags.items())
    )
    cases = marked.group_by("case").agg(*(nw.col(name).max() for name in flags))
    counted = {}
    for place in places:
        was, beyond = nw.col(f"e{place.code}"), nw.col(f"b{place.code}")
        counted[f"e{place.code}"] = was
        counted[f"o{place.code}"] = was * beyond
        counted[f"d{place.code}"] = was * nw.max_horizontal(beyond, nw.col("ended"))
    return rows_of(cases.select(*(flag.sum().alias(name) for name, flag in counted.items())))[0]


def _stays(entries: Frame, place: str) -> dict[int, Counter[int]]:
    """By place, how many deals spent how many days in it and left it."""
    here = entries.select(
        "case",
        nw.col(place).alias("place"),
        nw.col("stay"),
        # Who is still there goes on spending time, and how long who was unseen did nobody knows.
        ((nw.col("next") == nw.lit(START)) | nw.col("stay").is_null()).cast(nw.Int64).alias("open"),
    )
    spent = here.group_by("case", "place").agg(nw.col("stay").sum(), nw.col("open").max())
    left = spent.filter(nw.col("open") == nw.lit(0)).select(
        "place", nw.col("stay").cast(nw.Float64).alias("stay")
    )
    rows = rows_of(left.group_by("place", "stay").agg(nw.len().alias("n")))
    found: dict[int, Counter[int]] = {}
    for row in rows:
        found.setdefault(int(row["place"]), Counter())[int(row["stay"])] += int(row["n"])
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
    entries = entries.with_columns(until=nw.col("until").max().over("case"))
    won = among(nw.col("code"), [it.code for it in found.course.nodes if it.outcome == "won"])
    return entries.filter(~(expr_of(won) & (number < nw.col("until"))))


def cycles(found: Found) -> tuple[DayFigures, int]:
    """The days from the first event of a case to the one that says that it is won, and stays so.

    And how many won cases begin unseen, so that nobody knows how long they took.
    """
    won = found.course.by_key["won"].code
    # The days so far that count: they grow along a case as the calendar does.
    day = nw.col("day") - nw.col("rested")
    is_won = nw.col("code") == nw.lit(won)
    marked = _standing(found).select(
        "case",
        day.alias("first"),
        nw.when(is_won).then(day).otherwise(nw.lit(_NEVER)).alias("won"),
        (nw.col("unseen") & (nw.col("before") == nw.lit(START))).cast(nw.Int64).alias("unseen"),
    )
    cases = marked.group_by("case").agg(
        nw.col("first").min(), nw.col("won").max(), nw.col("unseen").max()
    )
    length = (nw.col("won") - nw.col("first")).cast(nw.Float64)
    cases = cases.filter(nw.col("won") > nw.lit(_NEVER))
    seen = nw.col("unseen") == nw.lit(0)
    with engine_errors(found.frame):
        unseen = sums_of(cases, {"n": ~seen})["n"] if found.log.changes else 0
        return days_of(cases.filter(seen).select(length.alias("days"))), unseen
