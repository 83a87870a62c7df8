"""Witness values: a rule that holds for none of them never holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice, pairwise
from typing import Final

from salesflow.facts import Fact, FactKind
from salesflow.rules.ast import Name, OneOf, leaves_of
from salesflow.rules.core import CompareFacts, CompareValue, Core

SOME_DAY: Final = date(2026, 1, 1)


def pools_of(core: Core, used: Mapping[str, Fact]) -> dict[str, tuple[object, ...]]:
    """For each fact the values that the rule names, values around and between them, and None."""
    leaves = tuple(leaves_of(core))
    linked = _linked(leaves)
    return {
        name: _pool(leaves, fact, linked.get(name, frozenset({name})))
        for name, fact in used.items()
    }


def _linked(leaves: tuple[Core, ...]) -> dict[str, frozenset[str]]:
    """For each fact that is compared with other facts, the group of facts that it belongs to."""
    linked: dict[str, frozenset[str]] = {}
    for leaf in leaves:
        if isinstance(leaf, CompareFacts):
            both = leaf.left, leaf.right
            one = frozenset[str]().union(*(linked.get(name, {name}) for name in both))
            linked |= dict.fromkeys(one, one)
    return linked


def _pool(leaves: tuple[Core, ...], fact: Fact, together: frozenset[str]) -> tuple[object, ...]:
    # Between two named values there must be room for all facts compared with each other, in any
    # order.
    named = list(dict.fromkeys(_named(leaves, together)))
    room = len(together)
    match fact.kind:
        case FactKind.FLAG:
            return (True, False, None)
        case FactKind.CHOICE if fact.choices:
            return (*fact.choices, None)
        case FactKind.TEXT | FactKind.CHOICE:
            others = islice((w for n in count() if (w := f"other {n}") not in named), room)
            return (*named, *others, None)
        case FactKind.NUMBER | FactKind.MONEY:
            return (*_around(sorted(v for v in named if isinstance(v, float)), room), None)
        case FactKind.DAY | FactKind.INSTANT:
            days = _days([value for value in named if isinstance(value, date)], room)
            if fact.kind is FactKind.DAY:
                return (*days, None)
            # Instants of one day can be before and after each other.
            hours = range(1, room + 1)
            return (
                *(datetime.combine(d, time(hour % 24), UTC) for d in days for hour in hours),
                None,
            )


def _named(leaves: tuple[Core, ...], facts: frozenset[str]) -> Iterator[object]:
    for leaf in leaves:
        match leaf:
            case CompareValue(fact, _, _, value) if fact in facts:
                yield value
            case OneOf(Name(fact), values) if fact in facts:
                yield from (value.value for value in values)
            case _:
                continue


def _around(named: list[float], room: int) -> list[float]:
    if not named:
        return [float(step) for step in range(room)]
    steps = range(1, room + 1)
    first, last = named[0], named[-1]
    found = [first - (abs(first) + 1) * step for step in steps]
    for low, high in pairwise(named):
        shares = (step / (room + 1) for step in steps)
        found += [low, *(low * (1 - share) + high * share for share in shares)]
    return [*found, last, *(last + (abs(last) + 1) * step for step in steps)]


def _days(named: list[date], room: int) -> list[date]:
    found = set(named)
    for day in named or [SOME_DAY]:
        for step in range(-room, room + 1):
            try:
                found.add(day + timedelta(days=step))
            except OverflowError:
                continue
    return sorted(found)
