"""Times of day behind dates: what fits, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import here
from salesflow.rules.columns import Frame

Zone: TypeAlias = Literal["unsaid", "utc", "any"]
"""What times may say of their zone: nothing; that it is UTC; which one it is."""

_SPACE: Final = "[ \u00a0\u202f]?"
_MINUTES: Final = r":[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
_M: Final = "[.]?[Mm][.]?"
_HALF: Final = f"[AaPp]{_M}"
_CLOCK: Final = f"(?:(?:[01]?[0-9]|2[0-3]){_MINUTES}|(?:0?[1-9]|1[0-2]){_MINUTES}{_SPACE}{_HALF})"
_ZONES: Final[Mapping[Zone, str]] = {
    "unsaid": "",
    "utc": "(?: ?(?:Z|UTC|[+-]00:?00))?",
    "any": "(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?",
}
_GAP: Final = "(?:,? |T)"
_HAN: Final = " ?(?:上午|下午)?"


def time_pattern(zone: Zone, *, moments: bool = False, han: bool = False) -> str:
    """A time of day or none, as it stands behind a date.

    Args:
        zone: What may be said of its zone.
        moments: It counts, and is not dropped.
        han: The date ends in a Chinese character.
    """
    gap = (f"(?:{_GAP}| ?)" if moments else f"(?:{_GAP}|{_HAN})") if han else _GAP
    return f"(?:{gap}{_CLOCK}{_ZONES[zone]})?"


BEHIND: Final = f"{_GAP}[0-9]{{1,2}}:.*$"
"""A time of day, behind a date that may have spaces in it."""


def clock(frame: Frame, name: str) -> Frame:
    """The frame with a column's texts as times of day, those of dates without one as midnight."""
    timed = nw.col(name).str.contains(":").fill_null(value=False)
    time = nw.col(name).str.replace_all("^[^:]*[ T日号]", "")  # up to the hour
    time = nw.when(timed).then(time).otherwise(nw.lit("00:00:00"))
    frame = frame.with_columns(time.alias(name))
    time = nw.col(name).str.replace_all(" ?(?:UTC|Z|[+-]00:?00)$", "")
    frame = with_zero(frame.with_columns(time.alias(name)), name, "^[0-9]:", 0)
    frame = _of_the_day(frame, name)
    short = nw.col(name).str.contains("^[0-9]{2}:[0-9]{2}$").fill_null(value=False)
    whole = nw.concat_str(nw.col(name), nw.lit(":00"))
    return frame.with_columns(nw.when(short).then(whole).otherwise(nw.col(name)).alias(name))


def _of_the_day(frame: Frame, name: str) -> Frame:
    """With hours from 0 to 23 where they are told as those of a half of the day."""
    text = nw.col(name)
    hour, minutes = text.str.slice(0, 2), text.str.slice(2)
    before, after, noon = (
        text.str.contains(pattern).fill_null(value=False)
        for pattern in (f"[Aa]{_M}$", f"[Pp]{_M}$", "^12")
    )
    # Cast only where there is something to cast.
    counted = nw.when(after & ~noon).then(hour).otherwise(nw.lit("00")).cast(nw.Int64())
    hour = nw.when(after & ~noon).then((counted + 12).cast(nw.String())).otherwise(hour)
    hour = nw.when(before & noon).then(nw.lit("00")).otherwise(hour)
    minutes = minutes.str.replace_all(f"{_SPACE}{_HALF}$", "")
    return frame.with_columns(nw.concat_str(hour, minutes).alias(name))


def with_zero(frame: Frame, name: str, pattern: str, at: int) -> Frame:
    """With a zero put in where the pattern fits; back references differ between engines."""
    text = here(frame, name)
    parts = [nw.lit("0"), text.str.slice(at)]
    if at:
        parts.insert(0, text.str.slice(0, at))
    fits = text.str.contains(pattern).fill_null(value=False)
    return frame.with_columns(nw.when(fits).then(nw.concat_str(*parts)).otherwise(text).alias(name))
