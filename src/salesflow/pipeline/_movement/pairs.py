"""Two snapshots beside each other: what became of each deal, and of the value of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from operator import add, or_
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow._frozen import FrozenDict
from salesflow.errors import FrameError
from salesflow.money._currencies import units_in
from salesflow.pipeline._checks.findings import one_of
from salesflow.pipeline._frames.engines import engine_errors, floor_of, native, rows_of, whole
from salesflow.pipeline._frames.stages import ENDS, Places
from salesflow.pipeline._movement.changes import LINES, Movement, MovementLine, StageMove
from salesflow.pipeline._movement.side import END, FIRST, MESSAGE, OPEN, SUMS, Side
from salesflow.rules.columns import Frame, engine_of

_SIGNED: Final = ("later", "more")
_SUMS: Final = ("large was", "rest was", "large worth", "rest worth")
_LARGE: Final = 1_000_000  # minor units; sums of millions and of the rest are exact, each alone


class Pairs:
    """Every deal of two snapshots, once."""

    def __init__(self, before: Side, after: Side, period: tuple[date, date] | None) -> None:
        """Only open deals that are expected to close in the `period` make up the pipeline.

        Raises:
            FrameError: The engine refuses to put them together.
        """
        self._sides = before, after
        self._period = period
        playbook = after.deals.playbook
        self._units = units_in(playbook.currency)
        self._words = [place.key for place in Places(playbook)]
        self._stages = len(self._words) - len(ENDS)
        self._eager = after.kind[1]
        self._whole = after.deals.columns.whole
        with engine_errors(self._whole):
            self._frame = self._together()

    def _together(self) -> Frame:
        """A row per deal.

        Each side has at most one, so that a sum is what that one says; a join would be undone by
        keys that engines compare in ways of their own.
        """
        parts = [side.told() for side in self._sides]
        names = [f"{when} {name}" for when in ("before", "after") for name in SUMS]
        both = nw.concat(cast("list[nw.LazyFrame[Any]]", parts))
        sums = [nw.col(name).sum().alias(name) for name in names]
        found: Frame = both.group_by("key").agg(*sums)
        # SQL adds up into larger numbers.
        found = found.select("key", *(nw.col(name).cast(nw.Int64()) for name in names))
        for when in ("before", "after"):
            facts = {f"{when} {name}": size for name, size in self._sides[1].sizes.items()}
            found = _apart(found, f"{when} facts", facts, f"{when} day")
        return found.with_columns(*(expr.alias(name) for name, expr in self._beside().items()))

    def _beside(self) -> Mapping[str, nw.Expr]:
        """What the two sides say together: the deals that count, days later and minor units."""
        found = {}
        for when in ("before", "after"):
            counted, day = nw.col(f"{when} end") == nw.lit(OPEN), nw.col(f"{when} day")
            if self._period is not None:
                first, last = (nw.lit(it.toordinal()) for it in self._period)
                counted = counted & (day >= first) & (day <= last)
            found[f"counted {when}"] = counted.cast(nw.Int64())
        days, none = [nw.col(f"{when} day") for when in ("before", "after")], nw.lit(0)
        dated = (days[0] > none) & (days[1] > none)
        found["later"] = nw.when(dated).then(days[1] - days[0]).otherwise(none)
        # A deal that was closed without an amount keeps its own.
        lacks = (nw.col("after valued") == none) & (nw.col("after end") > nw.lit(OPEN))
        worth = nw.when(lacks).then(nw.col("before units")).otherwise(nw.col("after units"))
        found["worth"] = worth
        found["more"] = worth - nw.col("before units")
        return found

    @cached_property
    def _is(self) -> Mapping[str, nw.Expr]:
        """What is true of a deal on either side; none of it is ever null."""
        found = {}
        for when in ("before", "after"):
            end = nw.col(f"{when} end")
            found[f"in {when}"] = end > nw.lit(0)
            found[f"open {when}"] = end == nw.lit(OPEN)
            found[f"counted {when}"] = nw.col(f"counted {when}") > nw.lit(0)
        found["later"], found["earlier"] = _signs("later")
        found["more"], found["less"] = _signs("more")
        return found

    @cached_property
    def kinds(self) -> Mapping[str, nw.Expr]:
        """By kind of change, whether a deal has it."""
        it = self._is
        both = it["in before"] & it["in after"]
        ends = nw.col("before end"), nw.col("after end")
        places = nw.col("before place"), nw.col("after place")
        stays = both & (ends[0] == ends[1])
        for place in places:
            known = (place >= nw.lit(FIRST)) & (place < nw.lit(FIRST + self._stages))
            stays = stays & known
        open_twice = it["open before"] & it["open after"]
        came = {
            end: it["in after"] & (ends[0] != ends[1]) & (ends[1] == nw.lit(code))
            for end, code in END.items()
        }
        return {
            "new": ~it["in before"],
            "gone": ~it["in after"],
            **came,
            "reopened": both & ~it["open before"] & it["open after"],
            "forward": stays & (places[0] < places[1]),
            "back": stays & (places[0] > places[1]),
            "slipped": open_twice & it["later"],
            "pulled_in": open_twice & it["earlier"],
            "grown": both & it["more"],
            "shrunk": both & it["less"],
        }

    @cached_property
    def _lines(self) -> Mapping[str, tuple[nw.Expr, int, int]]:
        """By line of the movement, the deals that it is of.

        And how often what each was worth before, and after, is part of its amount.
        """
        it = self._is
        old, now = it["counted before"], it["counted after"]
        enters, leaves, stays = now & ~old, old & ~now, old & it["in after"]
        end = nw.col("after end")
        return {
            "opening": (old, 1, 0),
            "new": (enters & ~it["in before"], 0, 1),
            "reopened": (enters & it["in before"] & ~it["open before"], 0, 1),
            "slipped_in": (enters & it["open before"], 0, 1),
            "grown": (stays & it["more"], -1, 1),
            "shrunk": (stays & it["less"], 1, -1),
            "slipped_out": (leaves & it["open after"], 0, 1),
            **{name: (leaves & (end == nw.lit(code)), 0, 1) for name, code in END.items()},
            "gone": (leaves & ~it["in after"], 1, 0),
            "closing": (now, 0, 1),
        }

    @property
    def _alike(self) -> Mapping[str, int]:
        """What decides on which kinds and lines a deal is in, and how many values it may have."""
        sizes = self._sides[1].sizes
        places = {
            f"{when} {name}": sizes[name]
            for when in ("before", "after")
            for name in ("place", "end")
        }
        counted = dict.fromkeys(("counted before", "counted after"), 2)
        return {**places, **counted, "later": 4, "more": 4}

    def _groups(self) -> Frame:
        """A row for all deals that are alike, with their number, and sums of minor units."""
        code, size = nw.lit(0).cast(nw.Int64()), 1
        for name, values in self._alike.items():
            value = nw.col(name)
            if name in _SIGNED:  # above 0, below, and neither
                above, below = (it.cast(nw.Int64()) for it in _signs(name))
                value = above * nw.lit(2) + below
            code = code + value * nw.lit(size)
            size *= values
        shared = self._shared()
        columns = [code.alias("alike"), nw.lit(1).cast(nw.Int64()).alias("n")]
        for name, value in (("was", nw.col("before units")), ("worth", nw.col("worth"))):
            units, many = value.cast(nw.Float64()), nw.lit(float(_LARGE))
            large = floor_of(units / many, engine_of(shared))
            columns.append(large.cast(nw.Int64()).alias(f"large {name}"))
            columns.append((units - large * many).cast(nw.Int64()).alias(f"rest {name}"))
        names = ("n", *_SUMS)
        sums = [nw.col(name).sum().alias(name) for name in names]
        found: Frame = shared.select(*columns).group_by("alike").agg(*sums)
        found = found.with_columns(*(nw.col(name).cast(nw.Int64()) for name in names))
        *first, (last, _) = self._alike.items()
        found = _apart(found, "alike", dict(first), last)
        signs = []
        for name in _SIGNED:
            sign = nw.when(nw.col(name) == nw.lit(1)).then(nw.lit(-1)).otherwise(nw.col(name))
            signs.append(sign.alias(name))
        return found.with_columns(*signs)

    def _exprs(self) -> Iterator[tuple[str, nw.Expr]]:
        number = nw.col("n")
        for name, rail in self.kinds.items():
            yield f"kind {name}", _where(rail, number)
        yield "unchanged", _where(~self._changed, number)
        for name, (rail, before, after) in self._lines.items():
            yield f"deals {name}", _where(rail, number)
            for part in ("large", "rest"):
                parts = ((before, f"{part} was"), (after, f"{part} worth"))
                units = (nw.col(it) * nw.lit(sign) for sign, it in parts if sign)
                yield f"{part} {name}", _where(rail, reduce(add, units))
        for when in ("before", "after"):
            yield f"rows {when}", _where(self._is[f"in {when}"], number)

    @property
    def _changed(self) -> nw.Expr:
        return reduce(or_, self.kinds.values())

    def counted(self) -> tuple[FrozenDict[str, int], tuple[StageMove, ...], Movement]:
        """How many deals changed in which way, their moves, and the movement of the pipeline.

        One query tells all of it: sums by where deals were and are.

        Raises:
            FrameError: The engine refuses it, or keys stand on several rows.
        """
        exprs = dict(self._exprs())
        safe = {f"a{number}": name for number, name in enumerate(exprs)}
        places = [nw.col(f"{when} place").alias(when) for when in ("before", "after")]
        with engine_errors(self._whole):
            if self._eager and isinstance(self._frame, nw.LazyFrame):
                self._frame = self._frame.collect()
            columns = (exprs[name].alias(short) for short, name in safe.items())
            made = self._groups().select(*places, "n", *columns)
            summed = (nw.col(short).sum() for short in ("n", *safe))
            rows = rows_of(made.group_by("before", "after").agg(*summed))
        sums = {name: sum(whole(row[short]) for row in rows) for short, name in safe.items()}
        for side, when in zip(self._sides, ("before", "after"), strict=True):
            if sums[f"rows {when}"] < side.rows:
                side.look_at_keys()
        if problems := [problem for side in self._sides for problem in side.problems()]:
            raise FrameError(MESSAGE, problems=problems)
        counts = {name: sums[f"kind {name}"] for name in self.kinds}
        counts["unchanged"] = sums["unchanged"]
        lines = {
            name: MovementLine(
                deals=sums[f"deals {name}"],
                amount=self._amount(sums[f"large {name}"] * _LARGE + sums[f"rest {name}"]),
            )
            for name in LINES
        }
        said = {side.currency for side in self._sides}
        currency = said.pop() if len(said) == 1 else None
        return FrozenDict(counts), self._moves(rows), Movement(currency=currency, **lines)

    def _shared(self) -> Frame:
        """The frame, lazy where its engine then works out once what conditions share."""
        return self._frame.lazy() if self._frame.implementation.is_polars() else self._frame

    def _amount(self, units: int) -> Decimal:
        # Written, not calculated: that would round to the precision of the caller's context.
        return Decimal(f"{units}E-{len(str(self._units)) - 1}")

    def _moves(self, rows: list[dict[str, Any]]) -> tuple[StageMove, ...]:
        """From where to where deals went, the most frequent first."""
        found = [(whole(row["n"]), int(row["before"]), int(row["after"])) for row in rows]
        moved = [it for it in found if it[1] != it[2] and min(it[1:]) >= FIRST]
        moved.sort(key=lambda it: (-it[0], *it[1:]))
        return tuple(
            StageMove(
                source=self._words[source - FIRST], target=self._words[target - FIRST], deals=deals
            )
            for deals, source, target in moved
        )

    def changes(self) -> object:
        """A row for each deal that changed, in the caller's kind of frame.

        Raises:
            FrameError: The engine refuses it.
        """
        nobody = nw.lit("")
        said = [
            nw.when(rail).then(nw.lit(f", {kind}")).otherwise(nobody)
            for kind, rail in self.kinds.items()
        ]
        days = nw.col("before day"), nw.col("after day")
        dated = (days[0] > nw.lit(0)) & (days[1] > nw.lit(0))
        columns = [
            nw.col("key").alias(self._sides[1].deals.key.name),
            nw.concat_str(*said).str.slice(2).alias("what"),
            *(self._place(when).alias(f"stage_{when}") for when in ("before", "after")),
            *(self._value(when).alias(f"amount_{when}") for when in ("before", "after")),
            nw.when(dated).then(days[1] - days[0]).alias("days_later"),
        ]
        with engine_errors(self._whole):
            found = self._frame.filter(self._changed).select(*columns)
            return native(found, eager=self._eager)

    def _place(self, when: str) -> nw.Expr:
        place = nw.col(f"{when} place")
        return nw.when(place >= nw.lit(FIRST)).then(one_of(place, self._words, nw.lit, FIRST))

    def _value(self, when: str) -> nw.Expr:
        units, valued = nw.col(f"{when} units"), nw.col(f"{when} valued")
        # By a column: polars divides by a number through its reciprocal.
        value = units.cast(nw.Float64())
        value = value / (value * 0.0 + float(self._units))
        return nw.when(valued > nw.lit(0)).then(value)


def _apart(frame: Frame, column: str, sizes: Mapping[str, int], last: str) -> Frame:
    """The frame with the numbers of which a column was made, the `last` of them of any size.

    The sizes are powers of two: to divide by one is exact.
    """
    left, divisor = [nw.col(column)], 1
    names = [*(f"{column} {name}" for name in sizes), last]
    for size in sizes.values():
        divisor *= size
        quotient = nw.col(column).cast(nw.Float64()) / nw.lit(float(divisor))
        left.append(quotient.floor().cast(nw.Int64()))
    frame = frame.with_columns(*(it.alias(name) for it, name in zip(left, names, strict=True)))
    columns = []
    for (name, size), code, rest in zip(sizes.items(), names, names[1:], strict=False):
        columns.append((nw.col(code) - nw.col(rest) * nw.lit(size)).alias(name))
    return frame.with_columns(*columns).drop(column, *names[:-1])


def _signs(name: str) -> tuple[nw.Expr, nw.Expr]:
    """Whether a number is above 0, and whether it is below."""
    return nw.col(name) > nw.lit(0), nw.col(name) < nw.lit(0)


def _where(rail: nw.Expr, number: nw.Expr) -> nw.Expr:
    return rail.cast(nw.Int64()) * number
