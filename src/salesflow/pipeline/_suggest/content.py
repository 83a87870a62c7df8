"""What the columns hold: their types, and a few counts of what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.facts import FactKind
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import here, rows_of, sums_of, whole
from salesflow.pipeline._frames.labels import labels_of
from salesflow.pipeline._suggest.suggestion import Holds
from salesflow.pipeline.exports._texts import NOTHING
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, blank, is_text

# Only whether a text looks like one: `read_days` and `read_numbers` say whether it can be read.
_LOOKS: Final[Mapping[str, str]] = {
    "days": (
        r"[0-9]{1,4} ?[-/.年 ] ?[0-9A-Za-z]{1,9}[-/.月 ,]+ ?[0-9]{1,4}"
        r"|[A-Za-z]{3,9}\.? [0-9]{1,2},? [0-9]{4}|^[0-9]{8}$|^[0-9]{5}$"
    ),
    "numbers": r"^[^0-9]{0,8}[0-9][0-9 ,.'’]*(?:E[+-]?[0-9]+)?[^0-9]{0,12}$",
}
_PLACEHOLDER: Final = (
    f"(?i)^[{BLANK}]*(?:{'|'.join(re.escape(word) for word in sorted(NOTHING))})[{BLANK}]*$"
)
_ABOVE: Final = "^ *(?:[2-9]|[1-9][0-9]+)(?:[.,][0-9]+)? *$"
_DAYS: Final = frozenset({FactKind.DAY, FactKind.INSTANT})
_NUMBERS: Final = frozenset({FactKind.NUMBER, FactKind.MONEY})
LABELS: Final = 200
"""So many labels of a column are looked at."""
PLACEHOLDERS: Final = 10
"""So many texts of a column that stand for nothing are told."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a column.

    Attributes:
        filled: The rows in which something stands.
        distinct: How many values there are; 0 where nobody asked.
        looks: How many texts look like days or numbers, whichever was asked.
        above: How many numbers are above 1, without a sign for percents.
    """

    filled: int = 0
    distinct: int = 0
    looks: int = 0
    above: int = 0


class Content:
    """A frame, and questions about what stands in its columns."""

    def __init__(self, frame: Frame, schema: Mapping[str, nw.dtypes.DType]) -> None:
        """Nothing is asked yet."""
        self.frame = frame
        self.schema = schema

    def holds(self, column: str) -> Holds:
        """What the type of a column says that it holds."""
        dtype = self.schema[column]
        if is_text(dtype):
            return "texts"
        if dtype == nw.Boolean:
            return "flags"
        if dtype.is_numeric():
            return "numbers"
        if dtype in {nw.Unknown, nw.Object}:
            return "unclear"
        return "days" if isinstance(dtype, nw.Date | nw.Datetime) else "other"

    def count(
        self, distinct: Iterable[str], looks: Mapping[str, str], shares: Iterable[str]
    ) -> tuple[int, dict[str, Counted]]:
        """How many rows there are; and of these columns what is asked of them, in one query.

        Args:
            distinct: The columns whose distinct values are counted.
            looks: By column of texts, `days` or `numbers`.
            shares: The columns of numbers, or of texts, that should be shares.
        """
        asked: dict[tuple[str, str], nw.Expr] = {}
        for column in distinct:
            asked[column, "filled"] = _sum(self._filled(column))
            asked[column, "distinct"] = here(self.frame, column).n_unique()
        for column, what in looks.items():
            asked[column, "filled"] = _sum(self._filled(column))
            asked[column, "looks"] = _sum(self.text(column).str.contains(_LOOKS[what]))
        for column in shares:
            if is_text(self.schema[column]):
                asked[column, "above"] = _sum(self.text(column).str.contains(_ABOVE))
                continue
            number = here(self.frame, column).cast(nw.Float64())
            asked[column, "above"] = _sum((number > 1) & ~number.is_nan())
        exprs = [expr.alias(f"n{at}") for at, expr in enumerate(asked.values())]
        row = rows_of(self.frame.select(nw.len().alias("rows"), *exprs))[0]
        found: dict[str, dict[str, int]] = {}
        for at, (column, what) in enumerate(asked):
            found.setdefault(column, {})[what] = whole(row[f"n{at}"])
        return whole(row["rows"]), {name: Counted(**counts) for name, counts in found.items()}

    def labels(self, column: str) -> tuple[dict[str, int], bool]:
        """The words of a column and how often each is there, the most frequent first.

        And whether these are all.
        """
        found = labels_of(self.frame, self.text(column))
        return dict(list(found.items())[:LABELS]), len(found) <= LABELS

    def placeholders(self, columns: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        """Of columns of texts, those that look as if they stood for nothing, and their rows."""
        asked = {name: self._is_placeholder(name) for name in columns}
        for name, number in sums_of(self.frame, asked).items():
            if number:
                rows = self.frame.filter(asked[name])
                for row in most_of(counted(rows, self.text(name)), PLACEHOLDERS):
                    yield name, str(row["value"]), whole(row["n"])

    def _is_placeholder(self, column: str) -> nw.Expr:
        # One look at each text: to strip and to lower them takes DuckDB five times as long.
        return self.text(column).str.contains(_PLACEHOLDER).fill_null(value=False)

    def text(self, column: str) -> nw.Expr:
        """A column as texts."""
        found = here(self.frame, column)
        return found if self.schema[column] == nw.String else found.cast(nw.String())

    def _filled(self, column: str) -> nw.Expr:
        values, dtype = here(self.frame, column), self.schema[column]
        there = ~values.is_null()
        if is_text(dtype):
            return there & ~blank(self.text(column))
        if dtype.is_float():
            return there & ~values.is_nan()
        return there


def fits(holds: Holds, kind: FactKind) -> bool:
    """Whether a column of this sort can hold a fact of this kind, once it was read."""
    if holds == "unclear":  # nothing at all, or objects, of which only reading them tells more
        return True
    if kind in _DAYS:  # numbers may be the serial numbers of a spreadsheet
        return holds in {"days", "texts", "numbers"}
    if kind in _NUMBERS:
        return holds in {"numbers", "texts"}
    if kind is FactKind.FLAG:
        return holds in {"flags", "texts", "numbers"}
    return holds in {"texts", "numbers"}


def to_be_read(holds: Holds, kind: FactKind) -> str:
    """As what such a column has to be read first: `days`, `numbers`, or nothing."""
    if kind in _DAYS and holds in {"texts", "numbers"}:
        return "days"
    return "numbers" if kind in _NUMBERS and holds == "texts" else ""


def _sum(condition: nw.Expr) -> nw.Expr:
    return condition.fill_null(value=False).cast(nw.Int64).sum()
