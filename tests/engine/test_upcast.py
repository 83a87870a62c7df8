"""Events of past schemas come up to the newest one by one, and no link may be missing."""

from __future__ import annotations

from typing import Any

import pytest

from salesflow.engine._upcast import UPCASTERS, checked, upcast
from salesflow.engine.events import SCHEMA_VERSION


def one_to_two(event: dict[str, Any]) -> dict[str, Any]:
    event["kind"] = event.pop("type")
    return event


def two_to_three(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "by": event.get("by", "unknown")}


CHAIN = {1: one_to_two, 2: two_to_three}


def test_the_chain_of_this_release_is_whole() -> None:
    assert checked(UPCASTERS, SCHEMA_VERSION) is UPCASTERS


def test_an_event_comes_up_one_version_at_a_time() -> None:
    stored = {"type": "started", "schema_version": 1}
    newest = upcast(stored, 1, CHAIN, newest=3)
    assert newest == {"kind": "started", "by": "unknown", "schema_version": 3}
    assert stored == {"type": "started", "schema_version": 1}
    assert upcast({"kind": "won"}, 2, CHAIN, newest=3)["by"] == "unknown"
    assert upcast({"kind": "won"}, 3, CHAIN, newest=3) == {"kind": "won"}


@pytest.mark.parametrize(
    ("upcasters", "newest", "word"),
    [
        ({2: two_to_three}, 3, r"missing from \[1\]"),
        ({1: one_to_two}, 3, r"missing from \[2\]"),
        ({1: one_to_two, 2: two_to_three}, 2, r"leading nowhere from \[2\]"),
        ({0: one_to_two}, 1, r"leading nowhere from \[0\]"),
    ],
)
def test_a_gap_or_a_loose_end_is_found_before_any_event_is_read(
    upcasters: dict[int, Any], newest: int, word: str
) -> None:
    with pytest.raises(AssertionError, match=word):
        checked(upcasters, newest)
