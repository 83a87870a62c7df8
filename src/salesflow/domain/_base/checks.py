"""What has to hold between the fields of a record; everything wrong is reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, LiteralString, Self

from pydantic import ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from salesflow.domain._base.record import Record


class Problems:
    """Collects what is wrong between the fields of a record, to report all of it at once."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []

    def add(
        self,
        path: tuple[str | int, ...],
        code: LiteralString,
        message: LiteralString,
        /,
        **context: object,
    ) -> None:
        """One more problem; `message` names the parts of `context` in braces."""
        self._found.append((path, PydanticCustomError(code, message, context or None)))

    def refuse(self, record: object) -> None:
        """Do nothing where nothing was found in a record, or in the value of a field.

        Raises:
            ValidationError: With every problem found. Raised inside a validator, its problems
                join those of the record around it, each with its whole path.
        """
        if self._found:
            raise ValidationError.from_exception_data(
                type(record).__name__,
                [
                    InitErrorDetails(type=error, loc=path, input=_at(record, path))
                    for path, error in self._found
                ],
            )


def _at(value: object, path: tuple[str | int, ...]) -> object:
    for part in path:
        if isinstance(part, int):
            value = value[part] if isinstance(value, Sequence) else None
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            value = getattr(value, part, None)
    return value


@dataclass(frozen=True, slots=True)
class Unique:
    """Annotates a list of records in a `CheckedRecord`: no two of them have the same `field`.

    Attributes:
        field: The field by which they are told apart.
        code: The type of the problem.
        message: What to say of a repeated one; it may name the field in braces.
    """

    field: str
    code: LiteralString
    message: LiteralString

    def check(self, name: str, items: Sequence[Record], problems: Problems) -> None:
        """Report each item of the list `name` whose value stood earlier already."""
        seen = set[object]()
        for at, item in enumerate(items):
            value = getattr(item, self.field)
            if value in seen:
                problems.add((name, at, self.field), self.code, self.message, **{self.field: value})
            seen.add(value)


TITLE_ONCE: Final = Unique("title", "title_twice", "it is there already")
REVIEW_ONCE: Final = Unique("reviewer", "review_twice", "this function has reviewed it already")


class CheckedRecord(Record):
    """A record whose fields have to fit each other: `_check` says how."""

    _unique: ClassVar[tuple[tuple[str, Unique], ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._unique = tuple(
            (name, mark)
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Unique)
        )

    # One validator reports what is wrong in lists and between fields; a validator of each list
    # would hide the rest.
    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = Problems()
        for name, unique in self._unique:
            unique.check(name, getattr(self, name) or (), problems)
        self._check(problems)
        problems.refuse(self)
        return self

    def _check(self, problems: Problems) -> None:
        """Add what is wrong between the fields."""
