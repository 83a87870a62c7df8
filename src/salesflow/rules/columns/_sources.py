"""A fact in a column: where it is known, and how its values compare.

Engines differ on nulls, NaN and object columns; that ends here. Where a fact has a value is never
null; what that value is may be null where there is none, so that one `and` with the former settles
it: filling the nulls of every comparison costs as much again as the comparisons.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Final, Literal, TypeAlias, TypeVar

import narwhals.stable.v2 as nw

from salesflow._pattern import LINE_BREAKS, expression_of
from salesflow.rules._values import BLANK
from salesflow.rules.core import Value

Rail: TypeAlias = "nw.Expr | bool"
Op: TypeAlias = Literal["==", "<", "<="]
ColumnLabel: TypeAlias = str | int | float | bool | date | datetime
LabelT = TypeVar("LabelT", bound=ColumnLabel)
Plain: TypeAlias = "Value | bool"

# More equalities than this are slower than one look-up; fewer in a row are not worth a range.
_FEW: Final = 4
_RUN: Final = 3
_VISIBLE: Final = "!"
"""The first visible character."""


class Source(ABC):
    """A fact of a frame.

    `known`, `was_asked` and `unlisted` are never null; the others may be where it is not known, and
    anything else there.
    """

    __slots__ = ()

    @abstractmethod
    def canonical(self) -> nw.Expr | None:
        """The column that must be computed first; None where the frame's own column will do."""

    @abstractmethod
    def at(self, column: nw.Expr) -> Source:
        """The same, read from the column that `canonical` became."""

    @abstractmethod
    def known(self) -> Rail:
        """Where the fact is known."""

    @property
    def plain(self) -> bool:
        """`known` is no more than a look at the column, and need not be kept in one of its own."""
        return False

    @abstractmethod
    def equals(self, value: Plain) -> Rail:
        """Where the fact has this value."""

    def sides(self) -> tuple[nw.Expr, nw.Expr] | None:
        """Where a flag is true and where it is false, never null, if its column says no more."""
        return None

    @abstractmethod
    def key(self) -> nw.Expr:
        """A column whose order and equality are those of the values."""

    def below(self, value: Value, *, or_equal: bool) -> Rail:
        """Where the value is below this one."""
        raise AssertionError(value, or_equal)  # the parser lets only numbers and days do this

    def one_of(self, values: Sequence[Value]) -> Rail:
        """Where the value is one of these."""
        rails = [self.equals(value) for value in values]
        found = [rail for rail in rails if not isinstance(rail, bool)]
        return reduce(or_, found) if found else False

    def against(self, other: Source, op: Op) -> nw.Expr:
        """The comparison of two facts; undefined where one of them is missing."""
        return compare(self.key(), op, other.key())


@dataclass(frozen=True, slots=True)
class Nothing(Source):
    """A column without a single value."""

    def canonical(self) -> None:
        """None: there is nothing to compute."""

    def at(self, column: nw.Expr) -> Nothing:  # noqa: ARG002 - there is nothing to read
        return self

    def known(self) -> Rail:
        return False

    def equals(self, value: Plain) -> Rail:  # noqa: ARG002
        return False

    def below(self, value: Value, *, or_equal: bool) -> Rail:  # noqa: ARG002
        return False

    def key(self) -> nw.Expr:
        return nw.lit(value=False)

    def against(self, other: Source, op: Op) -> nw.Expr:  # noqa: ARG002
        return nw.lit(value=False)


@dataclass(frozen=True, slots=True)
class Numbers(Source):
    """Numbers and amounts, as binary64; NaN is missing, and so is what is outside the limits."""

    column: nw.Expr
    cast: Literal["", "float", "text"] = "float"
    nan: bool = True
    low: float | None = None
    high: float | None = None

    def canonical(self) -> nw.Expr | None:
        if not self.cast:
            return None
        column = self.column.cast(nw.String()) if self.cast == "text" else self.column
        return column.cast(nw.Float64())

    def at(self, column: nw.Expr) -> Numbers:
        return replace(self, column=column, cast="")

    @property
    def plain(self) -> bool:
        return not self.nan and self.low is self.high is None

    def known(self) -> Rail:
        there = self.given()
        if self.low is not None:
            there = there & (self.column >= nw.lit(self.low)).fill_null(value=False)
        if self.high is not None:
            there = there & (self.column <= nw.lit(self.high)).fill_null(value=False)
        return there

    def given(self) -> nw.Expr:
        """Where there is a number, be it within the limits or not."""
        there = ~self.column.is_null()
        return there & ~self.column.is_nan().fill_null(value=False) if self.nan else there

    def equals(self, value: Plain) -> Rail:
        return self.column == nw.lit(value)

    def below(self, value: Value, *, or_equal: bool) -> Rail:
        limit = nw.lit(value)
        return self.column <= limit if or_equal else self.column < limit

    def key(self) -> nw.Expr:
        return self.column


@dataclass(frozen=True, slots=True)
class TextColumn(Source):
    """Texts, and choices that have no list. Blank ones are missing, and those of another form."""

    column: nw.Expr
    cast: bool = False
    mapped: Mapping[ColumnLabel, str | None] = field(default_factory=dict, hash=False)
    pattern: str | None = None
    chained: int = 1

    def canonical(self) -> nw.Expr | None:
        column = self.column.cast(nw.String()) if self.cast else self.column
        if self.mapped:
            return chosen(column, self.mapped, column, nw.String(), self.chained)
        return column if self.cast else None

    def at(self, column: nw.Expr) -> TextColumn:
        return TextColumn(column, pattern=self.pattern)

    def known(self) -> Rail:
        there = self.given()
        if self.pattern is None:
            return there
        form = self.column.str.contains(f"^{expression_of(self.pattern)}$")
        broken = self.column.str.contains(f"[{LINE_BREAKS}]")
        return there & form.fill_null(value=False) & ~broken.fill_null(value=False)

    def given(self) -> nw.Expr:
        """Where there is a text, whatever its form."""
        return ~self.column.is_null() & ~_is_blank(self.column)

    def equals(self, value: Plain) -> Rail:
        if not isinstance(value, str) or not value.strip(BLANK):
            return False
        return self.column == nw.lit(value)

    def one_of(self, values: Sequence[Value]) -> Rail:
        return within(self.column, [value for value in values if str(value).strip(BLANK)])

    def key(self) -> nw.Expr:
        return self.column


@dataclass(frozen=True, slots=True)
class Labels(Source):
    """Choices with a list, and flags: each value stands for some labels of the column.

    Attributes:
        labels: Label and value.
        asked: Labels that say "not known", such as "?".
        ignored: Labels that stand for nothing at all.
        text: The column holds texts.
        cast: What it has to become first.
        boolean: The column holds booleans, so that what is there has a label.
        nan: The column holds floats: NaN is missing.
        whole: It holds whole numbers.
        few: Up to this many equality tests, chaining them beats one look-up.
        chained: Up to this many labels, conditions one after the other do.
    """

    column: nw.Expr
    labels: tuple[tuple[ColumnLabel, str | bool], ...]
    asked: tuple[ColumnLabel, ...] = ()
    ignored: tuple[ColumnLabel, ...] = ()
    text: bool = True
    cast: Literal["", "text", "number"] = ""
    boolean: bool = False
    nan: bool = False
    whole: bool = False
    few: int = _FEW
    chained: int = 1

    def canonical(self) -> nw.Expr | None:
        if not self.cast:
            return None
        return self.column.cast(nw.String() if self.cast == "text" else nw.Float64())

    def at(self, column: nw.Expr) -> Labels:
        return replace(self, column=column, cast="")

    @property
    def plain(self) -> bool:
        return self.whole and not self.text

    def known(self) -> Rail:
        listed = [raw for raw, _ in self.labels]
        if self.boolean and set(listed) == {True, False}:
            return ~self.column.is_null()
        return among(self.column, listed, self.few, whole=self.whole)

    def equals(self, value: Plain) -> Rail:
        return self.one_of((value,))

    def one_of(self, values: Sequence[Value]) -> Rail:
        found = [raw for raw, value in self.labels if value in values]
        if self.boolean and len(found) == 1:
            return self.column if found[0] else ~self.column
        return within(self.column, found, self.few, whole=self.whole)

    def sides(self) -> tuple[nw.Expr, nw.Expr] | None:
        if not self.boolean or dict(self.labels) != {True: True, False: False}:
            return None
        return self.column.fill_null(value=False), ~self.column.fill_null(value=True)

    def key(self) -> nw.Expr:
        words = {raw: str(value) for raw, value in self.labels}
        nothing = nw.lit(None, dtype=nw.String())
        return chosen(self.column, words, nothing, nw.String(), self.chained)

    def unlisted(self, asked: Rail) -> nw.Expr:
        """Where there is a label that stands for no value; `asked` is `was_asked`."""
        found = ~self.column.is_null() & ~_expr(asked)
        if self.ignored:
            found = found & ~_expr(among(self.column, self.ignored, whole=self.whole))
        if self.nan:
            found = found & ~self.column.is_nan().fill_null(value=False)
        return found & ~_is_blank(self.column) if self.text else found

    def was_asked(self) -> Rail:
        """Where there is a label with a meaning, "not known" among them."""
        if not self.asked:
            return self.known()
        return among(
            self.column, (*(raw for raw, _ in self.labels), *self.asked), self.few, whole=self.whole
        )


def among(
    column: nw.Expr, values: Iterable[ColumnLabel], few: int = _FEW, *, whole: bool = True
) -> Rail:
    """Where the column is one of the values; never null.

    Args:
        column: The column.
        values: The values.
        few: Up to this many equality tests, chaining them beats one look-up.
        whole: Between two neighbours of whole numbers the column holds nothing.
    """
    found = within(column, values, few, whole=whole)
    return found if isinstance(found, bool) else found.fill_null(value=False)


def within(
    column: nw.Expr, values: Iterable[ColumnLabel], few: int = _FEW, *, whole: bool = True
) -> Rail:
    """The same, but null where the column is: for one that never is."""
    found = list(dict.fromkeys(values))
    if not found:
        return False
    ends = _range(found) if whole else None
    if ends is not None:
        return (column >= nw.lit(ends[0])) & (column <= nw.lit(ends[1]))
    if len(found) <= few:
        return reduce(or_, [column == nw.lit(value) for value in found])
    return column.is_in(found)


def blank(column: nw.Expr) -> nw.Expr:
    """Where the text consists of white space only; never null."""
    return ~column.is_null() & _is_blank(column)


def _is_blank(column: nw.Expr) -> nw.Expr:
    """The same, but null where the column is."""
    # Only texts before the first visible character are stripped: DuckDB takes ten times as long to
    # strip one as to compare it. And from the start only: where nothing else is there, that takes
    # it all, and not every engine can be told what to strip from both ends.
    can_be = column < nw.lit(_VISIBLE)
    return can_be & (nw.when(can_be).then(column).str.strip_chars_start(BLANK) == nw.lit(""))


def _range(values: Sequence[ColumnLabel]) -> tuple[int, int] | None:
    """The ends of a run of whole numbers without a gap."""
    numbers = [value for value in values if type(value) is int]
    if len(numbers) < max(_RUN, len(values)):
        return None
    low, high = min(numbers), max(numbers)
    return (low, high) if high - low + 1 == len(numbers) else None


def chosen(
    column: nw.Expr,
    mapped: Mapping[LabelT, str | float | None],
    otherwise: nw.Expr,
    dtype: nw.dtypes.DType,
    chained: int = 1,
) -> nw.Expr:
    """What the values of a column stand for.

    Args:
        column: The column.
        mapped: What its values stand for: texts or numbers; None for a missing one.
        otherwise: What any other value stands for, and a missing one.
        dtype: The type of these.
        chained: Up to this many, conditions one after the other beat one look-up.
    """
    said = {raw: target for raw, target in mapped.items() if target is not None}
    found = otherwise
    if len(said) > chained:
        found = column.replace_strict(
            [*said], [*said.values()], default=otherwise, return_dtype=dtype
        )
    else:
        for raw, target in said.items():
            found = nw.when(column == nw.lit(raw)).then(nw.lit(target)).otherwise(found)
        found = found.cast(dtype)
    nothing = among(column, [raw for raw, target in mapped.items() if target is None])
    return found if isinstance(nothing, bool) else nw.when(~nothing).then(found)


def compare(left: nw.Expr, op: Op, right: nw.Expr) -> nw.Expr:
    return left == right if op == "==" else left < right if op == "<" else left <= right


def _expr(rail: Rail) -> nw.Expr:
    return nw.lit(rail) if isinstance(rail, bool) else rail
