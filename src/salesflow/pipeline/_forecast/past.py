"""What a log and its deals say of past days: counted and added up by the engine of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._forecast.landmarks import reached
from salesflow.pipeline._forecast.sum_distribution import LARGEST
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import (
    engine_errors,
    expr_of,
    plain_value,
    rows_of,
    stepped,
    whole,
)
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.position import is_value
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import EventLog
from salesflow.pipeline._history.process_graph import Course, GraphNode
from salesflow.pipeline._history.snapshots import on_each
from salesflow.pipeline._history.steps import beside, entered, with_runs
from salesflow.pipeline._metrics.sums import Sums, Total, in_parts, joined, large_part, rest_of
from salesflow.playbook._parts import CALLS
from salesflow.rules.columns import Frame, among, both, engine_of, flip


@dataclass(slots=True)
class Tally:
    """Some deals, and what they are worth together.

    Attributes:
        deals: How many.
        valued: Those of them that have an amount that counts.
        amount: The sum of these.
        square: The sum of their squares.
        called: The sum of those that their owner called commit.
    """

    deals: int = 0
    valued: int = 0
    amount: float = 0.0
    square: float = 0.0
    called: float = 0.0


class Standing(NamedTuple):
    """Where deals stand, and for how long.

    Attributes:
        place: The code of the place.
        days: The last landmark since they came there.
    """

    place: int
    days: int


@dataclass(frozen=True, slots=True)
class LargeDeal:
    """One of the largest open deals of a day, and where it stands."""

    key: object
    standing: Standing
    amount: float


@dataclass(slots=True)
class PastDay:
    """What was so at the end of a day.

    Attributes:
        won: By the day on which they were won: the deals that are won.
        open: By where they stand, and for how long: the open deals.
        large: The largest of them, one by one and in order.
        won_later: By the same: those of the open deals that are won at the end of the period.
    """

    won: dict[int, Tally] = field(default_factory=dict)
    open: dict[Standing, Tally] = field(default_factory=dict)
    large: list[LargeDeal] = field(default_factory=list)
    won_later: dict[Standing, Tally] = field(default_factory=dict)

    def won_between(self, first: date, last: date) -> Tally:
        """The deals that are won, and were so in these days."""
        found = Tally()
        for day, tally in self.won.items():
            if first.toordinal() <= day <= last.toordinal():
                found.deals += tally.deals
                found.valued += tally.valued
                found.amount += tally.amount
        return found


class DealAmounts:
    """What each deal of a frame is worth, whatever the day.

    Attributes:
        frame: Columns `case`, `amount`, missing where none counts, and `called`, 1 where the
            owner's call is commit and else 0.
        has_calls: There is a column of the owner's call.
    """

    def __init__(self, deals: Deals) -> None:
        """Read the frame.

        Raises:
            FrameError: With everything that is wrong with it.
            ArgumentError: The same, where an argument is among it.
        """
        given = deals.columns
        self.frame, self.has_calls = given.asked(deals.message, lambda: self._read(deals))

    def _read(self, deals: Deals) -> tuple[Frame, bool]:
        given, facts = deals.columns, FactColumns.of(deals)
        sums = Sums(deals, facts)
        worth, has_calls = sums.worth(), facts.has(CALLS["owner"])
        calls: nw.Expr = nw.lit(0)
        if has_calls:
            is_commit = is_value(facts.columns, CALLS["owner"], "commit").yes
            calls = nw.when(expr_of(is_commit)).then(nw.lit(1)).otherwise(nw.lit(0))
            strange = facts.strange().get(CALLS["owner"], False)
            sums.refuse(CALLS["owner"], strange, "is no forecast category", "unknown_category")
        if worth.lacking:
            hint = 'name it: columns={"amount": "…"}'
            given.note("amount", "no column holds amount", hint, "no_column")
        key = deals.key.expr()
        given.refuse(deals.message)
        amount = nw.lit(None, dtype=nw.Float64()) if worth.amount is None else worth.amount
        counts = both(worth.known, flip(worth.endless), amount >= nw.lit(0.0))
        with deals.asking():
            work = facts.columns.apply(given.frame)
            if given.eager and isinstance(work, nw.LazyFrame):
                work = work.collect()
            sums.ask(work)
            valued = nw.when(expr_of(counts)).then(amount.cast(nw.Float64()))
            return work.select(
                key.alias("case"), valued.alias("amount"), calls.cast(nw.Int64()).alias("called")
            ), has_calls


class Past:
    """The deals of a log on past days."""

    def __init__(self, log: EventLog, course: Course, deals: DealAmounts) -> None:
        self._log, self._course, self._deals = log, course, deals

    def on(self, days: Mapping[date, date], ends: Iterable[date]) -> dict[date, PastDay]:
        """What was so on days, each with the last day of its period, and on other days, `ends`.

        Of the latter only the won deals are told.
        """
        found = {day: PastDay() for day in sorted({*days, *ends})}
        with engine_errors(self._log.frame):
            states = self._states()
            at_days = self._valued(on_each(states, self._log.frame, found, _COLUMNS))
            self._count_won(at_days, found)
            asked = sorted(days)
            open_ = self._valued(on_each(states, self._log.frame, asked, _COLUMNS))
            open_ = open_.filter(nw.col("open") == nw.lit(1))
            open_ = open_.with_columns(stood=reached(nw.col("number") - nw.col("from")))
            self._find_large(open_, found)
            self._count_open(open_, found)
            self._count_won_later(open_, states, days, found)
        return found

    def _states(self) -> Frame:
        """Where each deal was, from which day until before which."""
        log, nodes = self._log, self._course.nodes
        frame = entered(log, self._course, None).filter(nw.col("entry"))
        frame = beside(frame, ("case",), ("number",), {"until": ("day", -1)})
        frame = frame.with_columns(
            won=_is_one_of(nodes, {"won"}), over=_is_one_of(nodes, {"won", "lost", "disqualified"})
        )
        frame = with_runs(frame, "won", "last_other")
        frame = with_aggregates(frame, ["case", "won", "last_other"], ended=nw.col("day").min())
        frame = frame.select(
            "case",
            nw.col("day").alias("from"),
            "until",
            nw.col("code").cast(nw.Int64),
            nw.col("ended").cast(nw.Float64),
            nw.col("won").cast(nw.Int64),
            (~nw.col("over")).cast(nw.Int64).alias("open"),
        )
        if log.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        return frame

    def _valued(self, frame: Frame) -> Frame:
        """With what each deal is worth."""
        amounts = self._deals.frame
        if isinstance(frame, nw.DataFrame) and isinstance(amounts, nw.LazyFrame):
            amounts = amounts.collect()
        left = cast("nw.LazyFrame[Any]", frame)
        return left.join(cast("nw.LazyFrame[Any]", amounts), on="case", how="left")

    def _count_won(self, frame: Frame, found: Mapping[date, PastDay]) -> None:
        won = frame.filter(nw.col("won") == nw.lit(1))
        for row in _in_order(_tallied(won, "number", "ended"), "ended"):
            day = found[date.fromordinal(int(row["number"]))]
            day.won[int(row["ended"])] = _tally(row)

    def _find_large(self, frame: Frame, found: Mapping[date, PastDay]) -> None:
        rows = frame.filter(~nw.col("amount").is_null())
        rows = rows.with_columns(less=nw.col("amount") * nw.lit(-1.0), one=nw.lit(1))
        # By code and case, too: so that rows in any order say one thing.
        order = ("less", "code", "case")
        if isinstance(rows, nw.DataFrame):  # pyarrow does not count within groups
            rows = rows.sort("number", *order).with_row_index("row")
            rows = rows.with_columns(nw.col("row").cast(nw.Int64()))
            rows = with_aggregates(rows, ["number"], first=nw.col("row").min())
            rank = nw.col("row") - nw.col("first")
        else:
            rank = nw.col("one").cum_sum().over("number", order_by=order) - nw.lit(1)
        largest = rows.with_columns(rank=rank).filter(nw.col("rank") < nw.lit(LARGEST))
        largest = largest.select("number", "rank", "case", *_STANDING, "amount")
        for row in _in_order(largest, "rank"):
            day = found[date.fromordinal(int(row["number"]))]
            key = plain_value(row["case"])
            day.large.append(LargeDeal(key, _standing(row), float(row["amount"])))

    def _count_open(self, frame: Frame, found: Mapping[date, PastDay]) -> None:
        for row in _in_order(_tallied(frame, "number", *_STANDING), *_STANDING):
            day = found[date.fromordinal(int(row["number"]))]
            day.open[_standing(row)] = _tally(row)

    def _count_won_later(
        self,
        frame: Frame,
        states: Frame,
        days: Mapping[date, date],
        found: Mapping[date, PastDay],
    ) -> None:
        steps = [
            (float(day.toordinal()), nw.lit(float(days[day].toordinal()))) for day in sorted(days)
        ]
        rows = frame.with_columns(last=stepped(nw.col("number"), nw.lit(0.0), steps))
        won = states.filter(nw.col("won") == nw.lit(1)).select(
            "case", nw.col("from").alias("won_from"), nw.col("until").alias("won_until")
        )
        pairs = cast("nw.LazyFrame[Any]", rows).join(
            cast("nw.LazyFrame[Any]", won), on="case", how="inner"
        )
        last = nw.col("last")
        gone = (nw.col("won_until") <= last).fill_null(value=False)
        kept = pairs.filter((nw.col("won_from") <= last) & ~gone)
        for row in _in_order(_tallied(kept, "number", *_STANDING), *_STANDING):
            day = found[date.fromordinal(int(row["number"]))]
            day.won_later[_standing(row)] = _tally(row)


_COLUMNS: Final = ("number", "case", "code", "from", "ended", "won", "open")
_STANDING: Final = ("code", "stood")


def _in_order(frame: Frame, *by: str) -> list[dict[str, Any]]:
    """The rows in one order on every engine, for what is added up of them in floats."""
    return sorted(rows_of(frame), key=lambda row: [row[name] for name in by])


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(int(row["code"]), int(row["stood"]))


def _is_one_of(nodes: Iterable[GraphNode], outcomes: set[str]) -> nw.Expr:
    found = among(nw.col("code"), [node.code for node in nodes if node.outcome in outcomes])
    return nw.lit(value=found) if isinstance(found, bool) else found


def _tallied(frame: Frame, *by: str) -> Frame:
    """How many rows there are, and what they are worth, by some columns.

    Sums are told in whole units and millionths, so that no order of rows makes a difference.
    """
    amount = nw.col("amount").fill_null(0.0)
    square = amount * amount
    engine = engine_of(frame)
    large = large_part(square, engine)
    sums = {
        "amount": amount,
        "called": amount * nw.col("called").fill_null(0),
        "rest": rest_of(square, large),
    }
    parts = {"large": large}
    for name, number in sums.items():
        parts[name], parts[f"{name} parts"] = in_parts(number, engine)
    safe = {name: f"s{at}" for at, name in enumerate(parts)}
    rows = frame.select(
        *by,
        (~nw.col("amount").is_null()).cast(nw.Int64()).alias("valued"),
        *(expr.alias(safe[name]) for name, expr in parts.items()),
    )
    found = rows.group_by(*by).agg(
        nw.len().alias("n"),
        nw.col("valued").sum(),
        *(nw.col(column).sum() for column in safe.values()),
    )
    return found.rename({column: name for name, column in safe.items()})


def _tally(row: Mapping[str, Any]) -> Tally:
    def of(name: str) -> float:
        return Total(*(float(row[part] or 0.0) for part in (name, f"{name} parts"))).value

    return Tally(
        deals=whole(row["n"]),
        valued=whole(row["valued"]),
        amount=of("amount"),
        square=joined(float(row["large"] or 0.0), of("rest")),
        called=of("called"),
    )
