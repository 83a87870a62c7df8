"""Learned chances as a column: by the place of each deal, and the days that it has stood there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self, TypeVar

import narwhals.stable.v2 as nw

from salesflow.pipeline._forecast.chance_values import PlaceChances, WinChances
from salesflow.pipeline._forecast.landmarks import LANDMARKS, reached
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.groups import Chosen, Grouping
from salesflow.pipeline._metrics.worth import Worth
from salesflow.rules.columns import Rail, both, chosen, within

NumberT = TypeVar("NumberT", int, nw.Expr)

_NONE: Final = -1.0
_DAYS: Final = LANDMARKS[-1] + 1


@dataclass(frozen=True, slots=True)
class Learned:
    """Learned chances, and the deals that they are of.

    Attributes:
        parts: By place, the chances of each segment that is among the deals; last those of deals in
            no such segment.
        grouping: What the segments are; None without any.
        chosen: The segments that are among the deals.
    """

    parts: Sequence[Mapping[str, PlaceChances]]
    grouping: Grouping | None = None
    chosen: Chosen | None = None

    @classmethod
    def of(cls, deals: Deals, chances: WinChances, grouping: Grouping | None) -> Self:
        """Look for the segments among the deals."""
        if grouping is None:
            return cls([chances.places])
        segments = {segment.values: segment.places for segment in chances.segments}
        with deals.asking():
            work = deals.columns.frame.select(**grouping.texts())
            chosen = grouping.chosen(work, 0, nw.len(), segments)
        parts = [segments[grouping.values(texts)] for texts in chosen.texts]
        rest = chances if chances.others is None else chances.others
        return cls([*parts, rest.places], grouping, chosen)

    def column(self, facts: FactColumns, day: date) -> nw.Expr:
        """The chance of each deal; below 0 where none was learned.

        A deal of which nobody knows since when it is where it stands has the chance of all that
        came there. Where the day of its sub-stage is missing, that of its stage counts: of a deal
        that is in a sub-stage, many systems know no other.
        """
        places = [place for place in facts.where.places if place.stage is not None]
        count = 1 + max(place.code for place in places)
        chances: dict[int, float] = {}
        for segment, learned in enumerate(self.parts):
            for place in places:
                if (there := learned.get(place.key)) is None:
                    continue
                for days in LANDMARKS:
                    chance = there.standing(days).value
                    if chance is not None:
                        chances[_number(segment, place.code, days, count)] = chance
        if not chances:
            return nw.lit(_NONE)
        code, depth = facts.where.code
        known = within(code, [place.code for place in places])
        inside = within(code, [place.code for place in places if place.sub_stage is not None])
        stood, later = self._stood(facts, day, inside)
        own, latest = self._segment(facts)
        found = _number(own, code.cast(nw.Int64()), reached(stood), count)
        found = nw.when(expr_of(known)).then(found).otherwise(nw.lit(-1))
        number, depth = facts.columns.column("landmark", found, max(depth, later, latest))
        found = chosen(number, chances, nw.lit(_NONE), nw.Float64())
        return facts.columns.column("learned chance", found, depth)[0]

    def _stood(self, facts: FactColumns, day: date, inside: Rail) -> tuple[nw.Expr, int]:
        """The days since each deal came where it is; 0 where nobody knows."""
        found, depth = nw.lit(0.0), 0
        for fact, rows in (("entered_stage_on", True), ("entered_sub_stage_on", inside)):
            entered = facts.ordinal(fact)
            if entered is not None:
                known, later = facts.columns.known(fact)
                since = nw.lit(float(day.toordinal())) - entered[0]
                found = nw.when(expr_of(both(rows, known))).then(since).otherwise(found)
                depth = max(depth, entered[1], later)
        return found, depth

    def _segment(self, facts: FactColumns) -> tuple[nw.Expr, int]:
        """The number of each deal's segment."""
        if self.grouping is None or self.chosen is None:
            return nw.lit(0), 0
        texts, depth = {}, 0
        for name, text in self.grouping.texts().items():
            texts[name], depth = facts.columns.column(("segment", name), text, 0)
        return facts.columns.column("segment", self.grouping.number(self.chosen, texts), depth)


def chance_that_counts(facts: FactColumns, learned: nw.Expr, worth: Worth) -> tuple[nw.Expr, Rail]:
    """The chance of each deal that counts, and where there is one.

    It is the learned one, or else the deal's own or that of its stage.
    """
    otherwise = nw.lit(_NONE) if worth.chance is None else worth.chance
    found = nw.when(learned >= nw.lit(0.0)).then(learned).otherwise(otherwise)
    (column,) = facts.columns.last("chance that counts", found)
    return column, (column >= nw.lit(0.0)).fill_null(value=False)


def _number(segment: NumberT, code: NumberT, days: NumberT, count: int) -> NumberT:
    """One number for a segment, a place and a landmark."""
    return (segment * count + code) * _DAYS + days
