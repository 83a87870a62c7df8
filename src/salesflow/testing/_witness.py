"""Values of facts under which a rule holds, or does not: for whoever makes deals for a playbook."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date
from itertools import combinations, islice, product
from typing import Final, TypeAlias

from salesflow.facts import Fact, FactKind
from salesflow.rules import Rule, ast
from salesflow.rules._canonical import facts_of_node
from salesflow.rules._compile import compiled
from salesflow.rules._satisfiability import apart, pools_of
from salesflow.rules.core import Core

FactValues: TypeAlias = Mapping[str, object]

_MOST_WAYS: Final = 60
_MOST_TRIED: Final = 4_000
_COUNTED: Final = ("contacts.", "close_date_pushes")
_SIGNS: Final = str.maketrans({"#": "1", "@": "A", "?": "x", "*": ""})
"""For each sign of the form of a text one that fits."""


def witnesses(
    rule: Rule, today: date, now: FactValues, fixed: Container[str], *, want: bool
) -> Iterator[Mapping[str, object]]:
    """Values under which a rule is YES, or NO: of each alternative, those nearest to what is now.

    Args:
        rule: The rule.
        today: The day on which it is asked.
        now: The values that the facts have; these are kept where they fit.
        fixed: The facts that stay as they are.
        want: Whether it is to be YES, and not NO.
    """
    seen: set[tuple[object, ...]] = set()
    for way in islice(_ways(rule.core(today), want=want), _MOST_WAYS):
        found = _values(way, rule.reads, now, fixed)
        if found is not None and (told := tuple(sorted(found.items(), key=str))) not in seen:
            seen.add(told)
            yield found


def _ways(core: Core, *, want: bool) -> Iterator[tuple[Core, ...]]:
    """The alternatives: each a set of statements that all have to hold."""
    match core:
        case ast.Constant(value):
            if value is want:
                yield ()
        case ast.Not(item):
            yield from _ways(item, want=not want)
        case ast.And(items):
            yield from _some(items, len(items) if want else 1, want=want)
        case ast.Or(items):
            yield from _some(items, 1 if want else len(items), want=want)
        case ast.AtLeast(n, items):
            yield from _some(items, n if want else len(items) - n + 1, want=want)
        case _:
            yield (core if want else ast.Not(core),)


def _some(items: tuple[Core, ...], n: int, *, want: bool) -> Iterator[tuple[Core, ...]]:
    """The alternatives in which `n` of some parts are as they are wanted."""
    for chosen in combinations(items, n):
        yield from _all(chosen, want=want)


def _all(items: tuple[Core, ...], *, want: bool) -> Iterator[tuple[Core, ...]]:
    if not items:
        yield ()
        return
    for first in islice(_ways(items[0], want=want), _MOST_WAYS):
        for rest in _all(items[1:], want=want):
            yield first + rest


def _values(
    statements: tuple[Core, ...], used: Mapping[str, Fact], now: FactValues, fixed: Container[str]
) -> dict[str, object] | None:
    """Values under which all of these hold, as near to the present ones as may be."""
    found: dict[str, object] = {}
    for group in apart(statements):
        core: Core = ast.And(tuple(group)) if len(group) > 1 else group[0]
        facts = {name: replace(used[name], pattern=None) for name, _ in facts_of_node(core)}
        run = compiled(core, facts, UTC)
        pools = {
            name: [now.get(name)]
            if name in fixed
            else _nearest([*pool, *_others(name, facts, now)], now.get(name), used[name])
            for name, pool in pools_of(core, facts).items()
        }
        cases = (dict(zip(pools, them, strict=True)) for them in product(*pools.values()))
        fitting = next((case for case in islice(cases, _MOST_TRIED) if run(case) is True), None)
        if fitting is None:
            return None
        found |= fitting
    return found


def _others(name: str, facts: Mapping[str, Fact], now: FactValues) -> Iterator[object]:
    """What facts of the same kind are now: a limit may be a fact that stays as it is."""
    for other, fact in facts.items():
        if other != name and fact.kind is facts[name].kind:
            yield now.get(other)


def _nearest(pool: Iterable[object], now: object, fact: Fact) -> list[object]:
    """The values that a fact can have: the present one first, then plain ones."""
    values = [value for value in pool if value is None or _can_be(value, fact)]
    if fact.pattern is not None:
        values.append(example_of(fact.pattern))
    known = [value for value in values if value is not None]
    missing = [value for value in values if value is None]
    return [*([] if now is None else [now]), *sorted(known, key=_plainness(now)), *missing]


def example_of(pattern: str) -> str:
    """A text of that form.

    Example:
        >>> example_of("B-####*")
        'B-1111'
    """
    return pattern.translate(_SIGNS)


def _can_be(value: object, fact: Fact) -> bool:
    if isinstance(value, float):
        if fact.name.startswith(_COUNTED) and not value.is_integer():
            return False
        if fact.kind is FactKind.MONEY and value < 0:
            return False
    return fact.admits(value)


def _plainness(now: object) -> Callable[[object], tuple[bool, bool, float]]:
    """An order of values: what people write comes first, and of days what is near."""

    def order(value: object) -> tuple[bool, bool, float]:
        if isinstance(value, float):
            return (value < 0, not value.is_integer(), abs(value))
        if isinstance(value, date) and isinstance(now, date):
            return (False, False, abs(value.toordinal() - now.toordinal()))
        return (False, False, 0.0)

    return order
