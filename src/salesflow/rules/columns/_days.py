"""Days and instants in a column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

from salesflow.rules.columns._engine import ANY, Engine, same_zone
from salesflow.rules.columns._sources import Op, Plain, Rail, Source, compare
from salesflow.rules.core import Value

Unit: TypeAlias = Literal["s", "ms", "us", "ns"]

_ISO: Final = len("2026-01-31")
_MIDDLE: Final = 2_000
_MS_PER_DAY: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_NS: Final = datetime(1677, 9, 21, 0, 12, 44, tzinfo=UTC)  # what 64 bits of nanoseconds hold
_LAST_NS: Final = datetime(2262, 4, 11, 23, 47, 16, tzinfo=UTC)
_MARCH: Final = 306  # days from the first of March of the year 0 to the first of the calendar


@dataclass(frozen=True, slots=True)
class Days(Source):
    """Days and instants. Both are compared with days by their calendar day in `zone`.

    A comparison with a day becomes one with the moment at which a day begins, so that neither a
    duration nor a change of zone is ever computed, which half of the engines cannot do. Only where
    two columns are compared, or days are counted, the engine has to tell the day of a moment.

    Attributes:
        column: The column.
        form: What it holds.
        zone: Where calendar days begin.
        column_zone: The zone of its type.
        unit: The unit of its type, where that has one.
        cast: It has to be brought into microseconds first; or to be made days, by way of text.
        instant: It is compared with others of its kind as a moment, not by its day.
        fact: The name of the fact.
        engine: What it is compared by.
    """

    column: nw.Expr
    form: Literal["date", "naive", "aware"]
    zone: tzinfo
    column_zone: str | None = None
    unit: Unit = "us"
    cast: Literal["", "us", "text"] = ""
    instant: bool = False
    fact: str = ""
    engine: Engine = ANY

    def canonical(self) -> nw.Expr | None:
        if self.cast == "text":
            return self.column.cast(nw.String()).str.slice(0, _ISO).cast(nw.Date())
        return self.column.cast(nw.Datetime("us", self.column_zone)) if self.cast else None

    def at(self, column: nw.Expr) -> Days:
        return replace(self, column=column, cast="", unit="us")

    @property
    def plain(self) -> bool:
        return True

    def known(self) -> Rail:
        return ~self.column.is_null()

    def equals(self, value: Plain) -> Rail:
        if self.form == "date":
            return self.column == self._day(value)
        upto, before = self.below(value, or_equal=True), self.below(value, or_equal=False)
        if isinstance(upto, bool) or isinstance(before, bool):
            return upto  # at the beginning of the calendar: nothing is before it
        return upto & ~before

    def below(self, value: Value, *, or_equal: bool) -> Rail:
        assert isinstance(value, date)  # noqa: S101 - the parser lets days meet days only
        if self.form == "date":
            limit = self._day(value)
            return self.column <= limit if or_equal else self.column < limit
        start = self._start(value, next_day=or_equal)
        if start is None:  # beyond an end of the calendar
            return self.known() if value.year > _MIDDLE else False
        return self.column < self._moment(start)

    def _start(self, day: date, *, next_day: bool) -> datetime | None:
        try:
            moment = datetime.combine(day + timedelta(days=next_day), time.min)
            if self.form == "aware":
                # Where a day begins in a gap, the offset before the gap gives the end of the gap.
                moment = moment.replace(tzinfo=self.zone).astimezone(UTC)
                if self.engine.clock == "any":  # it compares columns with their own zone only
                    moment = moment.astimezone(_zone_or_utc(self.column_zone))
        except OverflowError:
            return None
        absolute = moment if self.form == "aware" else moment.replace(tzinfo=UTC)
        if self.unit == "ns" and not _FIRST_NS <= absolute <= _LAST_NS:
            return None
        return moment

    def _day(self, value: Plain) -> nw.Expr:
        if self.engine.literals == "python" or not isinstance(value, date):
            return nw.lit(value)
        return nw.lit(value.isoformat()).cast(nw.Date())

    def _moment(self, value: datetime) -> nw.Expr:
        if self.engine.literals == "text":
            text = value.isoformat(sep=" ")
            return nw.lit(text).cast(nw.Datetime("us", self.column_zone))
        return nw.lit(value)

    def key(self) -> nw.Expr:
        return self.moments(self.column_zone) if self.instant else self._day_number()

    def against(self, other: Source, op: Op) -> nw.Expr:
        if not isinstance(other, Days):  # a column without a value
            return nw.lit(value=False)
        if self.form == other.form == "date":
            left, right = self.column, other.column
        elif self.instant:
            left, right = self.key(), other.moments(self.column_zone)
        else:
            left, right = self.key(), other.key()
        return compare(left, op, right)

    def moments(self, zone: str | None) -> nw.Expr:
        """The moments in microseconds, as in a record; of one type where the engine needs it."""
        column = self.column.dt.truncate("1us") if self.unit == "ns" else self.column
        match self.engine.clock:
            case "any" if zone != self.column_zone or self.unit != "us":
                return column.cast(nw.Datetime("us", zone))
            case "converted" if zone != self.column_zone not in self.engine.unread:
                return column.dt.convert_time_zone(str(zone))
            case _:
                return column

    def ordinal(self, *, timestamps: bool) -> nw.Expr:
        """The calendar day as `date.toordinal` counts, in floats; missing where it is missing."""
        # Where the engine has timestamps, they are seven times faster than the calendar.
        if timestamps and self.form != "aware":
            moment = self.column.cast(nw.Datetime(self.unit)).dt.timestamp("ms")
            return (moment.cast(nw.Float64()) / _MS_PER_DAY).floor() + _EPOCH
        year, month, day = self._parts()
        # Years that begin in March: their months before each one add up to 30.6 days a month.
        early = nw.when(month <= nw.lit(2)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        year = year - early
        days = day + ((month + early * 12 - 3) * 153 / 5 + 0.4).floor()
        leaps = (year / 4).floor() - (year / 100).floor() + (year / 400).floor()
        return year * 365 + leaps + days - _MARCH

    def text(self) -> nw.Expr:
        """The calendar day, written as 2026-01-31; missing where it is missing."""
        column = self._local() if self.form == "aware" else self.column
        return column.dt.to_string("%Y-%m-%d")

    def _day_number(self) -> nw.Expr:
        # Not the days since anything, but in the same order.
        year, month, day = self._parts()
        return year * 372 + month * 31 + day

    def _parts(self) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
        column = self._local() if self.form == "aware" else self.column
        # In floats: the parts are tiny integers that overflow on one engine, and hold NaN, which
        # refuses to be an integer, on another.
        year, month, day = (column.dt.year(), column.dt.month(), column.dt.day())
        float_ = nw.Float64()
        return year.cast(float_), month.cast(float_), day.cast(float_)

    def _local(self) -> nw.Expr:
        """What the engine extracts the local date in `zone` from."""
        zone, engine = str(self.zone), self.engine
        if engine.clock == "any":
            # By way of UTC: narwhals does not convert from a zone whose name it cannot read.
            moment = self.column.cast(nw.Datetime(self.unit, "UTC"))
            return moment.dt.convert_time_zone(zone)
        here = self.column_zone if engine.zone is None else engine.zone
        if same_zone(here, zone):
            return self.column
        if engine.clock == "session" or self.column_zone in engine.unread:
            engine.refuse(self.fact, zone, here or "")
        return self.column.dt.convert_time_zone(zone)


def _zone_or_utc(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
