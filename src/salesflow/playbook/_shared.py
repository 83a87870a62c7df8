"""What several playbooks use: roles, reasons, and checklists, each with its card, if it has one.

Checklists come with the package, or with installed distributions: by an entry point of the group
`salesflow.checklists`, whose name is the checklist's key and whose value is the text of its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from salesflow._data import read_data
from salesflow._entry_points import Offer, entries, entry_of, offered_by, owner, unusable
from salesflow.errors import InvalidPlaybook
from salesflow.playbook._model_assets import CHECKLIST, REASON, SCORECARD
from salesflow.playbook._model_process import ROLE
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._read import decoded, read_toml
from salesflow.playbook._shape import Shape
from salesflow.playbooks import CHECKLISTS, checklist_source

Common: TypeAlias = Literal["roles", "reasons"]

SHARED: Final = Offer(
    "salesflow.checklists", "shared checklist", "a text, as str or bytes", CHECKLISTS
)
_COMMON: Final[Mapping[Common, Shape]] = {"roles": ROLE, "reasons": REASON}


def common(what: Common, key: str, path: str) -> RawTable | None:
    """A role or a reason of the package, for the place that uses it; None: there is none."""
    table = _common_tables(what).get(key)
    found = None if table is None else _COMMON[what].read(table, path, ProblemLog())
    return found if isinstance(found, RawTable) else None


def common_keys(what: Common) -> tuple[str, ...]:
    """The keys of the roles or the reasons of the package."""
    return tuple(_common_tables(what))


@cache
def _common_tables(what: Common) -> Mapping[str, object]:
    listed = read_data("salesflow.playbooks", f"common/{what}.toml")[what]
    return {table["key"]: table for table in listed}


def shared_keys() -> tuple[str, ...]:
    """The keys of every shared checklist; scans what is installed."""
    return (*CHECKLISTS, *sorted(set(entries(SHARED.group)) - {*CHECKLISTS}))


def shared(key: str, path: str) -> tuple[RawTable, RawTable | None]:
    """A shared checklist, and its card, for the place of a document that uses it.

    Raises:
        UnknownName: There is none of that key.
        PluginError: The plugin's checklist cannot be loaded, or two offer one of that key.
    """
    if key in CHECKLISTS:
        return _read(decoded(checklist_source(key)), key, path)
    entry = entry_of(SHARED, key)
    return _of_plugin(key, entry.value, owner(entry)[0], path)


@lru_cache(maxsize=64)  # a place may be any of a long list
def _of_plugin(
    key: str, value: str, distribution: str, path: str
) -> tuple[RawTable, RawTable | None]:
    offered = offered_by(SHARED, key, value, distribution, (str, bytes))
    try:
        text = decoded(offered) if isinstance(offered, bytes) else str(offered)
        checklist, card = _read(text, key, path)
    except InvalidPlaybook as error:
        why = "; ".join(map(str, error.problems)) or error.message
        hint = f"Tell the authors of {distribution}, or remove it."
        raise unusable(SHARED, key, distribution, why, hint) from error
    return checklist, card


@lru_cache(maxsize=64)  # a place may be any of a long list
def _read(text: str, key: str, path: str) -> tuple[RawTable, RawTable | None]:
    log = ProblemLog()
    table = read_toml(text)
    given = table.pop("scorecard", None)
    card = None if given is None else SCORECARD.read(given, path, log)
    checklist = CHECKLIST.read(table, path, log)
    for part in (checklist, card):
        if part is not None and part["key"] != key:
            log.add("key", f'this is "{part["key"]}", and not "{key}"', f'write key = "{key}"')
    if checklist is None or log.problems:
        raise InvalidPlaybook(f'The shared checklist "{key}" has errors:', problems=log.problems)
    return checklist, card
