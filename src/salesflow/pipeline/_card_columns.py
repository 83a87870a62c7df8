"""What `salesflow.qualify` says of one deal on a card, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import add
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._fact_columns import FactColumns
from salesflow.playbook import Scorecard
from salesflow.qualify import UNDECIDED
from salesflow.rules._columns import Rail, Rails, both, either, flip
from salesflow.rules._lower import FlagIs

__all__ = ["CardColumns"]

_OPEN: Final = -1


class CardColumns:
    """A card over the facts of a frame.

    Attributes:
        low: Points that are certain.
        high: Points that are still possible.
        items: By key of the item, where it holds and where it does not.
    """

    def __init__(self, card: Scorecard, facts: FactColumns, day: date) -> None:
        self._card = card
        self._facts = facts
        # All are asked for before a rule is compiled: asking makes them known to the compiler.
        self._has = {
            name: facts.has(name)
            for name in dict.fromkeys(name for item in card.items for name in item.rule.facts)
        }
        self.low = self._points("low")
        self.high = self._points("high")
        self.items: dict[str, Rails] = {
            item.key: facts.columns.rails(item.rule.core(day)) for item in card.items
        }

    def _points(self, end: str) -> nw.Expr:
        name = f"score.{self._card.key}.{end}"
        if not self._facts.has(name):  # no fact of it is there: as if nothing were answered
            items = self._card.items
            return nw.lit(sum(item.least if end == "low" else item.most for item in items))
        return self._facts.columns.ready(name)[0].key()

    def _undecided(self, key: str) -> Rail:
        rails = self.items[key]
        return flip(either(rails.yes, rails.no))

    @property
    def verdict(self) -> nw.Expr:
        """The key of the band that the score is certain to be in, or "undecided"."""
        bands = self._card.bands
        at_low, at_high = nw.lit(0), nw.lit(0)
        for number, band in enumerate(bands[1:], start=1):
            at_low = nw.when(self.low >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_low)
            at_high = nw.when(self.high >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_high)
        knock_outs = [item.key for item in self._card.items if item.knock_out]
        open_ = either(*(self._undecided(key) for key in knock_outs))
        failed = either(*(self.items[key].no for key in knock_outs))
        if open_ is not False:
            # A knock-out that is still open may yet send the deal to the lowest band.
            at_low = nw.when(_expr(open_)).then(nw.lit(0)).otherwise(at_low)
        found = nw.when(at_low == at_high).then(at_high).otherwise(nw.lit(_OPEN))
        if failed is not False:
            found = nw.when(_expr(failed)).then(nw.lit(0)).otherwise(found)
        at, _ = self._facts.columns.column(("band", self._card.key), found, self._depth)
        words = nw.lit(UNDECIDED)
        for place, band in enumerate(bands):
            words = nw.when(at == nw.lit(place)).then(nw.lit(band.key)).otherwise(words)
        return words

    @property
    def _depth(self) -> int:
        ends = (f"score.{self._card.key}.{end}" for end in ("low", "high"))
        depths = [self._facts.columns.ready(name)[1] for name in ends if self._facts.has(name)]
        return max((*depths, *(rails.depth for rails in self.items.values())))

    @property
    def coverage(self) -> nw.Expr:
        """The share of the points that is decided, added up in the order of the card."""
        decided = nw.lit(0.0)
        for item in self._card.items:
            open_ = self._undecided(item.key)
            if isinstance(open_, bool):
                decided = decided + nw.lit(0.0 if open_ else item.most)
            else:
                most = nw.when(open_).then(nw.lit(0.0)).otherwise(nw.lit(item.most))
                decided = decided + most
        # By a column: polars divides by a number through its reciprocal, which is less exact.
        return decided / (decided * nw.lit(0.0) + nw.lit(self._card.total))

    @property
    def unknown(self) -> nw.Expr:
        """How many facts are not known that an undecided item reads."""
        rails = []
        for name in self._has:
            items = [item.key for item in self._card.items if name in item.rule.facts]
            undecided = either(*(self._undecided(key) for key in items))
            rails.append(both(flip(self._known(name)), undecided))
        return _sum(rails)

    def _known(self, name: str) -> Rail:
        if not self._has[name]:
            return False
        if self._facts.columns.source(name) is not None:
            return self._facts.columns.known(name)[0]
        flag = self._facts.columns.rails(FlagIs(name))  # one that follows from other facts
        return either(flag.yes, flag.no)


def _sum(rails: Iterable[Rail]) -> nw.Expr:
    numbers = [nw.lit(0).cast(nw.Int64)]
    for rail in rails:
        if rail is True:
            numbers.append(nw.lit(1).cast(nw.Int64))
        elif rail is not False:
            numbers.append(rail.cast(nw.Int64))
    return reduce(add, numbers)


def _expr(rail: Rail) -> nw.Expr:
    return nw.lit(rail) if isinstance(rail, bool) else rail
