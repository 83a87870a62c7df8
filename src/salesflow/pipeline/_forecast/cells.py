"""What the engine counts and adds up for a forecast, by everything that decides on a line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import prod
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.facts import FORECAST_CATEGORIES, ForecastCategory
from salesflow.pipeline._forecast.at_odds import AtOdds
from salesflow.pipeline._forecast.calls import SAID
from salesflow.pipeline._forecast.cell import Cell, Counts
from salesflow.pipeline._forecast.chance_columns import Learned, chance_that_counts
from salesflow.pipeline._forecast.largest_deals import Likely, largest_of
from salesflow.pipeline._forecast.open_deals import MOST
from salesflow.pipeline._forecast.periods import Period, slots_of
from salesflow.pipeline._forecast.sum_distribution import LARGEST
from salesflow.pipeline._forecast.values import OUTSIDE, Caller
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import (
    expr_of,
    number_of,
    plain_value,
    rows_of,
    stepped,
)
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.groups import Chosen, Grouping, GroupValue
from salesflow.pipeline._frames.position import is_value
from salesflow.pipeline._metrics.sums import Sums, large_part, rest_of
from salesflow.pipeline._metrics.worth import Worth
from salesflow.playbook._parts import CALLS, CATEGORY
from salesflow.rules.columns import Frame, Rail, both, either, flip

_DAYS: Final = 4_000_000  # more than any day's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What was found.

    Attributes:
        cells: In no order that means anything.
        largest: The largest open deals, of each period, or of all where days are told.
        chosen: Which groups are shown; None where nobody asked for groups.
        at_odds: The deals that somebody commits to and that are at odds with it.
        lacking: The facts that have no column.
        later: The rows that lie after the day.
    """

    cells: Sequence[Cell]
    largest: Sequence[Likely]
    chosen: Chosen | None
    at_odds: AtOdds
    lacking: Collection[str]
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller asks of the deals.

    Attributes:
        periods: In their order.
        call: Whose word counts.
        learned: Learned chances, if any.
        by_day: Sums by the day on which deals are expected are needed.
        top: How many groups to show.
        wanted: Groups that are shown in any case.
    """

    periods: tuple[Period, ...]
    call: Caller
    learned: Learned | None = None
    by_day: bool = False
    top: int = 1
    wanted: Collection[tuple[GroupValue, ...]] = field(default=())


class CellQueries:
    """Asks the frame of deals."""

    def __init__(
        self, deals: Deals, facts: FactColumns, asked: Asked, grouping: Grouping | None
    ) -> None:
        self._deals, self._facts, self._asked = deals, facts, asked
        self._given = deals.columns
        self._grouping = grouping
        self._day = deals.options.day
        self._sums = Sums(deals, facts)
        self._lacking: dict[str, None] = {}
        self._sizes: dict[str, int] = {}
        self._columns: dict[str, nw.Expr] = {}
        self._days: dict[str, nw.Expr] = {}
        self._flags: dict[str, Rail] = {}
        self._steps: list[tuple[float, nw.Expr]] = []
        self._likely: tuple[nw.Expr, nw.Expr, nw.Expr] | None = None

    def found(self) -> Cells:
        """The cells and the largest deals.

        Raises:
            FrameError: With everything that is wrong with the frame.
            ArgumentError: The same, where an argument is among it.
        """
        given, grouping, facts = self._given, self._grouping, self._facts
        texts: dict[str, nw.Expr] = {}
        try:
            at_odds = AtOdds(self._deals, facts, self._asked.call)
            self._look(at_odds)
            if grouping is not None:
                texts = grouping.texts(facts.where)
        except FrameError as error:  # what the engine cannot tell, with its name
            given.problems += error.problems
            raise given.refusal(self._deals.message) from error
        key = self._deals.key.expr()
        given.refuse(self._deals.message)
        with self._deals.asking():
            work = facts.columns.apply(given.frame)
            if given.eager and isinstance(work, nw.LazyFrame):
                work = work.collect()
            # polars takes the columns that it needs where it sees the whole query, and counts
            # distinct keys in half the time.
            is_polars = work.implementation.is_polars()
            counts = self._sums.check(work.lazy() if is_polars else work)
            chosen, group = None, nw.lit(0).cast(nw.Int64())
            if grouping is not None:
                work = work.with_columns(**texts, counts=number_of(flip(facts.where.later[0])))
                number = nw.col("counts").sum() if counts["later"] else nw.len()
                chosen = grouping.chosen(work, self._asked.top, number, self._asked.wanted)
                work = work.with_columns(group=grouping.number(chosen))
                group = nw.col("group")
            self._columns["group"] = group
            counted: Any = work.lazy() if is_polars else work
            counted = counted.filter(expr_of(self._counted))
            cells = list(self._cells(counted.with_columns(cell=self._cell())))
            largest = list(self._largest(counted, key))
        return Cells(
            cells=cells,
            largest=largest,
            chosen=chosen,
            at_odds=at_odds,
            lacking=tuple(self._lacking),
            later=counts["later"],
        )

    def _look(self, at_odds: AtOdds) -> None:
        facts, where = self._facts, self._facts.where
        facts.has("outcome")
        later = where.later[0]
        self._open = where.group("open")[0]
        won = both(is_value(facts.columns, "outcome", "won").yes, flip(later))
        self._won = won
        self._counted = either(self._open, won)
        for fact in CALLS.values():
            if not facts.has(fact):
                self._lacking[fact] = None
        self._sums.counted["later"] = later
        self._sums.look_at_labels()
        self._columns["won"], self._sizes["won"] = number_of(won), 2
        self._columns["at_odds"], self._sizes["at_odds"] = number_of(at_odds.rows), 2
        self._find_says()
        self._find_days()
        worth = self._sums.worth()
        if worth.lacking:
            self._lacking["amount"] = None
        self._find_columns(worth)

    def _find_says(self) -> None:
        facts = self._facts
        facts.has(CATEGORY)
        for name, fact in SAID.items():
            found: nw.Expr = nw.lit(0)
            if fact not in self._lacking:
                for number, category in enumerate(FORECAST_CATEGORIES, 1):
                    rail = is_value(facts.columns, fact, category).yes
                    found = nw.when(expr_of(rail)).then(nw.lit(number)).otherwise(found)
            if name != "stage":
                wrong = both(self._open, facts.strange().get(fact, False))
                self._sums.refuse(fact, wrong, "is no forecast category", "unknown_category")
                found = nw.when(expr_of(self._open)).then(found).otherwise(nw.lit(0))
            self._columns[name] = found.cast(nw.Int64())
            self._sizes[name] = len(FORECAST_CATEGORIES) + 1

    def _find_days(self) -> None:
        """The day on which each row was closed, or is expected to; and where periods begin."""
        self._steps = [
            (float(first.toordinal()), nw.lit(self._number(slot)))
            for slot, first in slots_of(self._asked.periods)
        ]
        none = nw.lit(0.0)
        for fact, rows in (("closed_on", self._won), ("expected_close_on", self._open)):
            day = self._facts.ordinal(fact)
            self._days[fact] = none
            if day is not None:
                known = expr_of(both(rows, self._facts.columns.known(fact)[0]))
                self._days[fact] = nw.when(known).then(day[0]).otherwise(none)
            elif not self._facts.has(fact):
                self._lacking[fact] = None

    def _find_columns(self, worth: Worth) -> None:
        """Everything by row, in as few steps as can be: an engine plans each of them anew."""
        columns, sums = self._facts.columns, self._sums
        none, one = nw.lit(0.0), nw.lit(1.0)
        chance, likely = worth.chance, worth.likely
        if worth.amount is not None and self._asked.learned is not None:
            learned = self._asked.learned.column(self._facts, self._day)
            chance, likely = chance_that_counts(self._facts, learned, worth)
        valued = both(self._open, worth.known)
        amount = none if worth.amount is None else worth.amount
        told = none if chance is None else chance
        weighed: Rail = False if chance is None else both(valued, likely)
        finite = expr_of(both(weighed, flip(worth.endless)))
        found = [self._category(), *self._days.values(), finite & (told > none)]
        category, closed, expected, possible = columns.last("days and chances", *found)
        today = nw.lit(float(self._day.toordinal()))
        overdue = (expected > none) & (expected < today)
        # It can close no earlier than on the day that is asked on.
        now = nw.when(overdue).then(today).otherwise(expected)
        day = nw.when(closed > none).then(closed).otherwise(now)
        mean, square = amount * told, amount * amount * told * (one - told)
        day, mean, square = columns.last(
            "expected",
            day,
            nw.when(expr_of(weighed)).then(mean).otherwise(none),
            nw.when(possible).then(square).otherwise(none),
        )
        slot = stepped(day, self._steps[0][1], self._steps[1:])
        slot = nw.when(day > none).then(slot).otherwise(nw.lit(self._number("undated")))
        squares = {"variance": square}
        if self._asked.by_day:
            squares["square"] = nw.when(possible).then(mean * mean).otherwise(none)
        large = (large_part(it, self._given.engine) for it in squares.values())
        slot, *large_parts = columns.last("slot", slot.cast(nw.Int64()), *large)
        self._columns["slot"] = slot
        self._sizes["slot"] = len(self._asked.periods) + len(OUTSIDE)
        self._columns["overdue"], self._sizes["overdue"] = number_of(overdue), 2
        self._flags = {"with_amount": worth.known, "with_weighted": weighed}
        self._flags |= {"rateless": worth.rateless, "endless": worth.endless, "possible": possible}
        if worth.amount is not None:
            self._flags["unlikely"] = both(valued, flip(likely))
            self._flags["negative"] = possible & (amount < none)
            self._flags["huge"] = possible & (amount > nw.lit(MOST))
        (code,) = columns.last("code", self._code())
        self._columns = {"slot": slot, "category": category, "code": code}
        self._expected = expected
        if worth.amount is None:
            return
        added = {"amount": nw.when(expr_of(worth.known)).then(amount).otherwise(none)}
        if chance is not None:
            self._likely = possible, amount, told
            added["weighted"] = mean
            for (name, number), part in zip(squares.items(), large_parts, strict=True):
                sums.add_whole(**{f"{name} large": part})
                added[f"{name} rest"] = rest_of(number, part)
        sums.add_columns(**added)

    def _code(self) -> nw.Expr:
        """Everything that decides on a line, as one whole number: engines group one fastest."""
        code, size = nw.lit(0).cast(nw.Int64()), 1
        for name, rail in self._flags.items():
            if not isinstance(rail, bool):
                self._columns[name], self._sizes[name] = number_of(rail), 2
        for name, number in self._sizes.items():
            code = code + self._columns[name] * nw.lit(size)
            size *= number
        return code

    def _cell(self) -> nw.Expr:
        """The same with the group and, where that is told, the day."""
        size = prod(self._sizes.values())
        cell = self._columns["code"] + self._columns["group"] * nw.lit(size)
        if self._asked.by_day:
            cell = cell * nw.lit(_DAYS) + self._expected.cast(nw.Int64())
        return cell

    def _cells(self, work: Frame) -> Iterator[Cell]:
        constant = {name: int(rail) for name, rail in self._flags.items() if isinstance(rail, bool)}
        for code, (counts, sums) in self._sums.ask_by(work, "cell", checked=True).items():
            day, parts = 0, dict(constant)
            if self._asked.by_day:
                code, day = divmod(code, _DAYS)  # noqa: PLW2901 - what is left of it
            for name, size in self._sizes.items():
                code, parts[name] = divmod(code, size)  # noqa: PLW2901
            parts["group"] = code
            says = {name: FORECAST_CATEGORIES[parts[name] - 1] for name in SAID if parts[name]}
            rows = counts["rows"]
            yield Cell(
                slot=self._slot(parts["slot"]),
                group=parts["group"],
                won=bool(parts["won"]),
                overdue=bool(parts["overdue"]),
                at_odds=bool(parts["at_odds"]),
                says=cast("Mapping[Caller, ForecastCategory]", says),
                day=date.fromordinal(day) if day else None,
                counts=Counts(rows, **{name: rows * parts[name] for name in self._flags}),
                sums=sums,
            )

    def _slot(self, number: int) -> int | str:
        slots = len(self._asked.periods)
        return number if number < slots else OUTSIDE[number - slots]

    def _number(self, slot: int | str) -> int:
        if isinstance(slot, int):
            return slot
        return len(self._asked.periods) + OUTSIDE.index(slot)

    def _largest(self, work: Frame, key: nw.Expr) -> Iterator[Likely]:
        """The largest open deals that count: of each period, or of all where days are told."""
        if self._likely is None:
            return
        possible, amount, chance = self._likely
        category = self._columns["category"]
        omitted = nw.lit(FORECAST_CATEGORIES.index("omitted") + 1)
        counted = possible & (category < omitted) & (category > nw.lit(0))
        day = self._expected
        rows = work.select(
            key.alias("key"),
            amount.alias("amount"),
            chance.alias("chance"),
            nw.when(counted).then(self._columns["slot"]).otherwise(nw.lit(-1)).alias("slot"),
            self._columns["group"].alias("group"),
            day.alias("day"),
        )
        slot, number = nw.col("slot"), LARGEST
        some = [slot == nw.lit(at) for at in range(len(self._asked.periods))]
        if self._asked.by_day:
            number = 2 * LARGEST
            some = [(slot >= nw.lit(0)) & (nw.col("day") > nw.lit(0.0))]
        for row in rows_of(largest_of(rows, some, number)):
            if row["here"] != 1:
                continue
            yield Likely(
                key=plain_value(row["key"]),
                slot=self._slot(int(row["slot"])),
                group=int(row["group"]),
                amount=float(row["amount"]),
                chance=float(row["chance"]),
                day=date.fromordinal(int(row["day"])) if row["day"] else None,
            )

    def _category(self) -> nw.Expr:
        """What each row counts as in this forecast, by its number from 1; 0 where nobody says."""
        found = self._columns["stage"]
        for name in ("owner", "manager"):
            if self._asked.call in {"manager", name}:
                said = self._columns[name]
                found = nw.when(said > nw.lit(0)).then(said).otherwise(found)
        return found
