"""What a rule could ever say, and what it can say where only some facts are there."""

from __future__ import annotations

import re
from datetime import date

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict, can_be_yes, implies, possible
from salesflow.rules.ast import Flag

TODAY = date(2026, 11, 21)
FACTS = STANDARD_FACTS.extended(
    [
        Fact("met_at", FactKind.INSTANT),
        Fact("heard_at", FactKind.INSTANT),
        Fact("budget", FactKind.MONEY),
        Fact("share", FactKind.NUMBER, low=0, high=1, enforced=True),
        *(Fact(name, FactKind.NUMBER) for name in "abcdefgh"),
        *(Fact(f"day_{name}", FactKind.DAY) for name in "abcdef"),
    ]
)

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
    "share > 1",
    "share < 0 or share > 1",
    "amount != amount",
    "not (amount > 5 or amount <= 5 or not known(amount))",
    'closed_on > date("2026-01-01") and closed_on < date("2026-01-02")',
    "days_since(closed_on) > 5 and ended and not ended",
    "a == b and b == 5 and a == 7",
    "day_a < day_b and day_b < day_c and day_c < day_d and day_d < day_a",
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
    "a < b and b < c and c < 1",
    "a > b and b > c and c > 1",
    "1 < a < b < c < 2",
    'met_at == date("2026-01-05") and heard_at == date("2026-01-05") and met_at < heard_at',
    "share < 0.5",
    "share > 0.5",
    "share < 3",
    "not known(share)",
    "not known(ended)",
    "not known(account.tier)",
    "not known(owner)",
    "not known(closed_on)",
    "not known(met_at)",
    'today == date("2026-03-01") and ended',
    "days_since(closed_on) > 5",
    "amount == 5 and amount < 6",
    'closed_on > date("0001-01-01")',
    'closed_on < date("9999-12-31")',
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


# It never holds, and nothing less than all the orders that six values can have would show it.
KNOT = "a < b and b < c and c < d and d < e and e < f and f < a"
DAYS = re.sub(r"\b[a-f]\b", r"day_\g<0>", KNOT)
UNDECIDED: list[tuple[str, bool | None]] = [
    (KNOT, None),
    (f"not ({KNOT.replace(' and ', ' or ')})", None),
    (f"{KNOT} and g > 5", None),
    (f"{KNOT} and g > 5 and g < 5", False),
    (f"{KNOT} or g > 5", True),
    (f"g > 5 or {KNOT}", True),
    (f"{KNOT} or g > 5 and g < 5", None),
    (f"g > 5 and g < 5 or {KNOT} or h > 5 and h < 5", None),
    (f"{DAYS} and days_since(day_a) > 5", None),
    # What shares no fact is looked at apart, however much there is of it.
    (" and ".join(f"{name} > 5" for name in "abcdefgh"), True),
    (" and ".join(f"{name} > 5" for name in "abcdefgh") + " and a < 5", False),
    (f"ended and ({' or '.join(f'{name} > 5' for name in 'abcdefgh')})", True),
    (f"ended and not ({' and '.join(f'{name} > 5' for name in 'abcdefgh')})", True),
]


@pytest.mark.parametrize(("text", "expected"), UNDECIDED)
def test_what_would_take_too_long_is_left_undecided(text: str, expected: bool | None) -> None:
    assert can_be_yes(Rule.parse(text, FACTS).node, FACTS) is expected


@pytest.mark.parametrize(("sizes", "expected"), [((20, 20, 50), False), ((3, 59, 113), None)])
def test_twenty_thousand_cases_are_tried_and_not_one_more(
    sizes: tuple[int, ...], expected: bool | None
) -> None:
    facts = Facts(
        [
            # A choice that is not known is a case, too.
            Fact(name, FactKind.CHOICE, tuple(f"c{n}" for n in range(size - 1)))
            for name, size in zip("abc", sizes, strict=True)
        ]
    )
    rule = Rule.parse("at_least(3, a == b, b == c, a != c)", facts)
    assert can_be_yes(rule.node, facts) is expected


@pytest.mark.parametrize(("days", "expected"), [(28, False), (29, None)])
def test_of_two_days_each_named_one_is_tried_with_two_before_and_two_after_it(
    days: int, expected: bool | None
) -> None:
    # 28 times five days and none at all, of both facts: 141 * 141 cases are just few enough.
    listed = ", ".join(f'date("{2000 + n}-01-15")' for n in range(days))
    rule = Rule.parse(f"day_a in ({listed}) and day_a < day_b and day_b < day_a", FACTS)
    assert can_be_yes(rule.node, FACTS) is expected


@pytest.mark.parametrize(("days", "expected"), [(8, True), (9, None)])
def test_a_rule_is_asked_on_the_first_eight_days_that_it_names(
    days: int, expected: bool | None
) -> None:
    *others, last = (f'date("2030-01-{day:02}")' for day in range(1, days + 1))
    text = " and ".join([*(f"today != {day}" for day in others), f"today == {last}"])
    assert can_be_yes(Rule.parse(text).node, STANDARD_FACTS) is expected


def test_a_fact_of_another_kind_than_in_the_catalogue_is_tried_as_the_tree_has_it() -> None:
    assert can_be_yes(Rule.of(Flag("owner")).node, STANDARD_FACTS) is True


IMPLIED: list[tuple[str, str, bool]] = [
    ("amount > 9", "amount > 5", True),
    ("amount > 5", "amount > 9", False),
    ("amount > 5", "known(amount)", True),
    ("known(amount)", "amount > 5", False),
    ("known(amount)", "not not known(amount)", True),
    ("not known(amount)", "not known(amount)", True),
    ("not known(amount)", "not amount > 5", False),  # which is not known then
    ("amount > 5", "not amount < 3", True),
    ("amount > 5", "amount > 3 and amount > 4", True),
    ("amount > 5", "amount > 3 and ended", False),
    ("amount > 5", "ended or amount > 3", True),
    ("amount > 5", "not (ended and amount < 3)", True),
    ("amount > 5", "not (ended or amount < 3)", False),
    ("ended and on_hold", "at_least(2, ended, on_hold, amount > 5)", True),
    ("ended", "at_least(2, ended, on_hold, amount > 5)", False),
    ("not ended and not on_hold", "not at_least(2, ended, on_hold, amount > 5)", True),
    ("not ended", "not at_least(2, ended, on_hold, amount > 5)", False),
    ("not ended", "not at_least(3, ended, on_hold, amount > 5)", True),
    ("not ended", "not at_least(1, ended, on_hold, amount > 5)", False),
    ("amount > budget", "known(budget)", True),
    ("ended and not ended", "amount > 5", True),
    ("ended", "True", True),
    ("ended", "False", False),
]


@pytest.mark.parametrize(("one", "other", "expected"), IMPLIED)
def test_one_rule_implies_another(one: str, other: str, expected: bool) -> None:
    first, second = (Rule.parse(text, FACTS).node for text in (one, other))
    assert implies(first, second, FACTS) is expected


YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
POSSIBLE = [
    ("amount > 5", set(), {UNKNOWN}),
    ("amount > 5", {"amount"}, {YES, NO, UNKNOWN}),
    ("known(amount)", set(), {UNKNOWN}),
    ("known(amount)", {"amount"}, {YES, NO}),
    ("amount > 5 or ended", {"amount"}, {YES, UNKNOWN}),
    ("amount > 5 and ended", {"amount"}, {NO, UNKNOWN}),
    ("amount > budget", {"amount"}, {UNKNOWN}),
    ("amount > budget", {"budget"}, {UNKNOWN}),
    ("amount > budget", {"amount", "budget"}, {YES, NO, UNKNOWN}),
    ("False", set(), {NO}),
    ("False and ended", set(), {NO}),
    ('account.tier in ("named",)', {"account.tier"}, {YES, NO, UNKNOWN}),
    ("ended", set(), {UNKNOWN}),
    ("at_least(2, True, ended, known(owner))", {"owner"}, {YES, UNKNOWN}),
    ("at_least(2, False, known(amount), known(owner))", {"owner", "amount"}, {YES, NO}),
    ("at_least(2, False, known(amount), ended)", {"amount"}, {NO, UNKNOWN}),
    ("at_least(2, False, True, ended, known(owner))", {"owner"}, {YES, UNKNOWN}),
    ("at_least(3, False, True, ended, known(owner))", {"owner"}, {NO, UNKNOWN}),
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
