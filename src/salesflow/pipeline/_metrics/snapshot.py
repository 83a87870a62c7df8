"""What one row per deal says: sums, and days with how often each occurs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, floor_of, rows_of, whole
from salesflow.pipeline._frames.fact_columns import FactColumns, unmapped
from salesflow.pipeline._frames.position import AS_GIVEN, is_value
from salesflow.pipeline._frames.stages import ENDS, Place, Places
from salesflow.pipeline._metrics import values
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import AGE, CONVERTIBLE, GIVEN, rested_in
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Frame, Numbers, Rail, both, either, flip

MESSAGE: Final = "These figures cannot be worked out like this."
_PARTS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was found.

    Attributes:
        counts: Deals, by `deals`, `open`, `won`, `lost`, `disqualified`; `later`, the rows that lie
            after the day and are none of these; `with_…`, those that have what a sum needs;
            `rateless_…`, those whose amount has no rate; and `endless_…`, those whose amount is
            infinite.
        sums: `open`, `won` and `weighted`, amounts.
        days: `cycle`, `slippage`, `age` and `overdue`, how often each number of days occurs; None
            where the columns for it are missing.
        lacking: By figure, the facts that have no column.
        currency: Of the sums; None where nobody says in what the amounts are.
    """

    counts: Mapping[str, int]
    sums: Mapping[str, float]
    days: Mapping[str, values.DayFigures | None]
    lacking: Mapping[str, tuple[str, ...]]
    currency: str | None


def look_at(deals: Deals) -> Snapshot:
    """Ask the frame.

    Raises:
        FrameError: With everything that is wrong with it.
        ArgumentError: The same, where an argument is among it.
    """
    if not (deals.key.usable and deals.stage.usable):
        raise deals.columns.refusal(MESSAGE)
    return _Look(deals, FactColumns.of(deals)).found()


class _Look:
    def __init__(self, deals: Deals, facts: FactColumns) -> None:
        self._deals = deals
        self._given = deals.columns
        self._facts = facts
        self._counted: dict[str, Rail] = {}
        self._summed: dict[str, tuple[nw.Expr, nw.Expr]] = {}
        self._days: dict[str, tuple[Rail, nw.Expr]] = {}
        self._lacking: dict[str, tuple[str, ...]] = {}

    def found(self) -> Snapshot:
        given = self._given
        try:
            self._look()
        except FrameError as error:  # what the engine cannot tell, with its name
            given.problems += error.problems
        self._deals.key.expr()
        given.refuse(MESSAGE)
        with self._deals.asking():
            work = self._facts.columns.apply(given.frame)
            if given.eager and isinstance(work, nw.LazyFrame):
                work = work.collect()
            counts, sums = self._answers(work)
            days = {name: self._histogram(work, *self._days[name]) for name in self._days}
        none: dict[str, values.DayFigures | None] = dict.fromkeys(self._lacking)
        currency = currency_said(given, self._deals.options, self._deals.playbook.currency)
        return Snapshot(counts, sums, {**none, **days}, self._lacking, currency)

    def _look(self) -> None:
        facts = self._facts
        facts.has("outcome")
        later = facts.where.later[0]
        rows = {
            name: both(is_value(facts.columns, "outcome", name).yes, flip(later)) for name in ENDS
        }
        rows["open"] = facts.where.group("open")[0]
        self._counted = {**rows, "later": later}
        self._counted["strange"] = unmapped(facts.columns, AS_GIVEN["outcome"])
        self._amounts(rows)
        closed = either(rows["won"], rows["lost"])
        begun, rested = rested_in(AGE)
        self._between("cycle", rows["won"], begun, "closed_on", rested)
        self._between("slippage", closed, "expected_close_on", "closed_on")
        self._between("age", rows["open"], begun, None, rested)
        self._between("overdue", rows["open"], "expected_close_on", None)

    def _amounts(self, rows: Mapping[str, Rail]) -> None:
        facts = self._facts
        if not facts.has("amount"):
            for name in ("open_value", "won_value", "weighted_pipeline"):
                self._lacking[name] = ("amount",)
            return
        source, _ = facts.columns.ready("amount")
        if not isinstance(source, Numbers):
            return  # a column without a single value
        amount, known = source.key(), facts.columns.known("amount")[0]
        rateless, endless = self._uncounted()
        for name in ("open", "won"):
            self._add_sum(name, both(rows[name], known), amount)
            self._counted[f"rateless_{name}"] = both(rows[name], rateless)
            self._counted[f"endless_{name}"] = both(rows[name], endless)
        chance, has_chance = self._chance()
        if chance is not None:
            self._add_sum("weighted", both(rows["open"], known, has_chance), amount * chance)

    def _uncounted(self) -> tuple[Rail, Rail]:
        """Where an amount has no rate into the playbook's currency, and where it is infinite."""
        facts, given = self._facts, self._given
        converted = facts.columns.source(AS_GIVEN["amount"]) is not None
        rateless: Rail = False
        endless: Rail = False
        facts.has(f"amount{GIVEN}")
        filled = facts.columns.rails(Flag(f"amount{GIVEN}")).yes
        if converted and facts.has(f"amount{CONVERTIBLE}"):
            has_rate = facts.columns.rails(Flag(f"amount{CONVERTIBLE}")).yes
            rateless = both(filled, flip(has_rate))
        dtype = given.type_of("amount")
        if dtype is not None and dtype.is_float():  # infinity may be in it
            raw, _ = facts.columns.ready(AS_GIVEN["amount"] if converted else "amount")
            beyond = raw.key().abs() > given.number(sys.float_info.max)
            endless = both(filled, beyond.fill_null(value=False))
        return rateless, endless

    def _add_sum(self, name: str, rows: Rail, amount: nw.Expr) -> None:
        self._counted[f"with_{name}"] = rows
        # Whole units and millionths apart: sums of whole numbers do not depend on the order in
        # which an engine adds them up, and sums of fractions do.
        taken = nw.when(expr_of(rows)).then(amount).otherwise(nw.lit(0.0))
        units = floor_of(taken)
        self._summed[name] = units, floor_of((taken - units) * _PARTS + 0.5)

    def _chance(self) -> tuple[nw.Expr | None, Rail]:
        """The probability: the deal's own, or else its stage's."""
        code, depth = self._facts.where.code
        found: nw.Expr = nw.lit(-1.0)
        has_any = False
        for place in Places(self._deals.playbook):
            chance = _probability(self._deals.playbook, place)
            if chance is not None:
                found = nw.when(code == nw.lit(place.code)).then(nw.lit(chance)).otherwise(found)
                has_any = True
        if self._facts.has("probability"):
            source, _ = self._facts.columns.ready("probability")
            if isinstance(source, Numbers):
                own = source.key()
                known, later = self._facts.columns.known("probability")
                depth = max(depth, later)
                self._counted["no_chance"] = both(known, ~((own >= 0.0) & (own <= 1.0)))
                found = nw.when(expr_of(known)).then(own).otherwise(found)
                has_any = True
        if not has_any:
            return None, False
        column, _ = self._facts.columns.column("chance", found, depth)
        return column, (column >= nw.lit(0.0)).fill_null(value=False)

    def _between(
        self, name: str, rows: Rail, first: str, last: str | None, rested: str | None = None
    ) -> None:
        """The days from one fact to another, or to the day of the figures, without the `rested`."""
        on_hold = () if rested is None else self._facts.rested(rested)
        names = [fact for fact in (first, last, *on_hold) if fact is not None]
        lacking = tuple(fact for fact in names if not self._facts.has(fact))
        if lacking:
            self._lacking[name] = lacking
            return
        days = self._facts.elapsed(first, last, rested)
        known = both(rows, *(self._facts.columns.known(fact)[0] for fact in names))
        if days is None or known is False:
            self._days[name] = (False, nw.lit(0.0))
        else:
            self._days[name] = (known, days[0])

    def _answers(self, work: Frame) -> tuple[dict[str, int], dict[str, float]]:
        key = self._deals.key
        unplaced = self._deals.stage.unplaced(self._facts.where.code[0])
        rails: dict[str, Rail] = self._counted | {"keyless": key.is_missing(), "unplaced": unplaced}
        exprs = {"rows": nw.len(), "keys": key.expr().n_unique()}
        exprs |= {
            name: rail.cast(nw.Int64).sum()
            for name, rail in rails.items()
            if not isinstance(rail, bool)
        }
        exprs |= {f"sum {name}": units.sum() for name, (units, _) in self._summed.items()}
        exprs |= {f"parts {name}": parts.sum() for name, (_, parts) in self._summed.items()}
        row = rows_of(work.select(*(expr.alias(name) for name, expr in exprs.items())))[0]
        counts = {name: whole(row.get(name)) for name in (*rails, "rows", "keys")}
        for name, rail in rails.items():
            if rail is True:
                counts[name] = counts["rows"]
        counts["deals"] = counts["rows"] - counts["later"]
        self._deals.note_content(work, counts, unplaced)
        self._refuse(counts)
        return counts, {name: _sum(row, name) for name in self._summed}

    def _refuse(self, counts: Mapping[str, int]) -> None:
        given = self._given
        if counts.get("no_chance"):
            column = given.column_of("probability") or "probability"
            message = f"{counts['no_chance']:,} probabilities are not between 0 and 1"
            given.note(column, message, "divide percentages by 100", "probability")
        if counts.get("strange"):
            column = given.column_of("outcome") or "outcome"
            message = amount_of(
                counts["strange"], "value is not an outcome", "values are not outcomes"
            )
            hint = 'say what they stand for: values={"outcome": {…}}; None for what is missing'
            given.note(column, message, hint, "unknown_outcome")
        given.refuse(MESSAGE)

    def _histogram(self, work: Frame, rows: Rail, days: nw.Expr) -> values.DayFigures:
        if isinstance(rows, bool):
            return values.DayFigures({})
        return days_of(work.filter(rows).select(days.cast(nw.Float64).alias("days")))


def days_of(frame: Frame) -> values.DayFigures:
    """How often each number of the column `days` occurs."""
    counted = rows_of(frame.group_by("days").agg(nw.len().alias("n")))
    return values.DayFigures({int(row["days"]): int(row["n"]) for row in counted})


def _sum(row: Mapping[str, Any], name: str) -> float:
    # Nothing, where there is no row; NaN, where the fraction of an infinite amount is.
    units, parts = (float(row[f"{part} {name}"] or 0.0) for part in ("sum", "parts"))
    return units + parts / _PARTS if isfinite(parts) else units


def _probability(playbook: Playbook, place: Place) -> float | None:
    if place.stage is None:
        return None
    if place.sub_stage is not None:
        return place.positions[0].probability
    return playbook.stage(place.stage).probability
