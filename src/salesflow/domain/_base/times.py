"""Days and moments in records: what may stand for one, and in which zone a moment is kept.

Both are read here rather than by pydantic, which takes a bare number for seconds since 1970, and
for which a moment in UTC is never the same object as Python's own UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Literal, NoReturn

from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as build

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

NO_DAY: Final = "no_day"

_DAY_LENGTH: Final = len("2026-01-31")


def _day(value: object) -> date:
    # The first lines are for what nearly always comes; what follows is for everything else.
    if type(value) is date:
        return value
    if isinstance(value, str):
        return _written_day(value)
    if isinstance(value, datetime):
        return _day_alone(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return _refuse_value(value, "date", _NO_DATE)


_NO_DATE: Final = "this is no date; write it as 2026-01-31"


@lru_cache(maxsize=4_096)  # few days stand in many records
def _written_day(text: str) -> date:
    if text[4:5] == text[7:8] == "-":
        try:
            if len(text) == _DAY_LENGTH:
                return date.fromisoformat(text)
            return _day_alone(datetime.fromisoformat(text))
        except ValueError:
            _refuse("date", "there is no such day; check month and day")
    return _refuse_value(text, "date", _NO_DATE)


def _day_alone(moment: datetime) -> date:
    # Midnight without more is how spreadsheet readers give a day.
    try:
        day, clock = moment.date(), moment.time()
    except (ValueError, TypeError):  # pandas.NaT is a datetime, and none
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
    # What nearly always comes is in UTC already.
    if type(moment) is datetime and moment.tzinfo is UTC and MINYEAR < moment.year < MAXYEAR:
        return moment
    if isinstance(moment, datetime) and not _is_number(value):
        return _in_utc(moment)
    return _refuse_value(value, "time", _NO_TIME)


# A name of the module is found faster than one of a class; a stored deal has many moments.
_parsed: Final = datetime.fromisoformat
_NO_TIME: Final = "this is no time; write it as 2026-01-31T09:00:00+08:00"
_NO_ZONE: Final = "a time needs its zone, for instance 2026-01-31T09:00:00+08:00"


def _in_utc(moment: datetime) -> datetime:
    try:
        zone = moment.utcoffset()
        # Of a subclass such as pandas.Timestamp only what a record keeps.
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
        _refuse("time_number", "a number is no date; write 2026-01-31")
    if code == "time" and isinstance(value, date):
        _refuse("time_without_zone", "a day is no time; give its hour and its zone as well")
    _refuse(code, said)


def _refuse(code: str, said: str) -> NoReturn:
    raise PydanticCustomError(code, "{said}", {"said": said})


def why_no_day(value: object) -> tuple[str, str]:
    """The kind and the words of what is wrong with a day that was refused in JSON."""
    try:
        _day(value)
    except PydanticCustomError as error:
        return error.type, error.message()
    return "date", _NO_DATE


@dataclass(frozen=True, slots=True)
class _Reader:
    """How pydantic reads a day or a moment: one call at most, and none to write it."""

    read: Callable[[object], date]
    kind: Literal["date", "datetime"]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        ours = build.no_info_plain_validator_function(self.read)
        written = build.simple_ser_schema(self.kind)
        if self.kind == "datetime":
            return {**ours, "serialization": written}
        # A day in JSON needs no call: what begins as a date does is read as one, and of what is
        # refused `why_no_day` says why.
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
