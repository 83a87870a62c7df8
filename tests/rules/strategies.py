"""Random rules over every kind, random facts for them, and the catalogue they share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Verdict
from salesflow.rules.ast import (
    Age,
    And,
    AtLeast,
    Compare,
    Constant,
    Day,
    Flag,
    Known,
    Literal_,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Operand,
    Operator,
    Or,
    Reached,
    Today,
    Words,
)

TODAY = date(2026, 11, 21)
STAGES = ("qualify", "propose", "close")
FACTS = Facts(
    [
        Fact("stage", FactKind.CHOICE, STAGES),
        *(Fact(f"reached.{stage}", FactKind.FLAG) for stage in STAGES),
        Fact("size", FactKind.NUMBER),
        Fact("other.size", FactKind.NUMBER),
        Fact("amount", FactKind.MONEY),
        Fact("budget", FactKind.MONEY),
        Fact("owner", FactKind.TEXT),
        Fact("seller", FactKind.TEXT),
        Fact("tier", FactKind.CHOICE, ("regular", "named", "strategic")),
        Fact("free", FactKind.CHOICE),
        Fact("ended", FactKind.FLAG),
        Fact("on.hold", FactKind.FLAG),
        Fact("opened", FactKind.DAY),
        Fact("closed", FactKind.DAY),
        Fact("seen", FactKind.INSTANT),
        Fact("heard", FactKind.INSTANT),
    ]
)

NUMBERS = [-1.5, 0.0, 0.1, 1.0, 2.0, 3.0, 10_000.0, 99_999.99, 100_000.0, 1e20]
WORDS = ["a", "b", 'say "hi"', "it's", "back\\slash", " edge ", "北京", "a\u00a0b"]
DAYS = [TODAY + timedelta(days=n) for n in (-400, -31, -30, -29, -1, 0, 1, 30)]
_ORDERED: tuple[Operator, ...] = ("==", "!=", "<", "<=", ">", ">=")
_EQUAL: tuple[Operator, ...] = ("==", "!=")


def _literals(fact: Fact) -> st.SearchStrategy[Literal_]:
    match fact.kind:
        case FactKind.NUMBER | FactKind.MONEY:
            return st.sampled_from(NUMBERS).map(Number)
        case FactKind.TEXT | FactKind.CHOICE:
            return st.sampled_from(fact.choices or WORDS).map(Words)
        case _:
            return st.sampled_from(DAYS).map(Day)


def _of_kind(*kinds: FactKind) -> list[Fact]:
    return [fact for fact in FACTS.values() if fact.kind in kinds]


@st.composite
def _comparisons(draw: st.DrawFn) -> Node:
    fact = draw(
        st.sampled_from([fact for fact in FACTS.values() if fact.kind is not FactKind.FLAG])
    )
    name = Name(fact.name, fact.kind)
    times = fact.kind in {FactKind.DAY, FactKind.INSTANT}
    if times and draw(st.booleans()):
        age = Age(name, draw(st.booleans()))
        days = st.sampled_from([-31.0, 0.0, 1.0, 30.0, 1e15])
        return Compare((age, Number(draw(days))), (draw(st.sampled_from(_ORDERED)),))
    facts = [Name(other.name, other.kind) for other in _of_kind(fact.kind)]
    values: st.SearchStrategy[Operand] = st.one_of(
        _literals(fact), st.sampled_from(facts), *([st.just(Today())] if times else [])
    )
    words = fact.kind in {FactKind.TEXT, FactKind.CHOICE}
    operators = st.sampled_from(_EQUAL if words else _ORDERED)
    operands: list[Operand] = [name, draw(values)]
    ops = [draw(operators)]
    if draw(st.booleans()):  # a chain, the fact in its middle
        operands.insert(0, draw(values))
        ops.append(draw(operators))
    return Compare(tuple(operands), tuple(ops))


@st.composite
def _memberships(draw: st.DrawFn) -> Node:
    facts = _of_kind(FactKind.NUMBER, FactKind.MONEY, FactKind.TEXT, FactKind.CHOICE, FactKind.DAY)
    fact = draw(st.sampled_from(facts))
    values = draw(st.lists(_literals(fact), min_size=1, max_size=4))
    return OneOf(Name(fact.name, fact.kind), tuple(values))


LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(_of_kind(FactKind.FLAG)).map(lambda fact: Flag(fact.name)),
    st.sampled_from(STAGES).map(Reached),
    st.sampled_from(list(FACTS.values())).map(lambda fact: Known(Name(fact.name, fact.kind))),
    _comparisons(),
    _comparisons(),
    _memberships(),
    st.booleans().map(Constant),
)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        nodes.map(Not),
        several.map(And),
        several.map(Or),
        several.flatmap(lambda items: st.integers(1, len(items)).map(lambda n: AtLeast(n, items))),
    )


def trees(leaves: st.SearchStrategy[Node] = LEAVES, size: int = 12) -> st.SearchStrategy[Node]:
    return st.recursive(leaves, _grown, max_leaves=size)


def _values(fact: Fact) -> st.SearchStrategy[object]:
    match fact.kind:
        case FactKind.NUMBER | FactKind.MONEY:
            numbers = [*NUMBERS, 2, 100_000, Decimal("99999.99"), float("nan"), float("inf")]
            return st.sampled_from([*numbers, 10**400, None])
        case FactKind.TEXT:
            return st.sampled_from([*WORDS, "", " \t", "\u3000", None])
        case FactKind.CHOICE:
            return st.sampled_from([*(fact.choices or WORDS), "unheard of", " ", None])
        case FactKind.FLAG:
            return st.sampled_from([True, False, "+", "-", "?", None, *Verdict])
        case FactKind.DAY:
            noon = [datetime(day.year, day.month, day.day, 12) for day in DAYS]
            late = [moment.replace(hour=23, tzinfo=UTC) for moment in noon]
            return st.sampled_from([*DAYS, *noon, *late, None])
        case FactKind.INSTANT:
            hours = [0, 12, 23]
            return st.sampled_from(
                [datetime(d.year, d.month, d.day, h, tzinfo=UTC) for d in DAYS for h in hours]
                + [None]
            )


@st.composite
def records(draw: st.DrawFn) -> Mapping[str, object]:
    """Facts of the right kinds; some are absent."""
    names = draw(st.sets(st.sampled_from(list(FACTS))))
    return {name: draw(_values(FACTS[name])) for name in sorted(names)}
