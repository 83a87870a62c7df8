"""Parts of a playbook inside results: JSON has of each what a screen shows, and no more.

The whole of a part is in the JSON of its playbook. So a result that refers to a part
of which JSON does not have everything cannot be read back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, get_type_hints

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from salesflow._described import describe

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Reference:
    """A part of a playbook, which travels by its key and what is told of it.

    Attributes:
        told: The names of what JSON has of it; empty: of all its fields.
    """

    __slots__ = ()
    told: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        kinds = get_type_hints(cls)
        told = cls.told or _fields(cls)
        shown = core_schema.typed_dict_schema(
            {
                name: core_schema.typed_dict_field(
                    handler.generate_schema(kinds.get(name) or _kind_of(cls, name))
                )
                for name in told
            },
            cls_name=cls.__name__,
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(_of(cls), shown),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda part: {name: getattr(part, name) for name in told},
                return_schema=shown,
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        found = handler(schema)
        found["title"] = cls.__name__
        describe(cls, found)
        return found


def _kind_of(cls: type, name: str) -> object:
    """What a property gives."""
    return get_type_hints(getattr(cls, name).fget)["return"]


def _of(cls: type[Reference]) -> Callable[[dict[str, object]], object]:
    """What reads a part back: it can be made where JSON has all of it."""

    def refuse(_given: object) -> object:
        raise PydanticCustomError(
            "part_of_playbook",
            "a {part} is a part of its playbook and cannot be read from JSON; make the result anew",
            {"part": cls.__name__},
        )

    has_all = not cls.told or {*_fields(cls)} <= {*cls.told}
    return (lambda given: cls(**given)) if has_all else refuse


def _fields(cls: type[Reference]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))  # type: ignore[arg-type]  # each is a dataclass
