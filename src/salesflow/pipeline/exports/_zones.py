"""Times of several zones in one column: which there are, and the days of them in one zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import here, rows_of, stepped, sums_of
from salesflow.pipeline.exports._texts import new_name
from salesflow.pipeline.exports._times import clock
from salesflow.rules.columns import Frame, schema_of

OFFSET: Final = ":.*[+-][0-9]{2}:?[0-9]{2}$"
_OF_UTC: Final = ":.*(?:Z|UTC)$"
_BEHIND: Final = " ?[+-][0-9]{2}:?[0-9]{2}$"
_DAY: Final = 1440
_ABOVE: Final = 10_000  # so that minutes have as many digits as each other, and compare as texts
_MOST: Final = 100


def offset_of(text: nw.Expr) -> nw.Expr:
    """The offset from UTC that a text ends with, such as `+0200`; null where there is none."""
    has, utc = (text.str.contains(it).fill_null(value=False) for it in (OFFSET, _OF_UTC))
    # Up to the sign before the last digits, which is lost with it; engines have no back reference.
    digits = text.str.replace_all("^.*[^0-9:]", "").str.replace_all(":", "", literal=True)
    west = text.str.contains("-[0-9]{2}:?[0-9]{2}$").fill_null(value=False)
    zero = (digits == nw.lit("0000")).fill_null(value=False)
    sign = nw.when(west & ~zero).then(nw.lit("-")).otherwise(nw.lit("+"))
    found = nw.when(has).then(nw.concat_str(sign, digits))
    return nw.when(utc).then(nw.lit("+0000")).otherwise(found)


def offsets_in(frame: Frame, column: str) -> list[tuple[str, int]]:
    """The offsets from UTC of a column's texts and how often each is there, the commonest first."""
    text = nw.col(column)
    if not sums_of(frame, {"n": text.str.contains(":", literal=True).fill_null(value=False)})["n"]:
        return []
    found = frame.select(offset_of(text).alias("offset"))
    found = found.filter(~nw.col("offset").is_null())
    rows = most_of(counted(found, nw.col("offset")), _MOST)
    return [(str(row["value"]), int(row["n"])) for row in rows]


def in_zone(frame: Frame, name: str, text: str, zone: tzinfo) -> Frame:
    """The frame whose days in `name` are those of a zone, where `text` has an offset from UTC.

    Args:
        frame: The frame.
        name: The column of days, as they are written.
        text: The column of the texts that they were read from.
        zone: The zone.
    """
    schema = schema_of(frame)
    offset, minute, stamp = (new_name(schema, stem) for stem in ("offset", "minute", "stamp"))
    frame = frame.with_columns(offset_of(nw.col(text)).alias(offset))
    bare = nw.col(text).str.replace_all(_BEHIND, "")
    given = ~nw.col(offset).is_null()
    frame = frame.with_columns(nw.when(given).then(bare).otherwise(nw.lit("00:00")).alias(minute))
    frame = clock(frame, minute)
    hour, minutes = (nw.col(minute).str.slice(at, 2).cast(nw.Int64()) for at in (0, 3))
    ahead = _minutes(nw.col(offset).fill_null("+0000"))
    frame = frame.with_columns((hour * 60 + minutes - ahead).alias(minute))
    frame = _carried(frame, name, minute)
    # From here on it is the day and the minute of UTC; where no offset is given, of the zone.
    day = here(frame, name).dt.to_string("%Y-%m-%d")
    told = nw.concat_str(day, nw.lit(" "), (nw.col(minute) + _ABOVE).cast(nw.String()))
    frame = frame.with_columns(nw.when(given).then(told).alias(stamp))
    ends = rows_of(frame.select(first=nw.col(stamp).min(), last=nw.col(stamp).max()))[0]
    if ends["first"] is None:
        return frame.drop(offset, minute, stamp)
    (_, before), *steps = _steps(zone, str(ends["first"]), str(ends["last"]))
    moved = stepped(nw.col(stamp), nw.lit(before), [(at, nw.lit(it)) for at, it in steps])
    moved = nw.when(given).then(nw.col(minute) + moved).otherwise(nw.lit(0))
    frame = frame.with_columns(moved.alias(minute))
    return _carried(frame, name, minute).drop(offset, minute, stamp)


def _carried(frame: Frame, name: str, minute: str) -> Frame:
    """The frame with minutes below 0 or above a day carried over to the day before or behind."""
    day, at = here(frame, name), nw.col(minute)
    before, behind = at < nw.lit(0), at >= nw.lit(_DAY)
    one_day = "24h" if frame.implementation.is_dask() else "1d"  # which it cannot add
    later = nw.when(behind).then(day.dt.offset_by(one_day)).otherwise(day)
    moved = nw.when(before).then(day.dt.offset_by(f"-{one_day}")).otherwise(later)
    if not frame.implementation.is_pandas_like():  # of a date some engines make a moment then
        moved = moved.cast(nw.Date())
    rest = nw.when(before).then(at + _DAY).otherwise(at)
    rest = nw.when(behind).then(at - _DAY).otherwise(rest)
    return frame.with_columns(moved.alias(name), rest.alias(minute))


def _minutes(offset: nw.Expr) -> nw.Expr:
    """The minutes ahead of UTC that an offset such as `-0330` says."""
    hours, minutes = (offset.str.slice(at, 2).cast(nw.Int64()) for at in (1, 3))
    ahead = hours * 60 + minutes
    return nw.when(offset.str.starts_with("-")).then(-ahead).otherwise(ahead)


def _steps(zone: tzinfo, first: str, last: str) -> list[tuple[str, int]]:
    """From when on, as stamps, a zone is how many minutes ahead of UTC, from one to another."""
    begin, end = (datetime.fromisoformat(it[:10]).replace(tzinfo=UTC) for it in (first, last))
    found, at = [("", _ahead(zone, begin))], begin
    while at < end + timedelta(days=1):
        after = min(at + timedelta(days=1), datetime.max.replace(tzinfo=UTC))
        if after <= at:
            break
        if _ahead(zone, after) != found[-1][1]:
            low, high = 0, _DAY  # the minute of the change
            while high - low > 1:
                middle = (low + high) // 2
                changed = _ahead(zone, at + timedelta(minutes=middle)) != found[-1][1]
                low, high = (low, middle) if changed else (middle, high)
            change = at + timedelta(minutes=high)
            minute = change.hour * 60 + change.minute
            stamp = f"{change.date().isoformat()} {minute + _ABOVE}"
            found.append((stamp, _ahead(zone, after)))
        at = after
    return found


def _ahead(zone: tzinfo, moment: datetime) -> int:
    try:
        ahead = moment.astimezone(zone).utcoffset()
    except OverflowError:  # at either end of the calendar
        return 0
    return int((ahead or timedelta()).total_seconds() // 60)
