"""What deals are grouped by: any facts or columns, as texts that every engine compares alike.

The groups that are shown are the largest, so that a column with a value of its own for each deal
makes no result as large as the frame; all others together are the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow._arguments import describe
from salesflow.errors import Problem
from salesflow.facts import FactKind
from salesflow.pipeline._frames.engines import engine_errors, rows_of, whole
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.position import Whereabouts
from salesflow.pipeline._frames.value_maps import numbers_of
from salesflow.pipeline._wording import near
from salesflow.rules.columns import Frame, blank, can_hold, chosen, is_text

GroupValue: TypeAlias = str | int | float | bool | None
"""A value that a group shares; days and moments are texts, and None is what is missing."""

MOST_GROUPS: Final = 200
_SOUGHT: Final = 10_000  # among so many of the largest a group is looked for
_DAY: Final = "%Y-%m-%d"
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S"


def grouping_column(
    columns: FrameColumns, name: object, taken: Collection[str], whose: str
) -> str | Problem:
    """The column that holds what deals are to be grouped by, or what is wrong with the name.

    `taken` are the names of columns that `whose` result has of its own.
    """
    column = columns.column_of(name) if isinstance(name, str) else None
    if not isinstance(name, str):
        return Problem("by", f"{describe(name)} names no column", "write its name, a text")
    if column is None:
        message = f"no column is {name!r}, nor holds such a fact"
        return Problem("by", message, near(name, columns.groups), "no_column")
    if name in taken:
        message = f"the {whose} have a column {name!r} of their own"
        return Problem("by", message, "rename the frame's")
    if columns.is_nested(column):
        return Problem("by", f"{name!r} holds no single values", "name another column")
    return column


def grouped_by(columns: FrameColumns, name: str, column: str) -> tuple[nw.Expr, nw.dtypes.DType]:
    """What deals are grouped by, and its type.

    What a fact is read as in checks; what any other column holds, as it is.
    """
    taken, dtype = columns.taken(column), columns.schema[column]
    fact = columns.facts.get(name)
    said = columns.said_of(name)
    if fact is None or (fact.kind is FactKind.NUMBER and not said):
        return taken, dtype
    if fact.kind is FactKind.NUMBER:
        label = taken.cast(nw.String()) if is_text(dtype) else taken
        return numbers_of(label, said, dtype), nw.Float64()
    words = {
        label: word
        for label, word in columns.words_of(name).items()
        if isinstance(label, str | int | float) and can_hold(dtype, label)
    }
    if not words:
        return taken, dtype
    text = _text(taken, dtype)
    label, chained = (text, columns.engine.chained) if is_text(dtype) else (taken, len(words))
    return chosen(label, words, text, nw.String(), chained), nw.String()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The groups that are shown.

    Attributes:
        texts: Of each, the largest first, what its deals share, as texts of the engine.
        others: How many groups there are beside them.
    """

    texts: Sequence[tuple[str | None, ...]]
    others: int


class Grouping:
    """The columns that deals are grouped by.

    Attributes:
        names: What the caller calls them.
        of_places: Those of the names that are no columns, but say where a deal stands.
    """

    def __init__(self, columns: FrameColumns, by: object, taken: Collection[str]) -> None:
        """Find the columns; what is wrong is noted.

        "stage" is no column, but the place; and so is "cycle", the selling-cycle number that a deal
        has reached, unless the frame has a column of this name.
        """
        named = _listed(by)
        self._chained = columns.engine.chained
        self.names: tuple[str, ...] = tuple(name for name in named if isinstance(name, str))
        self.of_places: list[str] = []
        self._columns = columns
        self._named: list[tuple[str, str | None]] = []
        self._held: list[tuple[nw.Expr | None, nw.dtypes.DType | None]] = []
        self._is_read = False
        if not named:
            columns.note("by", "there is no name", "name a fact or column, or leave it out")
        for double in dict.fromkeys(self.names):
            if self.names.count(double) > 1:
                columns.note("by", f"{double!r} is there twice", "name each once")
        for name in named:
            if name == "stage" or (name == "cycle" and columns.column_of("cycle") is None):
                self.of_places.append(str(name))
                self._named.append((str(name), None))
                continue
            found = grouping_column(columns, name, taken, "figures")
            if isinstance(found, Problem):
                columns.problems.append(found)
            else:
                columns.taken(found)
                self._named.append((str(name), found))

    def _read(self) -> None:
        """Say what each name holds; once the labels of facts were looked at."""
        columns = self._columns
        places: dict[str, nw.dtypes.DType | None] = {"stage": None, "cycle": nw.Float64()}
        if not self._is_read:
            self._is_read = True
            with engine_errors(columns.whole):
                for name, column in self._named:
                    if column is not None:
                        columns.read_labels_of(name)
        self._held = [
            (None, places[name]) if column is None else grouped_by(columns, name, column)
            for name, column in self._named
        ]

    def texts(self, where: Whereabouts | None = None) -> dict[str, nw.Expr]:
        """What each row is grouped by, as texts; where a deal stands only with `where`.

        Blank texts are still there: to look for them in every row, and in every query again, is
        slow. They are a missing value in `chosen` and `number`.
        """
        self._read()
        texts = {}
        for number, (column, dtype) in enumerate(self._held):
            if column is not None and dtype is not None:
                texts[f"g{number}"] = _text(column, dtype)
            elif where is None:
                texts[f"g{number}"] = nw.lit("")
            else:
                texts[f"g{number}"] = where.text()[0] if dtype is None else where.cycle()
        return texts

    def chosen(
        self,
        work: Frame,
        top: int,
        number: nw.Expr,
        wanted: Collection[tuple[GroupValue, ...]] = (),
    ) -> Chosen:
        """The largest groups by the `number` of their rows that count, and those that are `wanted`.

        Of groups of one size, the first in the order of their texts; what is missing comes last.
        """
        names = [f"g{at}" for at in range(len(self._held))]
        groups = work.group_by(*names).agg(number.alias("n"))
        filled = {name: self._filled(at) for at, name in enumerate(names)}
        groups = groups.with_columns(**filled).group_by(*names).agg(nw.col("n").sum())
        descending = [True, *(False for _ in names)]
        order = groups.sort("n", *names, descending=descending, nulls_last=True)
        rows = rows_of(order.head(max(top + 1, _SOUGHT if wanted else 0)))
        found = [tuple(_plain(row[name]) for name in names) for row in rows]
        texts = found[:top] + [it for it in found[top:] if self.values(it) in wanted]
        others = 0
        if len(rows) > len(texts):
            others = whole(rows_of(groups.select(nw.len().alias("n")))[0]["n"]) - len(texts)
        return Chosen(texts, others)

    def number(self, groups: Chosen, texts: Mapping[str, nw.Expr] | None = None) -> nw.Expr:
        """The number of each row's group; that of the rest is the number of groups shown.

        `texts` are the columns of the frame that hold what `texts` gives; None: called like it.
        """
        code, size = nw.lit(0).cast(nw.Int64()), 1
        numbers = [0] * len(groups.texts)
        for at in range(len(self._held)):
            told = list(dict.fromkeys(group[at] for group in groups.texts))
            column = nw.col(f"g{at}") if texts is None else texts[f"g{at}"]
            code = code + self._number(at, column, told) * nw.lit(size)
            numbers = [
                number + told.index(group[at]) * size
                for number, group in zip(numbers, groups.texts, strict=True)
            ]
            size *= len(told) + 1
        rest = nw.lit(len(numbers))
        if numbers == [*range(len(numbers))] and size == len(numbers) + 1:
            return code
        places = {number: place for place, number in enumerate(numbers)}
        return chosen(code, places, rest, nw.Int64(), self._chained)

    def _number(self, at: int, column: nw.Expr, told: list[str | None]) -> nw.Expr:
        """The number of what a column holds among what is told; that of others comes after them."""
        texts = {text: number for number, text in enumerate(told) if text is not None}
        found = chosen(column, texts, nw.lit(len(told)), nw.Int64(), self._chained)
        if None not in told:
            return found
        missing = column.is_null() | blank(column) if self._is_text(at) else column.is_null()
        return nw.when(missing).then(nw.lit(told.index(None))).otherwise(found)

    def _is_text(self, at: int) -> bool:
        column, dtype = self._held[at]
        return column is not None and (dtype is None or is_text(dtype) or dtype == nw.Unknown)

    def _filled(self, at: int) -> nw.Expr:
        """The texts that are not blank."""
        text = nw.col(f"g{at}")
        return nw.when(~blank(text)).then(text) if self._is_text(at) else text

    def values(self, texts: Iterable[str | None]) -> tuple[GroupValue, ...]:
        """What the deals of a group share."""
        return tuple(_value(text, kind) for text, kind in zip(texts, self._kinds(), strict=True))

    def _kinds(self) -> Iterator[nw.dtypes.DType | None]:
        """Of what type the values are; of a column, also where words are said of some of them."""
        for (_, column), (_, dtype) in zip(self._named, self._held, strict=True):
            if column is not None and dtype == nw.String:
                yield self._columns.schema[column]
            else:
                yield dtype


def kind_of(values: Iterable[GroupValue]) -> type:
    """What a column of such values holds: numbers, or else texts.

    Not every engine has whole numbers and truth beside what is missing.
    """
    kinds = {type(value) for value in values if value is not None}
    return float if kinds and kinds <= {int, float} else str


def _listed(by: object) -> list[object]:
    return [by] if isinstance(by, str) or not isinstance(by, Iterable) else [*by]


def _text(column: nw.Expr, dtype: nw.dtypes.DType) -> nw.Expr:
    """The values as texts; NaN is missing, as it is everywhere."""
    if is_text(dtype) or dtype == nw.Unknown:
        return column if dtype == nw.String else column.cast(nw.String())
    there = ~column.is_null()
    if dtype.is_float():
        there = there & ~column.is_nan().fill_null(value=False)
    if dtype == nw.Date:
        return nw.when(there).then(column.dt.to_string(_DAY))
    if dtype == nw.Datetime:
        return nw.when(there).then(column.dt.to_string(_MOMENT))
    return nw.when(there).then(column.cast(nw.String()))


def _plain(text: object) -> str | None:
    return text if isinstance(text, str) else None  # a missing one is NaN in pandas


def _value(text: str | None, dtype: nw.dtypes.DType | None) -> GroupValue:
    """The value that a text stands for; engines write numbers and truth in ways of their own."""
    if text is None or dtype is None or is_text(dtype):
        return text
    if dtype in {nw.Boolean, nw.Object} and text.casefold() in {"true", "false"}:
        return text.casefold() == "true"
    if dtype.is_numeric():
        try:
            number = float(text)
        except ValueError:  # a word that values of the column stand for
            return text
        if dtype.is_integer():
            return int(text)
        if isfinite(number):
            return int(number) if number.is_integer() else number
    return text.removesuffix("T00:00:00")
