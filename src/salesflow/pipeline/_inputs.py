"""What the caller handed in, looked through once: which column holds which fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, TypeGuard

import narwhals.stable.v2 as nw

from salesflow.errors import FactError, FrameError, Problem, closest
from salesflow.facts import Fact, Facts, Kind
from salesflow.pipeline._engines import cause, here
from salesflow.rules import Verdict
from salesflow.rules._columns import (
    Frame,
    Nothing,
    Source,
    blank,
    engine_of,
    is_text,
    read,
    schema_of,
    wanted,
)
from salesflow.rules._values import zone_of

__all__ = ["FINDING_COLUMNS", "REFUSED", "Inputs", "a_thing", "opened"]

REFUSED: Final = "The pipeline cannot be checked like this."

FINDING_COLUMNS: Final = ("stage", "check", "severity", "verdict")

_NO_COLUMN: Final = "\0"  # not even as the caller meant it
_MAPPABLE: Final = (Kind.TEXT, Kind.CHOICE, Kind.FLAG)
_FLAG_VALUES: Final[tuple[object, ...]] = (True, False, None, "+", "-", "?", *Verdict)


def opened(frame: object) -> tuple[Frame, bool]:
    """The frame behind narwhals' interface, and whether the caller's is an eager one.

    Raises:
        FrameError: It is not a data frame, or one that cannot be read.
    """
    try:
        found: Frame = nw.from_native(frame)
        eager = isinstance(found, nw.DataFrame)
        if found.implementation.is_polars():
            return found.lazy(), eager  # its own lazy engine is the faster one
        if isinstance(found, nw.DataFrame):
            found = nw.maybe_reset_index(found)
        schema_of(found)
    except Exception as error:
        raise FrameError(
            f"This cannot be read as a data frame: it is {a_thing(frame)} ({cause(error)}).",
            hint="Pass a frame of any kind that narwhals knows, with distinct column names.",
        ) from error
    return found, eager


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
        self._columns = dict(columns)
        self._values: dict[str, Mapping[object, object]] = {}
        self.key = key
        self.zone = self._zone(tz)
        # `columns={"stage": ...}` says the same as `stage=`.
        self.stage = self._columns.pop("stage", stage) if stage == "stage" else stage
        self.has_key = self.has_stage = False
        self._check_names()
        self._check_values(values)

    @property
    def frame(self) -> Frame:
        return self._whole.select(
            *(here(self._whole, name).alias(safe) for name, safe in self._names.items())
        )

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
        source = read(
            fact,
            self._names[column],
            dtype,
            zone=self.zone,
            values=self._values.get(fact.name),
            engine=self._engine,
        )
        objection = "" if source is None else self._objection(source, dtype)
        if source is not None and not objection:
            return source
        if not self._is_empty(column, dtype):
            self._refuse(fact, column, dtype, objection)
        return Nothing()

    def _objection(self, source: Source, dtype: nw.dtypes.DType) -> str:
        """What the engine says against reading a column so; nothing if it can."""
        canonical = source.canonical()
        if dtype != nw.Object or canonical is None:
            return ""
        # Only pandas has such columns, and only trying tells what is in them.
        return self._said(self.frame, canonical.alias("c"))

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
        found = self._whole.select(there.cast(nw.Int64).sum().alias("n")).lazy().collect()
        return not found["n"][0]

    def _refuse(self, fact: Fact, column: str, dtype: nw.dtypes.DType, objection: str) -> None:
        hint = f"it should hold {wanted(fact.kind)}"
        if dtype == nw.String and fact.kind in {Kind.DAY, Kind.INSTANT}:
            hint += "; parse the dates when you read the file"
        elif dtype == nw.String and fact.kind in {Kind.NUMBER, Kind.MONEY}:
            hint += "; convert the texts to numbers first"
        elif fact.kind in _MAPPABLE:
            hint += f'; or say what they stand for: values={{"{fact.name}": {{…}}}}'
        message = f"{_shown(dtype)} cannot be the {fact.kind} {fact.name}"
        self._note(column, message + _quoted(objection), hint, "kind")

    def _check_names(self) -> None:
        self.has_key = self._check_key()
        self.has_stage = self._check_stage()
        for fact, column in list(self._columns.items()):
            if fact not in self._facts:
                self._unknown_fact(f"columns[{fact!r}]", fact)
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
        self._note(self.stage, f"{_shown(dtype)} holds no labels", "name the stages' column")
        return False

    def _check_values(self, values: Mapping[str, Mapping[object, object]]) -> None:
        for name, mapped in values.items():
            path = f"values[{name!r}]"
            fact = self._facts.get(name)
            if name == "stage":
                self._note(path, "labels of stages are mapped by stages=", "move them there")
            elif fact is None:
                self._unknown_fact(path, name)
            elif fact.kind not in _MAPPABLE:
                self._note(path, f"a {fact.kind} is not mapped", "convert the column instead")
            else:
                self._values[name] = self._targets(path, fact, mapped)

    def _targets(
        self, path: str, fact: Fact, mapped: Mapping[object, object]
    ) -> Mapping[object, object]:
        found = {}
        allowed: tuple[object, ...] = (None, *fact.choices)
        if fact.kind is Kind.FLAG:
            allowed = _FLAG_VALUES
        for label, value in mapped.items():
            if fact.kind is Kind.TEXT or (fact.kind is Kind.CHOICE and not fact.choices):
                fits = value is None or isinstance(value, str)
                hint = "write a text, or None"
            else:
                fits = any(type(value) is type(each) and value == each for each in allowed)
                hint = f"write one of {', '.join(map(repr, allowed[:8]))}"
                near = closest(str(value), fact.choices)
                hint = f'did you mean "{near}"?' if near else hint
            if fits:
                found[label] = value
            else:
                self._note(f"{path}[{label!r}]", f"{fact.name} has no value {value!r}", hint)
        return found

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

    def _unknown_fact(self, path: str, fact: object) -> None:
        near = closest(str(fact), self._facts)
        self._note(
            path,
            f"there is no fact {fact!r}",
            f'did you mean "{near}"?' if near else "playbook.facts lists them",
            "unknown_fact",
        )

    def _note(self, path: str, message: str, hint: str, code: str = "invalid") -> None:
        self.problems.append(Problem(path, message, hint, code))


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def a_thing(value: object) -> str:
    """What sort of thing it is, with its article."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _quoted(objection: str) -> str:
    return f" ({objection})" if objection else ""


def _shown(dtype: nw.dtypes.DType) -> str:
    return f"a column of type {dtype}"
