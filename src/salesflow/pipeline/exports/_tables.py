"""What CRMs call the columns of their exports, as `layouts.toml` has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from pydantic import TypeAdapter

from salesflow._data import read_data
from salesflow._labels import normal

# What warehouses write before HubSpot's properties, and Pipedrive's files before what is of a deal.
_PREFIX: Final = re.compile("^(?:property_+|deal - )", re.IGNORECASE)


def normal_name(column: str) -> str:
    """A column's name as it is compared."""
    return normal(_PREFIX.sub("", column))


@dataclass(frozen=True, slots=True)
class StageRows:
    """The rows of a history of all properties that are about the stage.

    Attributes:
        of: What the column of the stage is called in such a history, and in no other.
        column: What the column of the property's name is called. Without one, the rows are those
            that have a stage.
        names: What the stage is called in it.
    """

    of: tuple[str, ...]
    column: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """How a table says how deals ended, or what becomes of those in a stage.

    Attributes:
        outcome: What its column of words for it is called, if it has one.
        won: What its flag of what is won is called.
        closed: The same for what is over.
        words: Those for `won`, `lost`, `none`, `unknown`, `yes` and `no`, beside the usual ones.
        day: Ours that is the day of the end, once there is one.
    """

    outcome: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    day: str | None = None

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """What its columns are called, by what they say."""
        return {"outcome": self.outcome, "won": self.won, "closed": self.closed}


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One kind of export.

    Attributes:
        names: Our column, and what theirs is called.
        needed: Ours that must be there.
        days: Ours that hold days.
        moments: Ours that hold moments.
        only: How the rows of the stage are told from others, in a history of all properties.
        ends: How it says how deals ended; None where it is about something else.
    """

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    only: StageRows | None = None
    ends: Ends | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The exports of one CRM.

    Attributes:
        scale: What it calls a certainty: 100, or 1.
        tables: By kind.
    """

    scale: Literal[1, 100]
    tables: Mapping[str, ExportTable]

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
