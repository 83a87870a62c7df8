"""Which verdicts a rule can have: for the lint of playbooks, and where columns are absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date
from itertools import product
from math import prod
from typing import Final, TypeAlias

from salesflow.facts import Fact, Facts
from salesflow.rules._canonical import facts_of_node, uses_time
from salesflow.rules._compile import compiled
from salesflow.rules._verdict import Verdict
from salesflow.rules._witnesses import SOME_DAY, pools_of
from salesflow.rules.ast import (
    And,
    AtLeast,
    Compare,
    Constant,
    Day,
    Flag,
    Known,
    Name,
    Node,
    Not,
    OneOf,
    Or,
    leaves_of,
)
from salesflow.rules.core import CompareFacts, CompareValue, Core, lower

_YES, _NO, _UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
_Verdicts: TypeAlias = frozenset[Verdict]

_ANY: Final = frozenset(Verdict)
_MISSING: Final = frozenset({_UNKNOWN})
_KNOWN: Final = frozenset({_YES, _NO})
_CASES: Final = 20_000


def possible(core: Core, present: Callable[[str], bool]) -> frozenset[Verdict]:
    """The verdicts that a rule can have where only some facts are present.

    Parts are taken as independent of each other, so the answer may be too wide, never too narrow.

    Args:
        core: The rule's decidable form, from `Rule.core`.
        present: Whether a fact is there.
    """
    match core:
        case Constant(value):
            return frozenset({_YES if value else _NO})
        case Flag(fact) | CompareValue(fact) | OneOf(Name(fact)):
            return _ANY if present(fact) else _MISSING
        case CompareFacts(left, _, right):
            return _ANY if present(left) and present(right) else _MISSING
        case Known(Name(fact)):
            return _KNOWN if present(fact) else _MISSING
        case Not(item):
            return frozenset(~verdict for verdict in possible(item, present))
        case And(items):
            return _some([possible(item, present) for item in items], len(items))
        case Or(items):
            return _some([possible(item, present) for item in items], 1)
        case AtLeast(n, items):
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


def can_be_yes(node: Node, facts: Facts) -> bool | None:
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
    tried = [SOME_DAY, *named[:8]]
    found = [_can_be(lower(node, today), facts, want=True) for today in tried]
    if any(item is True for item in found):
        return True
    # A rule that sets ages against fixed days may hold on a day that was not tried.
    return None if named or None in found else False


def _days_named(node: Node) -> Iterator[date]:
    for leaf in leaves_of(node):
        if isinstance(leaf, Compare):
            yield from (operand.value for operand in leaf.operands if isinstance(operand, Day))


def _can_be(core: Core, facts: Facts, *, want: bool) -> bool | None:
    match core:
        case Not(item):
            return _can_be(item, facts, want=not want)
        case And(items) | Or(items) if isinstance(core, Or) is want:
            return _settled((_can_be(item, facts, want=want) for item in items), by=True)
        case And(items) | Or(items):
            groups = _apart(items)
            if len(groups) > 1:
                found = (_group(core, group, facts, want=want) for group in groups)
                return _settled(found, by=False)
        case _:
            pass
    return _tried(core, facts, want=want)


def _group(core: Core, group: list[Core], facts: Facts, *, want: bool) -> bool | None:
    if len(group) == 1:
        return _can_be(group[0], facts, want=want)
    shape = And if isinstance(core, And) else Or
    return _tried(shape(tuple(group)), facts, want=want)


def _settled(found: Iterable[bool | None], *, by: bool) -> bool | None:
    """`by` where one of the answers is; where some were not decided, neither is the whole."""
    undecided = False
    for item in found:
        if item is by:
            return by
        undecided = undecided or item is None
    return None if undecided else not by


def _apart(items: tuple[Core, ...]) -> list[list[Core]]:
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
        name: fact if (fact := facts.get(name)) and fact.kind is kind else Fact(name, kind)
        for name, kind in kinds.items()
    }
    pools = pools_of(core, used)
    if prod(len(pool) for pool in pools.values()) > _CASES:
        return None
    run = compiled(core, used, UTC)
    cases = (dict(zip(pools, values, strict=True)) for values in product(*pools.values()))
    return any(run(case) is want for case in cases)
