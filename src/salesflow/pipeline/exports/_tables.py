"""What CRMs call the columns of their exports, as `layouts.toml` has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from pydantic import TypeAdapter

from salesflow._data import read_data

_PREFIX: Final = re.compile("^property_+")
_DROPPED: Final = re.compile("[^a-z0-9]+")


def normal_name(column: str) -> str:
    """A column's name as it is compared."""
    return _DROPPED.sub("", _PREFIX.sub("", column.lower()))


@dataclass(frozen=True, slots=True)
class StageRows:
    """The rows of a history of all properties that are about the stage.

    Attributes:
        of: What the column of the stage is called in such a history, and in no other.
        column: What the column of the property's name is called.
        names: What the stage is called in it.
    """

    of: tuple[str, ...]
    column: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One kind of export.

    Attributes:
        names: Our column, and what theirs is called.
        needed: Ours that must be there.
        days: Ours that hold days.
        moments: Ours that hold moments.
        only: How the rows of the stage are told from others, in a history of all properties.
    """

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    only: StageRows | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The exports of one CRM.

    Attributes:
        scale: What it calls a certainty: 100, or 1.
        tables: By kind.
        won: What its flags of won deals and stages are called, if it has any.
        closed: The same for those that are over.
    """

    scale: Literal[1, 100]
    tables: Mapping[str, ExportTable]
    won: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def beginnings(self) -> ExportTable:
        """What of the deals says how they began: under the CRM's names, or as we turned them."""
        names = self.tables["opportunities"].names
        wanted = ("id", "stage", "created_on")
        held = {name: (*names.get(name, ()), normal_name(name)) for name in wanted}
        return ExportTable(held, needed=wanted, moments=("created_on",))


@cache
def layouts() -> Mapping[str, Layout]:
    """The exports that are known, by the name of the CRM."""
    return TypeAdapter(dict[str, Layout]).validate_python(read_data(__package__, "layouts.toml"))
