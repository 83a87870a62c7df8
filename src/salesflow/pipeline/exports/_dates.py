"""Dates as files write them: read as given, and refused where they could be two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TypeAlias, TypeVar, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, zone
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import cause, engine_errors, here, opened, sums_of
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline.exports._date_columns import (
    DateForm,
    DateTexts,
    FoundForm,
    form_of,
    form_of_most,
    no_dates,
    plain_form,
)
from salesflow.pipeline.exports._forms import ISO, KNOWN, form_named
from salesflow.pipeline.exports._serials import EXCEL, digits
from salesflow.pipeline.exports._texts import (
    Seen,
    Where,
    bare,
    by_column,
    listed,
    new_columns,
    new_name,
    read_missing,
    read_names,
    texts_in,
)
from salesflow.pipeline.exports._times import clock
from salesflow.pipeline.exports._zones import in_zone, offsets_in
from salesflow.rules.columns import Frame, is_text, schema_of

FrameT = TypeVar("FrameT")
DateFormat: TypeAlias = str | Mapping[str, str] | None


def read_days(
    frame: FrameT,
    columns: str | Iterable[str],
    *,
    format: DateFormat = None,  # noqa: A002 - the word for it
    missing: str | Iterable[str] = (),
    unread_column: str | Mapping[str, str] | None = None,
    tz: str | None = None,
) -> FrameT:
    """Texts as days.

    A column is read in the one form that fits all its values:

    - numbers, the year first (ISO), the day first or the month first, with `-`, `/` or `.`;
    - English names of months, `26-Jan-2015`, `Jan 26, 2015`, `26 January 2015`, `2015-Jan-26`;
    - eight digits, `20150126`, as texts or as numbers; Chinese dates, `2026年1月5日`.

    Years have four digits, or two: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999. A time of
    day, on 24 hours or with AM and PM, is dropped. Where times have a zone (`Z`, `+02:00`), the day
    is that of `tz`; without it, the one that is written, and a column of several zones is refused.
    Where a column fits several orders of day, month and year, it is refused: say the form.
    Days that a spreadsheet counts are read as such where the form says so.
    Columns of dates and of moments stay as they are; blank texts are missing.

    Aggregate queries run, on lazy frames too; the frame is not changed. In pandas a day is a
    moment at midnight, in all others a date.

    Args:
        frame: Of any kind that narwhals knows.
        columns: The name or names of the columns.
        format: The form, for all columns or by column: `"ISO"`, `"DD-MM-YYYY"`, `"M/D/YY"`,
            `"%d.%m.%Y"`, `"%d-%b-%Y"` and so on; or `"excel"`, where days are counted from the
            beginning of 1900 (42370 is 2016-01-01), as texts or as numbers.
        missing: Texts that stand for nothing, such as `("NA", "N/A", "-")`, as they are written.
        unread_column: A new column for values that are days in no form, or not in the one that is
            said or that most have, or one by column: there they stand as they are written, their
            days are missing, and the others are read. Without it a column with such values is
            refused.
        tz: Where calendar days begin, for times that have a zone: the name of a time zone.

    Returns:
        The frame, of the caller's own kind, with these columns read.

    Raises:
        FrameError: `problems` lists every column that is not there, is of another type, has
            values that are not days, or could be read in two ways. Where the frame has an order, it
            says in which rows, counted from 1.
        ArgumentError: `columns`, `format`, `missing`, `unread_column` or `tz` is wrong; `problems`
            lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow.pipeline.exports import read_days
        >>> deals = pl.DataFrame({"closed": ["31-12-2017", "1-3-2017"], "due": ["01/03/2017", ""]})
        >>> read_days(deals, "closed")["closed"].to_list()
        [datetime.date(2017, 12, 31), datetime.date(2017, 3, 1)]
        >>> read_days(deals, "due")
        Traceback (most recent call last):
        ...
        salesflow.errors.FrameError: The dates cannot be read like this.
          - due: these are days in two ways, as DD/MM/YYYY and as MM/DD/YYYY: '01/03/2017' (row 1);\
 say which: format={"due": "DD/MM/YYYY"} or format={"due": "MM/DD/YYYY"}
        >>> read_days(deals, "due", format="M/D/YYYY")["due"].to_list()
        [datetime.date(2017, 1, 3), None]
        >>> others = pl.DataFrame({"a": ["26-Jan-15", "NA"], "b": [42370, 42371]})
        >>> read_days(others, ["a", "b"], format={"b": "excel"}, missing=["NA"]).rows()
        [(datetime.date(2015, 1, 26), datetime.date(2016, 1, 1)), \
(None, datetime.date(2016, 1, 2))]
        >>> due = pl.DataFrame({"due": ["2026-03-01", "soon"]})
        >>> read_days(due, "due", unread_column="due.unread").rows()
        [(datetime.date(2026, 3, 1), None), (None, 'soon')]
    """
    data = opened(frame)
    with engine_errors(data):
        schema, given, problems = schema_of(data), Arguments(), list[Problem]()
        names, words = read_names(given, columns, schema, problems), read_missing(given, missing)
        unread = new_columns(
            *(given, unread_column, names, schema, problems),
            argument="unread_column",
            what="what cannot be read",
            example="closed_on.unread",
        )
        said = DatesSaid(
            *(format, words, True, unread), tz=None if tz is None else given.read(zone, tz)
        )
        read, more = dated(given, data, schema, said, days=names)
        if given.problems or problems or more:
            raise refusal(given, "The dates cannot be read like this.", [*problems, *more])
        # narwhals gives back the kind of frame that it was given; its types cannot say so here.
        return cast("FrameT", read.to_native())


@dataclass(frozen=True, slots=True)
class DatesSaid:
    """What is said of texts that are dates.

    Attributes:
        format: Their form, as the caller says it.
        missing: Texts that stand for nothing.
        zones: Times may be of other zones than UTC; those of moments may not.
        unread: By column, the new column of what cannot be read; None where the caller offers
            nothing of the kind.
        where: Says where texts stand, in place of rows.
        tz: The zone whose days are meant, where times have one.
    """

    format: DateFormat = None
    missing: Sequence[str] = ()
    zones: bool = False
    unread: Mapping[str, str] | None = None
    where: Where | None = None
    tz: tzinfo | None = None

    def column_for(self, name: str) -> str | None:
        """The new column for what cannot be read of a column."""
        return (self.unread or {}).get(name)


def dated(
    given: Arguments,
    frame: Frame,
    schema: Mapping[str, nw.dtypes.DType],
    said: DatesSaid,
    *,
    days: Iterable[str],
    moments: Iterable[str] = (),
) -> tuple[Frame, list[Problem]]:
    """The frame with these columns read, where they are not dates already; and what is wrong.

    The times of `days` are dropped; those of `moments` count, and are of UTC.
    """
    wanted = [(name, False) for name in days] + [(name, True) for name in moments]
    formats: dict[str, DateForm] = by_column(
        given,
        said.format,
        [name for name, _ in wanted],
        argument="format",
        read=_form_said,
        what="a form of dates",
        hint=KNOWN,
    )
    problems, texts = list[Problem](), list[DateTexts]()
    for name, is_moment in wanted:
        dtype = schema[name]
        if is_text(dtype) or dtype.is_numeric():
            text = DateTexts(
                *(name, f"t{len(texts)}", formats.get(name), is_moment, said.zones),
                number=dtype if dtype.is_numeric() else None,
                where=said.where,
                may_be_aside=said.unread is not None,
            )
            texts.append(text)
        elif (objection := _objection(frame, name, dtype)) is not None:
            problems.append(no_dates(name, f"{dtype}", objection))
    found = {text.name: _looked_at(frame, text, schema[text.name], said) for text in texts}
    problems += (problem for it in found.values() for problem in it.problems)
    if texts and not (problems or given.problems):
        named = [it.text.alias(name) for name, it in found.items()]
        named += (it.aside for it in found.values() if it.aside is not None)
        frame = frame.with_columns(*named)
        for text in texts:
            frame = _read_as_found(frame, text, found[text.name], said)
    there = schema_of(frame)
    news = [name for name in (said.unread or {}).values() if name not in there]
    if news:
        frame = frame.with_columns(*(nw.lit(None, dtype=nw.String()).alias(it) for it in news))
    return frame, problems


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a column is found to be.

    Attributes:
        text: Its texts as they are read.
        found: Its form; None where it cannot be read.
        problems: What is wrong with it.
        aside: Its texts as they are written, where some are to be put aside.
        in_zones: Some of its times have an offset from UTC.
    """

    text: nw.Expr
    found: FoundForm | None = None
    problems: Sequence[Problem] = ()
    aside: nw.Expr | None = None
    in_zones: bool = False


def _looked_at(frame: Frame, column: DateTexts, dtype: nw.dtypes.DType, said: DatesSaid) -> _Looked:
    asked = frame.lazy() if frame.implementation.is_polars() else frame  # one pass of few rows
    is_number = column.number is not None
    raw = digits(frame, column.name, dtype) if is_number else texts_in(frame, column.name, dtype)
    if not (said.missing or column.moments):
        looked_at = asked.select(raw.alias(column.here))
        plain = plain_form(looked_at, column)
        if plain is not None:
            return _with_zones(_Looked(raw, plain), looked_at, column, said)
    text, aside = raw if is_number else bare(raw, said.missing), None
    looked_at = asked.select(text.alias(column.here))
    it = form_of(looked_at, column)
    unread = said.column_for(column.name)
    if isinstance(it, Problem) and it.code == "no_date" and unread is not None:
        looked_at = _readable_of(looked_at, column)
        it = form_of(looked_at, column)
        if isinstance(it, Problem) and it.code == "no_date":
            it = form_of_most(looked_at, column)
        if isinstance(it, FoundForm):
            looked_at = _readable_of(looked_at, replace(column, form=it.form))
        written = here(frame, column.name).cast(nw.String()) if is_number else raw
        aside = written.alias(unread)
    if isinstance(it, Problem):
        return _Looked(text, problems=[it])
    return _with_zones(_Looked(text, it, aside=aside), looked_at, column, said)


def _readable_of(frame: Frame, column: DateTexts) -> Frame:
    kept = nw.when(column.readable()).then(nw.col(column.here))
    return frame.select(kept.alias(column.here))


def _with_zones(it: _Looked, frame: Frame, column: DateTexts, said: DatesSaid) -> _Looked:
    """The same with the zones that its times have; several need one that is meant."""
    without_zones = it.found is not None and it.found.plain in {"alone", "timed"}
    if without_zones or not said.zones or column.moments or column.number is not None:
        return it
    offsets = offsets_in(frame, column.here)
    if said.tz is None and len(offsets) > 1:
        return replace(it, problems=[_of_several_zones(column.name, offsets)])
    return replace(it, in_zones=bool(offsets))


def _of_several_zones(name: str, offsets: Sequence[tuple[str, int]]) -> Problem:
    shown = listed(Seen(*it, "") for it in offsets)
    hint = 'say where calendar days begin: tz="Europe/Berlin"'
    return Problem(name, f"its times are of several zones: {shown}", hint, "zones")


def _read_as_found(frame: Frame, column: DateTexts, it: _Looked, said: DatesSaid) -> Frame:
    unread = said.column_for(column.name)
    if it.found is None:  # pragma: no cover - it was refused
        return frame
    if it.aside is not None and unread is not None:
        frame = _put_aside(frame, replace(column, form=it.found.form), unread)
    if said.tz is None or not it.in_zones:
        return _read(frame, column, it.found)
    written = new_name(schema_of(frame), "written")
    frame = frame.with_columns(here(frame, column.name).alias(written))
    frame = _read(frame, column, it.found)
    return in_zone(frame, column.name, written, said.tz).drop(written)


def _put_aside(frame: Frame, column: DateTexts, unread: str) -> Frame:
    """The frame whose texts that are no days are only in `unread`, and no others there."""
    text = new_name(schema_of(frame), "text")
    frame = frame.with_columns(here(frame, column.name).alias(text))
    readable, there = replace(column, here=text).readable(), ~nw.col(text).is_null()
    return frame.with_columns(
        nw.when(readable).then(nw.col(text)).alias(column.name),
        nw.when(there & ~readable).then(here(frame, unread)).alias(unread),
    ).drop(text)


def _form_said(name: object) -> DateForm | None:
    if isinstance(name, str) and name.strip().casefold() == str(EXCEL):
        return EXCEL
    return form_named(name)


def _read(frame: Frame, column: DateTexts, found: FoundForm) -> Frame:
    # Step by step: what one expression says twice, some engines compute twice.
    name, implementation, form = column.name, frame.implementation, found.form
    if not column.moments:
        frame = form.padded(frame, name, plain=found.plain)
        return frame.with_columns(_day(here(frame, name), form.parsed, implementation).alias(name))
    time = new_name(schema_of(frame), "time")
    frame = clock(frame.with_columns(here(frame, name).alias(time)), time)
    frame = form.padded(frame, name, plain=found.plain)
    whole = nw.concat_str(form.iso(here(frame, name)), nw.lit(" "), nw.col(time))
    frame = frame.with_columns(whole.alias(name)).drop(time)
    if implementation.is_polars():  # it does not cast texts, and others parse no missing fraction
        form_of_polars = "%Y-%m-%d %H:%M:%S%.f"
        return frame.with_columns(nw.col(name).str.to_datetime(format=form_of_polars))
    return frame.with_columns(here(frame, name).cast(nw.Datetime("us")).alias(name))


def _day(text: nw.Expr, parsed: str, implementation: nw.Implementation) -> nw.Expr:
    """The day of such dates: as what the engine makes soonest of them."""
    if implementation.is_polars():
        return text.str.to_date(format=parsed)
    if implementation.is_duckdb() and parsed == ISO:
        return text.cast(nw.Date())
    moment = text.str.to_datetime(format=parsed)
    return moment if implementation.is_pandas_like() else moment.cast(nw.Date())


def _objection(frame: Frame, name: str, dtype: nw.dtypes.DType) -> str | None:
    """What speaks against dates in a column that does not hold texts."""
    if dtype == nw.Date or isinstance(dtype, nw.Datetime) or dtype == nw.Unknown:
        return None
    if dtype == nw.Object:
        try:
            frame.select(nw.col(name).cast(nw.Datetime("us")))
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return f" ({cause(error)})"
        return None
    # Nothing may be in it, whatever its type.
    return "" if sums_of(frame, {"n": ~here(frame, name).is_null()})["n"] else None
