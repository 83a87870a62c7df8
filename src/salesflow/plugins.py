"""Playbooks and shared checklists that are there: the built-in ones, and those of plugins.

A distribution offers a playbook by an entry point of the group `salesflow.playbooks`. The entry's
name is the playbook's id; its value is a `Playbook`, or a callable that returns one. A checklist
that playbooks may use is offered in the group `salesflow.checklists`: the entry's name is its key,
its value the text of its file, or a callable that returns that. Nothing of a plugin is imported
before what it offers is asked for, and what is wrong with one plugin stays with that plugin:
nothing built in can be replaced, and a broken plugin breaks no other.

The environment variable `SALESFLOW_NO_PLUGINS=1` leaves only what is built in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, NamedTuple

from salesflow._entry_points import OWN, Offer, conflict, entries, own_version, owner
from salesflow.errors import PluginError
from salesflow.playbook import Playbook
from salesflow.playbook._installed import PLAYBOOKS, installed_playbook
from salesflow.playbook._shared import SHARED, shared
from salesflow.playbooks import checklist_source, playbook_source
from salesflow.text import Text, both

__all__ = [
    "CHECKLISTS_GROUP",
    "GROUP",
    "ChecklistInfo",
    "PlaybookInfo",
    "Status",
    "available_checklists",
    "available_playbooks",
    "load_playbook",
]

GROUP: Final = PLAYBOOKS.group
"""The entry-point group of playbooks."""

CHECKLISTS_GROUP: Final = SHARED.group
"""The entry-point group of shared checklists."""

Status = Literal["available", "loaded", "broken", "conflict"]

# The first line with a title in a built-in file, which has both languages.
_TITLE: Final = re.compile(
    r'^title = \{ en = "(?P<en>[^"]+)", zh = "(?P<zh>[^"]+)" \}', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class PlaybookInfo:
    """A playbook that could be loaded, or could not.

    Attributes:
        id: What `load_playbook` takes.
        distribution: The installed distribution that offers it; `"salesflow"` for built-in ones.
        version: The version of that distribution.
        title: The playbook's title; None for a plugin that was not loaded.
        status: `"available"`: not looked at yet; `"loaded"`; `"broken"`: it cannot be loaded;
            `"conflict"`: somebody else has the same id.
        error: Why it is broken or in conflict; else None.
    """

    id: str
    distribution: str
    version: str
    title: Text | None = None
    status: Status = "available"
    error: PluginError | None = None


@dataclass(frozen=True, slots=True)
class ChecklistInfo:
    """A shared checklist that a playbook could use, or could not.

    Attributes:
        key: What `use_checklists` and `use_scorecards` name.
        distribution: The installed distribution that offers it; `"salesflow"` for built-in ones.
        version: The version of that distribution.
        title: The checklist's title; None for a plugin that was not loaded.
        has_scorecard: Whether it brings a card of the same key; None for one that was not loaded.
        status: As of a `PlaybookInfo`.
        error: Why it is broken or in conflict; else None.
    """

    key: str
    distribution: str
    version: str
    title: Text | None = None
    has_scorecard: bool | None = None
    status: Status = "available"
    error: PluginError | None = None


def available_playbooks(*, load: bool = False) -> tuple[PlaybookInfo, ...]:
    """Every playbook there is: the built-in ones, then those of plugins by id.

    Reads what is installed on every call and imports nothing of it, unless told to.

    Args:
        load: Load each playbook too, so that those that are broken show it.

    Example:
        >>> [info.id for info in available_playbooks() if info.distribution == "salesflow"][:2]
        ['closed_loop_sales', 'ltc']
    """
    found = [PlaybookInfo(*item) for item in _listed(PLAYBOOKS, _playbook_title)]
    return tuple(_loaded(info) for info in found) if load else tuple(found)


def available_checklists(*, load: bool = False) -> tuple[ChecklistInfo, ...]:
    """Every shared checklist there is: the built-in ones, then those of plugins by key.

    Reads what is installed on every call and imports nothing of it, unless told to.

    Args:
        load: Load each checklist too, so that those that are broken show it.

    Example:
        >>> [info.key for info in available_checklists() if info.distribution == "salesflow"][:2]
        ['bant', 'bid']
    """
    found = [
        ChecklistInfo(*item[:4], status=item.status, error=item.error)
        for item in _listed(SHARED, _checklist_title)
    ]
    return tuple(_loaded_checklist(info) for info in found) if load else tuple(found)


def load_playbook(playbook_id: str) -> Playbook:
    """The playbook of that id. It is read once per process and then kept.

    Args:
        playbook_id: Of a built-in playbook, or of one that a plugin offers.

    Raises:
        UnknownName: There is no such playbook.
        PluginError: The plugin's playbook cannot be loaded; its own exception is the cause.
        PluginConflict: Two distributions offer a playbook of that id.

    Example:
        >>> load_playbook("optimized_sales_process").stages[0].key
        'territory_account_plan'
    """
    return installed_playbook(playbook_id)


class _Listed(NamedTuple):
    name: str
    distribution: str
    version: str
    title: Text | None = None
    status: Status = "available"
    error: PluginError | None = None


def _listed(offer: Offer, title: Callable[[str], Text | None]) -> Iterator[_Listed]:
    version = own_version()
    for name in offer.built_in:
        yield _Listed(name, OWN, version, title(name))
    for name, offered in sorted(entries(offer.group).items()):
        error = conflict(offer, name, offered)
        for entry in offered:
            found = _Listed(name, *owner(entry))
            yield found._replace(status="conflict", error=error) if error else found


@cache
def _playbook_title(playbook_id: str) -> Text | None:
    return _title(playbook_source(playbook_id))


@cache
def _checklist_title(key: str) -> Text | None:
    return _title(checklist_source(key))


def _title(source: bytes) -> Text | None:
    # Parsing five files for five titles would make a list as slow as loading them all.
    found = _TITLE.search(source.decode())
    return found and both(en=found["en"], zh=found["zh"])


def _loaded(info: PlaybookInfo) -> PlaybookInfo:
    if info.status == "conflict":
        return info
    try:
        playbook = load_playbook(info.id)
    except PluginError as error:
        return replace(info, status="broken", error=error)
    return replace(info, status="loaded", title=playbook.title)


def _loaded_checklist(info: ChecklistInfo) -> ChecklistInfo:
    if info.status == "conflict":
        return info
    try:
        checklist, card = shared(info.key, "")
    except PluginError as error:
        return replace(info, status="broken", error=error)
    title = checklist.text("title")
    return replace(info, status="loaded", title=title, has_scorecard=card is not None)
