"""How the work of evaluating and explaining a rule grows with the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.rules import Rule, can_be_yes
from salesflow.rules.ast import And, Flag, Node, Not, Or
from tests.rules.work import steps

NAMES: Final = [f"flag{n}" for n in range(60)]
MANY: Final = Facts([Fact(name, FactKind.FLAG) for name in NAMES])


def asked_everything(rule: Rule, facts: Facts, values: Mapping[str, object]) -> None:
    rule.evaluate(values).blockers()
    Rule.of(Not(rule.node), facts).evaluate(values).blockers()
    rule.sentence("zh")
    assert can_be_yes(rule.node, facts) is True


def alternatives(n: int) -> str:
    return " or ".join(f"amount > {limit}" for limit in range(n))


def test_twice_the_alternatives_take_at_most_twice_the_work() -> None:
    def work(n: int) -> int:
        text = alternatives(n)
        assert len(text) < 4_000
        return steps(lambda: asked_everything(Rule.parse(text), STANDARD_FACTS, {"amount": -1}))

    work(2)  # what is made once and kept
    assert work(250) <= 2.2 * work(125)


def test_a_long_chain_of_alternatives_is_explained_in_a_short_sentence() -> None:
    (blocker,) = Rule.parse(alternatives(250)).evaluate({"amount": -1}).blockers()
    assert len(blocker.any_of) == 250
    assert len(f"{blocker.fix}") < 1_001


def nested(levels: int) -> Node:
    node: Node = Flag(NAMES[0])
    for level in range(levels):
        shape = (And, Or)[level % 2]
        node = shape((Flag(NAMES[level + 1]), node))
        if level % 3 == 0:
            node = Not(node)
    return node


@pytest.mark.parametrize("value", [True, False, None])
def test_nothing_grows_exponentially_with_depth(value: bool | None) -> None:
    values = dict.fromkeys(NAMES, value)

    def work(levels: int) -> int:
        rule = Rule.of(nested(levels), MANY)
        return steps(lambda: asked_everything(rule, MANY, values))

    work(2)
    assert work(36) <= 5 * work(18)  # texts of parts make it grow with the square


def test_twice_the_facts_in_one_knot_take_little_more_work() -> None:
    def work(n: int) -> int:
        # Every clause shares a fact with the next, so they cannot be looked at one by one.
        names = zip(NAMES[:n], NAMES[1:n], NAMES[2:n], strict=False)
        rule = Rule.parse(" and ".join(f"({a} or {b} or not {c})" for a, b, c in names), MANY)
        assert can_be_yes(rule.node, MANY) in {None, True}
        return steps(lambda: can_be_yes(rule.node, MANY))

    assert work(60) <= 3 * work(30)


def test_a_knot_with_too_many_cases_is_left_undecided_without_trying_them() -> None:
    # Six amounts in a circle, each below the next: it never holds, and nothing less than all the
    # orders that they can have would show it.
    facts = Facts([Fact(name, FactKind.NUMBER) for name in "abcdef"])
    text = " and ".join(f"{low} < {high}" for low, high in zip("abcdef", "bcdefa", strict=True))
    rule = Rule.parse(text, facts)

    assert can_be_yes(rule.node, facts) is None
    assert steps(lambda: can_be_yes(rule.node, facts)) < 2_000
