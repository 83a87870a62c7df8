"""Playbooks that are there: the built-in ones, and those of installed distributions.

A distribution offers a playbook by an entry point of the group `salesflow.playbooks`. The entry's
name is the playbook's id; its value is a `Playbook`, or a callable that returns one. Nothing of a
plugin is imported before its playbook is asked for, and what is wrong with one plugin stays with
that plugin: a built-in playbook cannot be replaced, and a broken plugin breaks no other.

The environment variable `SALESFLOW_NO_PLUGINS=1` leaves only the built-in playbooks.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from salesflow.errors import PluginConflict, PluginError, UnknownName
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN, playbook_source
from salesflow.text import Text, both

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "PlaybookInfo", "Status", "available_playbooks", "load_playbook"]

GROUP: Final = "salesflow.playbooks"
"""The entry-point group."""

Status = Literal["available", "loaded", "broken", "conflict"]

_OWN: Final = "salesflow"
# The first line with a title in a built-in file, which has both languages.
_TITLE: Final = re.compile(
    r'^title = \{ en = "(?P<en>[^"]+)", zh = "(?P<zh>[^"]+)" \}', re.MULTILINE
)
_SWITCH: Final = "SALESFLOW_NO_PLUGINS"


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


def available_playbooks(*, load: bool = False) -> tuple[PlaybookInfo, ...]:
    """Every playbook there is: the built-in ones, then those of plugins by id.

    Reads what is installed on every call and imports nothing of it, unless told to.

    Args:
        load: Load each playbook too, so that those that are broken show it.

    Example:
        >>> [info.id for info in available_playbooks() if info.distribution == "salesflow"][:2]
        ['closed_loop_sales', 'milestone_selling']
    """
    version = _own_version()
    found = [PlaybookInfo(key, _OWN, version, _built_in_title(key)) for key in BUILT_IN]
    entries = _entries()
    for key in sorted(entries):
        for entry in entries[key]:
            error = _conflict(key, entries[key])
            info = PlaybookInfo(key, *_owner(entry))
            found.append(replace(info, status="conflict", error=error) if error else info)
    return tuple(_loaded(info) for info in found) if load else tuple(found)


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
    known = isinstance(playbook_id, str)  # anything else need not even be hashable
    if known and playbook_id in BUILT_IN:
        return _built_in(playbook_id)
    entries = _entries()
    found = entries.get(playbook_id) if known else None
    if not found:
        raise UnknownName("playbook", playbook_id, [*BUILT_IN, *sorted(entries)])
    conflict = _conflict(playbook_id, found)
    if conflict is not None:
        raise conflict
    entry = found[0]
    return _from_plugin(playbook_id, entry.value, _owner(entry)[0])


@cache
def _built_in(playbook_id: str) -> Playbook:
    return Playbook.from_bytes(playbook_source(playbook_id))


@cache
def _built_in_title(playbook_id: str) -> Text | None:
    # Parsing five files for five titles would make a list as slow as loading them all.
    found = _TITLE.search(playbook_source(playbook_id).decode())
    return found and both(en=found["en"], zh=found["zh"])


@cache
def _from_plugin(playbook_id: str, value: str, distribution: str) -> Playbook:
    from importlib.metadata import EntryPoint  # noqa: PLC0415 - it costs 12 ms; built-ins need none

    about = f'The playbook "{playbook_id}" of {distribution} cannot be loaded'
    try:
        offered: object = EntryPoint(playbook_id, value, GROUP).load()
        if not isinstance(offered, Playbook) and callable(offered):
            offered = offered()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # A plugin that calls sys.exit() while it is imported must not take the host with it.
        raise PluginError(
            f"{about}: {type(error).__name__}: {_as_sentence(str(error)[:500])}",
            hint=f"See the cause, or remove {distribution}.",
        ) from error
    if not isinstance(offered, Playbook):
        raise PluginError(
            f"{about}: {value} is of type {type(offered).__name__}.",
            hint="It must be a Playbook, or a callable that returns one.",
        )
    if offered.id != playbook_id:
        raise PluginError(
            f'{about}: it holds the playbook "{offered.id}".',
            hint="The entry point must be named as the playbook's id.",
        )
    return offered


def _as_sentence(words: str) -> str:
    words = words.rstrip()
    return words if words.endswith((".", "!", "?", "。")) else f"{words}."


def _entries() -> dict[str, list[EntryPoint]]:
    if os.environ.get(_SWITCH, "").strip() not in {"", "0"}:
        return {}
    found: dict[str, list[EntryPoint]] = {}
    for entry in _scanned():
        same = found.setdefault(entry.name, [])
        # A distribution that is on the path twice is one distribution.
        if all((entry.value, _owner(entry)) != (other.value, _owner(other)) for other in same):
            same.append(entry)
    for same in found.values():
        same.sort(key=_owner)
    return found


def _scanned() -> list[EntryPoint]:
    from importlib.metadata import distributions, entry_points  # noqa: PLC0415 - as above

    try:
        return list(entry_points(group=GROUP))
    except Exception:  # noqa: BLE001 - one spoilt file anywhere on the path, so go one by one
        found: list[EntryPoint] = []
        for distribution in distributions():
            with suppress(Exception):
                found += distribution.entry_points.select(group=GROUP)
        return found


def _owner(entry: EntryPoint) -> tuple[str, str]:
    name = version = ""
    # A plugin is listed even where its metadata is damaged or missing.
    with suppress(Exception):
        if entry.dist is not None:
            name, version = entry.dist.name or "", entry.dist.version or ""
    return name or entry.value.partition(":")[0].strip(), version


def _conflict(playbook_id: str, entries: list[EntryPoint]) -> PluginConflict | None:
    owners = [" ".join(_owner(entry)).strip() for entry in entries]
    if playbook_id in BUILT_IN:
        owners = [_OWN, *owners]
    if len(owners) == 1:
        return None
    kept = "The one of salesflow is used." if playbook_id in BUILT_IN else "Remove all but one."
    return PluginConflict(
        f'The playbook "{playbook_id}" is offered by {" and by ".join(owners)}.', hint=kept
    )


def _loaded(info: PlaybookInfo) -> PlaybookInfo:
    if info.status == "conflict":
        return info
    try:
        playbook = load_playbook(info.id)
    except PluginError as error:
        return replace(info, status="broken", error=error)
    return replace(info, status="loaded", title=playbook.title)


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - as above

    try:
        return version(_OWN)
    except PackageNotFoundError:  # a source tree on the path
        return ""
