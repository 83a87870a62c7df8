"""One meaning has one text and one tree, and no tree says what cannot be written."""

from __future__ import annotations

import pytest

from salesflow.errors import RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules.ast import (
    And,
    AtLeast,
    Compare,
    Flag,
    Known,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Or,
    Words,
)

CANONICAL = [
    ("amount>=100000", "amount >= 100_000"),
    ("amount >= 1e5", "amount >= 100_000"),
    ("amount >= 9999", "amount >= 9999"),
    ("amount >= 12345.50", "amount >= 12345.5"),
    ("amount >= 1e20", "amount >= 1e+20"),
    ("amount >= -0", "amount >= 0"),
    ("100 <= amount", "amount >= 100"),
    ("0 < amount <= 5", "0 < amount <= 5"),
    ("closed_on > created_on", "closed_on > created_on"),
    ("5 < days_since(closed_on)", "days_since(closed_on) > 5"),
    ("account.tier in ('named',)", 'account.tier in ("named",)'),
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


AMOUNT = Name("amount", FactKind.MONEY)
BAD_TREES: list[tuple[Node, str]] = [
    (And(()), "has no items"),
    (Or(()), "has no items"),
    (AtLeast(3, (Flag("ended"),)), "asks for 3 of 1"),
    (Flag("not a name"), "is not the name of a fact"),
    (Flag("class"), "is not the name of a fact"),
    (Compare((AMOUNT,), ()), "one operator fewer"),
    (Compare((AMOUNT, Words("x")), ("==",)), "cannot be compared"),
    (Compare((AMOUNT, Number(0.1 + 0.2)), ("==",)), "15 digits"),
    (Compare((AMOUNT, Number(float("nan"))), ("==",)), "15 digits"),
    (Compare((AMOUNT, Number(float("inf"))), ("==",)), "15 digits"),
    (OneOf(AMOUNT, ()), "an empty list"),
    (OneOf(Name("owner", FactKind.TEXT), (Words(" "),)), "a blank text"),
    (OneOf(Name("owner", FactKind.TEXT), (Words("\ud800"),)), "invisible character"),
    (And((Flag("amount"), Known(AMOUNT))), "read as flag and as money"),
]


@pytest.mark.parametrize(("node", "message"), BAD_TREES)
def test_a_tree_that_could_not_have_been_written_is_refused(node: Node, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Rule.of(node)


def test_a_tree_built_by_code_is_bounded_in_depth() -> None:
    node: Node = Flag("ended")
    for _ in range(5_000):
        node = Not(node)
    with pytest.raises(RuleError, match="nested more than 50 deep"):
        Rule.of(node)
