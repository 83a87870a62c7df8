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
from salesflow.pipeline.exports._times import BEHIND, Zone, time_pattern, with_zero
from salesflow.rules.columns import Frame

DateOrder: TypeAlias = Literal["YMD", "DMY", "MDY"]
Style: TypeAlias = Literal["numbers", "names", "compact", "han"]

_YEAR: Final = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_CENTURY: Final = "(?:0[48]|[2468][048]|[13579][26])"
_LEAP: Final = f"(?:[0-9]{{2}}{_CENTURY}|{_CENTURY}00)"
_SHORT_LEAP: Final = f"(?:00|{_CENTURY})"
_OF_THIS_CENTURY: Final = "(?:[0-5][0-9]|6[0-8])"
_DAYS: Final = (
    (range(1, 13), "(?:0?[1-9]|1[0-9]|2[0-8])"),
    ((1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), "(?:29|30)"),
    ((1, 3, 5, 7, 8, 10, 12), "31"),
)
_ORDINAL: Final = "(?:[Ss][Tt]|[Nn][Dd]|[Rr][Dd]|[Tt][Hh])?"
_MONTHS: Final = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?"),
    *("aug(?:ust)?", "sep(?:t|tember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_WORDS: Final = {"Y": "YYYY", "M": "MM", "D": "DD"}
PLAIN: Final = 10
"""The characters of a plain date with a year of four digits."""
_STRPTIME: Final = {"Y": "%Y", "M": "%m", "D": "%d"}
ISO: Final = "%Y-%m-%d"


def _any_case(word: str) -> str:
    """The pattern of a word in capitals or small letters."""
    return re.sub("[a-z]", lambda letter: f"[{letter[0].upper()}{letter[0]}]", word)


_NAMES: Final = tuple(f"{_any_case(word)}[.]?" for word in _MONTHS)


Plain: TypeAlias = Literal["", "alone", "timed", "zoned"]
"""Whether all days have as many characters: alone, with times behind some, or zones, too."""


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """A way to write a date.

    Attributes:
        order: Year, month and day, in the order in which they are written.
        separator: What stands between numbers.
        style: Three numbers; a day and a year with the English name of a month; eight digits; or
            numbers with the Chinese characters behind them.
        short: The year has two digits: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999.
    """

    order: DateOrder
    separator: str
    style: Style = "numbers"
    short: bool = False

    def __str__(self) -> str:
        year = "YY" if self.short else "YYYY"
        match self.style:
            case "han":
                return "YYYY年M月D日"
            case "names":
                return {"DMY": f"DD-MMM-{year}", "MDY": f"MMM DD, {year}"}.get(
                    self.order, f"{year}-MMM-DD"
                )
            case _:
                words = {**_WORDS, "Y": year}
                return self.separator.join(words[part] for part in self.order)

    def pattern(self, *, moments: bool, zones: bool = True, plain: Plain = "") -> str:
        """What fits: a day that the calendar has, and a time or none.

        The time of `moments` counts, so that it must be one of UTC; that of a day only without
        `zones`. A `plain` day has as many characters as any other; only if it is `zoned` its time
        says its zone, and `alone` it has no time.
        """
        year, leap = ("[0-9]{2}", _SHORT_LEAP) if self.short else (_YEAR, _LEAP)
        dates = [(year, months, day) for months, day in _DAYS] + [(leap, (2,), "29")]
        found = "|".join(self._written(*date) for date in dates)
        if plain and self.style == "numbers":
            found = found.replace("0?", "0")
        if plain == "alone":
            return f"^(?:{found})$"
        zone: Zone = "any" if zones and not moments else "utc"
        if plain == "timed":
            zone = "unsaid"
        time = time_pattern(zone, moments=moments, han=self.style == "han")
        return f"^(?:{found}){time}$"

    def _written(self, year: str, months: Sequence[int], day: str) -> str:
        if self.style == "compact":
            month = f"(?:{'|'.join(f'{month:02}' for month in months)})"
            return self._joined({"Y": year, "M": month, "D": day.replace("0?", "0")})
        if self.style == "names":
            name = f"(?:{'|'.join(_NAMES[month - 1] for month in months)})"
            day = f"{day}{_ORDINAL}"
            match self.order:
                case "DMY":
                    return f"{day}[-/. ]?{name}(?:, |[-/., ])?{year}"
                case "MDY":
                    return f"{name}[-/. ]?{day}(?:, ?|[-/. ]){year}"
                case "YMD":
                    return f"{year}[-/. ]{name}[-/. ]{day}"
        month = f"(?:{'|'.join(f'0?{n}' if n < 10 else str(n) for n in months)})"  # noqa: PLR2004
        if self.style == "han":
            return f"{year} ?年 ?{month} ?月 ?{day} ?[日号]"
        return self._joined({"Y": year, "M": month, "D": day})

    def _joined(self, parts: dict[str, str]) -> str:
        return re.escape(self.separator).join(parts[part] for part in self.order)

    def is_joined(self, signs: Sequence[str]) -> bool:
        """Whether these signs stand before, between and behind the parts of such a date."""
        bare = [sign.strip() for sign in signs]
        if self.style == "names":
            return set(bare) <= {"", "-", "/", ".", ","}
        if self.style == "han":
            return bare in (["", "年", "月", "日"], ["", "年", "月", "号"])
        return tuple(signs) == ("", self.separator, self.separator, "")

    def alike(self, other: WrittenForm) -> str:
        """What is the same day in another form of the same separator, which fits as well."""
        # Where one form has what the other has elsewhere, the two places must say the same.
        places = [(self.order.index(part), other.order.index(part)) for part in self.order]
        tied = {place for pair in places if pair[0] != pair[1] for place in pair}
        numbers = (f"0?{n}" if n < 10 else f"{n}" for n in range(1, 32))  # noqa: PLR2004
        joined = (
            re.escape(self.separator).join(n if place in tied else "[0-9]+" for place in range(3))
            for n in numbers
        )
        return f"^(?:{'|'.join(joined)})(?:[^0-9]|$)"

    def padded(self, frame: Frame, name: str, *, plain: Plain = "") -> Frame:
        """The frame with a column's texts as dates alone: `26-01-2015`, in the form's order.

        Those of plain texts are all that they begin with.
        """
        date = here(frame, name)
        if plain and self.style == "numbers":
            if plain != "alone":
                date = date.str.slice(0, PLAIN - 2 if self.short else PLAIN)
            return self._with_century(frame.with_columns(date.alias(name)), name)
        match self.style:
            case "names":
                frame = _with_numbers(
                    frame.with_columns(date.str.replace_all(BEHIND, "").alias(name)), name
                )
            case "han":
                date = date.str.replace_all("[日号][^年]*$", "").str.replace_all(
                    " ", "", literal=True
                )
                frame = frame.with_columns(date.str.replace_all("[年月]", "-").alias(name))
            case _:
                frame = frame.with_columns(date.str.replace_all("[ T,].*$", "").alias(name))
        if self.style == "compact":
            return self._with_century(self._apart(frame, name), name)
        sign = re.escape(self._sign)
        if self.order == "YMD":
            year = f"^[0-9]{{{2 if self.short else 4}}}{sign}"
            frame = with_zero(frame, name, f"{year}[0-9]{sign}", 3 if self.short else 5)
            frame = with_zero(frame, name, f"{year}[0-9]{{2}}{sign}[0-9]$", 6 if self.short else 8)
        else:
            frame = with_zero(frame, name, f"^[0-9]{sign}", 0)
            frame = with_zero(frame, name, f"^[0-9]{{2}}{sign}[0-9]{sign}", 3)
        return self._with_century(frame, name)

    def _apart(self, frame: Frame, name: str) -> Frame:
        """With the year, month and day of eight digits apart."""
        at, parts = 0, []
        for part in self.order:
            digits = 4 if part == "Y" and not self.short else 2
            parts.append(here(frame, name).str.slice(at, digits))
            at += digits
        apart = nw.concat_str(*parts, separator="-")
        return frame.with_columns(apart.alias(name))

    def _with_century(self, frame: Frame, name: str) -> Frame:
        if not self.short:
            return frame
        date = here(frame, name)
        start = 0 if self.order == "YMD" else 6
        late = date.str.slice(start, 2).str.contains(f"^{_OF_THIS_CENTURY}$")
        century = nw.when(late.fill_null(value=False)).then(nw.lit("20")).otherwise(nw.lit("19"))
        parts = [date.str.slice(0, start)] if start else []
        parts += [century, date.str.slice(start)]
        return frame.with_columns(nw.concat_str(*parts).alias(name))

    @property
    def _sign(self) -> str:
        """What stands between the parts of a date alone."""
        return self.separator if self.style == "numbers" else "-"

    @property
    def parsed(self) -> str:
        """What parses such dates: `%d-%m-%Y`."""
        return self._sign.join(_STRPTIME[part] for part in self.order)

    def iso(self, padded: nw.Expr) -> nw.Expr:
        """Such dates with the year first, and hyphens between."""
        if self.order == "YMD" and self._sign == "-":
            return padded
        places = {"YMD": (0, 5, 8), "DMY": (6, 3, 0), "MDY": (6, 0, 3)}[self.order]
        parts = (padded.str.slice(at, 2 if n else 4) for n, at in enumerate(places))
        return nw.concat_str(*parts, separator="-")


def _with_numbers(frame: Frame, name: str) -> Frame:
    """With the number of a month for its name, and hyphens between."""
    date = here(frame, name)
    for number, pattern in enumerate(_NAMES, start=1):
        date = date.str.replace_all(pattern, f"-{number:02}-")
    date = date.str.replace_all("[^0-9]+", "-").str.replace_all("^-|-$", "")
    return frame.with_columns(date.alias(name))


FORMS: Final = (
    *(
        WrittenForm(order, separator, short=short)
        for short in (False, True)
        for order in ("YMD", "DMY", "MDY")  # narrowing a tuple of literals is beyond mypy
        for separator in "-/."
    ),
    *(WrittenForm(order, " ", "names") for order in ("DMY", "MDY", "YMD")),
    *(WrittenForm(order, " ", "names", short=True) for order in ("DMY", "MDY")),
    WrittenForm("YMD", "", "compact"),
    WrittenForm("YMD", "年", "han"),
)
"""The forms that are looked for."""

_SAID: Final = (
    *(WrittenForm(order, "", "compact") for order in ("DMY", "MDY")),
    *(WrittenForm(order, "", "compact", short=True) for order in ("YMD", "DMY", "MDY")),
)
"""Those that are read only where the caller says them: too much else looks so."""

COMPACT: Final = WrittenForm("YMD", "", "compact")
"""Eight digits, as files also have them in columns of numbers."""

KNOWN: Final = (
    'write "ISO", "DD-MM-YYYY", "M/D/YY", "%d.%m.%Y", "DD-MMM-YYYY", "MMM D, YYYY", "YYYYMMDD", '
    '"YYYY年M月D日" or another order, or "excel"'
)
"""What a form may be called."""

_TIME: Final = re.compile(
    r"[ T,]*(?:%[HIklTRX]|[Hh]{1,2}(?=[:.]))(?:%-?[HIklMSfpzZTR]|[HhmsSaAtTzZ:. ])*$"
)
_TOKENS: Final = re.compile(
    "(?P<Y>%Y|[Yy]{4})|(?P<S>%y|[Yy]{2})|(?P<N>%[Bbh]|[Mm]{3,4})|(?P<M>%-?m|[Mm]{1,2})"
    "|(?P<D>%-?[de]|[Dd]{1,2})"
)


def form_named(name: object) -> WrittenForm | None:
    """The form of a name such as `ISO`, `DD-MM-YYYY`, `M/D/YY`, `%d.%m.%Y` or `MMM D, YYYY`.

    A time of day behind it says nothing more: dates are read with one or without.
    """
    if not isinstance(name, str):
        return None
    if name.strip().upper() == "ISO":
        return FORMS[0]
    plain = _TIME.sub("", name.strip().replace("'", ""))
    parts = "".join(str(token.lastgroup) for token in _TOKENS.finditer(plain))
    between = _TOKENS.split(plain)[:: _TOKENS.groups + 1]
    order = parts.translate(str.maketrans("SN", "YM"))
    short, named = "S" in parts, "N" in parts
    return next(
        (
            form
            for form in (*FORMS, *_SAID)
            if (form.order, form.short, form.style == "names") == (order, short, named)
            and form.is_joined(between)
        ),
        None,
    )
