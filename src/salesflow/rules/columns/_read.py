"""Which columns can hold which facts, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final, Literal, TypeGuard, cast

import narwhals.stable.v2 as nw

from salesflow.facts import Fact, FactKind
from salesflow.rules._values import Verdict
from salesflow.rules.columns._days import Days, Unit
from salesflow.rules.columns._engine import ANY, ZONED, Engine, Frame
from salesflow.rules.columns._sources import ColumnLabel, Labels, Numbers, Source, TextColumn

# Brought into microseconds. Nanoseconds are not: pyarrow refuses to, and DuckDB rounds them: in the
# last one of a day it tells the next day. It writes them down as they are.
_COARSE: Final = frozenset({"s", "ms"})

_MARKS: Final[Mapping[object, bool]] = {"+": True, "-": False, True: True, False: False}
# What a caller's `values=` may say beside. A verdict equals its text, and "yes" is no flag.
_SAID: Final = {Verdict.YES: True, Verdict.NO: False}
# Floats hold every integer of these, and of those beyond 64 bits the nearest, if asked by text.
_NARROW: Final = frozenset({nw.Int8, nw.Int16, nw.Int32, nw.UInt8, nw.UInt16, nw.UInt32})
_WIDEST: Final = frozenset({nw.Int128, nw.UInt128})


def schema_of(frame: Frame) -> dict[str, nw.dtypes.DType]:
    """The type of every column."""
    schema = dict(frame.collect_schema())
    implementation = frame.implementation
    if implementation.is_pandas_like() or implementation.is_dask():
        # narwhals does not recognise the zones whose names have more than letters.
        types = frame.to_native().dtypes
        for name, dtype in schema.items():
            if dtype == nw.Unknown and (found := ZONED.fullmatch(str(types[name]))):
                schema[name] = nw.Datetime(cast("Unit", found["unit"]), found["zone"])
    return schema


def read(
    fact: Fact,
    column: str,
    dtype: nw.dtypes.DType,
    *,
    zone: tzinfo = UTC,
    values: Mapping[object, object] | None = None,
    engine: Engine = ANY,
) -> Source | None:
    """How `fact` is read from a column, or None where the column cannot hold it.

    `values` says what values of the column stand for; others stand for themselves.
    """
    here = nw.col(column)
    match fact.kind:
        case FactKind.NUMBER | FactKind.MONEY:
            numbers = _numbers(here, dtype, engine)
            if numbers is None or not fact.enforced:
                return numbers
            return replace(numbers, low=fact.low, high=fact.high)
        case FactKind.CHOICE if fact.choices:
            own: dict[object, str | bool] = {choice: choice for choice in fact.choices}
            return _labels(here, dtype, own, values or {}, engine)
        case FactKind.TEXT | FactKind.CHOICE:
            pattern = fact.pattern if fact.enforced else None
            return _words(here, dtype, values or {}, pattern, engine)
        case FactKind.FLAG:
            return _labels(here, dtype, _MARKS, values or {}, engine)
        case FactKind.DAY:
            return _days(fact.name, here, dtype, zone, engine)
        case FactKind.INSTANT:
            return _moments(fact.name, here, dtype, zone, engine)


def wanted(kind: FactKind) -> str:
    """The types of column that can hold this kind of fact, for a message."""
    return {
        **dict.fromkeys((FactKind.NUMBER, FactKind.MONEY), "numbers"),
        **dict.fromkeys((FactKind.TEXT, FactKind.CHOICE), "texts"),
        FactKind.FLAG: 'booleans, or "+", "-" and "?", or what values= maps to them',
        FactKind.DAY: "dates or datetimes",
        FactKind.INSTANT: "datetimes with a time zone",
    }[kind]


def _numbers(column: nw.Expr, dtype: nw.dtypes.DType, engine: Engine) -> Numbers | None:
    if dtype == nw.Float64:
        return Numbers(column, cast="")
    if dtype == nw.Decimal:
        return Numbers(column, "text" if engine.decimals_as_text else "float", nan=False)
    if dtype.is_integer():
        by_text = engine.decimals_as_text if dtype in _WIDEST else engine.integers_as_text
        return Numbers(column, "text" if by_text and dtype not in _NARROW else "float", nan=False)
    return Numbers(column) if dtype.is_float() or dtype == nw.Object else None


def _words(
    column: nw.Expr,
    dtype: nw.dtypes.DType,
    values: Mapping[object, object],
    pattern: str | None,
    engine: Engine,
) -> Source | None:
    # Numbers of owners or of sources are names, whatever they look like.
    numbers = dtype.is_integer()
    if not (numbers or is_text(dtype)):
        return None
    mapped: dict[ColumnLabel, str | None] = {
        str(int(raw) if isinstance(raw, float) else raw): None if value is None else str(value)
        for raw, value in values.items()
        if can_hold(dtype, raw)
    }
    return TextColumn(
        column, cast=dtype != nw.String, mapped=mapped, pattern=pattern, chained=engine.chained
    )


def _is_asked(value: object) -> bool:
    """Whether a value of the caller's says: asked, and not known."""
    return value is Verdict.UNKNOWN or (type(value) is str and value == "?")


def _labels(
    column: nw.Expr,
    dtype: nw.dtypes.DType,
    own: Mapping[object, str | bool],
    values: Mapping[object, object],
    engine: Engine,
) -> Source | None:
    text = is_text(dtype)

    def fits(raw: object) -> TypeGuard[ColumnLabel]:
        return can_hold(dtype, raw)

    mapped = {raw: value for raw, value in values.items() if fits(raw)}
    labels = [(raw, value) for raw, value in own.items() if fits(raw) and raw not in mapped]
    for raw, value in mapped.items():
        meant = _SAID.get(value) if isinstance(value, Verdict) else own.get(value)
        if fits(raw) and meant is not None:
            labels.append((raw, meant))
    if not labels:
        return None
    asked = [raw for raw, value in mapped.items() if fits(raw) and _is_asked(value)]
    ignored = [raw for raw, value in mapped.items() if fits(raw) and value is None]
    if text and own is _MARKS and "?" not in mapped:
        asked.append("?")
    if dtype == nw.Object:
        # As numbers: comparing objects is a hundred times slower.
        numbers = tuple((float(raw), value) for raw, value in labels if isinstance(raw, bool))
        return Labels(column, numbers, text=False, cast="number", chained=engine.chained)
    cast: Literal["", "text"] = "text" if text and dtype != nw.String else ""
    return Labels(
        column,
        tuple(labels),
        tuple(asked),
        tuple(ignored),
        text=text,
        cast=cast,
        boolean=dtype == nw.Boolean,
        nan=dtype.is_float(),
        whole=dtype.is_integer(),
        few=engine.few if text else 4,
        chained=engine.chained,
    )


def can_hold(dtype: nw.dtypes.DType, raw: object) -> bool:
    """Whether a label can occur in a column of this type."""
    if is_text(dtype):
        return isinstance(raw, str)
    if dtype in {nw.Boolean, nw.Object}:
        return isinstance(raw, bool)
    # True equals 1, and still a column of numbers is no flag unless the caller says so.
    if isinstance(raw, bool):
        return False
    if dtype.is_integer():
        return isinstance(raw, int) or (isinstance(raw, float) and raw.is_integer())
    return dtype.is_float() and isinstance(raw, int | float)


def _days(
    fact: str, column: nw.Expr, dtype: nw.dtypes.DType, zone: tzinfo, engine: Engine
) -> Source | None:
    found = Days(column, "date", zone, fact=fact, engine=engine)
    if dtype == nw.Date:
        return found
    if dtype == nw.Object:
        return replace(found, form="naive", cast="us")
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is None:
        if dtype.time_unit == "ns" and engine.clock == "session":
            return replace(found, cast="text")
        cast: Literal["us", ""] = "us" if dtype.time_unit in _COARSE else ""
        return replace(found, form="naive", unit=dtype.time_unit, cast=cast)
    return _moments(fact, column, dtype, zone, engine, instant=False)


def _moments(
    fact: str,
    column: nw.Expr,
    dtype: nw.dtypes.DType,
    zone: tzinfo,
    engine: Engine,
    *,
    instant: bool = True,
) -> Source | None:
    if not isinstance(dtype, nw.Datetime) or dtype.time_zone is None:
        return None
    if dtype.time_unit == "ns" and engine.clock == "session":
        return None  # DuckDB compares such a column with nothing, unless it may round it
    return Days(
        column,
        "aware",
        zone,
        dtype.time_zone,
        unit=dtype.time_unit,
        # narwhals casts no zone in Dask.
        cast="us" if dtype.time_unit in _COARSE and engine.clock != "converted" else "",
        instant=instant,
        fact=fact,
        engine=engine,
    )


def is_text(dtype: nw.dtypes.DType) -> bool:
    """Whether it is a text or a category; an Enum with categories is not equal to `nw.Enum`."""
    return isinstance(dtype, nw.String | nw.Categorical | nw.Enum)
