"""One meaning has one text and one tree, and no tree says what cannot be written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salesflow.errors import RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.rules import Rule
from salesflow.rules.ast import (
    And,
    AtLeast,
    Compare,
    Constant,
    Flag,
    Known,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Or,
    Reached,
    Words,
)

CANONICAL = [
    ("amount>=100000", "amount >= 100_000"),
    ("amount >= 1e5", "amount >= 100_000"),
    ("amount >= 9999", "amount >= 9999"),
    ("amount >= 10000", "amount >= 10_000"),
    ("amount >= -9999", "amount >= -9999"),
    ("amount >= -10000", "amount >= -10_000"),
    ("amount >= 999999999999999", "amount >= 999_999_999_999_999"),
    ("amount >= 1e15", "amount >= 1e+15"),
    ("amount >= -1e15", "amount >= -1e+15"),
    ("amount >= 0.000025", "amount >= 2.5e-05"),
    ("amount >= 12345.50", "amount >= 12345.5"),
    ("amount >= 1e20", "amount >= 1e+20"),
    ("amount >= -0", "amount >= 0"),
    ("100 <= amount", "amount >= 100"),
    ("0 < amount <= 5", "0 < amount <= 5"),
    ('date("2026-01-31") <= today', 'date("2026-01-31") <= today'),
    ("closed_on > created_on", "closed_on > created_on"),
    ("5 < days_since(closed_on)", "days_since(closed_on) > 5"),
    ("account.tier in ('named',)", 'account.tier in ("named",)'),
    ('account.tier in ("named", "regular",)', 'account.tier in ("named", "regular")'),
    ('account.tier in ("named", "named")', 'account.tier in ("named",)'),
    ('not account.tier in ("named",)', 'account.tier not in ("named",)'),
    ("ended == True", "ended"),
    ("False != ended", "ended"),
    ("ended == False", "not ended"),
    ('reached("close") == False', 'not reached("close")'),
    ("(ended and on_hold) and known(owner)", "ended and on_hold and known(owner)"),
    ("(ended and on_hold) or known(owner)", "ended and on_hold or known(owner)"),
    ("ended and (on_hold or known(owner))", "ended and (on_hold or known(owner))"),
    ("not (ended or on_hold)", "not (ended or on_hold)"),
    ("not (ended and on_hold)", "not (ended and on_hold)"),
    ("not (amount > 5)", "not amount > 5"),
    ("(not ended) and (amount > 5)", "not ended and amount > 5"),
    ("not (not ended)", "not not ended"),
    ("not (known(owner))", "not known(owner)"),
    ("not (at_least(1, ended))", "not at_least(1, ended)"),
    ("((ended))", "ended"),
    ("ended\n  and\ton_hold", "ended and on_hold"),
    ("owner == 'it\\'s'", 'owner == "it\'s"'),
    ("owner == 'say \"hi\"'", 'owner == "say \\"hi\\""'),
    ("at_least(2,ended,on_hold,)", "at_least(2, ended, on_hold)"),
]


@pytest.mark.parametrize(("text", "expected"), CANONICAL)
def test_one_meaning_has_one_text(text: str, expected: str) -> None:
    rule = Rule.parse(text)
    assert str(rule) == expected
    assert rule == Rule.parse(expected)


def test_the_flag_behind_reached_is_the_same_as_reached() -> None:
    facts = STANDARD_FACTS.extended([Fact("reached.close", FactKind.FLAG)])
    assert Rule.parse("reached.close", facts) == Rule.parse('reached("close")', facts)


def test_a_flag_further_down_is_not_what_reached_reads() -> None:
    facts = Facts([Fact("reached.close.twice", FactKind.FLAG)])
    assert str(Rule.parse("reached.close.twice", facts)) == "reached.close.twice"


A, B, C = Flag("ended"), Flag("on_hold"), Known(Name("owner", FactKind.TEXT))
SHAPES: list[tuple[Node, Node]] = [
    (And((A, And((B, C)))), And((A, B, C))),
    (And((And((A, B)), C)), And((A, B, C))),
    (Or((A, Or((B, C)))), Or((A, B, C))),
    (Or((Or((A, B)), C)), Or((A, B, C))),
    (And((A,)), A),
    (Or((A,)), A),
    (Or((And((A,)), And((B, And((C,)))))), Or((A, And((B, C))))),
    (Not(And((A,))), Not(A)),
    (AtLeast(1, (And((A,)), B)), AtLeast(1, (A, B))),
    (AtLeast(1, (B, And((A,)))), AtLeast(1, (B, A))),
    (And((AtLeast(1, (And((A,)), B)), C)), And((AtLeast(1, (A, B)), C))),
]


@pytest.mark.parametrize(("node", "shape"), SHAPES)
def test_a_tree_is_brought_into_the_shape_of_its_text(node: Node, shape: Node) -> None:
    rule = Rule.of(node)
    assert rule.node == shape
    assert Rule.parse(str(rule)).node == shape


AMOUNT = Name("amount", FactKind.MONEY)
BAD_TREES: list[tuple[Node, str]] = [
    (And(()), "has no items"),
    (Or(()), "has no items"),
    (AtLeast(3, (Flag("ended"),)), "asks for 3 of 1"),
    (Flag("not a name"), "is not the name of a fact"),
    (Flag("class"), "is not the name of a fact"),
    (Flag("account.class"), "is not the name of a fact"),
    (AtLeast(0, (Flag("ended"),)), "asks for 0 of 1"),
    (AtLeast(1, ()), "asks for 1 of 0"),
    (Compare((AMOUNT,), ()), "one operator fewer"),
    (Compare((AMOUNT, Number(5.0), Number(6.0)), ("<",)), "one operator fewer"),
    (Compare((AMOUNT, Number(5.0)), ("<", "<")), "one operator fewer"),
    (Compare((AMOUNT, Words("x")), ("==",)), "cannot be compared"),
    (Compare((AMOUNT, Number(0.1 + 0.2)), ("==",)), "15 digits"),
    (Compare((AMOUNT, Number(float("nan"))), ("==",)), "15 digits"),
    (Compare((AMOUNT, Number(float("inf"))), ("==",)), "15 digits"),
    (OneOf(AMOUNT, ()), "an empty list"),
    (OneOf(Name("owner", FactKind.TEXT), (Words(" "),)), "a blank text"),
    (OneOf(Name("owner", FactKind.TEXT), (Words("\ud800"),)), "invisible character"),
    (And((Flag("amount"), Known(AMOUNT))), "read as flag and as money"),
    (And((Flag("ended"), Flag("ended"), Flag("x y"))), '"x y" is not the name of a fact'),
    (Flag("-" * 100), f'"{"-" * 60}" is not the name of a fact'),
]


@pytest.mark.parametrize(("node", "message"), BAD_TREES)
def test_a_tree_that_could_not_have_been_written_is_refused(node: Node, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Rule.of(node)


def test_a_tree_that_reads_a_choice_as_a_text_may_compare_it_with_any_text() -> None:
    words = Words("platinum")
    text, choice = (Name("account.tier", kind) for kind in (FactKind.TEXT, FactKind.CHOICE))
    assert str(Rule.of(Compare((text, words), ("==",)))) == 'account.tier == "platinum"'
    with pytest.raises(RuleError, match='is never "platinum"'):
        Rule.of(Compare((choice, words), ("==",)))


LEVELS: list[tuple[Node, int]] = [
    (Constant(value=True), 1),
    (A, 1),
    (C, 2),
    (Reached("close"), 2),
    (Compare((AMOUNT, Number(5.0)), (">",)), 2),
    (OneOf(AMOUNT, (Number(5.0),)), 3),
]
WRAPPINGS: list[list[Callable[[Node], Node]]] = [
    [Not],
    [lambda node: AtLeast(1, (A, node, B))],
    [lambda node: And((node, A)), lambda node: Or((A, node))],
]


def nested(node: Node, times: int, wrapping: list[Callable[[Node], Node]]) -> Node:
    for time in range(times):
        node = wrapping[time % len(wrapping)](node)
    return node


@pytest.mark.parametrize(("leaf", "levels"), LEVELS)
@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=["not", "at_least", "and, or"])
def test_rules_are_at_most_fifty_deep_written_or_built(
    leaf: Node, levels: int, wrapping: list[Callable[[Node], Node]]
) -> None:
    deepest = Rule.of(nested(leaf, 50 - levels, wrapping))
    assert Rule.parse(str(deepest)) == deepest
    with pytest.raises(RuleError, match="nested more than 50 deep"):
        Rule.of(nested(leaf, 51 - levels, wrapping))
    with pytest.raises(RuleError, match="nested more than 50 deep"):
        Rule.parse(f"not ({deepest})")


@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=["not", "at_least", "and, or"])
def test_a_tree_built_by_code_is_bounded_in_depth(wrapping: list[Callable[[Node], Node]]) -> None:
    with pytest.raises(RuleError, match="nested more than 50 deep"):
        Rule.of(nested(A, 5_000, wrapping))
