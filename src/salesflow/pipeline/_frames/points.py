"""The points of a card, over the facts of a frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal, Protocol

import narwhals.stable.v2 as nw

from salesflow.facts import NOT_APPLICABLE
from salesflow.playbook import Scorecard, ScoreItem
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Columns, Rail, Rails, both, either, flip

End = Literal["low", "high"]
NumberColumn = Callable[[float], nw.Expr]


class FactReader(Protocol):
    """What makes facts known to the compiler of rules."""

    columns: Columns

    def has(self, name: str) -> bool:  # pyright: ignore[reportReturnType] - of a protocol
        """Whether rows can have a value of this fact; makes it known to `columns` if so."""


def points_of(
    card: Scorecard, end: End, facts: FactReader, day: date, number: NumberColumn
) -> tuple[nw.Expr, int]:
    """The points that are certain, or still possible, and after how many steps they are there.

    `facts` was asked for every fact of the card before; `number` is how the engine writes a float.
    The points are added up in the order of the card, as those of a single deal are: sums of floats
    depend on it.
    """
    total, depth = number(0.0), 0
    for item in card.items:
        if item.points is not None:
            counted, at = _counted(item, end, facts, number)
            total, depth = total + counted, max(depth, at)
            continue
        rails = facts.columns.rails(item.rule.core(day))
        out, later = left_out(item, facts, rails)
        depth = max(depth, later)
        # Where points are taken away, the least is what is still possible.
        certain = (end == "low") == (item.weight > 0)
        counts = rails.yes if certain else flip(either(rails.no, out))
        depth = max(depth, rails.depth)
        if isinstance(counts, bool):
            total = total + number(item.weight if counts else 0.0)
        else:
            total = total + nw.when(counts).then(number(item.weight)).otherwise(number(0.0))
    return total, depth


def _skips(item: ScoreItem, name: str, facts: FactReader) -> tuple[Rail, int]:
    """Where a question that an item reads does not apply."""
    flag = f"{NOT_APPLICABLE}{name}"
    if name not in item.skipped or not facts.has(flag):
        return False, 0
    rails = facts.columns.rails(Flag(flag))
    return rails.yes, rails.depth


def left_out(item: ScoreItem, facts: FactReader, rails: Rails) -> tuple[Rail, int]:
    """Where all that an undecided item lacks does not apply."""
    if not item.skipped:
        return False, 0
    found: list[Rail] = [flip(either(rails.yes, rails.no))]
    depth = rails.depth
    for name in sorted(item.rule.facts):
        skipped, later = _skips(item, name, facts)
        known, there = _known(name, facts)
        found.append(either(known, skipped))
        depth = max(depth, later, there)
    return both(*found), depth


def _known(name: str, facts: FactReader) -> tuple[Rail, int]:
    if not facts.has(name):
        return False, 0
    if facts.columns.source(name) is not None:
        return facts.columns.known(name)
    flag = facts.columns.rails(Flag(name))  # one that follows from other facts
    return either(flag.yes, flag.no), flag.depth


def _counted(
    item: ScoreItem, end: End, facts: FactReader, number: NumberColumn
) -> tuple[nw.Expr, int]:
    """The points of a number: within its bounds; at one of them where it is missing."""
    missing = number(item.least if end == "low" else item.most)
    name = item.points or ""
    skipped, depth = _skips(item, name, facts)
    if not isinstance(skipped, bool):
        missing = nw.when(skipped).then(number(0.0)).otherwise(missing)
    elif skipped:
        missing = number(0.0)
    if not facts.has(name):
        return missing, depth
    source, _ = facts.columns.ready(name)
    known, later = facts.columns.known(name)
    depth = max(depth, later)
    if isinstance(known, bool):
        return missing, depth
    value, low, high = source.key(), number(item.min), number(item.max)
    within = nw.when(value < low).then(low).otherwise(value)
    within = nw.when(within > high).then(high).otherwise(within)
    return nw.when(known).then(within * number(item.weight)).otherwise(missing), depth
