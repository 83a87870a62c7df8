"""The two columns that every check needs: which deal a row is of, and where that deal stands.

What is wrong with their content is told with examples, which are asked for only where the counts
say that something is wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import rows_of, whole
from salesflow.pipeline._frames.frame_columns import FrameColumns, quoted
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.pipeline._wording import amount_of
from salesflow.rules.columns import Frame, Rail, blank, is_text

_EXAMPLES: Final = 5
_GIVE_IT: Final = "remove the row, or give it a key"
_GIVE_THEM: Final = "remove the rows, or give each of them a key"
NUMBER_THEM: Final = "where no column identifies a deal, number the rows in a new one"


class KeyColumn:
    """The column that says which deal, or which case, a row is of.

    Attributes:
        name: What the caller calls it.
        usable: It is there, and its values can be compared.
        may_repeat: Several rows may have the same value.
    """

    def __init__(
        self,
        columns: FrameColumns,
        name: str | None,
        *,
        path: str = "key",
        reserved: Collection[str] = (),
    ) -> None:
        """Find the column that the argument `path` names; what is wrong is noted with the columns.

        `reserved` are the columns that the result has beside the key.
        """
        self.name = name or ""
        self.may_repeat = False
        self._columns = columns
        if name is None and path == "key":
            hint = f'say which one does: key="…"; {NUMBER_THEM}'
            columns.note(path, "no column identifies a deal", hint, "no_key")
            self.usable = False
        else:
            self.usable = columns.is_there(name, path) and self._can_identify(path)
        if self.usable and name in reserved:
            columns.note(path, f"the result has a column {name!r} of its own", "rename it")

    def _can_identify(self, path: str) -> bool:
        columns, dtype = self._columns, self._columns.schema[self.name]
        objection = ""
        if dtype == nw.Object and not columns.whole.implementation.is_polars():
            objection = columns.objection(nw.col(self.name).n_unique())
        elif dtype.is_nested() or dtype == nw.Object:  # of which polars would end the program
            objection = "it holds no single values"
        if objection:
            message = f"a column of type {dtype} cannot be the key{quoted(objection)}"
            columns.note(path, message, "make it texts or numbers")
        return not objection

    def expr(self) -> nw.Expr:
        """The column."""
        return self._columns.taken(self.name)

    def is_missing(self) -> nw.Expr:
        """Where the key is missing or blank."""
        return self._columns.missing_in(self.name)

    def problems(self, frame: Frame, *, missing: int) -> list[Problem]:
        """Keys that are `missing`, so many, and keys that stand for several rows."""
        problems = []
        if missing:
            message = f"{amount_of(missing, 'row')} without a key"
            everything = whole(rows_of(frame.select(nw.len().alias("n")))[0]["n"])
            hint = f"every deal needs one; {NUMBER_THEM}"
            if missing * 2 < everything:  # the column identifies deals, and these rows may be none
                hint = _GIVE_IT if missing == 1 else _GIVE_THEM
            problems.append(Problem(self.name, message, hint, "null_key"))
        elif self.may_repeat:
            return problems
        found = counted(frame.filter(~self.is_missing()), self.expr()).filter(nw.col("n") > 1)
        rows = most_of(found, _EXAMPLES)
        if rows:
            total = whole(rows_of(found.select(nw.len().alias("n")))[0]["n"])
            shown = ", ".join(f"{row['value']!r} ({row['n']} times)" for row in rows)
            more = ", …" if total > len(rows) else ""
            keys = amount_of(total, "key stands", "keys stand")
            message = f"{keys} on several rows: {shown}{more}"
            problems.append(Problem(self.name, message, "keep one row per deal", "duplicate_key"))
        return problems


class StageColumn:
    """The column that says where a deal stands, if there is one.

    Attributes:
        name: What the caller calls it.
        usable: It is there, and holds labels.
    """

    def __init__(
        self, columns: FrameColumns, name: str | None = None, *, path: str = "stage"
    ) -> None:
        """Find the column that the argument `path` names, if any does; what is wrong is noted."""
        self.name = name or ""
        self._columns = columns
        self.usable = name is not None and columns.is_there(name, path) and self._has_labels()

    def _has_labels(self) -> bool:
        dtype = self._columns.schema[self.name]
        if is_text(dtype) or dtype.is_integer() or self._columns.is_empty(self.name, dtype):
            return True
        hint = "make it texts or whole numbers" if dtype.is_float() else "name the stages' column"
        self._columns.note(self.name, f"a column of type {dtype} holds no labels", hint)
        return False

    def label(self) -> nw.Expr:
        """The column, as texts."""
        column, dtype = self._columns.taken(self.name), self._columns.schema[self.name]
        return column if dtype == nw.String else column.cast(nw.String())

    def unplaced(self, code: nw.Expr) -> Rail:
        """Rows with a label that has no place; a blank label is a missing one."""
        if not self.usable:
            return False
        label = self.label()
        return (code == nw.lit(NOWHERE)) & ~label.is_null() & ~blank(label)
