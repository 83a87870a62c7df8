"""What each deal of a frame is worth, in the playbook's currency, and how likely it is won."""

from __future__ import annotations

import sys

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.position import AS_GIVEN
from salesflow.pipeline._frames.stages import Place, Places
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import CONVERTIBLE, GIVEN
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Numbers, Rail, both, flip


class Worth:
    """The columns of amounts and probabilities.

    Attributes:
        lacking: No column holds the amount.
        amount: The amount; None where none can be told, as of a column without a single value.
        known: Where it is known.
        rateless: Where it has no rate into the playbook's currency, so that it is not known.
        endless: Where it is infinite.
        of_stage: The probability of each deal's stage or sub-stage, below 0 where it has none.
        own: The deal's own; None where no deal has one.
        has_own: Where there is one.
        chance: The deal's own or else that of its stage; None where no deal has one.
        likely: Where there is one.
        no_chance: Where what should be a probability is none.
    """

    def __init__(self, deals: Deals, facts: FactColumns) -> None:
        """Ask for the columns.

        Raises:
            FrameError: What the engine cannot tell.
        """
        self._deals, self._facts = deals, facts
        self.amount: nw.Expr | None = None
        self.known: Rail = False
        self.rateless: Rail = False
        self.endless: Rail = False
        self.of_stage: nw.Expr = nw.lit(-1.0)
        self.own: nw.Expr | None = None
        self.has_own: Rail = False
        self.chance: nw.Expr | None = None
        self.likely: Rail = False
        self.no_chance: Rail = False
        self.lacking = not facts.has("amount")
        if self.lacking:
            return
        source, _ = facts.columns.ready("amount")
        if not isinstance(source, Numbers):
            facts.has("probability")  # so that what is wrong with it is told, too
            return  # a column without a single value, or one of another type
        self.amount, self.known = source.key(), facts.columns.known("amount")[0]
        self._find_uncounted()
        self._find_chance()

    def _find_uncounted(self) -> None:
        facts, given = self._facts, self._deals.columns
        converted = facts.columns.source(AS_GIVEN["amount"]) is not None
        facts.has(f"amount{GIVEN}")
        filled = facts.columns.rails(Flag(f"amount{GIVEN}")).yes
        if converted and facts.has(f"amount{CONVERTIBLE}"):
            has_rate = facts.columns.rails(Flag(f"amount{CONVERTIBLE}")).yes
            self.rateless = both(filled, flip(has_rate))
        dtype = given.type_of("amount")
        if dtype is not None and dtype.is_float():  # infinity may be in it
            raw, _ = facts.columns.ready(AS_GIVEN["amount"] if converted else "amount")
            beyond = raw.key().abs() > given.number(sys.float_info.max)
            self.endless = both(filled, beyond.fill_null(value=False))

    def _find_chance(self) -> None:
        code, depth = self._facts.where.code
        has_any = False
        for place in Places(self._deals.playbook):
            chance = _probability(self._deals.playbook, place)
            if chance is not None:
                here = code == nw.lit(place.code)
                self.of_stage = nw.when(here).then(nw.lit(chance)).otherwise(self.of_stage)
                has_any = True
        found = self.of_stage
        if self._facts.has("probability"):
            source, _ = self._facts.columns.ready("probability")
            if isinstance(source, Numbers):
                self.own = own = source.key()
                self.has_own, later = self._facts.columns.known("probability")
                depth = max(depth, later)
                self.no_chance = both(self.has_own, ~((own >= 0.0) & (own <= 1.0)))
                found = nw.when(expr_of(self.has_own)).then(own).otherwise(found)
                has_any = True
        if has_any:
            self.chance, _ = self._facts.columns.column("chance", found, depth)
            self.likely = (self.chance >= nw.lit(0.0)).fill_null(value=False)


def _probability(playbook: Playbook, place: Place) -> float | None:
    if place.stage is None:
        return None
    if place.sub_stage is not None:
        return place.positions[0].probability
    return playbook.stage(place.stage).probability
