"""What every record has in common: frozen, strict about its keys, and clear about time."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)
from pydantic_core import (
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
)
from pydantic_core.core_schema import ErrorType

from salesflow._frozen import Frozen, FrozenDict
from salesflow.errors import closest

__all__ = ["Day", "Frozen", "FrozenDict", "Instant", "Label", "Note", "Record"]


class Record(BaseModel):
    """A frozen record of the trade. Unknown keys are refused; JSON goes both ways."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, **data: object) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise in_our_words(error, type(self)) from None

    # pydantic takes an __init__ with this mark for its own, and does not call it for records
    # inside records: what is wrong with those is put in our words here as well.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401 - as pydantic has it
        """A record of a mapping; see pydantic's `BaseModel.model_validate`."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise in_our_words(error, cls) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:  # noqa: ANN401
        """A record of JSON; see pydantic's `BaseModel.model_validate_json`."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise in_our_words(error, cls) from None

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


def in_our_words(error: ValidationError, cls: type[BaseModel]) -> ValidationError:
    """The same problems, with unknown keys in our words."""
    if not any(item["type"] == "extra_forbidden" for item in error.errors(include_url=False)):
        return error
    return ValidationError.from_exception_data(
        error.title, [_reworded(item, cls) for item in error.errors(include_url=False)]
    )


def _reworded(item: ErrorDetails, cls: type[BaseModel]) -> InitErrorDetails:
    """A problem of pydantic's, in our words where its own are those of a programmer."""
    kind: str | PydanticCustomError = item["type"]
    context = item.get("ctx", {})
    if kind == "extra_forbidden":
        near = closest(str(item["loc"][-1]), cls.model_fields) if len(item["loc"]) == 1 else None
        hint = f'; did you mean "{near}"?' if near else ""
        kind = PydanticCustomError("unknown_key", "there is no such field{hint}", {"hint": hint})
    elif kind not in _kinds_of_pydantic():
        # One of our own: its words are complete, and braces in them are no gaps to fill.
        kind = PydanticCustomError(item["type"], "{said}", {"said": item["msg"]})
        context = {}
    return {"type": kind, "loc": item["loc"], "input": item["input"], "ctx": context}


@cache
def _kinds_of_pydantic() -> frozenset[str]:
    return frozenset(get_args(ErrorType))


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
