"""The fast verdict: a rule's core as closures over the facts, without a tree of findings.

A closure returns True, False or None for unknown. Every part is always computed: a value of the
wrong kind is an error wherever it stands, not only where the parts before it happen to leave the
matter open, and so this evaluator raises exactly when the explaining one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, Final, TypeAlias

from salesflow.facts import Fact, FactKind
from salesflow.rules._values import MARKS, readers_of
from salesflow.rules.ast import And, AtLeast, Constant, Flag, Known, Name, Not, OneOf, Or
from salesflow.rules.core import HOLDS, CompareFacts, CompareValue, Core

Run: TypeAlias = Callable[[Mapping[str, object]], bool | None]
_Holds: TypeAlias = Callable[[Any, Any], bool]
_Read: TypeAlias = Callable[[object], Any]

# Below this an int and the float nearest to it compare alike with any value.
_EXACT: Final = 2.0**53


def compiled(core: Core, used: Mapping[str, Fact], zone: tzinfo) -> Run:
    """The closure that gives the verdict of `core` as True, False or None."""
    readers = readers_of(used, zone)

    def build(part: Core) -> Run:
        match part:
            case Constant(holds):
                return lambda _: holds
            case Flag(fact):
                return _flag(fact, readers[fact])
            case CompareValue(fact, FactKind.NUMBER | FactKind.MONEY, op, float() as value) if (
                abs(value) < _EXACT and not used[fact].enforced
            ):
                return _number(fact, HOLDS[op], value, readers[fact])
            case CompareValue(fact, kind, op, value):
                where = zone if kind is FactKind.INSTANT else None
                return _value(fact, HOLDS[op], value, readers[fact], where)
            case CompareFacts(left, op, right):
                return _facts(left, HOLDS[op], right, readers)
            case OneOf(Name(fact, kind), listed):
                values = frozenset(one.value for one in listed)
                if kind in {FactKind.CHOICE, FactKind.TEXT} and not used[fact].enforced:
                    return _words(fact, values, readers[fact])
                return _value(fact, _is_in, values, readers[fact], None)
            case Known(Name(fact)):
                return _known(fact, readers[fact])
            case Not(item):
                return _not(build(item))
            case And(items):
                return _joined(tuple(build(item) for item in items), settled=False)
            case Or(items):
                return _joined(tuple(build(item) for item in items), settled=True)
            case AtLeast(n, items):
                return _at_least(n, tuple(build(item) for item in items))

    return build(core)


def _flag(fact: str, read: _Read) -> Run:
    def run(facts: Mapping[str, object]) -> bool | None:
        value = facts.get(fact)
        if value is True or value is False or value is None:
            return value
        if type(value) is str and value in MARKS:
            return MARKS[value]
        found: bool | None = read(value)
        return found

    return run


def _number(fact: str, holds: _Holds, limit: float, read: _Read) -> Run:
    def run(facts: Mapping[str, object]) -> bool | None:
        value = facts.get(fact)
        kind = type(value)
        if kind is int:
            return holds(value, limit)
        if kind is not float:
            value = read(value)
            if value is None:
                return None
        elif value != value:  # noqa: PLR0124 - NaN is missing
            return None
        return holds(value, limit)

    return run


def _value(fact: str, holds: _Holds, limit: object, read: _Read, zone: tzinfo | None) -> Run:
    def run(facts: Mapping[str, object]) -> bool | None:
        value = read(facts.get(fact))
        if value is None:
            return None
        return holds(local_day(value, zone) if zone else value, limit)

    return run


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of a moment in UTC; the nearest one where the calendar ends."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def _facts(left: str, holds: _Holds, right: str, readers: Mapping[str, _Read]) -> Run:
    read_left, read_right = readers[left], readers[right]

    def run(facts: Mapping[str, object]) -> bool | None:
        first, second = read_left(facts.get(left)), read_right(facts.get(right))
        return None if first is None or second is None else holds(first, second)

    return run


def _words(fact: str, values: frozenset[object], read: _Read) -> Run:
    def run(facts: Mapping[str, object]) -> bool | None:
        value = facts.get(fact)
        # A value that stands in the list is neither blank nor outside the choices.
        if type(value) is str and value in values:
            return True
        value = read(value)
        return None if value is None else value in values

    return run


def _is_in(value: object, values: frozenset[object]) -> bool:
    return value in values


def _known(fact: str, read: _Read) -> Run:
    return lambda facts: read(facts.get(fact)) is not None


def _not(item: Run) -> Run:
    def run(facts: Mapping[str, object]) -> bool | None:
        found = item(facts)
        return None if found is None else not found

    return run


def _joined(items: tuple[Run, ...], *, settled: bool) -> Run:
    """And, which a False settles, or Or, which a True does."""

    def run(facts: Mapping[str, object]) -> bool | None:
        found: bool | None = not settled
        for item in items:
            one = item(facts)
            if one is settled or (one is None and found is not settled):
                found = one
        return found

    return run


def _at_least(n: int, items: tuple[Run, ...]) -> Run:
    most_no = len(items) - n

    def run(facts: Mapping[str, object]) -> bool | None:
        found = [item(facts) for item in items]
        if found.count(True) >= n:
            return True
        return False if found.count(False) > most_no else None

    return run
