"""What a rule could ever say, and what it can say where only some facts are there."""

from __future__ import annotations

from datetime import date

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule, Verdict, can_be_yes, possible

TODAY = date(2026, 11, 21)
FACTS = STANDARD_FACTS.extended([Fact("met_at", FactKind.INSTANT), Fact("budget", FactKind.MONEY)])

NEVER = [
    "False",
    "amount > 5 and amount < 3",
    "amount > 5 and not amount > 4",
    'account.tier == "named" and account.tier == "regular"',
    'account.tier not in ("regular", "named", "strategic")',
    'owner == "a" and owner == "b"',
    "ended and not ended",
    "known(amount) and not known(amount)",
    "amount > 5 and not known(amount)",
    "amount > budget and amount < budget",
    "days_since(closed_on) > 5 and days_until(closed_on) > 5",
    "amount > 5 and amount < 3 or ended and not ended",
    "known(owner) and (amount > 5 and amount < 3)",
    "not (ended or not ended)",
    "at_least(2, ended, not ended)",
    "closed_on < created_on and created_on < entered_stage_on and entered_stage_on < closed_on",
]
SOMETIMES = [
    "True",
    "amount > 5 and amount < 6",
    "amount >= 5 and amount <= 5",
    "amount > budget and budget > 100",
    'owner != "a" and owner != "b"',
    'account.tier not in ("regular", "named")',
    'closed_on > date("2026-01-01") and closed_on < date("2026-01-03")',
    "days_since(closed_on) > 5 and days_since(closed_on) < 7",
    "met_at > today and known(closed_on)",
    "closed_on < created_on and created_on < entered_stage_on and closed_on > closed_on or ended",
    "not known(amount) and not ended",
    "amount < -1e300 or amount > 1e300",
]


@pytest.mark.parametrize("text", NEVER)
def test_a_contradiction_can_never_be_yes(text: str) -> None:
    assert can_be_yes(Rule.parse(text, FACTS).node, FACTS) is False


@pytest.mark.parametrize("text", SOMETIMES)
def test_what_can_hold_is_found_to_hold(text: str) -> None:
    assert can_be_yes(Rule.parse(text, FACTS).node, FACTS) is True


def test_what_depends_on_the_day_is_left_undecided_when_no_day_was_found() -> None:
    rule = Rule.parse('today > date("2026-01-01") and today < date("2026-01-01")', FACTS)
    assert can_be_yes(rule.node, FACTS) is None


YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
POSSIBLE = [
    ("amount > 5", set(), {UNKNOWN}),
    ("amount > 5", {"amount"}, {YES, NO, UNKNOWN}),
    ("known(amount)", set(), {UNKNOWN}),
    ("known(amount)", {"amount"}, {YES, NO}),
    ("amount > 5 or ended", {"amount"}, {YES, UNKNOWN}),
    ("amount > 5 and ended", {"amount"}, {NO, UNKNOWN}),
    ("amount > budget", {"amount"}, {UNKNOWN}),
    ("not ended", set(), {UNKNOWN}),
    ("True or ended", set(), {YES}),
    ("known(amount) or known(owner)", {"amount", "owner"}, {YES, NO}),
    ("at_least(2, known(amount), known(owner), ended)", {"amount", "owner"}, {YES, NO, UNKNOWN}),
    ("at_least(2, ended, on_hold, known(owner))", {"owner"}, {UNKNOWN}),
    ("at_least(3, ended, on_hold, known(owner))", {"owner"}, {NO, UNKNOWN}),
]


@pytest.mark.parametrize(("text", "present", "expected"), POSSIBLE)
def test_what_a_rule_can_say_without_some_facts(
    text: str, present: set[str], expected: set[Verdict]
) -> None:
    core = Rule.parse(text, FACTS).core(TODAY)
    assert possible(core, present.__contains__) == expected
