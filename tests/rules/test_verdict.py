"""Three verdicts: Kleene's logic, in code and in rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind
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


A_DAY = date(2026, 1, 31)
OPEN: list[tuple[str, dict[str, object], tuple[str, ...]]] = [
    ("amount > 5 and ended", {"amount": 9}, ("ended",)),
    ("amount > 5 and ended", {"amount": 1}, ()),
    ("amount > 5 or ended", {"amount": 9}, ()),
    ("on_hold and ended and not on_hold", {}, ("on_hold", "ended")),
    # What a decided part does not know keeps nothing open.
    ("(amount > 5 or ended) and on_hold", {"amount": 9}, ("on_hold",)),
    ("closed_on >= created_on", {"created_on": A_DAY}, ("closed_on",)),
    ("closed_on >= created_on", {}, ("closed_on", "created_on")),
    ("known(owner)", {}, ()),
]


@pytest.mark.parametrize(("text", "facts", "expected"), OPEN)
def test_a_finding_names_the_facts_that_keep_it_unknown(
    text: str, facts: dict[str, object], expected: tuple[str, ...]
) -> None:
    assert Rule.parse(text).evaluate(facts).open == expected


def test_a_verdict_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(YES)


SEEN = STANDARD_FACTS.extended([Fact("seen_at", FactKind.INSTANT)])


def test_an_instant_has_its_day_in_the_zone_in_every_explanation() -> None:
    rule = Rule.parse('seen_at >= date("2026-03-02")', facts=SEEN)
    evening = {"seen_at": datetime(2026, 3, 1, 20, 0, tzinfo=UTC)}

    for tz, expected in (("UTC", NO), ("Asia/Shanghai", YES)):
        assert rule.verdict(evening, tz=tz) is expected
        assert rule.evaluate(evening, tz=tz).verdict is expected


def test_where_the_calendar_begins_an_instant_has_the_nearest_day() -> None:
    rule = Rule.parse('seen_at < date("2026-03-02")', facts=SEEN)
    first = {"seen_at": datetime(1, 1, 1, tzinfo=UTC)}

    assert rule.verdict(first, tz="America/New_York") is YES
    assert rule.evaluate(first, tz="America/New_York").verdict is YES


@pytest.mark.parametrize("whole", [10**17 + 1, 10**17 - 1, 2**60 + 1])
def test_a_large_whole_number_is_compared_as_a_frame_compares_it(whole: int) -> None:
    for text in ("amount > 1e17", "amount == 1e17", "amount < 1e17"):
        rule = Rule.parse(text)
        assert rule.verdict({"amount": whole}) is rule.verdict({"amount": float(whole)})
        assert rule.evaluate({"amount": whole}).verdict is rule.verdict({"amount": whole})
