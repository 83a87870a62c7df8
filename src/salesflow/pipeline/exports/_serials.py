"""Days as numbers: those that spreadsheets count, and eight digits in a column of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import floor_of, here
from salesflow.pipeline.exports._forms import ISO, Plain
from salesflow.pipeline.exports._texts import new_name
from salesflow.rules.columns import Frame, Numbers, engine_of, schema_of

# 1 to 2958465, the last day of 9999, without 60: the 29th of February 1900, which never was.
_WHOLE: Final = (
    "(?:[1-9]|[1-5][0-9]|6[1-9]|[7-9][0-9]|[1-9][0-9]{2,5}|1[0-9]{6}|2[0-8][0-9]{5}|29[0-4][0-9]{4}"
    "|295[0-7][0-9]{3}|2958[0-3][0-9]{2}|29584[0-5][0-9]|295846[0-5])"
)
_LARGEST: Final = 1e15
_BEFORE_LEAP: Final = 60
# Days are counted from the 1st of March of the year 0, so that what leaps is last in a year.
_TO_MARCH: Final = 693_899
_CYCLE, _CENTURY, _FOUR_YEARS, _YEAR = 146_097, 36_524, 1_460, 365


@dataclass(frozen=True, slots=True)
class SerialForm:
    """Days as numbers, as spreadsheets count them from the beginning of 1900."""

    def __str__(self) -> str:
        return "excel"

    def pattern(self, *, moments: bool, zones: bool = True, plain: Plain = "") -> str:  # noqa: ARG002 - there are none
        """What fits: the number of a day, and where it is no moment a fraction for the time."""
        return f"^{_WHOLE}$" if moments else f"^{_WHOLE}(?:[.](?:[0-9]{{1,20}}|…))?$"

    def padded(self, frame: Frame, name: str, *, plain: Plain = "") -> Frame:  # noqa: ARG002
        """The frame with a column of such numbers, as texts, as `2015-01-26`."""
        return _days(frame, name)

    @property
    def parsed(self) -> str:
        """What parses such dates."""
        return ISO

    def iso(self, padded: nw.Expr) -> nw.Expr:
        """Such dates with the year first."""
        return padded


EXCEL: Final = SerialForm()


def digits(frame: Frame, name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """A column of numbers as texts: the whole part, with an ellipsis for any fraction.

    Null where there is no number; -1 for any below 0 and for those that no integer holds.
    """
    column = here(frame, name)
    number = column.cast(nw.Float64())
    there = Numbers(column, nan=dtype.is_float()).given()
    usable = (number >= nw.lit(0.0)) & (number < nw.lit(_LARGEST))
    # Engines round to integers, cut off, or refuse to.
    whole = floor_of(nw.when(usable).then(number).otherwise(nw.lit(-1.0)), engine_of(frame))
    text = whole.cast(nw.Int64()).cast(nw.String())
    broken = usable & (whole != number)
    text = nw.when(broken).then(nw.concat_str(text, nw.lit(".…"))).otherwise(text)
    return nw.when(there).then(text)


def _days(frame: Frame, name: str) -> Frame:
    schema = schema_of(frame)
    days = new_name(schema, "days")
    whole = here(frame, name).str.replace_all("[.].*$", "")
    counted = nw.when(~whole.is_null()).then(whole).otherwise(nw.lit("1")).cast(nw.Int64())
    frame = frame.with_columns(counted.alias(days))
    day = nw.col(days)
    early = nw.when(day < nw.lit(_BEFORE_LEAP)).then(nw.lit(1)).otherwise(nw.lit(0))
    frame = frame.with_columns((day + early.cast(nw.Int64()) + _TO_MARCH).alias(days))
    cycle, rest, year, left = (new_name(schema, stem) for stem in ("cycle", "rest", "year", "left"))
    frame = frame.with_columns((day // _CYCLE).alias(cycle))
    frame = frame.with_columns((day - nw.col(cycle) * _CYCLE).alias(rest))
    rest_ = nw.col(rest)
    leaps = rest_ // _FOUR_YEARS - rest_ // _CENTURY + rest_ // (_CYCLE - 1)
    frame = frame.with_columns(((rest_ - leaps) // _YEAR).alias(year))
    year_ = nw.col(year)
    frame = frame.with_columns((rest_ - (year_ * _YEAR + year_ // 4 - year_ // 100)).alias(left))
    # Months from March on have 31 and 30 days in turns, 153 in five of them.
    month = ((nw.col(left) * 5 + 2) // 153).alias(rest)
    frame = frame.with_columns(month)
    first = (rest_ * 153 + 2) // 5
    late = rest_ // 10
    parts = (
        (year_ + nw.col(cycle) * 400 + late).cast(nw.String()),
        (rest_ + 103 - late * 12).cast(nw.String()).str.slice(1, 2),
        (nw.col(left) - first + 101).cast(nw.String()).str.slice(1, 2),
    )
    found = nw.concat_str(*parts, separator="-")
    there = ~here(frame, name).is_null()
    read = frame.with_columns(nw.when(there).then(found).alias(name))
    return read.drop(days, cycle, rest, year, left)
