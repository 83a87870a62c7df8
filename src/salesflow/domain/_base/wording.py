"""What pydantic finds wrong with a record, in words for people who sell.

One table, read only on the way to an error. The kind of a problem and its numbers stay as pydantic
has them, for programs; an unknown key alone is called `unknown_key`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from types import UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from salesflow.domain._base.times import NO_DAY, why_no_day
from salesflow.errors import closest

_HINTED: Final = 100
# Comparing names takes its time: a mapping of a hundred thousand strange keys gets no more hints.

_Words: TypeAlias = Callable[[object, Mapping[str, Any]], str]


def _blank_or_short(_given: object, numbers: Mapping[str, Any]) -> str:
    if numbers["min_length"] == 1:
        return "it is blank; write something"
    return f"it is too short; write at least {numbers['min_length']} characters"


def _few(_given: object, numbers: Mapping[str, Any]) -> str:
    if not numbers["actual_length"]:
        return f"nothing is listed; list at least {_counted(numbers['min_length'])}"
    return f"{numbers['actual_length']} are too few; list at least {numbers['min_length']}"


def _counted(number: int) -> str:
    return "one" if number == 1 else str(number)


def _many(_given: object, numbers: Mapping[str, Any]) -> str:
    listed = numbers["actual_length"]
    return f"{listed or 'these'} are too many; list at most {numbers['max_length']}"


def _choice(given: object, numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is none of {', '.join(_choices(numbers))}"


def _choices(numbers: Mapping[str, Any]) -> list[str]:
    return re.findall("'([^']*)'", str(numbers["expected"]))


def _whole(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is no whole number; give one such as 3"


def _number(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is no number; give one such as 12.5"


def _text(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is no text; give a text"


def _truth(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is neither true nor false; give one of the two"


def _list(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is no list; give a list, also of a single thing"


def _mapping(given: object, _numbers: Mapping[str, Any]) -> str:
    return f"{_shown(given)} is no mapping; give a value for each name"


def _record(given: object, numbers: Mapping[str, Any]) -> str:
    name = numbers.get("class_name", "record")
    return f"{_shown(given)} is no {name}; give a {name}, or its fields by name"


def _own(_given: object, numbers: Mapping[str, Any]) -> str:
    return str(numbers["error"])


_TABLE: Final[Mapping[str, str | _Words]] = {
    "missing": "it is missing; give a value",
    "invalid_key": "a field has a text for its name",
    "frozen_instance": "a record never changes (it is frozen); make another one",
    "frozen_field": "a record never changes (it is frozen); make another one",
    "model_type": _record,
    "model_attributes_type": _record,
    "dict_type": _mapping,
    "mapping_type": _mapping,
    "tuple_type": _list,
    "list_type": _list,
    "set_type": _list,
    "frozen_set_type": _list,
    "iterable_type": _list,
    "too_short": _few,
    "too_long": _many,
    "string_type": _text,
    "string_unicode": "the text has characters that cannot be stored; write it anew",
    "string_too_short": _blank_or_short,
    "string_too_long": "it is too long; write at most {max_length} characters",
    "string_pattern_mismatch": "the text is not of the form {pattern}; write it so",
    "literal_error": _choice,
    "enum": _choice,
    "greater_than": "it is not enough; give more than {gt}",
    "greater_than_equal": "it is not enough; give {ge} or more",
    "less_than": "it is too much; give less than {lt}",
    "less_than_equal": "it is too much; give {le} or less",
    "multiple_of": "give a multiple of {multiple_of}",
    "finite_number": "this is no finite number; give one that can be counted with",
    "bool_type": _truth,
    "bool_parsing": _truth,
    "int_type": _whole,
    "int_parsing": _whole,
    "int_parsing_size": "the number has too many digits; give a smaller one",
    "int_from_float": _whole,
    "float_type": _number,
    "float_parsing": _number,
    "decimal_type": _number,
    "decimal_parsing": _number,
    "decimal_max_digits": "the number has too many digits; {max_digits} are the most",
    "decimal_max_places": "the number has too many decimals; {decimal_places} are the most",
    "decimal_whole_digits": "the number is too large; {whole_digits} digits are the most before "
    "the point",
    "union_tag_invalid": "{tag!r} is none of {expected_tags}",
    "union_tag_not_found": "{discriminator} is missing; say which of them it is",
    "recursion_loop": "the value holds itself; give one that ends",
    "value_error": _own,  # what a host's own validator says
    "assertion_error": _own,
    "json_invalid": "this is no JSON: {error}",
    "json_type": "JSON is a text or bytes; for a mapping there is model_validate",
}


def in_our_words(
    error: ValidationError, cls: type[BaseModel], *, also: Sequence[InitErrorDetails] = ()
) -> ValidationError:
    """The same problems in the same places, in our words.

    Args:
        error: As pydantic raised it for `cls`.
        cls: The record that was asked for; unknown keys are compared with its fields.
        also: Problems that pydantic cannot see, in our words already; they come last.
    """
    found = [item for item in error.errors(include_url=False) if not _is_echo(item)]
    told = [_reworded(item, cls, at < _HINTED) for at, item in enumerate(found)]
    return ValidationError.from_exception_data(error.title, [*told, *also])


def _is_echo(item: ErrorDetails) -> bool:
    """Whether a list is called too short only because the things in it are wrong themselves."""
    least, given = item.get("ctx", {}).get("min_length"), item["input"]
    return (
        item["type"] == "too_short"
        and least is not None
        and isinstance(given, Sized)
        and len(given) >= least
    )


def _reworded(item: ErrorDetails, cls: type[BaseModel], hinted: bool) -> InitErrorDetails:  # noqa: FBT001
    kind, numbers = item["type"], dict(item.get("ctx", {}))
    said = item["msg"]
    if kind == "extra_forbidden":
        kind, said = "unknown_key", "there is no such field"
        if hinted:
            said += _near(item["loc"][-1], _keys(cls, item["loc"]))
    elif kind == NO_DAY:
        kind, said = why_no_day(item["input"])
    else:
        said = _told(item, numbers) or said
        if hinted and kind in ("literal_error", "enum"):
            said += _near(item["input"], _choices(numbers))
    # "said" stands last: what a user wrote may have braces, and they are no gaps to fill.
    numbers.pop("said", None)
    error = PydanticCustomError(kind, "{said}", {**numbers, "said": said})
    return {"type": error, "loc": item["loc"], "input": item["input"], "ctx": {}}


def _told(item: ErrorDetails, numbers: Mapping[str, Any]) -> str | None:
    """What the table says of a problem; None of a kind of our own, whose words are complete."""
    words = _TABLE.get(item["type"])
    if words is None:
        return None
    shown = {name: _without_point(number) for name, number in numbers.items()}
    try:
        return words.format(**shown) if isinstance(words, str) else words(item["input"], shown)
    except KeyError:  # a validator of a host's has taken the name for a kind of its own
        return None


def _near(name: object, known: Iterable[str]) -> str:
    near = closest(name.casefold() if isinstance(name, str) else name, known)
    return f'; did you mean "{near}"?' if near else ""


def _without_point(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _shown(given: object) -> str:
    """A value in a few words: it may be anything, and as long as it likes."""
    match given:
        case None:
            return "nothing"
        case str():
            # What is no Unicode can stand in no message; neither can a megabyte.
            start = given[:40].encode("utf-8", "backslashreplace").decode()
            return f'"{start}{"…" if len(given) > 40 else ""}"'  # noqa: PLR2004
        case bool():
            return str(given).lower()
        case int() | float():
            return f"{given:.15g}" if isinstance(given, float) else _digits(given)
        case _:
            return f"a value of type {type(given).__name__}"


def _digits(number: int) -> str:
    return str(number) if abs(number) < 10**15 else "this number"


def _keys(cls: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[str]:
    """The fields of the record at the place where an unknown key stands."""
    kinds: list[object] = [cls]
    for part in loc[:-1]:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
            # A row of a table is known by its headings, too.
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
        return tuple(each for inner in get_args(kind) for each in _choices_of(inner))
    return (kind,)
