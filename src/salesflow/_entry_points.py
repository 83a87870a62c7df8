"""What installed distributions offer by entry points, loaded by name on first use.

Nothing of a plugin is imported before what it offers is asked for, and what is wrong with one
plugin stays with that plugin.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from salesflow.errors import PluginConflict, PluginError, UnknownName

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OWN: Final = "salesflow"
"""The distribution that brings what is built in."""

_SWITCH: Final = "SALESFLOW_NO_PLUGINS"


class Offer(NamedTuple):
    """What is offered by entry points of one group.

    Attributes:
        group: The entry-point group.
        noun: What is offered there, in a sentence.
        kind: What the value of an entry point has to be.
        built_in: The names that nobody else may use.
    """

    group: str
    noun: str
    kind: str
    built_in: tuple[str, ...]


def entries(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a group by name, in the order of their distributions."""
    if os.environ.get(_SWITCH, "").strip() not in {"", "0"}:
        return {}
    found: dict[str, list[EntryPoint]] = {}
    for entry in _scanned(group):
        same = found.setdefault(entry.name, [])
        # A distribution that is on the path twice is one distribution.
        if all((entry.value, owner(entry)) != (other.value, owner(other)) for other in same):
            same.append(entry)
    for same in found.values():
        same.sort(key=owner)
    return found


def owner(entry: EntryPoint) -> tuple[str, str]:
    """The name and the version of the distribution that offers it."""
    name = version = ""
    # A plugin is listed even where its metadata is damaged or missing.
    with suppress(Exception):
        if entry.dist is not None:
            name, version = entry.dist.name or "", entry.dist.version or ""
    return name or entry.value.partition(":")[0].strip(), version


def own_version() -> str:
    """The version of this package; empty for a source tree on the path."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - as below

    try:
        return version(OWN)
    except PackageNotFoundError:
        return ""


def conflict(offer: Offer, name: str, offered: list[EntryPoint]) -> PluginConflict | None:
    """What is said where a name is offered twice, or is that of something built in."""
    owners = [" ".join(owner(entry)).strip() for entry in offered]
    if name in offer.built_in:
        owners = [OWN, *owners]
    if len(owners) == 1:
        return None
    kept = "The one of salesflow is used." if name in offer.built_in else "Remove all but one."
    return PluginConflict(
        f'The {offer.noun} "{name}" is offered by {" and by ".join(owners)}.', hint=kept
    )


def entry_of(offer: Offer, name: str) -> EntryPoint:
    """The only entry point of that name.

    Raises:
        UnknownName: There is none.
        PluginConflict: There are several.
    """
    known = entries(offer.group)
    is_text = isinstance(name, str)  # anything else need not even be hashable
    found = known.get(name) if is_text else None
    if not found:
        raise UnknownName(offer.noun, name, [*offer.built_in, *sorted(known)])
    error = conflict(offer, name, found)
    if error is not None:
        raise error
    return found[0]


def offered_by(
    offer: Offer, name: str, value: str, distribution: str, kinds: tuple[type, ...]
) -> object:
    """What an entry point leads to: itself where it is of one of these types, else what it returns.

    Args:
        offer: What is offered in its group.
        name: The entry point's name.
        value: Its value.
        distribution: Who offers it.
        kinds: The types that it may be of.

    Raises:
        PluginError: It cannot be had, and the plugin's own exception is the cause; or it is of
            another type.
    """
    from importlib.metadata import EntryPoint  # noqa: PLC0415 - it costs 12 ms; built-ins need none

    try:
        offered: object = EntryPoint(name, value, offer.group).load()
        if not isinstance(offered, kinds) and callable(offered):
            offered = offered()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # A plugin that calls sys.exit() while it is imported must not take the host with it.
        why = f"{type(error).__name__}: {_as_sentence(str(error)[:500])}"
        hint = f"See the cause, or remove {distribution}."
        raise unusable(offer, name, distribution, why, hint) from error
    if not isinstance(offered, kinds):
        why = f"{value} is of type {type(offered).__name__}."
        hint = f"It must be {offer.kind}, or a callable that returns one."
        raise unusable(offer, name, distribution, why, hint)
    return offered


def unusable(offer: Offer, name: str, distribution: str, why: str, hint: str) -> PluginError:
    """What is said of something that a distribution offers and that cannot be used."""
    return PluginError(
        f'The {offer.noun} "{name}" of {distribution} cannot be loaded: {why}', hint=hint
    )


def _as_sentence(words: str) -> str:
    words = words.rstrip()
    return words if words.endswith((".", "!", "?", "。")) else f"{words}."


def _scanned(group: str) -> list[EntryPoint]:
    from importlib.metadata import distributions, entry_points  # noqa: PLC0415 - as above

    try:
        return list(entry_points(group=group))
    except Exception:  # noqa: BLE001 - one spoilt file anywhere on the path, so go one by one
        found: list[EntryPoint] = []
        for distribution in distributions():
            with suppress(Exception):
                found += distribution.entry_points.select(group=group)
        return found
