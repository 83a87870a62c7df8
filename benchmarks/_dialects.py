"""How an expert of each engine writes the checks of `_by_hand`.

Three values come for free where the engine has them (polars, nullable pandas, Arrow, SQL). Classic
pandas has two, so that there a condition is a pair of masks, where it holds and where it does not.
"""

# ruff: noqa: ARG002 - no engine needs everything that another one does
# ruff: noqa: PLW1641 - comparing makes a column, and columns are no keys
# ruff: noqa: S608 - the texts are our own

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks._by_hand import Checks, Counts, Totals, Value

__all__ = ["Arrow", "Masks", "Polars", "Series", "Sql"]

BLANK = " \t\r\n\v\f"


def _split(keys: Sequence[str], numbers: Callable[[str], int]) -> Counts:
    """Yes, no, and the rows that are left."""
    found = {}
    for key in keys:
        yes, no = numbers(f"yes {key}"), numbers(f"no {key}")
        found[key] = (yes, no, numbers(f"rows {key}") - yes - no)
    return found


# ------------------------------------------------------------------------------------- polars


@dataclass
class Polars:
    """Lazy expressions, one `select`."""

    frame: pl.LazyFrame
    steps: list[dict[str, pl.Expr]] = field(default_factory=list)

    def col(self, name: str) -> pl.Expr:
        return pl.col(name)

    def lit(self, value: date) -> pl.Expr:
        return pl.lit(value)

    def named(self, name: str, value: pl.Expr) -> pl.Expr:
        if name != "place":  # polars finds equal parts of expressions by itself
            return value
        self.steps.append({name: value})
        return pl.col(name)

    def place(self, codes: Mapping[str, int]) -> pl.Expr:
        return pl.col("stage").replace_strict(codes, default=-1, return_dtype=pl.Int8)

    def missing(self, name: str) -> pl.Expr:
        return pl.col(name).is_null()

    def known(self, name: str) -> pl.Expr:
        return (pl.col(name).str.strip_chars(BLANK) != "").fill_null(value=False)

    def number_known(self, name: str) -> pl.Expr:
        return pl.col(name).is_not_null() & pl.col(name).is_not_nan()

    def one_of(self, name: str, choices: Sequence[str]) -> pl.Expr:
        # A few comparisons are faster than `is_in`.
        found = [pl.col(name) == choice for choice in choices]
        return pl.any_horizontal(found)

    def all_of(self, values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.all_horizontal(values)

    def at_least(self, number: int, values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.sum_horizontal([self.sure(value).cast(pl.Int8) for value in values]) >= number

    def sure(self, value: pl.Expr) -> pl.Expr:
        return value.fill_null(value=False)

    def days(self, late: pl.Expr, early: pl.Expr) -> pl.Expr:
        return late - early

    def longest(self, late: str, early: str, rows: pl.Expr, places: Sequence[str]) -> pl.Expr:
        return (pl.col(late) - pl.col(early)).filter(rows).max()

    def count(self, checks: Checks, place: pl.Expr) -> tuple[Counts, Totals]:
        frame = self.frame
        for step in self.steps:
            frame = frame.with_columns(**step)
        asked = [
            pl.len().alias("rows"),
            pl.col("id").n_unique().alias("keys"),
            (~self.known("id")).sum().alias("keyless"),
            ((place < 0) & self.known("stage")).sum().alias("unplaced"),
        ]
        for key, (rows, holds) in checks.items():
            if rows is None:
                asked += [holds.sum().alias(f"yes {key}"), (~holds).sum().alias(f"no {key}")]
                asked.append(pl.len().alias(f"rows {key}"))
            else:
                asked.append((rows & holds).sum().alias(f"yes {key}"))
                asked.append((rows & ~holds).sum().alias(f"no {key}"))
                asked.append(rows.sum().alias(f"rows {key}"))
        found = frame.select(asked).collect().row(0, named=True)
        totals = (found[name] for name in ("rows", "keys", "keyless", "unplaced"))
        return _split(list(checks), found.__getitem__), Totals(*totals)


# ------------------------------------------------------------------------------ classic pandas


@dataclass
class Mask:
    """Where a condition holds, and where it does not; where neither, something is missing."""

    yes: np.ndarray
    no: np.ndarray

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Mask:
        return Mask(self.no, self.yes)


@dataclass(eq=False)
class Numbers:
    """An array that compares as masks. NaN and NaT compare as neither."""

    values: np.ndarray

    def __ge__(self, other: Value) -> Mask:
        return Mask(self.values >= _raw(other), self.values < _raw(other))

    def __gt__(self, other: Value) -> Mask:
        return Mask(self.values > _raw(other), self.values <= _raw(other))

    def __le__(self, other: Value) -> Mask:
        return Mask(self.values <= _raw(other), self.values > _raw(other))

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        yes = self.values == _raw(other)
        return Mask(yes, (self.values > _raw(other)) | (self.values < _raw(other)))


def _raw(value: Value) -> Value:
    return value.values if isinstance(value, Numbers) else value


@dataclass
class Masks:
    """numpy masks over the columns of classic pandas."""

    frame: pd.DataFrame

    def col(self, name: str) -> Value:
        series = self.frame[name]
        if series.dtype == object:  # True, False and None; as numbers they compare much faster
            values = series.to_numpy().astype(np.float32)
            return Mask(values == 1, values == 0)
        return Numbers(series.to_numpy())

    def lit(self, value: date) -> Value:
        return Numbers(np.array(value, "datetime64[ms]"))

    def named(self, name: str, value: Value) -> Value:  # it is computed already
        return value

    def place(self, codes: Mapping[str, int]) -> Value:
        found = self.frame["stage"].map(codes)
        return Numbers(found.fillna(-1).to_numpy().astype(np.int8))

    def missing(self, name: str) -> Value:
        yes = self.frame[name].isna().to_numpy()
        return Mask(yes, ~yes)

    def known(self, name: str) -> Value:
        column = self.frame[name]
        yes = (column.str.strip(BLANK) != "").to_numpy() & column.notna().to_numpy()
        return Mask(yes, ~yes)

    def number_known(self, name: str) -> Value:
        return ~self.missing(name)

    def one_of(self, name: str, choices: Sequence[str]) -> Value:
        yes = self.frame[name].isin(choices).to_numpy()
        return Mask(yes, ~yes & self.frame[name].notna().to_numpy())

    def all_of(self, values: Sequence[Value]) -> Value:
        return reduce(and_, values)

    def at_least(self, number: int, values: Sequence[Value]) -> Value:
        yes = sum(value.yes.astype(np.int8) for value in values) >= number
        return Mask(yes, ~yes)

    def sure(self, value: Value) -> Value:
        return Mask(value.yes, ~value.yes)

    def days(self, late: Value, early: Value) -> Value:
        return Numbers(late.values - early.values)

    def longest(self, late: str, early: str, rows: Value, places: Sequence[str]) -> Value:
        days = self.frame[late].to_numpy() - self.frame[early].to_numpy()
        return Numbers(days[rows.yes].max())

    def count(self, checks: Checks, place: Value) -> tuple[Counts, Totals]:
        total, sums = len(self.frame), np.count_nonzero
        sizes: dict[int, int] = {}
        found = {}
        for key, (rows, holds) in checks.items():
            if rows is None:
                yes, no, size = sums(holds.yes), sums(holds.no), total
            else:
                if id(rows) not in sizes:
                    sizes[id(rows)] = int(sums(rows.yes))
                size = sizes[id(rows)]
                yes, no = sums(rows.yes & holds.yes), sums(rows.yes & holds.no)
            found[key] = (int(yes), int(no), size - int(yes) - int(no))
        unplaced = int(sums((place.values < 0) & self.known("stage").yes))
        keyless = int(sums(self.known("id").no))
        return found, Totals(total, self.frame["id"].nunique(), keyless, unplaced)


# ------------------------------------------------------- nullable and pyarrow-backed pandas


@dataclass
class Series:
    """Series of the nullable types, whose booleans are three-valued.

    Attributes:
        frame: The deals.
        arrow: The types are those of Arrow.
        limit: The longest cycle, where the frame is only a part of all deals.
    """

    frame: pd.DataFrame
    arrow: bool = False
    limit: Value = None

    def col(self, name: str) -> Value:
        return self.frame[name]

    def lit(self, value: date) -> Value:
        return value if self.arrow else pd.Timestamp(value)

    def named(self, name: str, value: Value) -> Value:  # it is computed already
        return value

    def place(self, codes: Mapping[str, int]) -> Value:
        return self.frame["stage"].map(codes).fillna(-1).astype("int8")

    def missing(self, name: str) -> Value:
        return self.frame[name].isna()

    def known(self, name: str) -> Value:
        return (self.frame[name].str.strip(BLANK) != "").fillna(value=False)

    def number_known(self, name: str) -> Value:
        return self.frame[name].notna()

    def one_of(self, name: str, choices: Sequence[str]) -> Value:
        column = self.frame[name]
        return column.isin(choices).astype(self._boolean()).mask(column.isna())

    def all_of(self, values: Sequence[Value]) -> Value:
        return reduce(and_, values)

    def at_least(self, number: int, values: Sequence[Value]) -> Value:
        return sum(self.sure(value).astype("int8") for value in values) >= number

    def sure(self, value: Value) -> Value:
        return value.fillna(value=False)

    def days(self, late: Value, early: Value) -> Value:
        return late - early

    def longest(self, late: str, early: str, rows: Value, places: Sequence[str]) -> Value:
        if self.limit is not None:
            return self.limit
        return (self.frame[late] - self.frame[early])[rows].max()

    def count(self, checks: Checks, place: Value) -> tuple[Counts, Totals]:
        total = len(self.frame)
        sizes: dict[int, int] = {}
        found = {}
        for key, (rows, holds) in checks.items():
            if rows is None:
                yes, no, size = holds.sum(), (~holds).sum(), total
            else:
                if id(rows) not in sizes:
                    sizes[id(rows)] = int(rows.sum())
                size = sizes[id(rows)]
                yes, no = (rows & holds).sum(), (rows & ~holds).sum()
            found[key] = (int(yes), int(no), size - int(yes) - int(no))
        unplaced = int(((place < 0) & self.known("stage")).sum())
        keyless = int((~self.known("id")).sum())
        return found, Totals(total, self.frame["id"].nunique(), keyless, unplaced)

    def _boolean(self) -> Literal["bool[pyarrow]", "boolean"]:
        return "bool[pyarrow]" if self.arrow else "boolean"


# ------------------------------------------------------------------------------------- pyarrow


@dataclass(eq=False)
class Array:
    """A column of Arrow with the operators of Python."""

    values: Value

    def __and__(self, other: Array) -> Array:
        return Array(pc.and_kleene(self.values, other.values))

    def __or__(self, other: Array) -> Array:
        return Array(pc.or_kleene(self.values, other.values))

    def __invert__(self) -> Array:
        return Array(pc.invert(self.values))

    def __ge__(self, other: Value) -> Array:
        return Array(pc.greater_equal(self.values, _bare(other)))

    def __gt__(self, other: Value) -> Array:
        return Array(pc.greater(self.values, _bare(other)))

    def __le__(self, other: Value) -> Array:
        return Array(pc.less_equal(self.values, _bare(other)))

    def __lt__(self, other: Value) -> Array:
        return Array(pc.less(self.values, _bare(other)))

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        return Array(pc.equal(self.values, _bare(other)))


def _bare(value: Value) -> Value:
    return value.values if isinstance(value, Array) else value


@dataclass
class Arrow:
    """Functions of `pyarrow.compute`."""

    table: pa.Table

    def col(self, name: str) -> Value:
        return Array(self.table[name])

    def lit(self, value: date) -> Value:
        return Array(pa.scalar(value))

    def named(self, name: str, value: Value) -> Value:  # it is computed already
        return value

    def place(self, codes: Mapping[str, int]) -> Value:
        # The codes are the positions in the list.
        found = pc.index_in(self.table["stage"], pa.array(list(codes), self.table["stage"].type))
        return Array(pc.fill_null(found, -1))

    def missing(self, name: str) -> Value:
        return Array(pc.is_null(self.table[name]))

    def known(self, name: str) -> Value:
        there = pc.not_equal(pc.utf8_trim(self.table[name], BLANK), "")
        return Array(pc.fill_null(there, fill_value=False))

    def number_known(self, name: str) -> Value:
        return Array(pc.invert(pc.is_null(self.table[name], nan_is_null=True)))

    def one_of(self, name: str, choices: Sequence[str]) -> Value:
        found = [pc.equal(self.table[name], choice) for choice in choices]
        return Array(reduce(pc.or_, found))

    def all_of(self, values: Sequence[Value]) -> Value:
        return reduce(and_, values)

    def at_least(self, number: int, values: Sequence[Value]) -> Value:
        ones = [self.sure(value).values.cast(pa.int8()) for value in values]
        return Array(pc.greater_equal(reduce(pc.add, ones), number))

    def sure(self, value: Value) -> Value:
        return Array(pc.fill_null(value.values, fill_value=False))

    def days(self, late: Value, early: Value) -> Value:
        return Array(pc.subtract(late.values.cast(pa.int32()), early.values.cast(pa.int32())))

    def longest(self, late: str, early: str, rows: Value, places: Sequence[str]) -> Value:
        days = self.days(self.col(late), self.col(early)).values
        return Array(pc.max(days.filter(rows.values)))

    def count(self, checks: Checks, place: Value) -> tuple[Counts, Totals]:
        total = len(self.table)
        sizes: dict[int, int] = {}
        found = {}
        for key, (rows, holds) in checks.items():
            if rows is None:
                yes, no, size = _sum(holds), _sum(~holds), total
            else:
                if id(rows) not in sizes:
                    sizes[id(rows)] = _sum(rows)
                size = sizes[id(rows)]
                yes, no = _sum(rows & holds), _sum(rows & ~holds)
            found[key] = (yes, no, size - yes - no)
        keys = pc.count_distinct(self.table["id"]).as_py()
        unplaced = _sum((place < 0) & self.known("stage"))
        return found, Totals(total, keys, _sum(~self.known("id")), unplaced)


def _sum(mask: Array) -> int:
    return int(pc.sum(mask.values).as_py() or 0)


# ----------------------------------------------------------------------------------------- SQL


@dataclass(frozen=True, eq=False)
class Sentence:
    """A piece of SQL."""

    text: str

    def __and__(self, other: Sentence) -> Sentence:
        return Sentence(f"({self} and {other})")

    def __or__(self, other: Sentence) -> Sentence:
        return Sentence(f"({self} or {other})")

    def __invert__(self) -> Sentence:
        return Sentence(f"(not {self})")

    def __ge__(self, other: Value) -> Sentence:
        return Sentence(f"({self} >= {other})")

    def __gt__(self, other: Value) -> Sentence:
        return Sentence(f"({self} > {other})")

    def __le__(self, other: Value) -> Sentence:
        return Sentence(f"({self} <= {other})")

    def __lt__(self, other: Value) -> Sentence:
        return Sentence(f"({self} < {other})")

    def __eq__(self, other: object) -> Sentence:  # type: ignore[override]
        return Sentence(f"({self} = {other})")

    def __str__(self) -> str:
        return self.text


@dataclass
class Sql:
    """One query, of which every number is a `count_if`, faster than `count(*) filter (…)`.

    Attributes:
        source: The table, as it stands after `from`.
        run: What asks the engine and returns its one row.
        spark: The words of Spark rather than those of DuckDB.
    """

    source: str
    run: Callable[[str], Sequence[int]]
    spark: bool = False
    names: dict[str, str] = field(default_factory=dict)

    def col(self, name: str) -> Sentence:
        return Sentence(f"`{name}`" if self.spark else f'"{name}"')

    def lit(self, value: date) -> Sentence:
        return Sentence(f"date '{value}'")

    def named(self, name: str, value: Sentence) -> Sentence:
        self.names[name] = str(value)
        return self.col(name)

    def place(self, codes: Mapping[str, int]) -> Sentence:
        ways = " ".join(f"when '{place}' then {code}" for place, code in codes.items())
        return Sentence(f"case stage {ways} else -1 end")

    def missing(self, name: str) -> Sentence:
        return Sentence(f"({self.col(name)} is null)")

    def known(self, name: str) -> Sentence:
        column = self.col(name)
        if self.spark:
            blank = r"' \t\r\n\u000b\f'"
            return Sentence(f"(coalesce(trim(both {blank} from {column}), '') <> '')")
        blank = r"E' \t\r\n\x0b\f'"
        return Sentence(f"(coalesce(trim({column}, {blank}), '') <> '')")

    def number_known(self, name: str) -> Sentence:
        column = self.col(name)
        return Sentence(f"({column} is not null and not isnan({column}))")

    def one_of(self, name: str, choices: Sequence[str]) -> Sentence:
        return Sentence(f"({self.col(name)} in ({_listed(choices)}))")

    def all_of(self, values: Sequence[Sentence]) -> Sentence:
        return Sentence(f"({' and '.join(map(str, values))})")

    def at_least(self, number: int, values: Sequence[Sentence]) -> Sentence:
        ones = [f"cast({self.sure(value)} as int)" for value in values]
        return Sentence(f"({' + '.join(ones)} >= {number})")

    def sure(self, value: Sentence) -> Sentence:
        return Sentence(f"coalesce({value}, false)")

    def days(self, late: Sentence, early: Sentence) -> Sentence:
        return Sentence(f"datediff({late}, {early})" if self.spark else f"({late} - {early})")

    def longest(self, late: str, early: str, rows: Sentence, places: Sequence[str]) -> Sentence:
        # From the table itself: a subquery over `deals` would compute all of its columns again.
        days, listed = self.days(self.col(late), self.col(early)), _listed(places)
        return Sentence(f"(select max({days}) from {self.source} where stage in ({listed}))")

    def count(self, checks: Checks, place: Sentence) -> tuple[Counts, Totals]:
        asked = {
            "rows": "count(*)",
            # Beside a distinct count, Spark keeps every other number once for each key.
            "keys": f"(select count(distinct id) from {self.source})",
            "keyless": f"count_if({~self.known('id')})",
            "unplaced": f"count_if({(place < 0) & self.known('stage')})",
        }
        where = {}
        for key, (rows, holds) in checks.items():
            yes, no = (holds, ~holds) if rows is None else (rows & holds, rows & ~holds)
            where[f"yes {key}"], where[f"no {key}"] = str(yes), str(no)
            where[f"rows {key}"] = "" if rows is None else str(rows)
        texts = dict.fromkeys(filter(None, where.values()))
        asked |= {text: f"count_if({text})" for text in texts}
        names = ", ".join(f"{text} as {self.col(name)}" for name, text in self.names.items())
        row = self.run(
            f"with deals as (select *, {names} from {self.source}) "
            f"select {', '.join(asked.values())} from deals"
        )
        found = {name: int(number) for name, number in zip(asked, row, strict=True)}
        totals = Totals(*(found[name] for name in ("rows", "keys", "keyless", "unplaced")))
        by_text = {name: found[text or "rows"] for name, text in where.items()}
        return _split(list(checks), by_text.__getitem__), totals


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
