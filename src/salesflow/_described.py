"""Descriptions of fields for JSON Schema: what the docstring says of them, said once.

They are read where a schema is asked for, which is rare; to hand them to pydantic with every field
would make importing slower for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_SECTION: Final = re.compile(
    r"^(Args|Attributes|Example|Examples|Raises|Returns):\s*$", re.MULTILINE
)
_ENTRY: Final = re.compile(
    r"^    (?P<name>\w+): (?P<words>(?:.*\n?)(?:     .*\n?|\n)*)", re.MULTILINE
)
_LINK: Final = re.compile(r"\[([^\]]+)\](?:\[[^\]]*\]|\([^)]*\))")


class Described:
    """A model whose JSON Schema says what its docstring says, of itself and of every field."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        found = handler.resolve_ref_schema(schema)
        describe(cls, found)
        return schema


def describe(cls: type, schema: JsonSchemaValue) -> None:
    """Writes into the JSON Schema of a class what its docstring says."""
    schema["description"] = summary(cls)
    words = descriptions(cls)
    for name, shown in schema.get("properties", {}).items():
        if name in words:
            shown["description"] = words[name]


def summary(cls: type) -> str:
    """What a class is: its docstring up to the first section.

    Example:
        >>> summary(Described)
        'A model whose JSON Schema says what its docstring says, of itself and of every field.'
    """
    text = cleandoc(cls.__doc__ or "")
    return _plain(_SECTION.split(text, maxsplit=1)[0])


def descriptions(cls: type) -> Mapping[str, str]:
    """What each attribute of a class means, by its docstring or that of a class above it."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        parts = _SECTION.split(cleandoc(each.__doc__ or ""))
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name == "Attributes":
                for entry in _ENTRY.finditer(body):
                    found[entry["name"]] = _plain(entry["words"])
    return found


def _plain(words: str) -> str:
    """One paragraph after another, without the marks of the reference."""
    paragraphs = re.split(r"\n\s*\n", words.strip())
    joined = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return _LINK.sub(r"\1", joined)
