"""Dates as files write them: read as given, and refused where they could be two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, describe
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import cause, engine_errors, here, opened, rows_of, sums_of
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline._wording import amount_of, near
from salesflow.pipeline.exports._forms import FORMS, WrittenForm, clock, form_named
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, blank, schema_of

FrameT = TypeVar("FrameT")
DateFormat: TypeAlias = str | Mapping[str, str] | None

_EXAMPLES: Final = 5


def read_days(
    frame: FrameT,
    columns: str | Iterable[str],
    format: DateFormat = None,  # noqa: A002 - the word for it
) -> FrameT:
    """Texts as days.

    A column is read in the one form that fits all its values: year first (ISO), day first or
    month first, with `-`, `/` or `.`, one or two digits, with or without a time of day, which is
    dropped, and its zone with it: the day is the one that is written. Where a column fits day
    first and month first alike, it is refused: say the form.
    Columns of dates and of moments stay as they are; blank texts are missing.

    Aggregate queries run, on lazy frames too; the frame is not changed. In pandas a day is a
    moment at midnight, in all others a date.

    Args:
        frame: Of any kind that narwhals knows.
        columns: The name or names of the columns.
        format: The form, for all columns or by column: `"ISO"`, `"DD-MM-YYYY"`, `"M/D/YYYY"`,
            `"%d.%m.%Y"` and so on.

    Returns:
        The frame, of the caller's own kind, with these columns read.

    Raises:
        FrameError: `problems` lists every column that is not there, is of another type, has
            values that are not days, or could be read in two ways.
        ArgumentError: `columns` or `format` is wrong; `problems` lists the same.

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
          - due: these are days in two ways, as DD/MM/YYYY and as MM/DD/YYYY: '01/03/2017' (1 row);\
 say which: format={"due": "DD/MM/YYYY"} or format={"due": "MM/DD/YYYY"}
        >>> read_days(deals, "due", format="M/D/YYYY")["due"].to_list()
        [datetime.date(2017, 1, 3), None]
    """
    data = opened(frame)
    with engine_errors(data):
        read = _read_days(data, columns, format)
        # narwhals gives back the kind of frame that it was given; its types cannot say so here.
        return cast("FrameT", read.to_native())


def _read_days(data: Frame, columns: str | Iterable[str], form: DateFormat) -> Frame:
    schema, given = schema_of(data), Arguments()
    names, problems = _names(given, columns), list[Problem]()
    for name in names:
        if name not in schema:
            message = f"there is no column {name!r}"
            problems.append(Problem("columns", message, near(name, schema), "no_column"))
    there = [name for name in names if name in schema]
    found, more = dated(given, data, schema, days=there, format=form, zones=True)
    if given.problems or problems or more:
        raise refusal(given, "The dates cannot be read like this.", [*problems, *more])
    return found


def _names(given: Arguments, columns: object) -> list[str]:
    names = [columns] if isinstance(columns, str) or not isinstance(columns, Iterable) else columns
    found = []
    for name in names:
        if isinstance(name, str):
            found.append(name)
        else:
            message = f"must be the name of a column, not {describe(name)}"
            given.problems.append(Problem("columns", message, "write the names, as texts"))
    return found


@dataclass(frozen=True, slots=True)
class _Texts:
    """A column of texts that are dates: its name, and the name it has while it is looked at."""

    name: str
    here: str
    form: WrittenForm | None
    moments: bool
    zones: bool

    @property
    def forms(self) -> Sequence[WrittenForm]:
        return FORMS if self.form is None else (self.form,)

    def in_form(self, form: WrittenForm) -> nw.Expr:
        """Where a value fits a form; never null."""
        fits = nw.col(self.here).str.contains(form.pattern(moments=self.moments, zones=self.zones))
        return fits.fill_null(value=False)

    def either_way(self, form: WrittenForm) -> nw.Expr:
        """Where a value of that form is the same day with the month first; never null."""
        return nw.col(self.here).str.contains(form.either_way()).fill_null(value=False)


def dated(
    given: Arguments,
    frame: Frame,
    schema: Mapping[str, nw.dtypes.DType],
    *,
    days: Iterable[str],
    moments: Iterable[str] = (),
    format: DateFormat = None,  # noqa: A002
    zones: bool = False,
) -> tuple[Frame, list[Problem]]:
    """The frame with these columns read, where they are not dates already; and what is wrong.

    The times of `days` are dropped, and with `zones` may be of other zones than UTC; those of
    `moments` are of UTC.
    """
    wanted = [(name, False) for name in days] + [(name, True) for name in moments]
    formats, problems = _formats(given, format, [name for name, _ in wanted]), list[Problem]()
    texts, exprs = list[_Texts](), dict[str, nw.Expr]()
    for name, is_moment in wanted:
        dtype = schema[name]
        if dtype in {nw.String, nw.Categorical, nw.Enum}:
            column = here(frame, name)
            column = column if dtype == nw.String else column.cast(nw.String())
            # One end after the other: Ibis does not strip both of given characters.
            bare = column.str.strip_chars_start(BLANK).str.strip_chars_end(BLANK)
            exprs[name] = nw.when(~blank(column)).then(bare)
            texts.append(_Texts(name, f"t{len(texts)}", formats.get(name), is_moment, zones))
        elif (said := _objection(frame, name, dtype)) is not None:
            message = f"a column of type {dtype} holds no dates{said}"
            hint = "it should hold texts such as 2017-12-31, dates or datetimes"
            problems.append(Problem(name, message, hint, "kind"))
    if not texts:
        return frame, problems
    looked_at = frame.select(*(exprs[text.name].alias(text.here) for text in texts))
    found = {text.name: _form_of(looked_at, text) for text in texts}
    problems += [form for form in found.values() if isinstance(form, Problem)]
    if not (problems or given.problems):
        frame = frame.with_columns(*(expr.alias(name) for name, expr in exprs.items()))
        for text in texts:
            form = found[text.name]
            if isinstance(form, WrittenForm):
                frame = _read(frame, text, form, schema)
    return frame, problems


def _read(
    frame: Frame, column: _Texts, form: WrittenForm, schema: Mapping[str, nw.dtypes.DType]
) -> Frame:
    # Step by step: what one expression says twice, some engines compute twice.
    name, implementation = column.name, frame.implementation
    if not column.moments:
        frame = form.padded(frame, name)
        day = form.day(here(frame, name))
        read = day if implementation.is_pandas_like() else day.cast(nw.Date())
        return frame.with_columns(read.alias(name))
    time = next(each for n in range(len(schema) + 1) if (each := f"time {n}") not in schema)
    frame = clock(frame.with_columns(here(frame, name).alias(time)), time)
    frame = form.padded(frame, name)
    whole = nw.concat_str(form.iso(here(frame, name)), nw.lit(" "), nw.col(time))
    frame = frame.with_columns(whole.alias(name)).drop(time)
    if implementation.is_polars():  # it does not cast texts, and others parse no missing fraction
        form_of_polars = "%Y-%m-%d %H:%M:%S%.f"
        return frame.with_columns(nw.col(name).str.to_datetime(format=form_of_polars))
    return frame.with_columns(here(frame, name).cast(nw.Datetime("us")).alias(name))


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


def _formats(given: Arguments, form: object, names: Sequence[str]) -> dict[str, WrittenForm]:
    """By column, the form that the caller says; mistakes are noted."""
    if form is None:
        return {}
    named = dict.fromkeys(names, form) if isinstance(form, str) else form
    if not isinstance(named, Mapping):
        message = f"must be a form, not {describe(form)}"
        hint = 'write "DD-MM-YYYY", or {"column": "DD-MM-YYYY"}'
        given.problems.append(Problem("format", message, hint))
        return {}
    found, problems = {}, dict[str, Problem]()
    for name, text in named.items():
        path = "format" if isinstance(form, str) else f"format[{name!r}]"
        known = form_named(text)
        if name not in names:
            problems[path] = Problem(path, "this column is not read", f"there are {list(names)}")
        elif known is None:
            hint = 'write "ISO", "DD-MM-YYYY", "M/D/YYYY", "%d.%m.%Y" or another order'
            problems[path] = Problem(path, f"{text!r} is not a form of dates", hint)
        else:
            found[name] = known
    given.problems += problems.values()
    return found


def _form_of(frame: Frame, column: _Texts) -> WrittenForm | Problem:
    """The one form of a column, or what is wrong with it."""
    some = frame.select(column.here).filter(~nw.col(column.here).is_null()).head(1)
    first = some.lazy().collect()[column.here].to_list()
    if not first:
        return column.forms[0]  # nothing is in it, and any form makes it a column of dates
    # Whichever value comes first: a form that does not fit it does not fit them all.
    of_column = {"moments": column.moments, "zones": column.zones}
    likely = [form for form in column.forms if form.fits(first[0], **of_column)]
    counts = _counts(frame, column, likely or column.forms)
    fitting = [form for form in likely if counts[str(form)] == counts["filled"]]
    if len(fitting) > 1 and counts[f"{fitting[0]} same"] < counts["filled"]:
        return _ambiguous(frame, column, fitting)
    if fitting:
        return fitting[0]
    return _unfit(frame, column, _counts(frame, column, column.forms))


def _counts(frame: Frame, column: _Texts, forms: Sequence[WrittenForm]) -> dict[str, int]:
    """How many values there are, and how many fit each form."""
    exprs = {"filled": ~nw.col(column.here).is_null()}
    for form in forms:
        exprs[str(form)] = column.in_form(form)
        if form.order == "DMY":
            exprs[f"{form} same"] = column.in_form(form) & column.either_way(form)
    return sums_of(frame, exprs)


def _ambiguous(frame: Frame, column: _Texts, forms: Sequence[WrittenForm]) -> Problem:
    ways = " and as ".join(map(str, forms))
    hints = " or ".join(f'format={{"{column.name}": "{form}"}}' for form in forms)
    examples = _examples(frame, column, ~column.either_way(forms[0]))
    message = f"these are days in two ways, as {ways}: {examples}"
    return Problem(column.name, message, f"say which: {hints}", "ambiguous_date")


def _unfit(frame: Frame, column: _Texts, counts: Mapping[str, int]) -> Problem:
    best = max(column.forms, key=lambda form: counts[str(form)])
    examples = _examples(frame, column, ~column.in_form(best))
    message = f"these are not days: {examples}"
    hint = "write year, month and day, the year in four digits"
    if column.form is not None:
        message = f"these are not days as {best}: {examples}"
        hint = "correct them, or say another form"
    elif counts[str(best)]:
        message = f"others are days as {best}, and these are not: {examples}"
        hint = "a column has one form; correct them, or make them missing"
    if not column.zones:
        hint += "; a time, if any, is one of UTC"
    return Problem(column.name, message, hint, "no_date")


def _examples(frame: Frame, column: _Texts, rows: nw.Expr) -> str:
    chosen = frame.select(nw.col(column.here).alias("value"), rows.alias("rows"))
    chosen = chosen.filter(nw.col("rows") & ~nw.col("value").is_null()).select("value")
    counted = chosen.group_by("value").agg(nw.len().alias("n"))
    ordered = counted.sort("n", "value", descending=[True, False]).head(_EXAMPLES + 1)
    found = rows_of(ordered)
    shown = [f"{row['value']!r} ({amount_of(row['n'], 'row')})" for row in found[:_EXAMPLES]]
    return ", ".join([*shown, *(["…"] if len(found) > _EXAMPLES else [])])
