"""A column of dates as a file has them: the one form that fits all its texts, or what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow._unseen import quoted
from salesflow.errors import Problem
from salesflow.pipeline._frames.commonest import counted
from salesflow.pipeline._frames.engines import rows_of, sums_of
from salesflow.pipeline.exports._forms import COMPACT, FORMS, KNOWN, Plain, WrittenForm
from salesflow.pipeline.exports._serials import SerialForm
from salesflow.pipeline.exports._texts import (
    Seen,
    Where,
    aside,
    listed,
    some_values,
    to_be_missing,
    with_rows,
)
from salesflow.rules.columns import Frame

DateForm: TypeAlias = WrittenForm | SerialForm

_FEW: Final = 4
_SOME: Final = 1_000
_FEW_VALUES: Final = 1.1  # rows to each value, from where on it is quicker to find the values first


@dataclass(frozen=True, slots=True)
class DateTexts:
    """A column of texts that are dates: its name, and the name it has while it is looked at.

    Attributes:
        name: The column.
        here: What it is called here.
        form: The form that the caller says.
        moments: Its times count.
        zones: They may be of other zones than UTC.
        number: Its type, where it is a column of numbers.
        where: Says where its texts stand, in place of rows.
        may_be_aside: The caller can have what is no day put aside.
    """

    name: str
    here: str
    form: DateForm | None
    moments: bool
    zones: bool
    number: nw.dtypes.DType | None = None
    where: Where | None = None
    may_be_aside: bool = False

    @property
    def forms(self) -> Sequence[DateForm]:
        if self.form is not None:
            return (self.form,)
        return FORMS if self.number is None else (COMPACT,)

    def pattern(self, form: DateForm, plain: Plain = "") -> str:
        """What fits a form."""
        return form.pattern(moments=self.moments, zones=self.zones, plain=plain)

    def in_form(self, form: DateForm, *, plain: Plain = "") -> nw.Expr:
        """Where a value fits a form; never null."""
        return self._is(self.pattern(form, plain))

    def alike(self, one: DateForm, other: DateForm) -> nw.Expr:
        """Where a value is the same day in two forms that it fits; never null."""
        if isinstance(one, WrittenForm) and isinstance(other, WrittenForm):
            return self._is(one.alike(other))
        return nw.lit(value=True)  # pragma: no cover - a serial number is only read alone

    def readable(self) -> nw.Expr:
        """Where a value is a day in some form; never null."""
        return reduce(or_, map(self.in_form, self.forms))

    def some(self, frame: Frame, rows: nw.Expr) -> list[Seen]:
        """A few of its values in these rows of the frame in which it is looked at."""
        return some_values(with_rows(frame), self.here, rows, of=self.name, where=self.where)

    def _is(self, pattern: str) -> nw.Expr:
        return nw.col(self.here).str.contains(pattern).fill_null(value=False)


@dataclass(frozen=True, slots=True)
class FoundForm:
    """The one form of a column; its days are `plain` where all have as many characters."""

    form: DateForm
    plain: Plain


def plain_form(frame: Frame, column: DateTexts) -> FoundForm | None:
    """The one form that all texts of a column fit as they are, if their days are plain.

    That is so of most columns, and nothing has to be done then to read them.
    """
    ways: tuple[Plain, ...] = ("alone", "timed", "zoned")
    for plain in ways:
        found, _ = _fitting(frame, column, plain=plain)
        if found:
            return FoundForm(found[0], plain) if len(found) == 1 else None
    return None


def form_of(frame: Frame, column: DateTexts) -> FoundForm | Problem:
    """The one form of a column, or what is wrong with it."""
    found, is_empty = _fitting(frame, column)
    if len(found) > 1:
        return _ambiguous(frame, column, found)
    if found or is_empty:  # nothing is in it, and any form makes it a column of dates
        plain = plain_form(frame, column) if found else None
        return FoundForm((*found, *column.forms)[0], plain.plain if plain else "")
    return _unfit(frame, column, sums_of(frame, _asked(column, column.forms)))


def form_of_most(frame: Frame, column: DateTexts) -> FoundForm | Problem:
    """The form of most texts of a column that has several, or what is wrong with that.

    It is not clear where as many are in another form, nor where some that only another fits say
    that it is meant, too, and others are different days in the two.
    """
    counts = sums_of(frame, {str(form): column.in_form(form) for form in column.forms})
    best = max(column.forms, key=lambda form: counts[str(form)])
    others = [form for form in column.forms if form != best and counts[str(form)]]
    fits, asked = column.in_form(best), dict[str, nw.Expr]()
    for form in others:
        asked[f"{form} alone"] = column.in_form(form) & ~fits
        asked[f"{form} too"] = column.in_form(form) & fits & ~column.alike(best, form)
    found = sums_of(frame, asked) if asked else {}
    rivals = []
    for form in others:
        differs = [found[f"{form} alone"] > 0, found[f"{form} too"] > 0]
        is_tied = counts[str(form)] == counts[str(best)]
        if all(differs) or (is_tied and any(differs)):
            rivals.append(form)
    if not rivals:
        return FoundForm(best, "")
    there = reduce(or_, map(column.in_form, [best, *rivals]))
    return _ambiguous(frame.filter(there), column, [best, *rivals])


def _fitting(
    frame: Frame, column: DateTexts, *, plain: Plain = ""
) -> tuple[Sequence[DateForm], bool]:
    """The forms that all values fit, several only where they are different days in them.

    And whether there are no values at all.
    """
    text = nw.col(column.here)
    some = frame.select(column.here).filter(~text.is_null()).head(_SOME)
    asked = {"n": nw.len(), "values": text.n_unique(), "last": text.max()}
    row = rows_of(some.select(**asked))[0]
    if not row["n"]:
        return (), True
    # Whichever value it is: a form that does not fit it does not fit them all.
    last = str(row["last"])
    likely = [form for form in column.forms if re.match(column.pattern(form, plain), last)]
    if not likely:
        return (), False
    if row["values"] * _FEW_VALUES <= row["n"]:  # each is looked at once
        frame = counted(frame, text).select(nw.col("value").alias(column.here))
    counts = sums_of(frame, _asked(column, likely, plain=plain))
    fitting = [form for form in likely if counts[str(form)] == counts["filled"]]
    if any(counts[_pair(*pair)] < counts["filled"] for pair in combinations(fitting, 2)):
        return fitting, False
    return fitting[:1], False


def _asked(
    column: DateTexts, forms: Sequence[DateForm], *, plain: Plain = ""
) -> dict[str, nw.Expr]:
    """Which values there are, which fit each form, and are the same day in two of few."""
    exprs = {"filled": ~nw.col(column.here).is_null()}
    exprs |= {str(form): column.in_form(form, plain=plain) for form in forms}
    if len(forms) <= _FEW:
        exprs |= {_pair(*pair): column.alike(*pair) for pair in combinations(forms, 2)}
    return exprs


def _pair(one: DateForm, other: DateForm) -> str:
    return f"{one} as {other}"


def _ambiguous(frame: Frame, column: DateTexts, forms: Sequence[DateForm]) -> Problem:
    ways = " and as ".join(map(str, forms))
    hints = " or ".join(f'format={{{quoted(column.name)}: "{form}"}}' for form in forms)
    unlike = [~column.alike(*pair) for pair in combinations(forms, 2)]
    examples = listed(column.some(frame, reduce(or_, unlike)))
    number = "two" if len(forms) == 2 else "several"  # noqa: PLR2004
    message = f"these are days in {number} ways, as {ways}: {examples}"
    return Problem(column.name, message, f"say which: {hints}", "ambiguous_date")


def _unfit(frame: Frame, column: DateTexts, counts: Mapping[str, int]) -> Problem:
    best = max(column.forms, key=lambda form: counts[str(form)])
    if column.number is not None and column.form is None and not counts[str(best)]:
        return no_dates(column.name, f"{column.number}", "")
    values = column.some(frame, ~column.in_form(best))
    message = f"these are not days: {listed(values)}"
    hint = f"correct them, or say their form: {KNOWN}"
    if column.form is not None:
        message = f"these are not days as {best}: {listed(values)}"
        hint = "correct them, or say another form"
    elif counts[str(best)]:
        message = f"others are days as {best}, and these are not: {listed(values)}"
        hint = "a column has one form; correct them"
    if column.may_be_aside:
        hint = aside(column.name, hint)
    if not column.zones:
        hint += "; a time, if any, is one of UTC"
    return Problem(column.name, message, to_be_missing(values, hint), "no_date")


def no_dates(name: str, dtype: str, said: str) -> Problem:
    message = f"a column of type {dtype} holds no dates{said}"
    hint = "it should hold dates or datetimes, texts such as 2017-12-31, numbers such as 20171231, "
    hint += f'or days as spreadsheets count them: format={{{quoted(name)}: "excel"}}'
    return Problem(name, message, hint, "kind")
