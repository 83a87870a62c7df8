"""Counts and sums over the rows of a frame: all of them in one query, or by group in another."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, floor_of, rows_of, whole
from salesflow.pipeline._frames.fact_columns import FactColumns, unmapped
from salesflow.pipeline._frames.position import AS_GIVEN
from salesflow.pipeline._metrics.worth import Worth
from salesflow.pipeline._wording import amount_of
from salesflow.rules.columns import Engine, Frame, Rail

PARTS: Final = 1_000_000
"""How finely fractions are told: to the millionth."""
_LARGE: Final = 2.0**32


class Total(NamedTuple):
    """A sum that is the same in whatever order and in whatever parts it is added up.

    Attributes:
        units: Whole units.
        parts: Millionths.
    """

    units: float = 0.0
    parts: float = 0.0

    @property
    def value(self) -> float:
        """The sum."""
        # NaN, where the fraction of an infinite amount is.
        return self.units + self.parts / PARTS if isfinite(self.parts) else self.units

    def plus(self, other: Total) -> Total:
        """Both together."""
        return Total(self.units + other.units, self.parts + other.parts)


class Sums:
    """What is counted and added up of the rows of a frame.

    Attributes:
        counted: By name, the rows that are counted.
        facts: The columns that it is told from.
    """

    def __init__(self, deals: Deals, facts: FactColumns) -> None:
        self.facts = facts
        self.counted: dict[str, Rail] = {}
        self._deals = deals
        self._summed: dict[str, tuple[nw.Expr, nw.Expr | None]] = {}
        self._strange: Mapping[str, Rail] = {}
        self._refused: dict[str, tuple[str, str]] = {}

    def worth(self) -> Worth:
        """What each deal is worth; what is no probability is refused when the rows are asked."""
        found = Worth(self._deals, self.facts)
        self.counted["no_chance"] = found.no_chance
        return found

    def add(self, **numbers: tuple[Rail, nw.Expr]) -> None:
        """Add up numbers, each over some rows, which are counted as `with_…`."""
        self.counted |= {f"with_{name}": rows for name, (rows, _) in numbers.items()}
        self.add_columns(
            **{
                name: nw.when(expr_of(rows)).then(number).otherwise(nw.lit(0.0))
                for name, (rows, number) in numbers.items()
            }
        )

    def add_columns(self, **numbers: nw.Expr) -> None:
        """Add up numbers over all rows."""
        # An expression costs its length again wherever it is a part of another one.
        columns = self.facts.columns.last(("added up", *numbers), *numbers.values())
        for name, column in zip(numbers, columns, strict=True):
            self._summed[name] = in_parts(column, self._deals.columns.engine)

    def add_whole(self, **numbers: nw.Expr) -> None:
        """Add up columns of whole numbers over all rows."""
        self._summed |= {name: (column, None) for name, column in numbers.items()}

    def look_at_labels(self) -> None:
        """Look for labels that nobody explained, in the columns that were asked for so far."""
        self._strange = self.facts.strange()
        self.counted |= {f"strange {name}": found for name, found in self._strange.items()}
        # What is no text, such as a number, is an outcome where the caller says so.
        outcome = unmapped(self.facts.columns, AS_GIVEN["outcome"])
        self.refuse("outcome", outcome, "is not an outcome", "unknown_outcome")

    def refuse(self, fact: str, rows: Rail, said: str, code: str) -> None:
        """Refuse the values of a fact in these rows, once their labels were read."""
        self.counted[f"refused {fact}"] = rows
        self._refused[fact] = said, code

    def ask(self, work: Frame) -> tuple[dict[str, int], dict[str, Total]]:
        """Counts and sums of all rows, once what is wrong with them was looked for.

        Raises:
            FrameError: With everything that is wrong with the frame.
            ArgumentError: The same, where an argument is among it.
        """
        row, counts = self._checked(work, self.counted, self._parts())
        return counts, {name: _sum(row, name) for name in self._summed}

    def check(self, work: Frame) -> dict[str, int]:
        """Only look for what is wrong, and how many rows lie after the day.

        Raises:
            FrameError: With everything that is wrong with the frame.
            ArgumentError: The same, where an argument is among it.
        """
        return self._checked(work, self._looked_for(), {})[1]

    def _looked_for(self) -> dict[str, Rail]:
        names = [*(f"strange {name}" for name in self._strange), "later", "no_chance"]
        names += [f"refused {fact}" for fact in self._refused]
        return {name: self.counted[name] for name in names if name in self.counted}

    def _checked(
        self, work: Frame, counted: Mapping[str, Rail], parts: Mapping[str, nw.Expr]
    ) -> tuple[Mapping[str, Any], dict[str, int]]:
        key = self._deals.key
        unplaced = self._deals.stage.unplaced(self.facts.where.code[0])
        rails: dict[str, Rail] = {
            **counted,
            "keyless": key.is_missing(),
            "unplaced": unplaced,
        }
        exprs = {"rows": nw.len(), "keys": key.expr().n_unique()}
        exprs |= {
            name: rail.cast(nw.Int64).sum()
            for name, rail in rails.items()
            if not isinstance(rail, bool)
        }
        exprs |= {name: part.sum() for name, part in parts.items()}
        row = rows_of(work.select(*(expr.alias(name) for name, expr in exprs.items())))[0]
        counts = _counts(row, rails)
        counts["keys"] = whole(row["keys"])
        self._deals.note_content(work, counts, unplaced)
        self.read_labels(work, counts)
        self._refuse(work, counts)
        return row, counts

    def read_labels(self, work: Frame, counts: Mapping[str, int]) -> None:
        """Read the labels that nobody explained, where there are any by these counts."""
        strange = {
            name: (rows, counts.get(f"strange {name}", 0)) for name, rows in self._strange.items()
        }
        self._deals.columns.read_labels(work, strange)

    def ask_by(
        self, work: Frame, group: str, *, checked: bool = False
    ) -> dict[int, tuple[dict[str, int], dict[str, Total]]]:
        """The same of the rows of each group, by its number in a column of the frame.

        Where that was `checked`, without what is wrong.
        """
        known = self._looked_for() if checked else {}
        counted = {name: rail for name, rail in self.counted.items() if name not in known}
        asked = {
            name: rail.cast(nw.Int64)
            for name, rail in counted.items()
            if not isinstance(rail, bool)
        }
        asked |= self._parts()
        safe = {name: f"s{number}" for number, name in enumerate(asked)}
        rows = work.select(group, *(expr.alias(safe[name]) for name, expr in asked.items()))
        sums = (nw.col(column).sum() for column in safe.values())
        found = {}
        for row in rows_of(rows.group_by(group).agg(nw.len().alias("rows"), *sums)):
            named = {name: row[column] for name, column in safe.items()} | {"rows": row["rows"]}
            totals = {name: _sum(named, name) for name in self._summed}
            found[int(row[group])] = _counts(named, counted), totals
        return found

    def _parts(self) -> dict[str, nw.Expr]:
        """What the sums are put together from."""
        exprs = {f"sum {name}": units for name, (units, _) in self._summed.items()}
        for name, (_, parts) in self._summed.items():
            if parts is not None:
                exprs[f"parts {name}"] = parts
        return exprs

    def _refuse(self, work: Frame, counts: Mapping[str, int]) -> None:
        given = self._deals.columns
        if counts.get("no_chance"):
            column = given.column_of("probability") or "probability"
            number = amount_of(counts["no_chance"], "probability is", "probabilities are")
            message = f"{number} not between 0 and 1"
            given.note(column, message, "divide percentages by 100", "probability")
        for fact, (said, code) in self._refused.items():
            if counts[f"refused {fact}"]:
                given.note_values(work, self.counted[f"refused {fact}"], fact, said, code)
        given.refuse(self._deals.message)


def large_part(number: nw.Expr, engine: Engine) -> nw.Expr:
    """Of a number whose sums are too large to be told to the millionth, how often 2^32 is in it.

    What is left is `rest_of` it; `joined` makes a sum of both.
    """
    return floor_of(number / nw.lit(_LARGE), engine)


def rest_of(number: nw.Expr, large: nw.Expr) -> nw.Expr:
    """What is left of a number without its large part."""
    return number - large * nw.lit(_LARGE)


def joined(large: float, rest: float) -> float:
    """The sum of numbers, from the sums of their large parts and of what is left of them."""
    return large * _LARGE + rest


def in_parts(number: nw.Expr, engine: Engine) -> tuple[nw.Expr, nw.Expr]:
    """Whole units and millionths apart.

    Sums of whole numbers do not depend on the order in which an engine adds them up, and sums of
    fractions do.
    """
    units = floor_of(number, engine)
    return units, floor_of((number - units) * float(PARTS) + 0.5, engine)


def _counts(row: Mapping[str, Any], rails: Mapping[str, Rail]) -> dict[str, int]:
    counts = {name: whole(row.get(name)) for name in (*rails, "rows")}
    for name, rail in rails.items():
        if rail is True:
            counts[name] = counts["rows"]
    return counts


def _sum(row: Mapping[str, Any], name: str) -> Total:
    # Nothing, where there is no row.
    return Total(*(float(row.get(f"{part} {name}") or 0.0) for part in ("sum", "parts")))
