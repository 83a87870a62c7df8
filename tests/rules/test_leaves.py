"""What each kind of condition says of each kind of value, quickly and explained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest

from salesflow.errors import FactError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict
from salesflow.rules.core import HOLDS
from tests.rules.work import steps

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
FACTS = Facts(
    [
        Fact("flag", FactKind.FLAG),
        Fact("size", FactKind.NUMBER),
        Fact("other_size", FactKind.NUMBER),
        Fact("share", FactKind.NUMBER, low=0, high=1, unit="percent", enforced=True),
        Fact("usual", FactKind.NUMBER, low=0, high=1),
        Fact("owner", FactKind.TEXT),
        Fact("contract", FactKind.TEXT, pattern="C-##", enforced=True),
        Fact("tier", FactKind.CHOICE, ("named", "regular")),
        Fact("free", FactKind.CHOICE),
        Fact("opened", FactKind.DAY),
        Fact("seen", FactKind.INSTANT),
    ]
)


class Word(str):
    __slots__ = ()


DAY, MOMENT = date(2026, 1, 31), datetime(2026, 1, 31, 12, tzinfo=UTC)
LEAVES: list[tuple[str, dict[Verdict, list[object]]]] = [
    ("flag", {YES: [True, "+", YES], NO: [False, "-", NO], UNKNOWN: [None, "?", UNKNOWN]}),
    (
        "size >= 5",
        {
            YES: [5, 5.0, 6, Decimal(5), float("inf")],
            NO: [4, 4.9, float("-inf")],
            UNKNOWN: [None, float("nan")],
        },
    ),
    ("size >= 1e16", {YES: [10**16, 1e16], NO: [10**16 - 2]}),
    ("size > 1e16", {YES: [10**16 + 2], NO: [10**16 + 1, 1e16]}),
    ("share > 0.5", {YES: [0.6, 1, 1.0], NO: [0.5, 0, 0.0], UNKNOWN: [60, -1, 1.1, None]}),
    ("2 <= size < 5", {YES: [2, 4.9], NO: [1, 5], UNKNOWN: [None]}),
    ("usual > 0.5", {YES: [0.6, 60], NO: [0.5, -1]}),
    ("share in (0, 0.5, 60)", {YES: [0.5, 0], NO: [0.6, 1], UNKNOWN: [60, 60.0, None]}),
    ("size in (5, 6)", {YES: [5, 6.0, Decimal(6)], NO: [5.5, 7], UNKNOWN: [None, float("nan")]}),
    ('owner == "a"', {YES: ["a", Word("a")], NO: ["b", " a"], UNKNOWN: [None, "", " "]}),
    ('owner in ("a", "b")', {YES: ["a", Word("b")], NO: ["c", Word("c")], UNKNOWN: [None, " "]}),
    (
        'contract in ("C-12", "D-1")',
        {YES: ["C-12"], NO: ["C-13", Word("C-14")], UNKNOWN: ["D-1", Word("D-1"), "", None]},
    ),
    ('contract != "C-12"', {YES: ["C-13"], NO: ["C-12"], UNKNOWN: ["D-1", None]}),
    (
        'tier in ("named",)',
        {YES: ["named", Word("named")], NO: ["regular"], UNKNOWN: ["gold", Word("gold"), None]},
    ),
    ('free in ("named",)', {YES: ["named", Word("named")], NO: ["gold"], UNKNOWN: [None, ""]}),
    (
        'opened in (date("2026-01-31"), date("2026-02-01"))',
        {YES: [DAY, MOMENT], NO: [date(2026, 1, 30)], UNKNOWN: [None]},
    ),
    ('opened > date("2026-01-30")', {YES: [DAY, MOMENT], NO: [date(2026, 1, 30)]}),
    ('seen >= date("2026-01-31")', {YES: [MOMENT], NO: [datetime(2026, 1, 30, 23, tzinfo=UTC)]}),
    ("known(size)", {YES: [0, 0.0], NO: [None, float("nan")]}),
    ("known(share)", {YES: [0, 1], NO: [2, None]}),
    ("known(flag)", {YES: [False, "-"], NO: ["?", None]}),
]
CASES = [
    (text, verdict, value)
    for text, verdicts in LEAVES
    for verdict, values in verdicts.items()
    for value in values
]


@pytest.mark.parametrize(("text", "verdict", "value"), CASES)
def test_a_condition_says_the_same_quickly_and_explained(
    text: str, verdict: Verdict, value: object
) -> None:
    rule = Rule.parse(text, FACTS)
    (fact,) = rule.facts
    for _ in range(2):  # the second time from what was kept
        assert rule.verdict({fact: value}) is verdict
        assert rule.evaluate({fact: value}).verdict is verdict


@pytest.mark.parametrize(
    ("sizes", "verdict"),
    [((1, 2), YES), ((2.0, 2), NO), ((None, 2), UNKNOWN), ((1, float("nan")), UNKNOWN)],
)
def test_two_facts_are_compared_where_both_are_known(
    sizes: tuple[object, object], verdict: Verdict
) -> None:
    rule = Rule.parse("size < other_size", FACTS)
    facts = dict(zip(("size", "other_size"), sizes, strict=True))
    assert rule.verdict(facts) is verdict
    assert rule.evaluate(facts).verdict is verdict


def test_a_rule_that_reads_nothing_but_the_day_is_asked_on_each_day() -> None:
    rule = Rule.parse('today < date("2026-02-01")', FACTS)
    for today, verdict in ((DAY, YES), (date(2026, 2, 1), NO), (DAY, YES)):
        assert rule.verdict({}, today) is verdict
        assert rule.evaluate({}, today).verdict is verdict


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("days", [1, -1, 4_000_000, -4_000_000])
def test_an_age_beyond_the_calendar_is_compared_like_any_other(operator: str, days: int) -> None:
    for today, day in product((date.min, date.max, DAY), repeat=2):
        for function, age in (("since", today - day), ("until", day - today)):
            rule = Rule.parse(f"days_{function}(opened) {operator} {days}", FACTS)
            verdict = YES if HOLDS[operator](age.days, days) else NO  # type: ignore[index]
            assert rule.verdict({"opened": day}, today) is verdict
            assert rule.verdict({"opened": None}, today) is UNKNOWN


@pytest.mark.parametrize("value", [["a"], {"a": 1}, {"a"}, 5, b"a"])
def test_what_is_no_text_is_refused_by_a_list_too(value: object) -> None:
    for text in ('owner in ("a", "b")', 'tier in ("named",)', 'contract in ("C-12",)'):
        rule = Rule.parse(text, FACTS)
        (fact,) = rule.facts
        for ask in (rule.verdict, rule.evaluate):
            with pytest.raises(FactError, match="is not a text"):
                ask({fact: value})


PLAIN: list[tuple[str, dict[str, object], int]] = [
    ("flag", {"flag": True}, 1),
    ("flag", {"flag": False}, 1),
    ("flag", {"flag": None}, 1),
    ("size >= 5", {"size": 7}, 2),
    ("size >= 5", {"size": 7.5}, 2),
    ('owner in ("a", "b")', {"owner": "a"}, 1),
    ('tier in ("named", "regular")', {"tier": "named"}, 1),
    ('free in ("named", "regular")', {"free": "named"}, 1),
]


@pytest.mark.parametrize(("text", "values", "calls"), PLAIN)
def test_a_plain_value_is_looked_up_and_compared_and_not_converted(
    text: str, values: Mapping[str, object], calls: int
) -> None:
    def work(text: str) -> int:
        rule = Rule.parse(text, FACTS)
        rule.verdict(values)
        return steps(lambda: rule.verdict(values))

    assert work("True") <= 4  # the call that is counted, the verdict, and the end of counting
    assert work(text) == work("True") + calls
