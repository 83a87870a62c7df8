"""What the records share: words for levels, shares of a whole, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Level = Literal["high", "medium", "low"]
"""How much of something there is."""


Percent = Annotated[
    Decimal,
    Field(gt=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False),
]
"""A share of a whole in percent: more than 0, at most 100, at most four decimals."""


def _says_something(words: str) -> str:
    if not words.strip():
        raise PydanticCustomError("words_blank", "the words are blank; write what was said")
    return words


Verbatim = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_says_something)]
"""What somebody said, kept to the letter: not even the space around it is touched."""


class Problems:
    """Collects what is wrong between the fields of a record, so that it is all said at once."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []

    def add(
        self, path: tuple[str | int, ...], code: str, message: str, /, **context: object
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


def repeated(names: Iterable[str]) -> list[int]:
    """The positions of the names that stood earlier already.

    Example:
        >>> repeated(["Li", "Wang", "Li"])
        [2]
    """
    seen = set[str]()
    again = list[int]()
    for position, name in enumerate(names):
        if name in seen:
            again.append(position)
        seen.add(name)
    return again
