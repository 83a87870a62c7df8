"""Upcasters: stored events of a past schema, brought up one version at a time.

To change the schema of events: raise `SCHEMA_VERSION`, add the function that turns an event of the
version before into one of the new version, and keep a golden file of each. The chain is checked
when this module is imported, so that a missing link is found before any event is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from salesflow.engine.events import SCHEMA_VERSION

# Any: a stored event of a past schema is whatever JSON it was then.
Stored: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = Callable[[Stored], Stored]


def checked(upcasters: Mapping[int, Upcaster], newest: int) -> Mapping[int, Upcaster]:
    """The upcasters, by the version that each starts from, if they form a chain.

    Raises:
        AssertionError: A version before `newest` has no upcaster, or one leads beyond it.
    """
    expected = set(range(1, newest))
    if set(upcasters) != expected:
        missing = sorted(expected - set(upcasters))
        beyond = sorted(set(upcasters) - expected)
        raise AssertionError(f"upcasters: missing from {missing}, leading nowhere from {beyond}")
    return upcasters


def _unchanged(event: Stored) -> Stored:
    """The newer version only adds: payloads, and fields with defaults."""
    return event


UPCASTERS: Final = checked({1: _unchanged, 2: _unchanged, 3: _unchanged}, SCHEMA_VERSION)


def upcast(
    stored: Stored,
    version: int,
    upcasters: Mapping[int, Upcaster] = UPCASTERS,
    newest: int = SCHEMA_VERSION,
) -> Stored:
    """An event of `version` as one of the newest schema; the argument is not changed.

    Example:
        >>> renamed = {1: lambda event: {"kind": event["type"]}}
        >>> upcast({"type": "started"}, 1, renamed, newest=2)
        {'kind': 'started', 'schema_version': 2}
    """
    for step in range(version, newest):
        stored = {**upcasters[step](dict(stored)), "schema_version": step + 1}
    return stored
