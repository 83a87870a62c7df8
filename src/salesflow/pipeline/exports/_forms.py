"""The forms in which files write dates: what fits, and what fits in two ways.

Every form is a regular expression that knows the calendar, so that an aggregate query can count
what it fits, on any engine, before a single value is converted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import here
from salesflow.rules.columns import Frame

DateOrder: TypeAlias = Literal["YMD", "DMY", "MDY"]

_YEAR: Final = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_CENTURY: Final = "(?:0[48]|[2468][048]|[13579][26])"
_LEAP: Final = f"(?:[0-9]{{2}}{_CENTURY}|{_CENTURY}00)"
_DATES: Final = (
    (_YEAR, "(?:0?[13578]|1[02])", "(?:0?[1-9]|[12][0-9]|3[01])"),
    (_YEAR, "(?:0?[469]|11)", "(?:0?[1-9]|[12][0-9]|30)"),
    (_YEAR, "0?2", "(?:0?[1-9]|1[0-9]|2[0-8])"),
    (_LEAP, "0?2", "29"),
)
_CLOCK: Final = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_SECONDS: Final = r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ANY_TIME: Final = (
    f"(?:[ T]{_CLOCK}{_SECONDS}(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-][0-9]{{2}}:?[0-9]{{2}}))?)?"
)
_OF_UTC: Final = "(?: ?(?:Z|UTC|[+-]00:?00))?"
_TIME_OF_DAY: Final = f"(?:[ T]{_CLOCK}{_SECONDS}(?: ?[AaPp][Mm])?{_OF_UTC})?"
_UTC_TIME: Final = f"(?:[ T]{_CLOCK}{_SECONDS}(?:Z| ?UTC|[+-]00:?00)?)?"
_WORDS: Final = {"Y": "YYYY", "M": "MM", "D": "DD"}
_STRPTIME: Final = {"Y": "%Y", "M": "%m", "D": "%d"}


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """A way to write a date.

    Attributes:
        order: Year, month and day, in the order in which they are written.
        separator: What stands between them.
    """

    order: DateOrder
    separator: str

    def __str__(self) -> str:
        return self.separator.join(_WORDS[part] for part in self.order)

    def pattern(self, *, moments: bool, zones: bool = True) -> str:
        """What fits: a day that the calendar has, and a time or none.

        The time of `moments` counts, so that it must be one of UTC; that of a day only without
        `zones`.
        """
        days = (dict(zip("YMD", date, strict=True)) for date in _DATES)
        found = "|".join(self._joined([day[part] for part in self.order]) for day in days)
        time = _UTC_TIME if moments else _ANY_TIME if zones else _TIME_OF_DAY
        return f"^(?:{found}){time}$"

    def either_way(self) -> str:
        """What is the same day whether the day or the month comes first."""
        same = "|".join(self._joined([f"0?{n}" if n < 10 else f"{n}"] * 2) for n in range(1, 13))  # noqa: PLR2004
        return f"^(?:{same}){re.escape(self.separator)}"

    def _joined(self, parts: Sequence[str]) -> str:
        return re.escape(self.separator).join(parts)

    def fits(self, text: str, *, moments: bool, zones: bool = True) -> bool:
        """Whether one text fits."""
        return re.match(self.pattern(moments=moments, zones=zones), text) is not None

    def padded(self, frame: Frame, name: str) -> Frame:
        """The frame with a column's texts as dates alone, month and day in two digits."""
        mark = re.escape(self.separator)
        date = here(frame, name).str.replace_all("[ T].*$", "")
        frame = frame.with_columns(date.alias(name))
        if self.order == "YMD":
            frame = _with_zero(frame, name, f"^[0-9]{{4}}{mark}[0-9]{mark}", 5)
            return _with_zero(frame, name, f"^[0-9]{{4}}{mark}[0-9]{{2}}{mark}[0-9]$", 8)
        frame = _with_zero(frame, name, f"^[0-9]{mark}", 0)
        return _with_zero(frame, name, f"^[0-9]{{2}}{mark}[0-9]{mark}", 3)

    def day(self, padded: nw.Expr) -> nw.Expr:
        """The day of such dates, as a moment at midnight."""
        form = self.separator.join(_STRPTIME[part] for part in self.order)
        return padded.str.to_datetime(format=form)

    def iso(self, padded: nw.Expr) -> nw.Expr:
        """Such dates with the year first."""
        y, m, d = {"YMD": (0, 5, 8), "DMY": (6, 3, 0), "MDY": (6, 0, 3)}[self.order]
        year, month, day = (padded.str.slice(*at) for at in ((y, 4), (m, 2), (d, 2)))
        return nw.concat_str(year, nw.lit("-"), month, nw.lit("-"), day)


def clock(frame: Frame, name: str) -> Frame:
    """The frame with a column's texts as times of day, those of dates without one as midnight."""
    time = nw.col(name).str.replace_all("^[^ T]*[ T]?", "")
    frame = frame.with_columns(time.str.replace_all("(?: ?UTC|Z|[+-]00:?00)$", "").alias(name))
    bare = nw.col(name) == nw.lit("")
    midnight = nw.when(bare).then(nw.lit("00:00:00")).otherwise(nw.col(name))
    frame = _with_zero(frame.with_columns(midnight.alias(name)), name, "^[0-9]:", 0)
    short = nw.col(name).str.contains("^[0-9]{2}:[0-9]{2}$").fill_null(value=False)
    whole = nw.concat_str(nw.col(name), nw.lit(":00"))
    return frame.with_columns(nw.when(short).then(whole).otherwise(nw.col(name)).alias(name))


FORMS: Final = tuple(
    WrittenForm(order, separator)
    for order in ("YMD", "DMY", "MDY")  # narrowing a tuple of literals is beyond mypy
    for separator in "-/."
)


def form_named(name: object) -> WrittenForm | None:
    """The form of a name such as `ISO`, `DD-MM-YYYY`, `M/D/YYYY` or `%d.%m.%Y`."""
    if not isinstance(name, str):
        return None
    if name.upper() == "ISO":
        return FORMS[0]
    plain = re.sub("%Y|YYYY", "Y", re.sub("%m|MM", "M", re.sub("%d|DD", "D", name.strip())))
    return next((form for form in FORMS if plain == form.separator.join(form.order)), None)


def _with_zero(frame: Frame, name: str, pattern: str, at: int) -> Frame:
    """With a zero put in where the pattern fits; back references differ between engines."""
    text = here(frame, name)
    parts = [nw.lit("0"), text.str.slice(at)]
    if at:
        parts.insert(0, text.str.slice(0, at))
    fits = text.str.contains(pattern).fill_null(value=False)
    return frame.with_columns(nw.when(fits).then(nw.concat_str(*parts)).otherwise(text).alias(name))
