"""Results: what salesflow answers, as frozen values that travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from salesflow._described import Described
from salesflow._unchecked import fill
from salesflow.errors import SalesflowError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Result(Described, BaseModel):
    """An answer: compared and hashed by its fields; JSON, JSON Schema and copies by pydantic.

    Its fields are given by name. Only JSON from elsewhere is checked: what salesflow makes itself
    has the right types already, and is made often.
    """

    # What JSON adds to the fields, such as sums for a screen, is no news on the way back.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    _local: ClassVar[bool] = False
    """Whether what it was made from, such as a frame, cannot leave the process."""

    if not TYPE_CHECKING:  # a checker reads the fields of the class

        def __init__(self, /, **fields: object) -> None:
            cls = type(self)
            form = _FORMS.get(cls) or _form(cls)
            values = {**form.blank, **fields}
            if len(values) != len(form.blank) or not fields.keys() >= form.required:
                raise _wrong_fields(cls, fields)
            fill(self, values, form.names)

        # pydantic takes an __init__ with this mark for its own and does not call it when it reads.
        __init__.__pydantic_base_init__ = True

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        names = type(self).model_fields
        return all(self.__dict__[name] == other.__dict__[name] for name in names)

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[name] for name in type(self).model_fields))

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()  # what is in it never changes

    def __getstate__(self) -> dict[object, object]:
        """What is pickled: its fields, and what it was made from if that can travel."""
        kept = None if self._local else self.__pydantic_private__
        return {
            "__dict__": {name: self.__dict__[name] for name in type(self).model_fields},
            "__pydantic_fields_set__": self.__pydantic_fields_set__,
            "__pydantic_extra__": None,
            "__pydantic_private__": kept,
        }

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} never changes (it is frozen)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} never changes (it is frozen)")

    def _kept(self, name: str) -> Any:  # noqa: ANN401 - each class knows what it keeps
        """What the result was made from, which does not travel.

        Raises:
            SalesflowError: It was read back, from JSON or a pickle.
        """
        kept = self.__pydantic_private__ or {}
        if name not in kept:
            raise SalesflowError(
                f"This {type(self).__name__} was read back and knows nothing but its fields.",
                hint="Make it anew from the deal or the frame.",
            )
        return kept[name]


ResultT = TypeVar("ResultT", bound=Result)


def keeping(result: ResultT, **made_from: object) -> ResultT:
    """A new result, with what it was made from in its private attributes."""
    object.__setattr__(result, "__pydantic_private__", made_from)
    return result


class _Form(NamedTuple):
    """What is to be known of a class to make one of it.

    Attributes:
        blank: Every field in order, with its default.
        required: The fields without a default.
        names: Every field; one set for all results of the class.
    """

    blank: dict[str, object]
    required: frozenset[str]
    names: set[str]


_FORMS: Final[dict[type[Result], _Form]] = {}


def _form(cls: type[Result]) -> _Form:
    fields = cls.model_fields
    _FORMS[cls] = form = _Form(
        blank={
            name: field.get_default(call_default_factory=True) for name, field in fields.items()
        },
        required=frozenset(name for name, field in fields.items() if field.is_required()),
        names=set(fields),
    )
    return form


def _wrong_fields(cls: type[Result], given: Iterable[str]) -> TypeError:
    form = _FORMS[cls]
    missing = ", ".join(sorted(form.required.difference(given)))
    unknown = ", ".join(sorted(set(given) - form.names))
    return TypeError(f"{cls.__name__}: missing: {missing or '-'}; unknown: {unknown or '-'}")
