"""What the caller handed in, looked through once: which column holds which fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import FactError, FrameError, Problem, closest
from salesflow.facts import Fact, Facts, Kind
from salesflow.rules import Verdict
from salesflow.rules._columns import Frame, Nothing, Source, blank, read, schema_of, wanted
from salesflow.rules._values import zone_of

__all__ = ["FINDING_COLUMNS", "Inputs", "opened"]

FINDING_COLUMNS: Final = ("stage", "check", "severity", "verdict")

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
    except Exception as error:
        raise FrameError(
            f"This cannot be read as a data frame: a {type(frame).__name__}.",
            hint="Pass a frame of pandas, polars or pyarrow, with distinct column names.",
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
        self._schema = schema_of(frame)
        self._facts = facts
        self._names: dict[str, str] = {}
        self._columns = dict(columns)
        self._values = values
        self.key = key
        self.zone = self._zone(tz)
        # `columns={"stage": ...}` says the same as `stage=`.
        self.stage = self._columns.pop("stage", stage) if stage == "stage" else stage
        self._check_names()
        self._check_values()

    @property
    def frame(self) -> Frame:
        return self._whole.select(*(nw.col(name).alias(safe) for name, safe in self._names.items()))

    @property
    def usable(self) -> bool:
        """The key and the stage are there, so that their content can be looked at."""
        dtype = self._schema.get(self.stage)
        return self.key in self._schema and dtype is not None and self._is_label(dtype)

    def _is_label(self, dtype: nw.dtypes.DType) -> bool:
        if dtype in {nw.String, nw.Categorical, nw.Enum} or dtype.is_integer():
            return True
        return self._is_empty(self.stage, dtype)

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does."""
        if fact == "stage":
            return None
        column = self._columns.get(fact, fact)
        return column if column in self._schema else None

    @property
    def engine(self) -> str:
        """The name of the engine behind the frame."""
        return str(self._whole.implementation.value)

    @property
    def has_timestamps(self) -> bool:
        """The engine can tell the milliseconds since 1970."""
        implementation = self._whole.implementation
        return (
            implementation.is_polars()
            or implementation.is_pandas_like()
            or implementation.is_pyarrow()
        )

    @property
    def sums_need_numbers(self) -> bool:
        """SQL does not add up booleans."""
        return not self.has_timestamps

    def key_column(self) -> nw.Expr:
        """The column of the key."""
        return self.taken(self.key)

    def keyless(self) -> nw.Expr:
        """Where the key is missing or blank."""
        column = self.key_column()
        missing = column.is_null()
        return missing | blank(column) if self._schema[self.key] == nw.String else missing

    def is_boolean(self, fact: str) -> bool:
        """The fact's column has the type of booleans, so that nothing else is in it."""
        column = self.column_of(fact)
        return column is not None and self._schema[column] == nw.Boolean

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
            decimals_as_text=not self._whole.implementation.is_polars(),
        )
        if source is not None and self._converts(source, dtype):
            return source
        if not self._is_empty(column, dtype):
            self._refuse(fact, column, dtype)
        return Nothing()

    def _converts(self, source: Source, dtype: nw.dtypes.DType) -> bool:
        canonical = source.canonical()
        if dtype != nw.Object or canonical is None:
            return True
        try:
            # Only pandas has such columns, and only trying tells what is in them.
            self.frame.select(canonical.alias("c"))
        except Exception:  # noqa: BLE001 - whatever the engine raises, the column is of no use
            return False
        return True

    def _is_empty(self, column: str, dtype: nw.dtypes.DType) -> bool:
        there = ~nw.col(column).is_null()
        if dtype == nw.String:
            there = there & ~blank(nw.col(column))
        found = self._whole.select(there.cast(nw.Int64).sum().alias("n")).lazy().collect()
        return not found["n"][0]

    def _refuse(self, fact: Fact, column: str, dtype: nw.dtypes.DType) -> None:
        hint = f"it should hold {wanted(fact.kind)}"
        if dtype == nw.String and fact.kind in {Kind.DAY, Kind.INSTANT}:
            hint += "; parse the dates when you read the file"
        elif dtype == nw.String and fact.kind in {Kind.NUMBER, Kind.MONEY}:
            hint += "; convert the texts to numbers first"
        elif fact.kind in _MAPPABLE:
            hint += f'; or say what they stand for: values={{"{fact.name}": {{…}}}}'
        self._note(column, f"{_shown(dtype)} cannot be the {fact.kind} {fact.name}", hint, "kind")

    def _check_names(self) -> None:
        for what, column in (("key", self.key), ("stage", self.stage)):
            if column not in self._schema:
                self._absent(what, column)
        dtype = self._schema.get(self.stage)
        if dtype is not None and not self._is_label(dtype):
            self._note(self.stage, f"{_shown(dtype)} holds no labels", "name the stages' column")
        if self.key in FINDING_COLUMNS:
            self._note("key", f"the findings have a column {self.key!r} of their own", "rename it")
        for fact, column in self._columns.items():
            if fact not in self._facts:
                self._unknown_fact(f"columns[{fact!r}]", fact)
            if column not in self._schema:
                self._absent(f"columns[{fact!r}]", column)

    def _check_values(self) -> None:
        for name, mapped in self._values.items():
            path = f"values[{name!r}]"
            fact = self._facts.get(name)
            if name == "stage":
                self._note(path, "labels of stages are mapped by stages=", "move them there")
            elif fact is None:
                self._unknown_fact(path, name)
            elif fact.kind not in _MAPPABLE:
                self._note(path, f"a {fact.kind} is not mapped", "convert the column instead")
            else:
                self._check_targets(path, fact, mapped)

    def _check_targets(self, path: str, fact: Fact, mapped: Mapping[object, object]) -> None:
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
            if not fits:
                self._note(f"{path}[{label!r}]", f"{fact.name} has no value {value!r}", hint)

    def _zone(self, tz: str) -> tzinfo:
        try:
            return zone_of(tz)
        except FactError as error:
            self._note("tz", error.message.rstrip("."), error.hint)
            return zone_of("UTC")

    def _absent(self, path: str, column: object) -> None:
        near = closest(str(column), self._schema)
        listed = ", ".join(list(self._schema)[:12])
        self._note(
            path,
            f"there is no column {column!r}",
            f'did you mean "{near}"?' if near else f"there are {listed}",
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


def _shown(dtype: nw.dtypes.DType) -> str:
    return f"a column of type {dtype}"
