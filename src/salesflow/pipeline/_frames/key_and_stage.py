"""The two columns that every check needs: which deal a row is of, and where that deal stands.

What is wrong with their content is told with examples, which are asked for only where the counts
say that something is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow.errors import Problem, closest
from salesflow.pipeline._frames.engines import rows_of, whole
from salesflow.pipeline._frames.frame_columns import FrameColumns, quoted
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, Rail, blank, is_text

_EXAMPLES: Final = 5
_LABELS: Final = 50


class KeyColumn:
    """The column that says which deal, or which case, a row is of.

    Attributes:
        name: What the caller calls it.
        usable: It is there, and its values can be compared.
    """

    def __init__(
        self, columns: FrameColumns, name: str, *, path: str = "key", reserved: Collection[str] = ()
    ) -> None:
        """Find the column that the argument `path` names; what is wrong is noted with the columns.

        `reserved` are the columns that the result has beside the key.
        """
        self.name = name
        self._columns = columns
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
        column, dtype = self.expr(), self._columns.schema[self.name]
        missing = column.is_null()
        if is_text(dtype):
            return missing | blank(column if dtype == nw.String else column.cast(nw.String()))
        if dtype.is_float():
            # NaN is missing in pandas, and is to be so everywhere.
            return missing | column.is_nan().fill_null(value=False)
        return missing

    def problems(self, frame: Frame, *, missing: int) -> list[Problem]:
        """Keys that are `missing`, so many, and keys that stand for several rows."""
        problems = []
        if missing:
            message = f"{amount_of(missing, 'row')} without a key"
            problems.append(Problem(self.name, message, "every deal needs one", "null_key"))
        found = _most(frame.filter(~self.is_missing()), self.expr()).filter(nw.col("n") > 1)
        rows = _head(found, _EXAMPLES)
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

    def problems(
        self, frame: Frame, unknown: Rail, labels: Mapping[str, int], playbook: Playbook
    ) -> list[Problem]:
        """Labels that no stage has, where some are `unknown`, each with the nearest one."""
        known = {label: label for label in labels} | dict(_titles(playbook))
        label = self.label()
        rows = _head(_most(frame.filter(unknown & ~label.is_null()), label), _LABELS)
        problems = []
        for row in rows:
            value = str(row["value"])
            if value.strip(BLANK):
                message = f"{value!r} is not a stage ({amount_of(row['n'], 'row')})"
                target = known.get(closest(value, known) or "", "…")
                hint = f'say which it is: stages={{"{value}": "{target}"}}'
                problems.append(Problem(self.name, message, hint, "unknown_stage"))
        return problems


def _titles(playbook: Playbook) -> Iterator[tuple[str, str]]:
    for stage in playbook.stages:
        named = [(stage.key, stage.title), *((sub.key, sub.title) for sub in stage.sub_stages)]
        for key, title in named:
            for lang in title.languages:
                yield title.get(lang), key


def _most(frame: Frame, column: nw.Expr) -> Frame:
    named = frame.select(column.alias("value"))
    return named.group_by("value").agg(nw.len().alias("n"))


def _head(frame: Frame, rows: int) -> list[dict[str, Any]]:
    return rows_of(frame.sort("n", "value", descending=[True, False]).head(rows))
