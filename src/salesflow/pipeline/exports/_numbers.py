"""Numbers as files write them: read as given, and refused where they could be two things."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias, TypeVar, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import cause, engine_errors, here, opened, sums_of
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline.exports._beside import unit_beside, with_currency
from salesflow.pipeline.exports._number_columns import NumberColumn, narrow
from salesflow.pipeline.exports._number_shapes import DecimalMark
from salesflow.pipeline.exports._texts import (
    Where,
    bare,
    by_column,
    new_columns,
    new_name,
    read_missing,
    read_names,
    texts_in,
)
from salesflow.rules.columns import Frame, is_text, schema_of

FrameT = TypeVar("FrameT")
DecimalMarks: TypeAlias = str | Mapping[str, str] | None

_MARKS: Final[tuple[DecimalMark, DecimalMark]] = (".", ",")


def read_numbers(
    frame: FrameT,
    columns: str | Iterable[str],
    *,
    decimal: DecimalMarks = None,
    missing: str | Iterable[str] = (),
    currency_column: str | Mapping[str, str] | None = None,
    unread_column: str | Mapping[str, str] | None = None,
) -> FrameT:
    """Texts as numbers.

    A number may have: a sign or the code of its currency on either side; groups of thousands with
    commas, points, spaces or apostrophes between them, or groups as in India; a minus on either
    side, or brackets, where it is negative; a percent sign (`65%` is 0.65); `k`, `m`, `bn` and
    words such as `million`, `万` or `亿` behind it; an exponent (`1.2E+06`); full-width digits.

    All numbers of a column have one decimal mark, a point or a comma: the one that fits them all.
    Where both fit and the numbers differ, as 1.234 does, the column is refused: say which.
    A column in percent is so in all its values. Columns of numbers stay as they are; blank texts
    are missing.

    What stood beside the numbers is kept beside them, and goes with their column wherever that is
    named. The one currency of a column comes into `<column>.currency`, for all its numbers; where
    that column is there already, it is completed, and never contradicted. A column of several
    currencies is refused without `currency_column`. Where texts name a unit, `<column>.unit` has
    what it counts (10,000 of `86万`, and nothing of `5`), so that `scale=` leaves these alone.
    `salesflow pipeline` does the same.

    Aggregate queries run, on lazy frames too; the frame is not changed.

    Args:
        frame: Of any kind that narwhals knows.
        columns: The name or names of the columns.
        decimal: The decimal mark, "." or ",", for all columns or by column.
        missing: Texts that stand for nothing, such as `("NA", "N/A", "-")`, as they are written.
        currency_column: A new column for the currencies, or one by column of amounts: the code,
            where what is written stands for one currency (`€`, `US$`), and otherwise what is
            written (`$`, `¥`, `kr`); null where nothing is. Other functions take such a sign for
            `currency=`, or else for the playbook's currency, where that has it.
        unread_column: A new column for texts that are no numbers, or one by column: there they
            stand as they are written, their numbers are missing, and the others are read. Without
            it a column with such texts is refused. What is a number in one way or another is never
            put aside. Called `<fact>.unread`, it is what `hygiene.readable.<fact>` is asked of.

    Returns:
        The frame, of the caller's own kind, with these columns read, as floats, and with columns
        for what stood beside them, where something did.

    Raises:
        FrameError: `problems` lists every column that is not there, is of another type, has
            values that are no numbers, could be read in two ways, has several currencies, or
            another one than `<column>.currency`. Where the frame has an order, it says in which
            rows, counted from 1.
        ArgumentError: `columns`, `decimal`, `missing`, `currency_column` or `unread_column` is
            wrong; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow.pipeline.exports import read_numbers
        >>> deals = pl.DataFrame(
        ...     {
        ...         "value": ["$1,234.00", "($50.00)", "1.2k"],
        ...         "chance": ["65%", "7.5%", "N/A"],
        ...         "paid": ["1.234", "2.500", None],
        ...     }
        ... )
        >>> read = read_numbers(deals, ["value", "chance"], missing=["N/A"])
        >>> read.select("value", "chance").rows()
        [(1234.0, 0.65), (-50.0, 0.075), (1200.0, None)]
        >>> read.select("value.currency", "value.unit").rows()
        [('$', None), ('$', None), ('$', 1000.0)]
        >>> read_numbers(deals, "paid")
        Traceback (most recent call last):
        ...
        salesflow.errors.FrameError: The numbers cannot be read like this.
          - paid: these are numbers in two ways, with a decimal point and with a decimal comma: \
'1.234' (row 1), '2.500' (row 2); say which: decimal={"paid": "."} or decimal={"paid": ","}
        >>> read_numbers(deals, "paid", decimal=",")["paid"].to_list()
        [1234.0, 2500.0, None]
        >>> paid = pl.DataFrame({"paid": ["$5", "tbc", "$7"]})
        >>> read_numbers(paid, "paid", unread_column="paid.unread").rows()
        [(5.0, None, '$'), (None, 'tbc', None), (7.0, None, '$')]
    """
    data = opened(frame)
    with engine_errors(data):
        schema, given, problems = schema_of(data), Arguments(), list[Problem]()
        names = read_names(given, columns, schema, problems)
        currencies = new_columns(
            *(given, currency_column, names, schema, problems),
            argument="currency_column",
            what="the currencies",
            example="amount.currency",
        )
        found = numbered(
            given,
            data,
            schema,
            names,
            decimal=decimal,
            missing=read_missing(given, missing),
            currencies=currencies,
            unread=new_columns(
                *(given, unread_column, names, schema, problems),
                argument="unread_column",
                what="what cannot be read",
                example="amount.unread",
            ),
        )
        problems += found.problems
        read = found.frame
        if not (given.problems or problems):
            for name, (code, *others) in found.currencies.items():
                if name not in currencies and not others:
                    read = with_currency(read, name, code, problems)
        if given.problems or problems:
            raise refusal(given, "The numbers cannot be read like this.", problems)
        # narwhals gives back the kind of frame that it was given; its types cannot say so here.
        return cast("FrameT", read.to_native())


@dataclass(frozen=True, slots=True)
class Numbered:
    """A frame whose texts were read as numbers.

    Attributes:
        frame: The frame; as it was, where something is wrong.
        problems: What is wrong.
        percent: The columns that were in percent, and hold shares now.
        currencies: By column, the currencies that its texts name, where they do.
        units: By column some of whose texts name a unit, the new column that has it.
    """

    frame: Frame
    problems: list[Problem] = field(default_factory=list)
    percent: tuple[str, ...] = ()
    currencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def numbered(
    given: Arguments,
    frame: Frame,
    schema: Mapping[str, nw.dtypes.DType],
    names: Sequence[str],
    *,
    decimal: DecimalMarks,
    missing: Sequence[str],
    currencies: Mapping[str, str],
    unread: Mapping[str, str] | None = None,
    where: Where | None = None,
) -> Numbered:
    """The frame with these columns read, where they are not numbers already; and what is wrong.

    Args:
        given: Takes the mistakes of the caller.
        frame: The frame.
        schema: Its types.
        names: The columns.
        decimal: As the caller says it.
        missing: Texts that stand for nothing.
        currencies: By column, the new column of its currencies.
        unread: By column, the new column of texts that are no numbers; None where the caller
            offers nothing of the kind.
        where: Where texts stand that cannot be read.
    """
    marks: dict[str, DecimalMark] = by_column(
        given,
        decimal,
        names,
        argument="decimal",
        read=_mark,
        what="a decimal mark",
        hint='write "." or ",", or {"column": ","}',
    )
    problems, texts = list[Problem](), dict[str, nw.Expr]()
    for name in names:
        dtype = schema[name]
        if is_text(dtype):
            texts[name] = texts_in(frame, name, dtype)
        elif (said := _objection(frame, name, dtype)) is not None:
            message = f"a column of type {dtype} holds no numbers{said}"
            hint = "it should hold numbers, or texts such as 1,234.50"
            problems.append(Problem(name, message, hint, "kind"))
    read, found = frame, dict[str, NumberColumn]()
    if texts:
        found, read = _looked_at(frame, texts, marks, missing, currencies, unread, where)
        problems += [problem for column in found.values() for problem in column.problems]
    percent = tuple(each.name for each in found.values() if each.percent)
    named = {each.name: each.currencies for each in found.values() if each.currencies}
    sized = {
        each.name: unit_beside(schema, each.name, problems)
        for each in found.values()
        if each.has_units
    }
    if problems or given.problems:
        return Numbered(frame, problems, percent, named, sized)
    for each in found.values():
        read = each.read(read, currencies.get(each.name), sized.get(each.name))
    there = schema_of(read)
    news = (*currencies.values(), *(unread or {}).values())
    nothing = [nw.lit(None, dtype=nw.String()).alias(it) for it in news if it not in there]
    read = read.with_columns(*nothing) if nothing else read
    return Numbered(read, [], percent, named, sized)


def currencies_in(frame: Frame, column: str) -> Sequence[str]:
    """What a column of texts names as the currencies of its numbers, as far as it holds such."""
    texts = {column: texts_in(frame, column, schema_of(frame)[column])}
    found, _ = _looked_at(frame.select(column), texts, {}, (), {column})
    return found[column].currencies


def _looked_at(
    frame: Frame,
    texts: Mapping[str, nw.Expr],
    marks: Mapping[str, DecimalMark],
    missing: Sequence[str],
    currencies: Container[str],
    unread: Mapping[str, str] | None = None,
    where: Where | None = None,
) -> tuple[dict[str, NumberColumn], Frame]:
    """What the columns of texts are, and the frame with these texts as they can be read.

    Most can be as they are. Of others it is asked what stands around them, and then what they are
    written with.
    """
    read = frame.with_columns(*(text.alias(name) for name, text in texts.items()))
    asked = read.lazy() if read.implementation.is_polars() else read
    alike = {} if missing else _uniform(asked, texts, marks)
    others = {name: text for name, text in texts.items() if name not in alike}
    if others:
        tidy = (bare(text, missing).alias(name) for name, text in others.items())
        read = read.with_columns(*tidy)
        alike |= _uniform(read, others, marks, " '")
    columns = unread or {}
    kept = [name for name in others if name in columns and name not in alike]
    if kept:  # as it is written
        read = read.with_columns(*(here(read, name).alias(columns[name]) for name in kept))
    read = narrow(read, [name for name in texts if name not in alike])
    found = dict[str, NumberColumn]()
    for name in texts:
        of = partial(
            NumberColumn.of,
            mark=marks.get(name),
            where=where,
            keeps=name in currencies,
            may_be_aside=unread is not None,
        )
        one = found[name] = alike.get(name) or of(read, name)
        if name in kept and any(it.code == "no_number" for it in one.problems):
            read = _put_aside(read, name, marks.get(name), columns[name])
            found[name] = of(read, name)
        elif name in kept:
            read = read.drop(columns[name])
    return found, read


def _put_aside(frame: Frame, name: str, mark: DecimalMark | None, unread: str) -> Frame:
    """The frame whose texts that are no numbers are only in `unread`, and no others there."""
    readable = NumberColumn.readable(frame, name, mark)
    if readable is None:  # there are more sorts of texts in it than anybody looked at
        return frame.drop(unread)
    text, written = here(frame, name), here(frame, unread)
    bad = new_name(schema_of(frame), "bad")
    frame = frame.with_columns((~readable & ~text.is_null()).alias(bad))
    return frame.with_columns(
        nw.when(~nw.col(bad)).then(text).alias(name),
        nw.when(nw.col(bad)).then(written).alias(unread),
    ).drop(bad)


def _uniform(
    frame: Frame, names: Iterable[str], marks: Mapping[str, DecimalMark], signs: str = ""
) -> dict[str, NumberColumn]:
    found = {name: NumberColumn.uniform(frame, name, marks.get(name), signs) for name in names}
    return {name: column for name, column in found.items() if column is not None}


def _mark(said: object) -> DecimalMark | None:
    return next((mark for mark in _MARKS if mark == said), None)


def _objection(frame: Frame, name: str, dtype: nw.dtypes.DType) -> str | None:
    """What speaks against numbers in a column that does not hold texts."""
    if dtype.is_numeric() or dtype == nw.Unknown:
        return None
    if dtype == nw.Object:
        try:
            frame.select(nw.col(name).cast(nw.Float64()))
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return f" ({cause(error)})"
        return None
    # Nothing may be in it, whatever its type.
    return "" if sums_of(frame, {"n": ~here(frame, name).is_null()})["n"] else None
