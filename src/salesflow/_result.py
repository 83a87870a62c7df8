"""Results: what salesflow answers, as frozen values that travel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn, Self, TypeVar, cast

from pydantic import ConfigDict, SerializerFunctionWrapHandler, model_serializer

from salesflow._described import Described
from salesflow._unchecked import fill
from salesflow._wording import Worded
from salesflow.errors import JsonData, SalesflowError

T = TypeVar("T")


class Result(Described, Worded):
    """An answer: compared and hashed by its fields; JSON, JSON Schema and copies by pydantic.

    Its fields are given by name. Only JSON from elsewhere is checked: what salesflow makes itself
    has the right types already, and is made often.
    """

    # What JSON adds to the fields, such as sums for a screen, is no news on the way back.
    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, ser_json_bytes="base64"
    )

    _local: ClassVar[bool] = False
    """Whether what it was made from stays in the process: a frame cannot leave it, and a playbook
    would be most of what is pickled."""

    if not TYPE_CHECKING:  # a checker reads the fields of the class

        def __init__(self, /, **fields: object) -> None:
            cls = type(self)
            form = _FORMS.get(cls) or _form(cls)
            values = {**form.blank, **fields}
            if len(values) != len(form.blank) or (
                len(fields) != len(values) and not fields.keys() >= form.required
            ):
                raise _wrong_fields(cls, fields)
            fill(self, values, form.names)

        # pydantic takes an __init__ with this mark for its own and does not call it when it reads.
        __init__.__pydantic_base_init__ = True

    def to_dict(self) -> dict[str, JsonData]:
        """Everything as JSON has it; a new dict each time.

        The keys are the fields and what the JSON Schema of the class has beside them. Days and
        moments are texts of ISO 8601, a text in several languages is a dict by language, and what
        is no finite number is null, as is what is not known.
        """
        found: dict[str, JsonData] = {}
        # What JSON has no word for, such as the key of a deal that is a UUID, is written as a text.
        for name, value in self.model_dump(mode="json", fallback=str).items():
            found[name] = _finite(value)
        return found

    def to_json(self) -> str:
        """Everything as JSON text, which `model_validate_json` of the class reads back."""
        written = self.to_dict()
        text = json.dumps(written, ensure_ascii=False, indent=2, allow_nan=False)
        if not text.isascii() and _SURROGATES.search(text):  # no text that a file could hold
            text = json.dumps(written, indent=2, allow_nan=False)
        return f"{text}\n"

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
        found = self._kept_or_none(name)
        if found is None:
            raise SalesflowError(
                f"This {type(self).__name__} was read back and knows nothing but its fields.",
                hint="Make it anew from the deal or the frame.",
            )
        return found

    def _kept_or_none(self, name: str) -> Any:  # noqa: ANN401 - as above
        """The same, for what can do without: None where it was read back."""
        return (self.__pydantic_private__ or {}).get(name)


ResultT = TypeVar("ResultT", bound=Result)


class LazyResult(Result):
    """A result some of whose fields are made on first access.

    Whoever compares, copies, writes or pickles it gets all of them, as of any other result. What
    they are made from never changes, so that it means nothing when that is.
    """

    if not TYPE_CHECKING:  # as above; and a serializer that says what it returns has its schema

        def __init__(self, /, **fields: object) -> None:
            super().__init__(**fields)
            waiting = {name: field for name, field in fields.items() if type(field) is _Later}
            if waiting:
                for name in waiting:
                    del self.__dict__[name]
                keeping(self, _waiting=waiting)

        __init__.__pydantic_base_init__ = True

        def __getattr__(self, name: str) -> object:
            kept = object.__getattribute__(self, "__pydantic_private__")
            waiting = kept.get("_waiting", ()) if kept else ()
            if name in waiting:
                # Threads that race for a field make it twice, and all get the same one.
                return self.__dict__.setdefault(name, waiting[name].make())
            # Where another thread has made all of them meanwhile, it is there now.
            return self.__dict__[name] if name in self.__dict__ else super().__getattr__(name)

        @model_serializer(mode="wrap")
        def _written(self, write: SerializerFunctionWrapHandler):  # noqa: ANN202 - see above
            return write(self._whole())

    def _whole(self) -> Self:
        """The same result with all of its fields, in their order."""
        kept = self.__pydantic_private__ or {}
        if "_waiting" in kept:
            fields = {name: getattr(self, name) for name in type(self).model_fields}
            others = {name: value for name, value in kept.items() if name != "_waiting"}
            object.__setattr__(self, "__dict__", fields)
            object.__setattr__(self, "__pydantic_private__", others or None)
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazyResult):
            other._whole()
        return super(LazyResult, self._whole()).__eq__(other)

    def __hash__(self) -> int:
        return super(LazyResult, self._whole()).__hash__()

    def __copy__(self) -> Self:
        return super(LazyResult, self._whole()).__copy__()

    def __getstate__(self) -> dict[object, object]:
        return super(LazyResult, self._whole()).__getstate__()

    def __iter__(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]  # as pydantic has it
        return super(LazyResult, self._whole()).__iter__()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return super(LazyResult, self._whole()).__repr_args__()


class _Later:
    """Stands for a field that is made on first access."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def later(make: Callable[[], T]) -> T:
    """A field of a `LazyResult`, made when somebody reads it.

    Args:
        make: Makes it, from values that never change; it asks nothing of the host.
    """
    return cast("T", _Later(make))


def keeping(result: ResultT, **made_from: object) -> ResultT:
    """A new result, with what it was made from in its private attributes."""
    kept = result.__pydantic_private__
    object.__setattr__(result, "__pydantic_private__", {**kept, **made_from} if kept else made_from)
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


_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def _finite(value: JsonData) -> JsonData:
    """JSON without NaN and infinities, for which it has no word."""
    match value:
        case float():
            return value if isfinite(value) else None
        case dict():
            return {name: _finite(item) for name, item in value.items()}
        case list():
            return [_finite(item) for item in value]
        case _:
            return value


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
