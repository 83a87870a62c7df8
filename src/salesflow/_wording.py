"""What pydantic finds wrong with a record, in words for people who sell.

The table is read only where a record is refused. For programs the type of a problem and its numbers
stay as pydantic has them; only an unknown key has a type of ours, `unknown_key`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from inspect import Parameter, Signature
from types import MappingProxyType, UnionType
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from salesflow._unseen import LONGEST, hidden, shown, within
from salesflow.errors import ArgumentError, closest

# Of very many problems so many are looked at; to compare names for a hint is slow.
_TOLD: Final = 100

_LONGEST: Final = 1_000
"""The bytes of what is said of one problem."""

_LONGEST_NAME: Final = 200
"""The bytes of a name in a path."""

_FEW: Final = 3

_Words: TypeAlias = Callable[[object, Mapping[str, Any]], str]
OwnWords: TypeAlias = Mapping[str, Callable[[object], tuple[str, str]]]
"""What a class says of types of problems of its own: the type and the words, by the value."""


def with_article(noun: str) -> str:
    """A noun with its indefinite article."""
    begins = noun[:1] in "aeiouAEIOU" and not noun.startswith(("Uni", "uni", "Use", "use"))
    return f"{'an' if begins else 'a'} {noun}"


def _blank_or_short(_given: object, numbers: Mapping[str, Any]) -> str:
    if numbers["min_length"] == 1:
        return "it is blank; write something"
    return f"it is too short; write at least {numbers['min_length']} characters"


def _few(_given: object, numbers: Mapping[str, Any]) -> str:
    least = numbers["min_length"]
    if not numbers["actual_length"]:
        return f"nothing is listed; list at least {'one' if least == 1 else least}"
    return f"{numbers['actual_length']} are too few; list at least {least}"


def _many(_given: object, numbers: Mapping[str, Any]) -> str:
    listed = numbers["actual_length"]
    return f"{listed or 'these'} are too many; list at most {numbers['max_length']}"


def _choice(given: object, numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is not one of {', '.join(_choices(numbers))}"


def _choices(numbers: Mapping[str, Any]) -> list[str]:
    return re.findall("'([^']*)'", str(numbers["expected"]))


def unread(given: object, reader: str) -> str:
    """What is said of JSON that nobody has read yet; nothing of any other value."""
    is_text = isinstance(given, bytes | bytearray | memoryview)
    if is_text or (isinstance(given, str) and given[:80].lstrip()[:1] in ("{", "[")):
        what = "this is text, and not JSON that was read"
        return f"{what}; send it as application/json, or use {reader}"
    return ""


def _record(given: object, numbers: Mapping[str, Any]) -> str:
    if words := unread(given, "model_validate_json"):
        return words
    name = with_article(numbers.get("class_name", "record"))
    return f"{_shown(given)} is not {name}; give {name}, or its fields by name"


_FROZEN: Final = "a record never changes (it is frozen); make another one"
_MAPPING: Final = "{given} is not a mapping; give a value for each name"
_LIST: Final = "{given} is not a list; give a list, even of one item"
_TRUTH: Final = "{given} is neither true nor false; give one of the two"
_WHOLE: Final = "{given} is not a whole number; give one such as 3"
_NUMBER: Final = "{given} is not a number; give one such as 12.5"

# The words of each type of problem; `given` is the value in a few words.
_TABLE: Final[Mapping[str, str | _Words]] = {
    "missing": "it is missing; give a value",
    "extra_forbidden": "there is no such field; leave it out",
    "invalid_key": "the name of a field must be a text",
    "frozen_instance": _FROZEN,
    "frozen_field": _FROZEN,
    "model_type": _record,
    "model_attributes_type": _record,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "too_short": _few,
    "too_long": _many,
    "string_type": "{given} is not a text; give a text",
    "string_unicode": "the text has characters that cannot be stored; write it anew",
    "string_too_short": _blank_or_short,
    "string_too_long": "it is too long; write at most {max_length} characters",
    "text_unseen": lambda given, _: f"{hidden(str(given))}; leave it out",
    "string_pattern_mismatch": "the text is not of the form {pattern}; write it so",
    "literal_error": _choice,
    "enum": _choice,
    "greater_than": "it is not enough; give more than {gt}",
    "greater_than_equal": "it is not enough; give {ge} or more",
    "less_than": "it is too much; give less than {lt}",
    "less_than_equal": "it is too much; give {le} or less",
    "multiple_of": "give a multiple of {multiple_of}",
    "finite_number": "this is not a finite number; give another",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "the number has too many digits; give a smaller one",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": "the number has too many digits; give at most {max_digits}",
    "decimal_max_places": "the number has too many decimals; give at most {decimal_places}",
    "decimal_whole_digits": (
        "the number is too large; give at most {whole_digits} digits before the point"
    ),
    "union_tag_invalid": "{tag!r} is not one of {expected_tags}",
    "union_tag_not_found": "{discriminator} is missing; say which of them it is",
    "recursion_loop": "the value contains itself; give one that ends",
    "value_error": "{error}",  # from a host's own validator
    "assertion_error": "{error}",
    "json_invalid": "this is not JSON: {error}",
    "json_type": "JSON is a text or bytes; for a mapping there is model_validate",
}


class Worded(BaseModel):
    """A model whose fields are given by name, and that is refused in our words."""

    _own_words: ClassVar[OwnWords] = MappingProxyType({})

    def __init__(self, /, *by_position: object, **data: object) -> None:
        if by_position:
            raise _by_position(type(self))
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise in_our_words(error, type(self)) from None

    # pydantic takes an __init__ with this mark for its own and does not call it for models inside
    # models; their problems are put in our words by the outermost one.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]
    # Signatures are made of this one and of the fields; what is only refused is no part of it.
    __init__.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter("self", Parameter.POSITIONAL_ONLY), Parameter("data", Parameter.VAR_KEYWORD)]
    )

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
    def model_validate_strings(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401
        """A record of texts, as a web form gives them; see pydantic's `BaseModel`."""
        try:
            return super().model_validate_strings(obj, **options)
        except ValidationError as error:
            raise in_our_words(error, cls) from None

    def __setattr__(self, name: str, value: object) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise in_our_words(error, type(self)) from None

    def __delattr__(self, name: str) -> None:
        try:
            super().__delattr__(name)
        except ValidationError as error:
            raise in_our_words(error, type(self)) from None


def _by_position(cls: type[BaseModel]) -> ArgumentError:
    """What is said to values without their names."""
    fields = cls.model_fields
    first = next(
        (name for name, field in fields.items() if field.is_required()), next(iter(fields))
    )
    return ArgumentError(
        f"{cls.__name__} takes its fields by name, not by position.",
        hint=f"Write {cls.__name__}({first}=…).",
    )


def in_our_words(
    error: ValidationError, cls: type[BaseModel], *, also: Sequence[InitErrorDetails] = ()
) -> ValidationError:
    """The same problems in the same places, in our words.

    Args:
        error: The error that pydantic raised for `cls`.
        cls: The record that was asked for; unknown keys are compared with its fields.
        also: Problems that pydantic cannot see, already in our words; they come last.
    """
    found = [item for item in error.errors(include_url=False) if not _is_echo(item)]
    told = [_reworded(item, cls) for item in found[:_TOLD]]
    return refusal(error.title, [*told, *also], len(found) + len(also))


def refusal(title: str, problems: Sequence[InitErrorDetails], count: int) -> ValidationError:
    """The error of a record, in a text that people read to its end.

    pydantic prints every problem that there is; so of those that make a longer text than `LONGEST`
    the first ones are in it, and one that says how many more there are.

    Args:
        title: What was to be made.
        problems: In our words.
        count: How many there are, where `problems` has only the first.
    """
    problems = [{**problem, "loc": _shown_path(problem.get("loc", ()))} for problem in problems]
    error = ValidationError.from_exception_data(title, problems)
    if count == len(problems) and _size(error) <= LONGEST:
        return error
    head = _size(_bare(title, []))
    room = LONGEST - head - _LONGEST_NAME  # for the last one
    told = []
    for problem in problems:
        room -= _size(_bare(title, [problem])) - head
        if room < 0:
            break
        told.append(problem)
    said = f"and {count - len(told)} more"
    more = PydanticCustomError("more", "{said}", {"said": said})
    return _bare(title, [*told, {"type": more, "loc": (), "input": None}])


def _is_echo(item: ErrorDetails) -> bool:
    """Whether a list is called too short only because items in it are wrong themselves."""
    least, given = item.get("ctx", {}).get("min_length"), item["input"]
    return (
        item["type"] == "too_short"
        and least is not None
        and isinstance(given, Sized)
        and len(given) >= least
    )


def _shown_path(path: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """A path as it can be printed, which pydantic does with its names as they are."""
    return tuple([within(it, _LONGEST_NAME) if isinstance(it, str) else it for it in path])


def _bare(title: str, problems: list[InitErrorDetails]) -> ValidationError:
    """An error whose text has none of what was given: our words say what is needed of it."""
    return ValidationError.from_exception_data(title, problems, hide_input=True)


def _size(error: ValidationError) -> int:
    return len(str(error).encode())


def _reworded(item: ErrorDetails, cls: type[BaseModel]) -> InitErrorDetails:
    kind, numbers = item["type"], dict(item.get("ctx", {}))
    said = item["msg"]
    if kind == "extra_forbidden":
        kind, said = "unknown_key", "there is no such field"
        known = list(_keys(cls, item["loc"]))
        near = _near(item["loc"][-1], known)
        said += near or (f"; there are {', '.join(known)}" if 0 < len(known) <= _FEW else "")
    elif own := getattr(cls, "_own_words", {}).get(kind):
        kind, said = own(item["input"])
    else:
        said = words_for(item, numbers) or said
        if kind in ("literal_error", "enum"):
            said += _near(item["input"], _choices(numbers))
    # "said" comes last: the braces in what a user wrote are not to be filled.
    numbers.pop("said", None)
    # pydantic wants a literal; this is the type of the problem that it gave itself.
    error = PydanticCustomError(kind, "{said}", {**numbers, "said": within(said, _LONGEST)})  # pyright: ignore[reportArgumentType]
    return {"type": error, "loc": item["loc"], "input": item["input"], "ctx": {}}


def words_for(item: ErrorDetails, numbers: Mapping[str, Any]) -> str | None:
    """The words of the table; None for a type of ours, which has its own."""
    words = _TABLE.get(item["type"])
    if words is None:
        return None
    written = {name: _without_point(number) for name, number in numbers.items()}
    try:
        if not isinstance(words, str):
            return words(item["input"], written)
        return words.format(**{"given": _shown(item["input"]), **written})
    except KeyError:  # a host's validator uses the name of a type of pydantic's
        return None


def _near(name: object, known: Iterable[str]) -> str:
    near = closest(name.casefold() if isinstance(name, str) else name, known)
    return f'; did you mean "{near}"?' if near else ""


def _without_point(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _shown(given: object) -> str:
    """A value in a few words, whatever it is and however long."""
    match given:
        case None:
            return "None"
        case str():
            # A message takes neither invalid Unicode nor a megabyte.
            return f'"{shown(given[:40])}{"…" if len(given) > 40 else ""}"'  # noqa: PLR2004
        case bool():
            return str(given).lower()
        case float():
            return f"{given:.15g}"
        case int():
            return str(given) if abs(given) < 10**15 else "this number"
        case _:
            return f"a value of type {type(given).__name__}"


def _keys(cls: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[str]:
    """The fields of the record at the place where an unknown key stands."""
    kinds: list[object] = [cls]
    for part in loc[:-1]:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
            # A row of a table accepts its headings as well.
            yield from getattr(kind, "known_headings", tuple)()


def _inside(kind: object, part: int | str) -> Iterator[object]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if part in kind.model_fields:
            yield from _choices_of(kind.model_fields[str(part)].annotation)
    else:  # a tuple of records, or a mapping to them
        for inner in get_args(kind):
            yield from _choices_of(inner)


def _choices_of(kind: object) -> tuple[object, ...]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _choices_of(get_args(kind)[0])
    if origin in (Union, UnionType):
        return tuple(choice for inner in get_args(kind) for choice in _choices_of(inner))
    return (kind,)
