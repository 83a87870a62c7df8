"""What `salesflow.qualify` says of one deal on a card, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import add
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.facts import NOT_APPLICABLE
from salesflow.pipeline._frames.engines import expr_of, number_of
from salesflow.pipeline._frames.points import End, FactReader, NumberColumn, left_out, points_of
from salesflow.playbook import Scorecard
from salesflow.qualify import UNDECIDED
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Rail, Rails, both, either, flip

OPEN: Final = -1


class CardColumns:
    """A card over the facts of a frame.

    Attributes:
        low: Points that are certain.
        high: Points that are still possible.
        items: By key of the item, where it holds and where it does not.
        has: By fact that the card reads, whether the frame has it.
    """

    def __init__(self, card: Scorecard, facts: FactReader, day: date, number: NumberColumn) -> None:
        self._card = card
        self._facts = facts
        # All are asked for before a rule is compiled: asking makes them known to the compiler.
        self.has = {name: facts.has(name) for name in facts_of_card(card)}
        for item in card.items:
            for flag in item.flags:
                facts.has(flag)
        self.items: dict[str, Rails] = {
            item.key: facts.columns.rails(item.rule.core(day)) for item in card.items
        }
        # Where an item that nothing can decide any more is left out of every total.
        self._left_out: dict[str, Rail] = {}
        self._depth = max(rails.depth for rails in self.items.values())
        for item in card.items:
            self._left_out[item.key], depth = left_out(item, facts, self.items[item.key])
            self._depth = max(self._depth, depth)
        self.low = self._points("low", day, number)
        self.high = self._points("high", day, number)

    def _points(self, end: End, day: date, number: NumberColumn) -> nw.Expr:
        points, depth = points_of(self._card, end, self._facts, day, number)
        found, depth = self._facts.columns.column(("points", self._card.key, end), points, depth)
        self._depth = max(self._depth, depth)
        return found

    def _undecided(self, key: str) -> Rail:
        rails = self.items[key]
        return flip(either(rails.yes, rails.no, self._left_out[key]))

    @property
    def band(self) -> nw.Expr:
        """The number of the band that the score is certain to be in; below 0 where none is."""
        at_low, at_high = nw.lit(0), nw.lit(0)
        for number, band in enumerate(self._card.bands[1:], start=1):
            at_low = nw.when(self.low >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_low)
            at_high = nw.when(self.high >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_high)
        knock_outs = [item.key for item in self._card.items if item.knock_out]
        open_ = either(*(self._undecided(key) for key in knock_outs))
        failed = either(*(self.items[key].no for key in knock_outs))
        if open_ is not False:
            # A knock-out that is still open may yet send the deal to the lowest band.
            at_low = nw.when(expr_of(open_)).then(nw.lit(0)).otherwise(at_low)
        found = nw.when(at_low == at_high).then(at_high).otherwise(nw.lit(OPEN))
        if failed is not False:
            found = nw.when(expr_of(failed)).then(nw.lit(0)).otherwise(found)
        key = ("band", self._card.key)
        return self._facts.columns.column(key, found.cast(nw.Int64), self._depth)[0]

    @property
    def verdict(self) -> nw.Expr:
        """The key of the band that the score is certain to be in, or "undecided"."""
        at, words = self.band, nw.lit(UNDECIDED)
        for place, band in enumerate(self._card.bands):
            words = nw.when(at == nw.lit(place)).then(nw.lit(band.key)).otherwise(words)
        return words

    @property
    def coverage(self) -> nw.Expr:
        """The share of the points that is decided, added up in the order of the card."""
        decided = nw.lit(0.0)
        skipped, some = nw.lit(0.0), False
        for item in self._card.items:
            out = self._left_out[item.key]
            points = nw.lit(abs(item.yes))
            settled = flip(either(self._undecided(item.key), out))
            if isinstance(settled, bool):
                decided = decided + nw.lit(abs(item.yes) if settled else 0.0)
            else:
                decided = decided + nw.when(settled).then(points).otherwise(nw.lit(0.0))
            if out is not False:
                skipped = skipped + nw.when(expr_of(out)).then(points).otherwise(nw.lit(0.0))
                some = True
        # By a column: polars divides by a number through its reciprocal, which is less exact.
        reach = decided * nw.lit(0.0) + nw.lit(self._card.reach)
        if not some:
            return decided / reach
        every = both(*self._left_out.values())
        whole = reach - skipped
        if every is False:
            return decided / whole
        part = decided / nw.when(expr_of(every)).then(nw.lit(1.0)).otherwise(whole)
        return nw.when(expr_of(every)).then(nw.lit(1.0)).otherwise(part)

    @property
    def unknown(self) -> nw.Expr:
        """How many facts are not known that an undecided item reads."""
        return self.unknown_of(self.has, self.items)

    def unknown_of(self, facts: Iterable[str], items: Iterable[str]) -> nw.Expr:
        """The same, of some of the facts and items alone."""
        asked = set(items)
        rails = []
        for name in facts:
            read = [item.key for item in self._card.items if name in item.rule.facts]
            undecided = either(*(self._undecided(key) for key in read if key in asked))
            rails.append(both(flip(self._known(name)), undecided, flip(self._skips(name))))
        return reduce(add, map(number_of, rails), nw.lit(0).cast(nw.Int64))

    def _skips(self, name: str) -> Rail:
        """Where a question does not apply, so that nobody need know the answer."""
        flag = f"{NOT_APPLICABLE}{name}"
        asked = any(name in item.skipped for item in self._card.items)
        return asked and self._facts.has(flag) and self._facts.columns.rails(Flag(flag)).yes

    def _known(self, name: str) -> Rail:
        if not self.has[name]:
            return False
        if self._facts.columns.source(name) is not None:
            return self._facts.columns.known(name)[0]
        flag = self._facts.columns.rails(Flag(name))  # one that follows from other facts
        return either(flag.yes, flag.no)


def facts_of_card(card: Scorecard) -> list[str]:
    """The facts that a card reads, in its order."""
    return list(dict.fromkeys(name for item in card.items for name in item.rule.reads))
