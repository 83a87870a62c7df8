"""Tables that become records: the keys of a file, declared by the fields of a dataclass.

The type and the default of a field say what most keys may be; `in_file` says the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Final, Generic, Literal, TypeVar, get_args, get_origin

from salesflow.playbook._parts import RawTable
from salesflow.playbook._shape import Choice, FlagShape, RuleText, Shape, WordsIn
from salesflow.playbook._tables import Field, List, Table
from salesflow.rules import Rule
from salesflow.text import Text

R = TypeVar("R")

_BY_TYPE: Final[Mapping[object, Shape]] = {Text: WordsIn(), bool: FlagShape(), Rule: RuleText()}
_UNSAID: Final = object()


def in_file(
    shape: Shape | None = None,
    note: str = "",
    *,
    name: str = "",
    default: object = _UNSAID,
    prose: bool | None = None,
) -> Mapping[str, object]:
    """What a file may give for a field of a record, as the metadata of the field.

    Args:
        shape: What its value may be; by default what the type of the field says.
        note: What it means, for the JSON Schema.
        name: What the file calls it; by default the name of the field.
        default: Its canonical form where a file does not give it; by default that of the field.
        prose: Read by people only; by default what the shape says.
    """
    return {"shape": shape, "note": note, "name": name, "default": default, "prose": prose}


NOT_IN_FILE: Final[Mapping[str, object]] = {"not_in_file": True}
"""The metadata of a field that is worked out, and that no file gives."""

READING: Final = in_file(note="It is our reading; the source does not say it.", prose=True)
"""The metadata of a flag that the author says something of the process, and not the source."""

_PLAIN: Final = in_file()


class RecordShape(Table, Generic[R]):
    """A table that becomes a record; the fields of its dataclass declare its keys."""

    __slots__ = ("_record", "_values")
    as_is = False

    def __init__(self, title: str, record: type[R], *, whole: bool = False) -> None:
        super().__init__(title, _declared(record), whole=whole)
        self._record = record
        self._values = [
            (name, field.attribute, None if field.shape.as_is else field.shape.value)
            for name, field in self.fields.items()
        ]

    def value(self, value: object) -> object:
        return self.make(value) if isinstance(value, RawTable) else None

    def make(self, part: RawTable, **worked_out: object) -> R:
        """The record of a table that was read without a problem.

        Args:
            part: The table in its canonical form.
            worked_out: Attributes that are not in the file, or that are not what it says.
        """
        given: dict[str, object] = {}
        for name, attribute, value_of in self._values:
            value = part[name]
            if value is not None and attribute not in worked_out:
                given[attribute] = value_of(value) if value_of else value
        return self._record(**given, **worked_out)


def _declared(record: type) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for item in fields(record):
        said = item.metadata or _PLAIN
        if "not_in_file" in said:
            continue
        shape = said["shape"]
        if not isinstance(shape, Shape):
            shape = _shape_of(item.type)
        default = item.default if said["default"] is _UNSAID else said["default"]
        is_required = default is MISSING and item.default_factory is MISSING
        found[str(said["name"] or item.name)] = Field(
            shape,
            str(said["note"]),
            required=is_required,
            default=None if default is MISSING else default,
            prose=None if said["prose"] is None else bool(said["prose"]),
            attribute=item.name,
        )
    return found


def _shape_of(annotation: object) -> Shape:
    """The shape that a type says by itself."""
    if get_origin(annotation) is UnionType:
        annotation = next(kind for kind in get_args(annotation) if kind is not NoneType)
    if get_origin(annotation) is Literal:
        return Choice(*get_args(annotation))
    if get_origin(annotation) is tuple:
        return List(_shape_of(get_args(annotation)[0]))
    return _BY_TYPE[annotation]
