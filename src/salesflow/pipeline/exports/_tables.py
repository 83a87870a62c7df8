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
class ExportTable:
    """One kind of export.

    Attributes:
        names: Our column, and what theirs is called.
        needed: Ours that must be there.
        days: Ours that hold days.
        moments: Ours that hold moments.
        only: In a history of all properties: their column of the property's name, and the names
            of the stage.
    """

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    only: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The exports of one CRM.

    Attributes:
        scale: What it calls a certainty: 100, or 1.
        won: What its flags of won deals and stages are called.
        closed: The same for those that are over.
        tables: By kind.
    """

    scale: Literal[1, 100]
    won: tuple[str, ...]
    closed: tuple[str, ...]
    tables: Mapping[str, ExportTable]


@cache
def layouts() -> Mapping[str, Layout]:
    """The exports that are known, by the name of the CRM."""
    return TypeAdapter(dict[str, Layout]).validate_python(read_data(__package__, "layouts.toml"))
