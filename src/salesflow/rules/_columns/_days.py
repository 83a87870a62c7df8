"""Days and instants in a column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

from salesflow.rules._columns._sources import Op, Plain, Rail, Source, compare
from salesflow.rules._lower import Value

__all__ = ["Days"]

_MIDDLE: Final = 5_000
_MS_PER_DAY: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MARCH: Final = 306  # days from the first of March of the year 0 to the first of the calendar


@dataclass(frozen=True, slots=True)
class Days(Source):
    """Days and instants. Both are compared with days by their calendar day in `zone`.

    A comparison with a day becomes one with the moment at which a day begins, so that neither a
    duration nor a change of zone is ever computed, which half of the engines cannot do.
    """

    column: nw.Expr
    form: Literal["date", "naive", "aware"]
    zone: tzinfo
    column_zone: str | None = None
    cast: bool = False
    instant: bool = False

    def canonical(self) -> nw.Expr | None:
        return self.column.cast(nw.Datetime("us", self.column_zone)) if self.cast else None

    def at(self, column: nw.Expr) -> Days:
        return replace(self, column=column, cast=False)

    def known(self) -> Rail:
        return ~self.column.is_null()

    def equals(self, value: Plain) -> Rail:
        if self.form == "date":
            return (self.column == nw.lit(value)).fill_null(value=False)
        upto, before = self.below(value, or_equal=True), self.below(value, or_equal=False)
        if isinstance(upto, bool) or isinstance(before, bool):
            return upto  # at the beginning of the calendar: nothing is before it
        return upto & ~before

    def below(self, value: Value, *, or_equal: bool) -> Rail:
        assert isinstance(value, date)  # noqa: S101 - the parser lets days meet days only
        if self.form == "date":
            limit = nw.lit(value)
            holds = self.column <= limit if or_equal else self.column < limit
            return holds.fill_null(value=False)
        start = self._start(value, next_day=or_equal)
        if start is None:  # beyond an end of the calendar
            return self.known() if value.year > _MIDDLE else False
        return (self.column < nw.lit(start)).fill_null(value=False)

    def _start(self, day: date, *, next_day: bool) -> datetime | None:
        try:
            moment = datetime.combine(day + timedelta(days=next_day), time.min)
            if self.form == "naive":
                return moment
            # Where a day begins in a gap, the offset before the gap gives the end of the gap.
            moment = moment.replace(tzinfo=self.zone).astimezone(UTC)
            return moment.astimezone(_zone_or_utc(self.column_zone))
        except OverflowError:
            return None

    def key(self) -> nw.Expr:
        return self.column if self.instant else self._day_number()

    def against(self, other: Source, op: Op) -> nw.Expr:
        if isinstance(other, Days) and self.form == other.form == "date":
            return compare(self.column, op, other.column).fill_null(value=False)
        if isinstance(other, Days) and self.instant and other.column_zone != self.column_zone:
            moment = other.column.cast(nw.Datetime("us", self.column_zone))
            return compare(self.column, op, moment).fill_null(value=False)
        return compare(self.key(), op, other.key()).fill_null(value=False)

    def ordinal(self, *, timestamps: bool) -> nw.Expr:
        """The calendar day as `date.toordinal` counts, in floats; missing where it is missing.

        Args:
            timestamps: The engine has timestamps, which is seven times faster than the calendar.
        """
        if timestamps and self.form != "aware":
            moment = self.column.cast(nw.Datetime("us")).dt.timestamp("ms")
            return (moment.cast(nw.Float64()) / _MS_PER_DAY).floor() + _EPOCH
        year, month, day = self._parts()
        # Years that begin in March: their months before each one add up to 30.6 days a month.
        early = nw.when(month <= nw.lit(2)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        year = year - early
        days = day + ((month + early * 12 - 3) * 153 / 5 + 0.4).floor()
        leaps = (year / 4).floor() - (year / 100).floor() + (year / 400).floor()
        return year * 365 + leaps + days - _MARCH

    def _day_number(self) -> nw.Expr:
        # Not the days since anything, but in the same order.
        year, month, day = self._parts()
        return year * 372 + month * 31 + day

    def _parts(self) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
        column = self.column
        if self.form == "aware":
            # By way of UTC: narwhals does not convert from a zone whose name it cannot read.
            moment = column.cast(nw.Datetime("us", "UTC"))
            column = moment.dt.convert_time_zone(str(self.zone))
        # In floats: the parts are tiny integers that overflow on one engine, and hold NaN, which
        # refuses to be an integer, on another.
        year, month, day = (column.dt.year(), column.dt.month(), column.dt.day())
        float_ = nw.Float64()
        return year.cast(float_), month.cast(float_), day.cast(float_)


def _zone_or_utc(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
