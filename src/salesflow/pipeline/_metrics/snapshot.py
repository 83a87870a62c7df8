"""What one row per deal says: sums, and days with how often each occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.facts import ForecastCategory
from salesflow.pipeline._day_figures import DayFigures
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import number_of, rows_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.groups import Chosen, Grouping
from salesflow.pipeline._frames.position import is_value
from salesflow.pipeline._frames.stages import ENDS
from salesflow.pipeline._metrics.sums import Sums, Total
from salesflow.playbook._parts import CATEGORY
from salesflow.qualify._hygiene_facts import AGE, rested_in
from salesflow.rules.columns import Frame, Rail, both, either, flip

SURER: Final[tuple[ForecastCategory, ...]] = ("commit", "best_case")
SUMMED: Final = ("open", *SURER, "won")
"""The deals whose amounts are added up as they are."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was found.

    Attributes:
        counts: Deals, by `deals`, `open`, `won`, `lost`, `disqualified`, and those of `SUMMED`;
            `later`, the rows that lie after the day and are none of these; `with_…`, those that
            have what a sum needs; `rateless_…`, those whose amount has no rate; and `endless_…`,
            those whose amount is infinite.
        sums: Of `SUMMED` and `weighted`, amounts.
        days: `cycle`, `slippage`, `age` and `overdue`, how often each number of days occurs; None
            where the columns for it are missing.
        lacking: By figure, the facts that have no column.
        currency: Of the sums; None where nobody says in what the amounts are.
        labels: By fact, what labels were read as that are no keys and that nobody explained.
    """

    counts: Mapping[str, int]
    sums: Mapping[str, float]
    days: Mapping[str, DayFigures | None]
    lacking: Mapping[str, tuple[str, ...]]
    currency: str | None
    labels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What was found of all deals, and of each group of them.

    Attributes:
        all: All deals.
        groups: By the number of the group; those that are not shown come last, together.
        chosen: Which groups are shown; None where nobody asked for groups.
        keys: The column `case` of keys, and the number of the `group` that each deal is in.
    """

    all: Snapshot
    groups: Sequence[Snapshot] = ()
    chosen: Chosen | None = None
    keys: Frame | None = None


def look_at(deals: Deals, grouping: Grouping | None = None, top: int = 0) -> Snapshots:
    """Ask the frame of all deals and, where they are grouped, of the `top` largest groups.

    Raises:
        FrameError: With everything that is wrong with it.
        ArgumentError: The same, where an argument is among it.
    """
    if not (deals.key.usable and deals.stage.usable):
        raise deals.columns.refusal(deals.message)
    facts = FactColumns.of
    return deals.columns.asked(
        deals.message, lambda: _Look(deals, facts(deals), grouping).found(top)
    )


class _Look:
    def __init__(self, deals: Deals, facts: FactColumns, grouping: Grouping | None) -> None:
        self._deals = deals
        self._given = deals.columns
        self._facts = facts
        self._grouping = grouping
        self._sums = Sums(deals, facts)
        self._days: dict[str, tuple[Rail, nw.Expr]] = {}
        self._lacking: dict[str, tuple[str, ...]] = {}

    def found(self, top: int) -> Snapshots:
        given, grouping = self._given, self._grouping
        texts: dict[str, nw.Expr] | None = None
        try:
            self._look()
            if grouping is not None:
                texts = grouping.texts(self._facts.where)
        except FrameError as error:  # what the engine cannot tell, with its name
            given.problems += error.problems
        self._deals.key.expr()
        given.refuse(self._deals.message)
        with self._deals.asking():
            work = self._facts.columns.apply(given.frame)
            if given.eager and isinstance(work, nw.LazyFrame):
                work = work.collect()
            counts, sums = self._sums.ask(work)
            if grouping is None or texts is None:
                days = {name: self._days_of(work, name).get(0) for name in self._days}
                return Snapshots(self._snapshot(counts, sums, days))
            counted = number_of(flip(self._facts.where.later[0]))
            work = work.with_columns(**texts, counts=counted)
            # Where none lies after the day, nobody has to look which do.
            number = nw.col("counts").sum() if counts["later"] else nw.len()
            chosen = grouping.chosen(work, top, number)
            work = work.with_columns(group=grouping.number(chosen))
            apart = {name: self._days_of(work, name, "group") for name in self._days}
            parts = self._sums.ask_by(work, "group")
        together = {name: _together(found.values()) for name, found in apart.items()}
        groups = [
            self._snapshot(
                *parts.get(number, ({}, {})),
                {name: found.get(number) for name, found in apart.items()},
            )
            for number in range(len(chosen.texts) + bool(chosen.others))
        ]
        keys = work.select(self._deals.key.expr().alias("case"), "group")
        return Snapshots(self._snapshot(counts, sums, together), groups, chosen, keys)

    def _snapshot(
        self,
        counts: Mapping[str, int],
        totals: Mapping[str, Total],
        days: Mapping[str, DayFigures | None],
    ) -> Snapshot:
        found: dict[str, DayFigures | None] = dict.fromkeys(self._lacking)
        found |= {name: figures or DayFigures({}) for name, figures in days.items()}
        currency = currency_said(self._given, self._deals.options, self._deals.playbook.currency)
        counts = {**counts, "deals": counts["rows"] - counts["later"]} if counts else counts
        sums = {name: total.value for name, total in totals.items()}
        return Snapshot(counts, sums, found, self._lacking, currency, self._given.labels.told)

    def _look(self) -> None:
        facts = self._facts
        facts.has("outcome")
        later = facts.where.later[0]
        rows = {
            name: both(is_value(facts.columns, "outcome", name).yes, flip(later)) for name in ENDS
        }
        rows["open"] = facts.where.group("open")[0]
        self._sums.counted |= {**rows, "later": later}
        self._sums.look_at_labels()
        self._amounts(rows)
        closed = either(rows["won"], rows["lost"])
        begun, rested = rested_in(AGE)
        self._between("cycle", rows["won"], begun, "closed_on", rested)
        self._between("slippage", closed, "expected_close_on", "closed_on")
        self._between("age", rows["open"], begun, None, rested)
        self._between("overdue", rows["open"], "expected_close_on", None)

    def _amounts(self, rows: Mapping[str, Rail]) -> None:
        sums, worth = self._sums, self._sums.worth()
        if worth.lacking:
            for name in (*(f"{it}_value" for it in SUMMED), "weighted_pipeline"):
                self._lacking[name] = ("amount",)
        if worth.amount is None:
            return
        rows = {**rows, **{name: self._counts_as(name) for name in SURER}}
        added = {name: (both(rows[name], worth.known), worth.amount) for name in SUMMED}
        for name in added:
            sums.counted[name] = rows[name]
            sums.counted[f"rateless_{name}"] = both(rows[name], worth.rateless)
            sums.counted[f"endless_{name}"] = both(rows[name], worth.endless)
        if worth.chance is not None:
            likely = both(rows["open"], worth.known, worth.likely)
            added["weighted"] = likely, worth.amount * worth.chance
        sums.add(**added)

    def _counts_as(self, category: ForecastCategory) -> Rail:
        """The open deals that count as this in the forecast, by where they stand."""
        facts = self._facts
        facts.has(CATEGORY)
        return both(facts.where.group("open")[0], is_value(facts.columns, CATEGORY, category).yes)

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

    def _days_of(self, work: Frame, name: str, *group: str) -> dict[int, DayFigures]:
        rows, days = self._days[name]
        if isinstance(rows, bool):
            return {}
        return days_of(work.filter(rows).select(*group, days.cast(nw.Float64).alias("days")))


def days_of(frame: Frame) -> dict[int, DayFigures]:
    """How often each number of the column `days` occurs, by `group`; without that, all by 0."""
    columns = frame.collect_schema().names()
    found: dict[int, dict[int, int]] = {}
    for row in rows_of(frame.group_by(*columns).agg(nw.len().alias("n"))):
        counts = found.setdefault(int(row.get("group", 0)), {})
        counts[int(row["days"])] = counts.get(int(row["days"]), 0) + int(row["n"])
    return {group: DayFigures(counts) for group, counts in found.items()}


def _together(parts: Iterable[DayFigures]) -> DayFigures:
    found: Counter[int] = Counter()
    for part in parts:
        found.update(part.counts)
    return DayFigures(found)
