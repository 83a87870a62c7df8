"""What every record has in common, and the kinds of text and number that its fields hold."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, TypeVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core import core_schema as build

from salesflow._described import Described
from salesflow._frozen import FrozenNames
from salesflow._unchecked import fill
from salesflow._unseen import SEEN
from salesflow._wording import OwnWords, Worded
from salesflow.domain._base.times import NO_DAY, why_no_day

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Record(Described, Worded):
    """A frozen record of the trade. Unknown keys are refused; JSON goes both ways."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    _own_words: ClassVar[OwnWords] = MappingProxyType({NO_DAY: why_no_day})


class Evidenced:
    """What somebody says, with what shows that it is so.

    It declares what the field means, for every record, command and event that has it.

    Attributes:
        evidence: What it rests on, for instance minutes, a document, a link.
    """

    __slots__ = ()


RecordT = TypeVar("RecordT", bound=Record)


def trusted(cls: type[RecordT], fields: dict[str, object]) -> RecordT:
    """A record of fields that are complete and valid already; nothing is checked.

    It is for values that come from other records.
    """
    record = cls.__new__(cls)
    fill(record, fields, _all_fields(cls))
    return record


def replaced(record: RecordT, /, **changes: object) -> RecordT:
    """A record with some fields changed; the new values are not checked."""
    return trusted(type(record), {**record.__dict__, **changes})


@cache
def _all_fields(cls: type[Record]) -> set[str]:
    return FrozenNames(cls.model_fields)


def storable(text: str) -> str:
    """The text, if it can be written: JSON can spell half of a surrogate pair, which is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        words = "the text has characters that cannot be stored; write it anew"
        raise PydanticCustomError("string_unicode", words) from None
    return text


def _not_blank(words: str) -> str:
    if not words.strip():
        raise PydanticCustomError("words_blank", "the words are blank; write what was said")
    return words


class _Seen:
    """How pydantic refuses a name with what nobody sees, without a call of ours.

    A stored deal has seventy names.
    """

    __slots__ = ()

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        words = "somebody has to see each character; leave out the others"
        seen = build.str_schema(pattern=SEEN)
        refused = build.custom_error_schema(seen, "text_unseen", custom_error_message=words)
        return build.chain_schema([handler(source), refused])

    def __get_pydantic_json_schema__(
        self, schema: build.ChainSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema["steps"][0])


Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    _Seen(),
]
"""A name or a few words on one line: 1 to 200 characters that are seen, without the space around
them."""

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""A text of one or more paragraphs: 1 to 20,000 characters, without the space around them."""


def _visible(words: str) -> str:
    """The words, if anybody can see them: a zero-width space is nothing that shows anything."""
    if not any(category(sign)[0] in "LNPS" for sign in words):
        raise PydanticCustomError("words_blank", "the words are blank; name what shows it")
    return words


Evidence = Annotated[Note, AfterValidator(_visible)]
"""What a word rests on: a text that can be seen."""

Verbatim = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_not_blank)]
"""What somebody said, kept to the letter: even the space around it stays."""

MOST: Final = 2**53 - 1
"""The most that a whole number may be: as far as every reader of JSON counts one by one."""


def _no_truth(value: object) -> object:
    # In Python, and for pydantic, True is 1.
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


Count = Annotated[int, Field(ge=0, le=MOST), BeforeValidator(_no_truth)]
"""A whole number from 0."""

Ordinal = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_no_truth)]
"""A whole number from 1: a version, a place in a row."""

Level = Literal["high", "medium", "low"]
"""How much of something there is."""

Percent = Annotated[
    Decimal,
    Field(gt=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False),
]
"""A share of a whole in percent: more than 0, at most 100, at most four decimals."""
