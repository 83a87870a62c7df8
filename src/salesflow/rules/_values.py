"""The three verdicts, and values of facts in the form that the columns of a frame are cast to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Final, NoReturn, TypeAlias

from salesflow._arguments import zone
from salesflow.errors import FactError, Problem
from salesflow.facts import Fact, FactKind


class Verdict(StrEnum):
    """YES, NO or UNKNOWN. Missing information is not a no, and it is not a yes.

    Example:
        >>> Verdict.YES & Verdict.UNKNOWN, Verdict.NO & Verdict.UNKNOWN, ~Verdict.UNKNOWN
        (<Verdict.UNKNOWN: 'unknown'>, <Verdict.NO: 'no'>, <Verdict.UNKNOWN: 'unknown'>)
        >>> bool(Verdict.YES)
        Traceback (most recent call last):
        ...
        TypeError: a verdict has three values; compare it with Verdict.YES, .NO or .UNKNOWN
        >>> Verdict.YES == "yes"
        True
    """

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values; compare it with Verdict.YES, .NO or .UNKNOWN")

    def __and__(self, other: Verdict) -> Verdict:
        if self is Verdict.NO or other is Verdict.NO:
            return Verdict.NO
        return Verdict.YES if self is other is Verdict.YES else Verdict.UNKNOWN

    def __or__(self, other: Verdict) -> Verdict:
        return ~(~self & ~other)

    def __invert__(self) -> Verdict:
        if self is Verdict.UNKNOWN:
            return self
        return Verdict.NO if self is Verdict.YES else Verdict.YES


Value: TypeAlias = float | str | date | datetime | bool
Reader: TypeAlias = Callable[[object], Value | None]

BLANK: Final = " \t\r\n\v\f"
"""A text that consists of these characters only is missing."""

# A verdict equals its text, but a text such as "yes" is no flag: the two are looked up apart.
MARKS: Final[Mapping[str, bool | None]] = {"+": True, "-": False, "?": None}
_SAID: Final = {Verdict.YES: True, Verdict.NO: False, Verdict.UNKNOWN: None}
_NO_NUMBER: Final = "pass an int, a float or a Decimal"
_NO_FLAG: Final = 'pass True, False, None, "+", "-" or "?"'


def canonical(
    kind: FactKind, value: object, tz: str = "UTC", choices: tuple[str, ...] = ()
) -> Value | None:
    """A fact's value as rules compare it; None when it is missing.

    Numbers and money become float and NaN is missing; a blank text is missing; a choice outside
    its list is missing; a day is a calendar day in `tz`; an instant is in UTC; a flag is a bool.

    Raises:
        FactError: The value is of another kind.
        ArgumentError: `tz` does not name a time zone.

    Example:
        >>> (
        ...     canonical(FactKind.NUMBER, 3),
        ...     canonical(FactKind.TEXT, "  "),
        ...     canonical(FactKind.FLAG, "+"),
        ... )
        (3.0, None, True)
    """
    return reader(kind, choices, zone(tz))(value)


def readers_of(used: Mapping[str, Fact], where: tzinfo) -> dict[str, Reader]:
    """For each fact, the function that converts its values to canonical form."""
    return {name: reader_of(fact, where) for name, fact in used.items()}


def reader_of(fact: Fact, where: tzinfo) -> Reader:
    """The function that converts values of one fact; what the fact does not admit is missing."""
    read = reader(fact.kind, fact.choices, where)
    if not fact.enforced:
        return read

    def admitted(value: object) -> Value | None:
        found = read(value)
        return found if fact.admits(found) else None

    return admitted


def read_all(readers: Mapping[str, Reader], facts: Mapping[str, object]) -> dict[str, Value | None]:
    """The facts that a rule reads, in canonical form; absent ones are None.

    Raises:
        FactError: Some are of the wrong kind; `problems` lists every one of them.
    """
    try:
        return {name: read(facts.get(name)) for name, read in readers.items()}
    except FactError:
        problems = []
        for name, read in readers.items():
            try:
                read(facts.get(name))
            except FactError as error:
                problems.append(Problem(name, error.message, error.hint, "kind"))
        raise FactError("Facts of the wrong kind were given.", problems=problems) from None


def reader(kind: FactKind, choices: tuple[str, ...], where: tzinfo) -> Reader:
    """The function that converts values of a kind to canonical form."""
    match kind:
        case FactKind.NUMBER | FactKind.MONEY:
            return _number
        case FactKind.TEXT:
            return _text
        case FactKind.CHOICE:
            return _among(frozenset(choices)) if choices else _text
        case FactKind.FLAG:
            return _flag
        case FactKind.DAY:
            return lambda value: _day(value, where)
        case FactKind.INSTANT:
            return _instant


def _number(value: object) -> float | None:
    if type(value) is not float:
        if type(value) is not int:
            value = _plain(value)
            if value is None:
                return None
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                raise _refused("a number", value, _NO_NUMBER)
        try:
            value = float(value)
        except OverflowError:
            # An int beyond binary64; a Decimal of this size becomes an infinity by itself.
            value = float("inf") if value > 0 else float("-inf")
    return value if value == value else None  # noqa: PLR0124 - only NaN differs from itself


def _text(value: object) -> str | None:
    if type(value) is not str:
        value = _plain(value)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _refused("a text", value, "pass a str")
        value = str.__str__(value)  # an enum's own str() would be its name
    return value if value.strip(BLANK) else None


def _among(choices: frozenset[str]) -> Reader:
    def read(value: object) -> str | None:
        if type(value) is not str:
            value = _text(value)
        return value if value in choices else None

    return read


def _flag(value: object) -> bool | None:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, Verdict):
        return _SAID[value]
    if isinstance(value, str) and value in MARKS:
        return MARKS[value]
    value = _plain(value)
    if value is None or isinstance(value, bool):
        return value
    raise _refused("a flag", value, _NO_FLAG)


def _day(value: object, zone: tzinfo) -> date | None:
    if type(value) is date:
        return value
    value = _plain(value)
    if isinstance(value, datetime):
        return _moved(value, zone).date() if value.tzinfo else _fields(value).date()
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if value is None:
        return None
    raise _refused("a day", value, "pass a date, or a datetime")


def _instant(value: object) -> datetime | None:
    value = _plain(value)
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise _refused("a moment in time", value, "pass a datetime with a time zone")
    if value.utcoffset() is None:
        raise FactError(
            "a datetime without a time zone is not a moment in time", hint="add tzinfo="
        )
    return _moved(value, UTC)


def _moved(value: datetime, zone: tzinfo) -> datetime:
    try:
        return _fields(value.astimezone(zone))
    except (OverflowError, ValueError):
        raise FactError("the moment is at the end of the calendar", hint="pass None") from None


def _fields(value: datetime) -> datetime:
    # A subclass may carry nanoseconds, which would compare unlike the same column of a frame.
    return value if type(value) is datetime else datetime.combine(value.date(), value.timetz())


def _plain(value: object) -> object:
    """The value as plain Python; None for every kind of missing value.

    Array libraries are recognised by what their scalars look like: importing one to ask would
    cost more than the rest of salesflow.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return None if value.is_nan() else value
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if getattr(value, "shape", None) == () and callable(item := getattr(value, "item", None)):
        value = item()
    if isinstance(value, float):
        return float.__float__(value) if value == value else None  # noqa: PLR0124
    return value


def _refused(wanted: str, value: object, hint: str) -> FactError:
    return FactError(f"{_shown(value)} is not {wanted}", hint=hint)


def _shown(value: object) -> str:
    if isinstance(value, int | str | bytes):
        # Neither a huge number nor a huge text may be written out in full.
        if isinstance(value, int):
            shown: object = value if abs(value) < 10**18 else "…"
        else:
            shown = value[:40]
        return f"the {type(value).__name__} {shown!r}"
    return f"a value of type {type(value).__name__}"
