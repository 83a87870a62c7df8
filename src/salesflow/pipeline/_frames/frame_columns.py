"""The columns of the caller's frame: which one holds which fact, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeGuard

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, describe
from salesflow.errors import Problem, SalesflowError
from salesflow.facts import NOT_APPLICABLE, Fact, FactKind, Facts
from salesflow.pipeline._frames.engines import cause, here, opened_for_queries, rows_of
from salesflow.pipeline._frames.options import FrameOptions, refusal
from salesflow.pipeline._frames.value_maps import (
    problem_of_keys,
    read_values,
    to_do,
    unknown_fact,
    unsupported_value,
)
from salesflow.pipeline._wording import near
from salesflow.rules.columns import Frame, Nothing, Source, blank, engine_of, read, schema_of

_NAMELESS: Final = "no column of the frame has a text for a name"
SKIPS: Final = "n/a"
_NO_COLUMN: Final = "\0"  # not even as the caller meant it


class FrameColumns:
    """The columns of a frame, and every problem with what was said about them.

    Attributes:
        problems: Everything that is wrong so far, with the arguments and with the frame.
        whole: The caller's frame.
        eager: It is not lazy.
        engine: The engine behind it, by its name, and what it can do.
    """

    def __init__(
        self,
        given: Arguments,
        frame: object,
        facts: Facts,
        options: FrameOptions,
        *,
        hidden: Callable[[str], bool] | None = None,
    ) -> None:
        """Open a frame that may hold these facts; those that are `hidden` are read from none."""
        self.whole, self.eager = opened_for_queries(frame)
        self.engine = engine_of(self.whole)
        # A column without a text for a name cannot be named by the caller either.
        self.schema = {name: kind for name, kind in schema_of(self.whole).items() if _is_word(name)}
        self._given = given
        self._facts = facts
        self._hidden = hidden or (lambda _: False)
        self._zone = options.zone
        self._names: dict[str, str] = {}
        self._converted: dict[str, nw.Series[Any]] = {}
        self._columns: dict[str, str] = {}
        self._values, wrong = read_values(options.values, facts)
        self.problems: list[Problem] = [*given.problems, *wrong]
        for fact, column in options.columns.items():
            self.hold(fact, column, f"columns[{fact!r}]")

    def hold(self, fact: str, column: object, path: str) -> None:
        """Take a column for that of a fact, if there are such a fact and such a column."""
        if fact not in self._facts:
            self.problems.append(unknown_fact(path, fact, self._facts))
        self._columns[fact] = _NO_COLUMN
        if self.is_there(column, path):
            self._columns[fact] = column

    def refusal(self, message: str) -> SalesflowError:
        """The error with everything that is wrong, with the arguments and with the frame."""
        return refusal(self._given, message, self.problems)

    def refuse(self, message: str) -> None:
        """Raise that error, if anything is wrong."""
        if self.problems:
            raise self.refusal(message)

    @property
    def frame(self) -> Frame:
        """Only the columns that were asked for, under names that are safe on every engine."""
        found = self.whole.select(
            *(here(self.whole, name).alias(safe) for name, safe in self._names.items())
        )
        return found.with_columns(**self._converted) if self._converted else found

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does."""
        if fact == "stage" or self._hidden(fact):
            return None
        column = self._columns.get(fact, fact)
        return column if column in self.schema else None

    @property
    def groups(self) -> list[str]:
        """What a report can be grouped by: the facts that have a column, and the columns."""
        facts = [fact for fact in self._columns if self.column_of(fact) is not None]
        return list(dict.fromkeys(("stage", *facts, *self.schema)))

    def is_nested(self, column: str) -> bool:
        """A column holds lists, structures or objects that no engine can compare."""
        dtype = self.schema[column]
        is_object = dtype == nw.Object and self.whole.implementation.is_polars()
        return dtype.is_nested() or is_object

    @property
    def asks_apart(self) -> bool:
        """Whether what looks at all rows together is asked by queries of its own.

        Beside the longest of all cycles every row passes through one task of Spark, and beside
        distinct keys Spark keeps every other sum once for each key. Dask is asked by parts, which
        know of no other rows.
        """
        implementation = self.whole.implementation
        return implementation.is_spark_like() or implementation.is_dask()

    def number(self, value: float) -> nw.Expr:
        """A float to calculate with: Ibis writes a decimal, and decimals add up otherwise."""
        if self.whole.implementation.is_ibis():
            return nw.lit(repr(float(value))).cast(nw.Float64())
        return nw.lit(value)

    def type_of(self, fact: str) -> nw.dtypes.DType | None:
        """The type of the fact's column, if any column holds it."""
        column = self.column_of(fact)
        return None if column is None else self.schema[column]

    def taken(self, column: str) -> nw.Expr:
        """A column of the caller's frame, as it is called in `frame`."""
        return nw.col(self._names.setdefault(column, f"c{len(self._names)}"))

    def source(self, fact: Fact) -> Source | None:
        """How a fact is read, or None where no column holds it; problems are noted."""
        column = self.column_of(fact.name)
        if column is None:
            return None
        dtype = self.schema[column]
        self.taken(column)
        mapped = self._values.get(fact.name)
        as_read = mapped
        if f"{NOT_APPLICABLE}{fact.name}" in self._facts:
            # It says that nobody need know, and so is no label that nobody explained.
            as_read = {SKIPS: None if fact.kind is FactKind.TEXT else "?", **(mapped or {})}
        zone, engine = self._zone, self.engine
        name = self._names[column]
        source = read(fact, name, dtype, zone=zone, values=as_read, engine=engine)
        objection = ""
        if source is not None:
            source, objection = self._tried(source, column, dtype, fact.kind)
        wrong = problem_of_keys(fact, column, dtype, mapped) if mapped and not objection else None
        if wrong is None and (source is None or objection):
            message = f"a column of type {dtype} cannot be the {fact.kind} {fact.name}"
            wrong = Problem(column, message + quoted(objection), to_do(fact, dtype), "kind")
        if source is not None and wrong is None:
            return source
        if wrong is not None and not self.is_empty(column, dtype):
            self.problems.append(wrong)
        return Nothing()

    def _tried(
        self, source: Source, column: str, dtype: nw.dtypes.DType, kind: FactKind
    ) -> tuple[Source, str]:
        """The source, and what the engine says against reading a column so; nothing if it can."""
        canonical = source.canonical()
        if dtype != nw.Object or canonical is None:
            return source, ""
        if self.whole.implementation.is_polars():
            return source, "it holds objects"
        # Only pandas can calculate with such columns, and only trying tells what is in them.
        # Its one column alone: the whole frame would be copied for each of them.
        alone = self.whole.select(here(self.whole, column).alias(self._names[column]))
        try:
            found = alone.select(canonical.alias("c"))
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return source, cause(error)
        if isinstance(found, nw.LazyFrame):
            return source, ""
        objection = unsupported_value(alone[self._names[column]].to_list(), kind)
        if objection:
            return source, objection
        # Objects are slow to convert: once is enough.
        name = f"{self._names[column]}_converted"
        self._converted[name] = found["c"]
        return source.at(nw.col(name)), ""

    def objection(self, expr: nw.Expr) -> str:
        """What the engine says against an expression over the caller's frame; nothing if it can."""
        try:
            self.whole.select(expr)
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return cause(error)
        return ""

    def is_empty(self, column: str, dtype: nw.dtypes.DType) -> bool:
        """Nothing stands in a column."""
        values = here(self.whole, column)
        there = ~values.is_null()
        if dtype == nw.String:
            there = there & ~blank(values)
        try:
            found = rows_of(self.whole.select(there.cast(nw.Int64).sum().alias("n")))
        except Exception:  # noqa: BLE001 - what cannot be looked at is not nothing
            return False
        return not found[0]["n"]

    def is_there(self, column: object, path: str) -> TypeGuard[str]:
        """Whether the frame has such a column; that it has none is noted."""
        if _is_word(column):
            if column in self.schema:
                return True
            hint = near(column, self.schema, "" if self.schema else _NAMELESS)
            self.note(path, f"there is no column {column!r}", hint, "no_column")
        else:
            self.note(path, f"{describe(column)} names no column", "write its name, a text")
        return False

    def note(self, path: str, message: str, hint: str, code: str = "invalid") -> None:
        """Note a problem."""
        self.problems.append(Problem(path, message, hint, code))


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def quoted(objection: str) -> str:
    """What an engine says, behind a message of ours."""
    return f" ({objection})" if objection else ""
