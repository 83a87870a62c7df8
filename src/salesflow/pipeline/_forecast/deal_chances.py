"""Open deals, a row each, with every chance that somebody gives them."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._forecast.calls import category
from salesflow.pipeline._forecast.chance_columns import Learned, chance_that_counts
from salesflow.pipeline._forecast.values import Caller
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, native
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._metrics.worth import Worth
from salesflow.rules.columns import Rail

_CHANCES: Final = ("stage_chance", "deal_chance", "learned_chance", "chance")

RESERVED: Final = ("place", "category", "amount", *_CHANCES)
"""What no key may be called."""


class DealChances:
    """The open deals of a forecast."""

    def __init__(self, deals: Deals, call: Caller, learned: Learned | None) -> None:
        self._deals, self._learned = deals, learned
        self._call: Caller = call

    def frame(self) -> object:
        """A row per open deal, in the caller's kind of frame."""
        deals = self._deals
        facts = FactColumns.of(deals)
        worth = Worth(deals, facts)
        learned, chance, likely = nw.lit(-1.0), worth.chance, worth.likely
        if self._learned is not None:
            learned = self._learned.column(facts, deals.options.day)
            chance, likely = chance_that_counts(facts, learned, worth)
        columns = {
            deals.key.name: deals.key.expr(),
            "place": facts.where.text()[0],
            "category": category(facts, self._call),
            "amount": _where(worth.known, worth.amount),
            "stage_chance": _where(worth.of_stage >= nw.lit(0.0), worth.of_stage),
            "deal_chance": _where(worth.has_own, worth.own),
            "learned_chance": _where(learned >= nw.lit(0.0), learned),
            "chance": _where(likely, chance),
        }
        rows = expr_of(facts.where.group("open")[0])
        with deals.asking():
            work = facts.columns.apply(deals.columns.frame).filter(rows)
            found = work.select(*(column.alias(name) for name, column in columns.items()))
            return native(found, eager=deals.columns.eager)


def _where(rows: Rail, number: nw.Expr | None) -> nw.Expr:
    """A number in some rows; missing in all others."""
    column = nw.lit(0.0) if number is None else number.cast(nw.Float64())
    return nw.when(expr_of(False if number is None else rows)).then(column)
