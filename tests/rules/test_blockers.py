"""What is said to stand in the way of a rule, in English and in Chinese."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from salesflow.facts import ASK, IN_CURRENCY, STANDARD_FACTS, WHY, Fact, FactKind
from salesflow.rules import Rule, Verdict
from salesflow.text import Text

TODAY = date(2026, 11, 21)
FACTS = STANDARD_FACTS.extended(
    [
        Fact("met_at", FactKind.INSTANT),
        Fact("budget", FactKind.MONEY),
        Fact("share", FactKind.NUMBER, low=0, high=1, unit="percent", enforced=True),
        Fact("contract", FactKind.TEXT, pattern="C-##", enforced=True),
    ]
)

FIXES: list[tuple[str, dict[str, object], str, str, str, str]] = [
    (
        "amount >= 100_000",
        {"amount": 50_000},
        "no",
        "amount",
        "amount is 50,000; it must be at least 100,000",
        "amount 现为 50,000，须不低于 100,000",
    ),
    ("amount >= 100_000", {}, "unknown", "amount", "amount is not known", "amount 未知"),
    (
        "known(amount)",
        {},
        "unknown",
        "amount",
        "amount is not known",
        "amount 未知",
    ),
    (
        "not known(amount)",
        {"amount": 5},
        "no",
        "amount",
        "amount is 5; it must be left open",
        "amount 现为 5，须留空",
    ),
    (
        "not ended",
        {"ended": True},
        "no",
        "ended",
        "ended is yes; it must be no",
        "ended 现为“是”，须为“否”",
    ),
    (
        'reached("close")',
        {"reached.close": False},
        "no",
        "reached.close",
        'stage "close" is not reached; it must be reached',
        "阶段“close”未到达，须已到达",
    ),
    (
        'reached("close")',
        {},
        "unknown",
        "reached.close",
        'whether stage "close" is reached is not known',
        "阶段“close”是否已到达未知",
    ),
    (
        'not reached("close")',
        {"reached.close": True},
        "no",
        "reached.close",
        'stage "close" is reached; it must be not reached',
        "阶段“close”已到达，须未到达",
    ),
    (
        "days_since(last_activity_on) <= 30",
        {"last_activity_on": date(2026, 9, 1)},
        "no",
        "last_activity_on",
        "last_activity_on is 2026-09-01, 81 days ago; it must be at most 30 days ago",
        "last_activity_on 现为 2026-09-01（距今 81 天），须距今至多 30 天",
    ),
    (
        "days_until(met_at) >= 1",
        {"met_at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC)},
        "no",
        "met_at",
        "met_at is 2026-11-21 09:30 UTC, today; it must be at least 1 day ahead",
        "met_at 现为 2026-11-21 09:30 UTC（今天），须离现在至少 1 天",
    ),
    (
        "closed_on > created_on",
        {"closed_on": date(2026, 1, 1), "created_on": date(2026, 2, 1)},
        "no",
        "closed_on",
        "closed_on is 2026-01-01 and created_on is 2026-02-01; closed_on must be after created_on",
        "closed_on 现为 2026-01-01，created_on 现为 2026-02-01，closed_on 须晚于 created_on",
    ),
    (
        "closed_on > created_on",
        {"closed_on": date(2026, 1, 1)},
        "unknown",
        "created_on",
        "created_on is not known",
        "created_on 未知",
    ),
    (
        'today < date("2026-01-01")',
        {},
        "no",
        "today",
        "today is 2026-11-21; it must be before 2026-01-01",
        "今天为 2026-11-21，须早于 2026-01-01",
    ),
    ("False", {}, "no", "", "this can never hold", "此条永远无法成立"),
    (
        "amount > budget",
        {},
        "unknown",
        "amount",
        "amount is not known and budget is not known",
        "amount 未知，且 budget 未知",
    ),
    (
        "share > 0.5",
        {"share": 20},
        "unknown",
        "share",
        "share is 20; enter 0.2, not 20",
        "share 现为 20；请填写 0.2，而不是 20",
    ),
    (
        'contract == "C-12"',
        {"contract": "D-1"},
        "unknown",
        "contract",
        (
            'contract is "D-1"; enter a text like C-##'
            " (# a digit, @ a letter, ? any character, * any text)"
        ),
        (
            "contract 现为“D-1”；请填写形如 C-## 的文本"
            "（# 为数字，@ 为字母，? 为任意字符，* 为任意文本）"
        ),
    ),
    (
        "days_until(closed_on) > 5",
        {"closed_on": date(2026, 11, 22)},
        "no",
        "closed_on",
        "closed_on is 2026-11-22, 1 day ahead; it must be more than 5 days ahead",
        "closed_on 现为 2026-11-22（离现在 1 天），须离现在超过 5 天",
    ),
    (
        "days_until(closed_on) > 5",
        {"closed_on": date(2026, 11, 20)},
        "no",
        "closed_on",
        "closed_on is 2026-11-20, 1 day ago; it must be more than 5 days ahead",
        "closed_on 现为 2026-11-20（距今 1 天），须离现在超过 5 天",
    ),
    (
        "days_since(closed_on) > 5",
        {"closed_on": date(2026, 11, 21)},
        "no",
        "closed_on",
        "closed_on is 2026-11-21, today; it must be more than 5 days ago",
        "closed_on 现为 2026-11-21（今天），须距今超过 5 天",
    ),
]


@pytest.mark.parametrize(("text", "facts", "code", "key", "en", "zh"), FIXES)
def test_a_blocker_says_what_is_and_what_must_be(
    text: str, facts: dict[str, object], code: str, key: str, en: str, zh: str
) -> None:
    rule = Rule.parse(text, FACTS)
    for _ in range(2):  # the second time from its cache
        (blocker,) = rule.evaluate(facts, TODAY).blockers()
        assert (blocker.code, blocker.key) == (code, key)
        open_ = code == "unknown" and text != "known(amount)"
        assert blocker.verdict is (Verdict.UNKNOWN if open_ else Verdict.NO)
        assert (blocker.fix.en, blocker.fix.zh) == (en, zh)
        assert blocker.title == rule.describe()


def test_a_conjunction_has_one_blocker_per_open_condition() -> None:
    rule = Rule.parse("amount > 5 and not ended and known(owner) and amount > 5")
    blockers = rule.evaluate({"amount": 1, "ended": False}).blockers()
    assert [(blocker.code, blocker.key) for blocker in blockers] == [
        ("no", "amount"),
        ("unknown", "owner"),
    ]


def test_alternatives_stand_in_one_blocker() -> None:
    rule = Rule.parse('amount > 5 or (ended and owner == "x")')
    (blocker,) = rule.evaluate({"amount": 1, "owner": "y"}).blockers()
    assert (blocker.code, blocker.needed, blocker.verdict) == ("any_of", 1, Verdict.NO)
    first, second = blocker.any_of
    assert (first.code, first.key) == ("no", "amount")
    assert (second.code, [part.key for part in second.because]) == ("all_of", ["ended", "owner"])
    assert blocker.fix.en == (
        "one of these: amount is 1; it must be more than 5;"
        ' or (ended is not known; and owner is "y"; it must be "x")'
    )
    assert blocker.seen == {"amount": 1.0, "ended": None, "owner": "y"}


def test_negation_is_pushed_down_to_the_leaves() -> None:
    rule = Rule.parse("not (amount > 5 or ended)")
    blockers = rule.evaluate({"amount": 6, "ended": True}).blockers()
    assert [str(blocker.title) for blocker in blockers] == ["amount is at most 5", "ended is no"]


def test_at_least_says_how_many_are_still_needed() -> None:
    rule = Rule.parse("at_least(3, ended, on_hold, known(owner), amount > 5)")
    (blocker,) = rule.evaluate({"ended": True}).blockers()
    assert (blocker.needed, len(blocker.any_of)) == (2, 3)


def test_when_all_that_is_open_is_needed_there_is_nothing_to_choose() -> None:
    rule = Rule.parse("at_least(3, ended, on_hold, known(owner))")
    blockers = rule.evaluate({"ended": False, "on_hold": True}).blockers()
    assert [blocker.key for blocker in blockers] == ["ended", "owner"]


def test_a_choice_that_is_settled_anyway_is_not_asked_for() -> None:
    rule = Rule.parse("(ended or on_hold) and ended")
    (blocker,) = rule.evaluate({}).blockers()
    assert blocker.key == "ended"
    rule = Rule.parse("ended or ended and on_hold or known(owner)")
    (blocker,) = rule.evaluate({}).blockers()
    assert [entry.key for entry in blocker.any_of] == ["ended", "owner"]


def test_what_can_never_hold_is_no_alternative() -> None:
    (blocker,) = Rule.parse("False or ended").evaluate({}).blockers()
    assert blocker.key == "ended"
    (blocker,) = Rule.parse("at_least(2, False, False, ended)").evaluate({}).blockers()[:1]
    assert blocker.verdict is not Verdict.YES


def test_a_chained_comparison_names_the_side_that_fails() -> None:
    finding = Rule.parse("10 <= amount < 20").evaluate({"amount": 25})
    assert [part.rule for part in finding.because] == ["amount >= 10", "amount < 20"]
    (blocker,) = finding.blockers()
    assert str(blocker.title) == "amount is less than 20"


def test_facts_can_be_called_by_their_titles() -> None:
    names = {"amount": Text(en="Amount", zh="金额"), "ended": Text(en="Over", zh="已结束")}
    rule = Rule.parse("amount >= 5 and ended")
    assert rule.sentence("en", names) == "Amount is at least 5 and Over is yes"
    assert rule.sentence("zh", names) == "金额不低于 5，且已结束为“是”"
    first, second = rule.evaluate({"amount": 1}).blockers(names)
    assert first.fix.zh == "金额现为 1，须不低于 5"
    assert second.fix.en == "Over is not known"


CNY = {IN_CURRENCY: Text(en="CNY", zh="CNY")}
CALLED: list[tuple[str, dict[str, object], dict[str, Text], str]] = [
    ("amount in (5, 6)", {"amount": 7}, CNY, "amount is 7 CNY; it must be 5 CNY or 6 CNY"),
    ("amount == 5", {"amount": 7}, CNY, "amount is 7 CNY; it must be 5 CNY"),
    ("not known(amount)", {"amount": 7}, CNY, "amount is 7 CNY; it must be left open"),
    (
        'reached("close")',
        {},
        {"reached.close": Text(en="The end", zh="终点")},
        "whether The end is reached is not known",
    ),
    (
        "amount > 5",
        {},
        {f"{ASK}amount": Text(en="nobody said what it is worth"), "amount": Text(en="Amount")},
        "nobody said what it is worth",
    ),
    (
        'account.tier == "named"',
        {"account.tier": "regular"},
        {"account.tier=regular": Text(en="Usual"), "account.tier=named": Text(en="Chosen")},
        'account.tier is "Usual"; it must be "Chosen"',
    ),
    (
        "amount > budget",
        {"amount": 1, "budget": 2},
        {f"{WHY}amount": Text(en="says A", zh="甲"), f"{WHY}budget": Text(en="says B", zh="乙")},
        "amount is 1 and budget is 2; amount must be more than budget (says A) (says B)",
    ),
    (
        "amount > budget",
        {"amount": 1, "budget": 2},
        {f"{WHY}amount": Text(en="says A", zh="甲"), f"{WHY}budget": Text(en="says A", zh="甲")},
        "amount is 1 and budget is 2; amount must be more than budget (says A)",
    ),
]


@pytest.mark.parametrize(("text", "facts", "names", "fix"), CALLED)
def test_a_blocker_speaks_as_its_titles_have_it(
    text: str, facts: dict[str, object], names: dict[str, Text], fix: str
) -> None:
    (blocker,) = Rule.parse(text, FACTS).evaluate(facts, TODAY).blockers(names)
    assert blocker.fix.en == fix


def test_hostile_values_are_shown_short_and_printable() -> None:
    finding = Rule.parse('owner == "x"').evaluate({"owner": "\ud800\x1b[31m" + "y" * 10_000})
    (blocker,) = finding.blockers()
    assert len(str(blocker.fix)) < 200
    assert str(blocker.fix).isprintable()


def test_a_finding_is_a_complete_tree() -> None:
    finding = Rule.parse("amount > 5 or not ended").evaluate({"amount": 9, "ended": True})
    assert finding.verdict is Verdict.YES
    assert finding.seen == {"amount": 9.0, "ended": True}
    first, second = finding.because
    assert (first.rule, first.verdict) == ("amount > 5", Verdict.YES)
    assert (second.rule, second.verdict) == ("not ended", Verdict.NO)
    assert (second.because[0].rule, second.because[0].verdict) == ("ended", Verdict.YES)
