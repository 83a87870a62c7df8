"""Which verdicts a rule can have: for the lint of playbooks, and where columns are absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice, pairwise, product
from math import prod
from typing import Final, TypeAlias

from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import ast
from salesflow.rules._canonical import facts_of_node, normal, uses_time
from salesflow.rules._compile import compiled
from salesflow.rules._values import Verdict
from salesflow.rules.core import CompareFacts, CompareValue, Core, lower

_YES, _NO, _UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
_Verdicts: TypeAlias = frozenset[Verdict]

_ANY: Final = frozenset(Verdict)
_MISSING: Final = frozenset({_UNKNOWN})
_KNOWN: Final = frozenset({_YES, _NO})
_CASES: Final = 20_000
_SOME_DAY: Final = date(2026, 1, 1)


def possible(core: Core, present: Callable[[str], bool]) -> frozenset[Verdict]:
    """The verdicts that a rule can have where only some facts are present.

    Parts are taken as independent of each other, so the answer may be too wide, never too narrow.

    Args:
        core: The rule's decidable form, from `Rule.core`.
        present: Whether a fact is there.
    """
    match core:
        case ast.Constant(value):
            return frozenset({_YES if value else _NO})
        case ast.Flag(fact) | CompareValue(fact) | ast.OneOf(ast.Name(fact)):
            return _ANY if present(fact) else _MISSING
        case CompareFacts(left, _, right):
            return _ANY if present(left) and present(right) else _MISSING
        case ast.Known(ast.Name(fact)):
            return _KNOWN if present(fact) else _MISSING
        case ast.Not(item):
            return frozenset(~verdict for verdict in possible(item, present))
        case ast.And(items):
            return _some([possible(item, present) for item in items], len(items))
        case ast.Or(items):
            return _some([possible(item, present) for item in items], 1)
        case ast.AtLeast(n, items):
            return _some([possible(item, present) for item in items], n)


def _some(items: list[_Verdicts], n: int) -> _Verdicts:
    """What "at least n of these" can be, each item being any of its verdicts."""
    most_no = len(items) - n
    found = set()
    if sum(_YES in item for item in items) >= n:
        found.add(_YES)
    if sum(_NO in item for item in items) > most_no:
        found.add(_NO)
    # UNKNOWN needs fewer than n yes and no more than most_no no. An item that can be unknown helps
    # both; one that is yes or no has to be either, and those may be split as it suits.
    yes = sum(item == {_YES} for item in items)
    no = sum(item == {_NO} for item in items)
    either = sum(item == _KNOWN for item in items)
    if max(0, either - (most_no - no)) <= min(either, n - 1 - yes):
        found.add(_UNKNOWN)
    return frozenset(found)


def can_be_yes(node: ast.Node, facts: Facts) -> bool | None:
    """Whether any values of the facts make the rule YES; None where that was not decided.

    Alternatives are looked at one by one, and conditions that share no fact apart from each other.
    What remains is tried out: values at, between and around those that the rule names. Work is
    bounded; a knot of very many facts is not decided.

    Example:
        >>> from salesflow.facts import STANDARD_FACTS
        >>> from salesflow.rules import Rule
        >>> can_be_yes(Rule.parse("amount > 5 and amount < 3").node, STANDARD_FACTS)
        False
    """
    if not uses_time(node):
        return _can_be(lower(node, None), facts, want=True)
    named = sorted(set(_days_named(node)))
    tried = [_SOME_DAY, *named[:8]]
    found = [_can_be(lower(node, today), facts, want=True) for today in tried]
    if any(item is True for item in found):
        return True
    # A rule that sets ages against fixed days may hold on a day that was not tried.
    return None if named or None in found else False


def implies(one: ast.Node, other: ast.Node, facts: Facts) -> bool:
    """Whether all that makes one rule YES makes the other YES, too; False where undecided.

    What leaves the other UNKNOWN does not make it YES.

    Example:
        >>> from salesflow.facts import STANDARD_FACTS
        >>> from salesflow.rules import Rule
        >>> big, bigger = (Rule.parse(text).node for text in ("amount > 5", "amount > 9"))
        >>> implies(bigger, big, STANDARD_FACTS), implies(big, bigger, STANDARD_FACTS)
        (True, False)
    """
    return can_be_yes(normal(ast.And((one, _is_not(other, yes=True)))), facts) is False


def _is_not(node: ast.Node, *, yes: bool) -> ast.Node:
    """What is YES where the rule is not YES, or else not NO: where facts are missing, too."""
    match node:
        case ast.Not(item):
            return _is_not(item, yes=not yes)
        case ast.And(items) | ast.Or(items):
            parts = tuple(_is_not(item, yes=yes) for item in items)
            return ast.Or(parts) if isinstance(node, ast.And) is yes else ast.And(parts)
        case ast.AtLeast(n, items):
            parts = tuple(_is_not(item, yes=yes) for item in items)
            return ast.AtLeast(len(items) - n + 1 if yes else n, parts)
        case _:
            read = () if isinstance(node, ast.Known) else facts_of_node(node)
            missing: list[ast.Node] = [
                ast.Not(ast.Known(ast.Name(name, kind))) for name, kind in read
            ]
            return ast.Or((ast.Not(node) if yes else node, *missing))


def _days_named(node: ast.Node) -> Iterator[date]:
    for leaf in ast.leaves_of(node):
        if isinstance(leaf, ast.Compare):
            yield from (operand.value for operand in leaf.operands if isinstance(operand, ast.Day))


def _can_be(core: Core, facts: Facts, *, want: bool) -> bool | None:
    match core:
        case ast.Not(item):
            return _can_be(item, facts, want=not want)
        case ast.And(items) | ast.Or(items) if isinstance(core, ast.Or) is want:
            return _settled((_can_be(item, facts, want=want) for item in items), by=True)
        case ast.And(items) | ast.Or(items):
            found = (_group(core, group, facts, want=want) for group in apart(items))
            return _settled(found, by=False)
        case _:
            return _tried(core, facts, want=want)


def _group(core: Core, group: list[Core], facts: Facts, *, want: bool) -> bool | None:
    if len(group) == 1:
        return _can_be(group[0], facts, want=want)
    shape = ast.And if isinstance(core, ast.And) else ast.Or
    return _tried(shape(tuple(group)), facts, want=want)


def _settled(found: Iterable[bool | None], *, by: bool) -> bool | None:
    """`by` where one of the answers is; where some were not decided, neither is the whole."""
    undecided = False
    for item in found:
        if item is by:
            return by
        undecided = undecided or item is None
    return None if undecided else not by


def apart(items: tuple[Core, ...]) -> list[list[Core]]:
    """The items in groups, so that no two groups read a fact in common."""
    groups: list[tuple[set[str], list[Core]]] = []
    for item in items:
        names = {name for name, _ in facts_of_node(item)}
        joined: list[Core] = []
        rest: list[tuple[set[str], list[Core]]] = []
        for group in groups:
            if names.isdisjoint(group[0]):
                rest.append(group)
            else:
                names |= group[0]
                joined += group[1]
        groups = [*rest, (names, [*joined, item])]
    return [members for _, members in groups]


def _tried(core: Core, facts: Facts, *, want: bool) -> bool | None:
    kinds = dict(facts_of_node(core))
    used = {
        # Texts of every form are tried: fewer might hide one that holds.
        name: replace(fact, pattern=None)
        if (fact := facts.get(name)) and fact.kind is kind
        else Fact(name, kind)
        for name, kind in kinds.items()
    }
    pools = pools_of(core, used)
    if prod(len(pool) for pool in pools.values()) > _CASES:
        return None
    run = compiled(core, used, UTC)
    cases = (dict(zip(pools, values, strict=True)) for values in product(*pools.values()))
    return any(run(case) is want for case in cases)


def pools_of(core: Core, used: Mapping[str, Fact]) -> dict[str, tuple[object, ...]]:
    """For each fact the values that the rule names, values around and between them, and None."""
    leaves = tuple(ast.leaves_of(core))
    linked = _linked(leaves)
    return {
        name: _pool(leaves, fact, [used[other] for other in linked.get(name, {name})])
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


def _pool(leaves: tuple[Core, ...], fact: Fact, together: list[Fact]) -> tuple[object, ...]:
    # Between two named values there must be room for all facts compared with each other, in any
    # order.
    named = list(dict.fromkeys(_named(leaves, frozenset(other.name for other in together))))
    # The limits, too: the values around a number may all lie beyond them.
    named += [
        float(end) for other in together for end in (other.low, other.high) if end is not None
    ]
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
            hours = [time(hour % 24) for hour in range(room)]
            return (*(datetime.combine(day, hour, UTC) for day in days for hour in hours), None)


def _named(leaves: tuple[Core, ...], facts: frozenset[str]) -> Iterator[object]:
    for leaf in leaves:
        match leaf:
            case CompareValue(fact, _, _, value) if fact in facts:
                yield value
            case ast.OneOf(ast.Name(fact), values) if fact in facts:
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
    for day in named or [_SOME_DAY]:
        for step in range(-room, room + 1):
            try:
                found.add(day + timedelta(days=step))
            except OverflowError:
                continue
    return sorted(found)
