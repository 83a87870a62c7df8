"""What the caller handed in, looked through once: which column holds which fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final, TypeGuard

import narwhals.stable.v2 as nw

from salesflow.errors import FactError, Problem, closest
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.engines import cause, here
from salesflow.pipeline._frames.object_columns import strange
from salesflow.pipeline._frames.opening import a_thing
from salesflow.pipeline._frames.value_maps import problem_of_keys, read_values, to_do, unknown_fact
from salesflow.rules._values import zone_of
from salesflow.rules.columns import (
    Frame,
    Nothing,
    Source,
    blank,
    engine_of,
    is_text,
    read,
    schema_of,
)

REFUSED: Final = "The pipeline cannot be checked like this."

FINDING_COLUMNS: Final = ("stage", "check", "severity", "verdict")

_NO_COLUMN: Final = "\0"  # not even as the caller meant it


class Inputs:
    """The frame's columns, and every problem with what was said about them.

    Attributes:
        frame: Only the columns that were asked for, under names that are safe on every engine.
        problems: Everything that is wrong so far.
    """

    def __init__(
        self,
        frame: Frame,
        facts: Facts,
        *,
        eager: bool,
        key: str,
        stage: str,
        columns: Mapping[str, str],
        values: Mapping[str, Mapping[object, object]],
        tz: str,
    ) -> None:
        self.problems: list[Problem] = []
        self.eager = eager
        self._whole = frame
        self._engine = engine_of(frame)
        # A column without a text for a name cannot be named by the caller either.
        self._schema = {name: dtype for name, dtype in schema_of(frame).items() if _is_word(name)}
        self._facts = facts
        self._names: dict[str, str] = {}
        self._converted: dict[str, nw.Series[Any]] = {}
        self._columns = dict(columns)
        self._values, wrong = read_values(values, facts)
        self.key = key
        self.zone = self._zone(tz)
        # `columns={"stage": ...}` says the same as `stage=`.
        self.stage = self._columns.pop("stage", stage) if stage == "stage" else stage
        self.has_key = self.has_stage = False
        self._check_names()
        self.problems += wrong

    @property
    def frame(self) -> Frame:
        found = self._whole.select(
            *(here(self._whole, name).alias(safe) for name, safe in self._names.items())
        )
        return found.with_columns(**self._converted) if self._converted else found

    @property
    def usable(self) -> bool:
        """The key and the stage are there, so that their content can be looked at."""
        return self.has_key and self.has_stage

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does."""
        if fact == "stage":
            return None
        column = self._columns.get(fact, fact)
        return column if column in self._schema else None

    @property
    def groups(self) -> list[str]:
        """What a report can be grouped by: the facts that have a column, and the columns."""
        facts = [fact for fact in self._columns if self.column_of(fact) is not None]
        return list(dict.fromkeys(("stage", *facts, *self._schema)))

    def is_nested(self, column: str) -> bool:
        """A column holds lists, structures or objects that no engine can compare."""
        dtype = self._schema[column]
        is_object = dtype == nw.Object and self._whole.implementation.is_polars()
        return dtype.is_nested() or is_object

    @property
    def engine(self) -> str:
        """The name of the engine behind the frame."""
        return self._engine.name

    @property
    def has_timestamps(self) -> bool:
        """The engine can tell the milliseconds since 1970."""
        return self._engine.timestamps

    @property
    def asks_apart(self) -> bool:
        """Whether what looks at all rows together is asked by queries of its own.

        Beside the longest of all cycles every row passes through one task of Spark, and beside
        distinct keys Spark keeps every other sum once for each key. Dask is asked by parts, which
        know of no other rows.
        """
        implementation = self._whole.implementation
        return implementation.is_spark_like() or implementation.is_dask()

    @property
    def sums_need_numbers(self) -> bool:
        """SQL does not add up booleans."""
        return not self.has_timestamps

    def number(self, value: float) -> nw.Expr:
        """A float to calculate with: Ibis writes a decimal, and decimals add up otherwise."""
        if self._whole.implementation.is_ibis():
            return nw.lit(repr(float(value))).cast(nw.Float64())
        return nw.lit(value)

    def key_column(self) -> nw.Expr:
        """The column of the key."""
        return self.taken(self.key)

    def keyless(self) -> nw.Expr:
        """Where the key is missing or blank."""
        column, dtype = self.key_column(), self._schema[self.key]
        missing = column.is_null()
        if is_text(dtype):
            return missing | blank(column if dtype == nw.String else column.cast(nw.String()))
        if dtype.is_float():
            # NaN is missing in pandas, and is to be so everywhere.
            return missing | column.is_nan().fill_null(value=False)
        return missing

    def is_boolean(self, fact: str) -> bool:
        """The fact's column has the type of booleans, so that nothing else is in it."""
        column = self.column_of(fact)
        return column is not None and self._schema[column] == nw.Boolean

    def is_float(self, fact: str) -> bool:
        """The fact's column has a type of floats, so that NaN may be in it."""
        column = self.column_of(fact)
        return column is not None and self._schema[column].is_float()

    def taken(self, column: str) -> nw.Expr:
        """A column of the caller's frame, as it is called in `frame`."""
        return nw.col(self._names.setdefault(column, f"c{len(self._names)}"))

    def label(self) -> nw.Expr:
        """The column of the stage, as texts."""
        column = self.taken(self.stage)
        return column if self._schema[self.stage] == nw.String else column.cast(nw.String())

    def source(self, fact: Fact) -> Source | None:
        """How a fact is read, or None where no column holds it; problems are noted."""
        column = self.column_of(fact.name)
        if column is None:
            return None
        dtype = self._schema[column]
        self.taken(column)
        mapped = self._values.get(fact.name)
        source = read(
            fact,
            self._names[column],
            dtype,
            zone=self.zone,
            values=mapped,
            engine=self._engine,
        )
        objection = ""
        if source is not None:
            source, objection = self._tried(source, column, dtype, fact.kind)
        wrong = None
        if mapped and not objection:
            wrong = problem_of_keys(fact, column, dtype, mapped)
        if wrong is None and (source is None or objection):
            message = f"{_shown(dtype)} cannot be the {fact.kind} {fact.name}"
            wrong = Problem(column, message + _quoted(objection), to_do(fact, dtype), "kind")
        if source is not None and wrong is None:
            return source
        if wrong is not None and not self._is_empty(column, dtype):
            self.problems.append(wrong)
        return Nothing()

    def _tried(
        self, source: Source, column: str, dtype: nw.dtypes.DType, kind: FactKind
    ) -> tuple[Source, str]:
        """The source, and what the engine says against reading a column so; nothing if it can."""
        canonical = source.canonical()
        if dtype != nw.Object or canonical is None:
            return source, ""
        if self._whole.implementation.is_polars():
            return source, "it holds objects"
        # Only pandas can calculate with such columns, and only trying tells what is in them.
        # Its one column alone: the whole frame would be copied for each of them.
        alone = self._whole.select(here(self._whole, column).alias(self._names[column]))
        try:
            found = alone.select(canonical.alias("c"))
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return source, cause(error)
        if isinstance(found, nw.LazyFrame):
            return source, ""
        objection = strange(alone[self._names[column]].to_list(), kind)
        if objection:
            return source, objection
        # Objects are slow to convert: once is enough.
        name = f"{self._names[column]}_converted"
        self._converted[name] = found["c"]
        return source.at(nw.col(name)), ""

    def _said(self, frame: Frame, expr: nw.Expr) -> str:
        """What the engine says where it cannot work this out."""
        try:
            frame.select(expr)
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return cause(error)
        return ""

    def _is_empty(self, column: str, dtype: nw.dtypes.DType) -> bool:
        values = here(self._whole, column)
        there = ~values.is_null()
        if dtype == nw.String:
            there = there & ~blank(values)
        try:
            found = self._whole.select(there.cast(nw.Int64).sum().alias("n")).lazy().collect()
        except Exception:  # noqa: BLE001 - what cannot be looked at is not nothing
            return False
        return not found["n"][0]

    def _check_names(self) -> None:
        self.has_key = self._check_key()
        self.has_stage = self._check_stage()
        for fact, column in list(self._columns.items()):
            if fact not in self._facts:
                self.problems.append(unknown_fact(f"columns[{fact!r}]", fact, self._facts))
            if not self._is_there(f"columns[{fact!r}]", column):
                self._columns[fact] = _NO_COLUMN

    def _check_key(self) -> bool:
        if not self._is_there("key", self.key):
            return False
        if self.key in FINDING_COLUMNS:
            self._note("key", f"the findings have a column {self.key!r} of their own", "rename it")
        dtype = self._schema[self.key]
        objection = ""
        if dtype == nw.Object and not self._whole.implementation.is_polars():
            objection = self._said(self._whole, nw.col(self.key).n_unique())
        elif dtype.is_nested() or dtype == nw.Object:  # of which polars would end the program
            objection = "it holds no single values"
        if objection:
            message = f"{_shown(dtype)} identifies nothing" + _quoted(objection)
            self._note("key", message, "make it texts or numbers")
        return not objection

    def _check_stage(self) -> bool:
        if not self._is_there("stage", self.stage):
            return False
        dtype = self._schema[self.stage]
        if is_text(dtype) or dtype.is_integer() or self._is_empty(self.stage, dtype):
            return True
        hint = "name the stages' column"
        if dtype.is_float():
            hint = "make it texts or whole numbers"
        self._note(self.stage, f"{_shown(dtype)} holds no labels", hint)
        return False

    def _zone(self, tz: str) -> tzinfo:
        try:
            return zone_of(tz)
        except FactError:
            self._note(
                "tz", f"there is no time zone {str(tz)[:60]!r}", 'write it as in "Asia/Shanghai"'
            )
            return zone_of("UTC")

    def _is_there(self, path: str, column: object) -> bool:
        if _is_word(column) and column in self._schema:
            return True
        self._absent(path, column)
        return False

    def _absent(self, path: str, column: object) -> None:
        if not _is_word(column):
            self._note(path, f"{a_thing(column)} names no column", "write its name, a text")
            return
        near = closest(column, self._schema)
        listed = ", ".join(list(self._schema)[:12])
        hint = f"there are {listed}" if listed else "no column of the frame has a text for a name"
        self._note(
            path,
            f"there is no column {column!r}",
            f'did you mean "{near}"?' if near else hint,
            "no_column",
        )

    def _note(self, path: str, message: str, hint: str, code: str = "invalid") -> None:
        self.problems.append(Problem(path, message, hint, code))


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _quoted(objection: str) -> str:
    return f" ({objection})" if objection else ""


def _shown(dtype: nw.dtypes.DType) -> str:
    return f"a column of type {dtype}"
