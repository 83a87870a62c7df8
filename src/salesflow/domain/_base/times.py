"""Days and moments in records: how they may be written, and that moments are kept in UTC.

Both are read here rather than by pydantic, which reads a bare number as seconds since 1970 and
gives moments a UTC of its own instead of Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Literal, LiteralString, NoReturn

from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as build

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

NO_DAY: Final = "no_day"

_DAY_LENGTH: Final = len("2026-01-31")


def _day(value: object) -> date:
    # The first lines are for the usual values, which are fast; the rest is for all others.
    if type(value) is date:
        return value
    if isinstance(value, str):
        # A day may be written with a million zeros behind it, and nothing keeps texts of others.
        if len(value) == _DAY_LENGTH:
            return _written_day(value)
        return _midnight(value)
    if isinstance(value, datetime):
        return _day_alone(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return _refuse_value(value, "date", _NO_DATE)


_NO_DATE: Final = "this is not a date; write it as 2026-01-31"


@lru_cache(maxsize=4_096)  # few days stand in many records
def _written_day(text: str) -> date:
    return _read_day(text, date.fromisoformat)


def _midnight(text: str) -> date:
    return _read_day(text, lambda moment: _day_alone(datetime.fromisoformat(moment)))


def _read_day(text: str, read: Callable[[str], date]) -> date:
    if text[4:5] == text[7:8] == "-":
        try:
            return read(text)
        except ValueError:
            _refuse("date", "there is no such day; check month and day")
    return _refuse_value(text, "date", _NO_DATE)


def _day_alone(moment: datetime) -> date:
    # Spreadsheet readers give a day as its midnight.
    try:
        day, clock = moment.date(), moment.time()
    except (ValueError, TypeError):  # pandas.NaT is a datetime without a date
        _refuse("date", _NO_DATE)
    if clock != time():
        _refuse("date_with_time", "a day has no time of day; give a date")
    return day


def _instant(value: object) -> datetime:
    moment = value
    if type(value) is str:
        try:
            moment = _parsed(value)
        except ValueError:
            _refuse_value(value, "time", _NO_TIME)
    # Moments are nearly always in UTC already.
    if type(moment) is datetime and moment.tzinfo is UTC and MINYEAR < moment.year < MAXYEAR:
        return moment
    if isinstance(moment, datetime) and not _is_number(value):
        return _in_utc(moment)
    return _refuse_value(value, "time", _NO_TIME)


# A name of the module is found faster than an attribute; a stored deal has many moments.
_parsed: Final = datetime.fromisoformat
_NO_TIME: Final = "this is not a time; write it as 2026-01-31T09:00:00+08:00"
_NO_ZONE: Final = "a time needs its zone, for instance 2026-01-31T09:00:00+08:00"


def _in_utc(moment: datetime) -> datetime:
    try:
        zone = moment.utcoffset()
        # A subclass such as pandas.Timestamp becomes a plain datetime.
        moment = datetime.combine(moment.date(), moment.timetz())
    except (ValueError, TypeError):
        _refuse("time", _NO_TIME)
    if zone is None:
        _refuse("time_without_zone", _NO_ZONE)
    if not MINYEAR < moment.year < MAXYEAR:  # in some zones such a moment has no date
        _refuse("time_out_of_range", "a time has a year from 2 to 9998")
    return moment.astimezone(UTC)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().isdecimal()
    return isinstance(value, int | float | Decimal)


def _refuse_value(value: object, code: str, said: str) -> NoReturn:
    if _is_number(value):
        _refuse("time_number", "a number is not a date; write 2026-01-31")
    if code == "time" and isinstance(value, date):
        _refuse("time_without_zone", "a day is not a time; give its hour and its zone as well")
    _refuse(code, said)  # pyright: ignore[reportArgumentType] - a literal, of the caller's


def _refuse(code: LiteralString, said: str) -> NoReturn:
    raise PydanticCustomError(code, "{said}", {"said": said})


def why_no_day(value: object) -> tuple[str, str]:
    """The type and the words of the problem with a day that was refused in JSON."""
    try:
        _day(value)
    except PydanticCustomError as error:
        return error.type, error.message()
    return "date", _NO_DATE


@dataclass(frozen=True, slots=True)
class _Reader:
    """How pydantic reads a day or a moment with one call at most, and writes it without any."""

    read: Callable[[object], date]
    kind: Literal["date", "datetime"]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        ours = build.no_info_plain_validator_function(self.read)
        written = build.simple_ser_schema(self.kind)
        if self.kind == "datetime":
            return {**ours, "serialization": written}
        # A day in JSON is read without a call of ours if it begins like a date; where it is refused
        # `why_no_day` finds the words.
        days = build.chain_schema([build.str_schema(pattern=r"^\d{4}-"), build.date_schema()])
        return build.json_or_python_schema(
            json_schema=build.custom_error_schema(days, NO_DAY, custom_error_message=_NO_DATE),
            python_schema=ours,
            serialization=written,
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date" if self.kind == "date" else "date-time"}


Day = Annotated[date, _Reader(_day, "date")]
"""A calendar day: a date, a text such as "2026-01-31", or a midnight."""

Instant = Annotated[datetime, _Reader(_instant, "datetime")]
"""A moment: a datetime with its zone, or a text such as "2026-01-31T09:00:00+08:00"; in UTC."""
