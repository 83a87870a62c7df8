"""What every record has in common: frozen, strict about its keys, and clear about time."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from functools import cache
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from salesflow._frozen import Frozen, FrozenDict

__all__ = ["Day", "Frozen", "FrozenDict", "Instant", "Label", "Note", "Record"]


class Record(BaseModel):
    """A frozen record of the trade. Unknown keys are refused; JSON goes both ways."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def trusted(cls, fields: dict[str, object]) -> Self:
        """A record of fields that are complete and valid already; nothing is checked.

        For values that come from other records. It does what `model_construct` does, without
        looking for defaults and aliases, which takes most of the time of folding an event.
        """
        record = cls.__new__(cls)
        put = object.__setattr__  # the record is frozen for everybody else
        put(record, "__dict__", fields)
        put(record, "__pydantic_fields_set__", _all_fields(cls))
        put(record, "__pydantic_extra__", None)
        put(record, "__pydantic_private__", None)
        return record

    def replaced(self, **changes: object) -> Self:
        """This record with some fields changed; the new values are not checked."""
        return self.trusted({**self.__dict__, **changes})


@cache
def _all_fields(cls: type[Record]) -> set[str]:
    # One set for all trusted records of a class: they are frozen, so nobody adds to it.
    return set(cls.model_fields)


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise PydanticCustomError(
            "time_without_zone", "a time needs its zone, for instance 2026-01-31T09:00:00+08:00"
        )
    if not MINYEAR < moment.year < MAXYEAR:  # in some zones such a moment has no date
        raise PydanticCustomError("time_out_of_range", "a time has a year from 2 to 9998")
    return moment.astimezone(UTC)


def _written_as_time(value: object) -> object:
    # pydantic reads a bare number as seconds since 1970, which no salesperson ever meant.
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdecimal()):
        raise PydanticCustomError("time_number", "a number is no date; write 2026-01-31")
    return value


Instant = Annotated[datetime, BeforeValidator(_written_as_time), AfterValidator(_in_utc)]
Day = Annotated[date, BeforeValidator(_written_as_time)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
