"""Three verdicts: Kleene's logic, in code and in rules."""

from __future__ import annotations

from itertools import product

import pytest

from salesflow.rules import Rule, Verdict

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


@pytest.mark.parametrize(("left", "right"), list(product(Verdict, Verdict)))
def test_kleenes_tables_hold(left: Verdict, right: Verdict) -> None:
    order = [NO, UNKNOWN, YES]
    facts = {"ended": left, "on_hold": right}
    both, either = Rule.parse("ended and on_hold"), Rule.parse("ended or on_hold")
    lowest = min(left, right, key=order.index)
    highest = max(left, right, key=order.index)
    assert both.verdict(facts) is lowest is (left & right)
    assert either.verdict(facts) is highest is (left | right)
    assert Rule.parse("at_least(2, ended, on_hold)").verdict(facts) is lowest
    assert Rule.parse("at_least(1, ended, on_hold)").verdict(facts) is highest
    assert Rule.parse("not ended").verdict(facts) is ~left
    assert Rule.parse("known(ended)").verdict(facts) is (NO if left is UNKNOWN else YES)


def test_at_least_is_unknown_only_while_it_is_open() -> None:
    rule = Rule.parse("at_least(2, ended, on_hold, amount > 5)")
    assert rule.verdict({"ended": True, "on_hold": True}) is YES
    assert rule.verdict({"ended": False, "on_hold": False}) is NO
    assert rule.verdict({"ended": True, "on_hold": False}) is UNKNOWN


def test_a_verdict_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(YES)
