"""The engines behind frames: how they are opened and asked, what they differ in and refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import describe
from salesflow.errors import FrameError, SalesflowError
from salesflow.rules.columns import Engine, Frame, Rail, engine_of, schema_of

_LONGEST: Final = 300
_WHOLE: Final = 2.0**52  # floats from here on have no fraction


def opened(frame: object) -> Frame:
    """The frame behind narwhals' interface, eager or lazy as it is.

    Raises:
        FrameError: It is not a data frame.
    """
    try:
        found: Frame = nw.from_native(frame)
    except Exception as error:
        raise _unreadable(frame, error) from error
    _check_names(frame, found)
    return found


def is_frame(value: object) -> bool:
    """Whether something is a data frame of any kind that narwhals knows."""
    found: object = nw.from_native(value, pass_through=True)
    return isinstance(found, nw.DataFrame | nw.LazyFrame)


def kind_of_frame(frame: Frame, *, eager: bool | None = None) -> str:
    """Of what kind a frame is, to tell it from others; `eager` where the caller's own was.

    Example:
        >>> import polars as pl
        >>> kind_of_frame(opened(pl.LazyFrame({"a": [1]})))
        'a lazy frame of polars'
    """
    eager = isinstance(frame, nw.DataFrame) if eager is None else eager
    return f"a {'' if eager else 'lazy '}frame of {engine_of(frame).name}"


def opened_for_queries(frame: object) -> tuple[Frame, bool]:
    """The same, ready for queries that nobody changes meanwhile; and whether it is eager.

    Raises:
        FrameError: It is not a data frame, or one that cannot be read.
    """
    found = opened(frame)
    eager = isinstance(found, nw.DataFrame)
    try:
        if found.implementation.is_polars():
            return found.lazy(), eager  # its own lazy engine is the faster one
        if isinstance(found, nw.DataFrame):
            # Its own copy of the columns: the caller may go on to change the frame.
            found = nw.maybe_reset_index(found).select(nw.all())
        schema_of(found)
    except Exception as error:
        raise _unreadable(frame, error) from error
    return found, eager


def _check_names(frame: object, found: Frame) -> None:
    """DuckDB has columns of the same name, small or capital letters apart, and reads the first."""
    if not found.implementation.is_duckdb():
        return
    seen = dict[str, str]()
    for name in found.columns:
        first = seen.setdefault(name.lower(), name)
        if first is not name:
            same = "the same name twice" if first == name else f"to DuckDB the same as {first!r}"
            raise _unreadable(frame, ValueError(f"{name!r} is {same}"))


def _unreadable(frame: object, error: Exception) -> FrameError:
    return FrameError(
        f"This cannot be read as a data frame: it is {describe(frame)} ({cause(error)}).",
        hint="Pass a frame of any kind that narwhals knows, with distinct column names.",
    )


@contextmanager
def engine_errors(frame: Frame) -> Iterator[None]:
    """Whatever an engine raises becomes a FrameError with its name: it may raise anything."""
    try:
        yield
    except SalesflowError:
        raise
    except Exception as error:
        message = f"The engine of the frame ({engine_of(frame).name}) could not work this out."
        raise FrameError(message, hint=cause(error)) from error


def rows_of(frame: Frame) -> list[dict[str, Any]]:
    """The rows of a small result."""
    found: list[dict[str, Any]] = frame.lazy().collect().rows(named=True)
    return found


def sums_of(frame: Frame, exprs: Mapping[str, nw.Expr]) -> dict[str, int]:
    """How often each of these conditions holds."""
    if not exprs:
        return {}
    named = {f"c{number}": name for number, name in enumerate(exprs)}
    sums = (exprs[name].cast(nw.Int64()).sum().alias(safe) for safe, name in named.items())
    row = rows_of(frame.select(*sums))[0]
    return {named[safe]: whole(value) for safe, value in row.items()}


def whole(value: Any) -> int:  # noqa: ANN401 - engines answer with numbers of their own
    """A number that an engine counted."""
    # The sum over no rows is nothing at all in SQL, the maximum over none nothing anywhere.
    return 0 if value is None or value != value else int(value)  # noqa: PLR0124 - NaN


def native(frame: Frame, *, eager: bool) -> object:
    """The frame in the caller's kind; lazy only if the caller's is."""
    if eager and isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    found: object = nw.maybe_reset_index(frame).to_native()
    return found


def plain_value(value: object) -> object:
    """A value of a row as Python has it, where an engine has numbers of its own."""
    item: Callable[[], object] | None = getattr(value, "item", None)
    return value if item is None else item()


def frame_like(
    like: object, rows: Sequence[Mapping[str, object]], columns: Mapping[str, type]
) -> object:
    """A small frame of values, in the kind of another one; lazy only if that is.

    Args:
        like: The other frame, of which nothing is read.
        rows: The values; what is missing is None.
        columns: What each column holds: str, int or float. Values are made such.

    Raises:
        FrameError: `like` is no frame, or its engine cannot make one.
    """
    found = opened(like)
    rows = [
        {name: None if row[name] is None else kind(row[name]) for name, kind in columns.items()}
        for row in rows
    ]
    schema = {name: _DTYPES[kind] for name, kind in columns.items()}
    with engine_errors(found):
        kind = found.implementation
        if isinstance(found, nw.DataFrame) or kind.is_polars():
            made = nw.from_dicts(rows, schema, backend=kind)
            return (made if isinstance(found, nw.DataFrame) else made.lazy()).to_native()
        if kind.is_spark_like():  # by its session: narwhals goes by way of pandas
            session = cast("Any", like).sparkSession
            types = ", ".join(f"`{name}` {_SPARK[each]}" for name, each in columns.items())
            values = [tuple(row[name] for name in columns) for row in rows]
            made_there: object = session.createDataFrame(values, types)
            return made_there
        # Databases take tables of Arrow, Dask frames of pandas.
        made = nw.from_dicts(rows, schema, backend="pandas" if kind.is_dask() else "pyarrow")
        return made.lazy(kind).to_native()


_DTYPES: Final[Mapping[type, nw.dtypes.DType]] = {
    str: nw.String(),
    int: nw.Int64(),
    float: nw.Float64(),
}
_SPARK: Final[Mapping[type, str]] = {str: "string", int: "bigint", float: "double"}


def cause(error: BaseException) -> str:
    """The first line of what an engine says."""
    found = str(error).strip().partition("\n")[0] or type(error).__name__
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"


def here(frame: Frame, column: str) -> nw.Expr:
    """A column of the caller's frame, whatever its name.

    Spark reads a dot in a name as a step into a structure, unless the name is quoted.
    """
    if frame.implementation.is_spark_like():
        return nw.col(f"`{column.replace('`', '``')}`").alias(column)
    return nw.col(column)


def floor_of(number: nw.Expr, engine: Engine) -> nw.Expr:
    """The whole number below, for any float."""
    if engine.floors:
        return number.floor()
    small = (number < nw.lit(_WHOLE)) & (number > nw.lit(-_WHOLE))
    floor = nw.when(small).then(number).otherwise(nw.lit(0.0)).floor().cast(nw.Float64())
    return nw.when(small).then(floor).otherwise(number)


def stepped(
    column: nw.Expr, first: nw.Expr, steps: Sequence[tuple[float | str, nw.Expr]]
) -> nw.Expr:
    """What holds at each value of a column: `first`, and from each step on what that says.

    It is halved again and again: engines nest only so deep. What is missing is after no step.
    """
    if not steps:
        return first
    middle = len(steps) // 2
    at, value = steps[middle]
    before = stepped(column, first, steps[:middle])
    after = stepped(column, value, steps[middle + 1 :])
    return nw.when(column >= nw.lit(at)).then(after).otherwise(before)


def expr_of(rail: Rail) -> nw.Expr:
    """A condition as an expression, also where it is the same for every row."""
    return nw.lit(rail) if isinstance(rail, bool) else rail


def number_of(rail: Rail) -> nw.Expr:
    """1 where a condition holds, and 0 elsewhere."""
    return nw.lit(int(rail)).cast(nw.Int64()) if isinstance(rail, bool) else rail.cast(nw.Int64())
