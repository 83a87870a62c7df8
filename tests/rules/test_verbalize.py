"""What is said of a rule, in English and in Chinese."""

from __future__ import annotations

from datetime import date

import pytest

from salesflow.facts import IN_CURRENCY, STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule
from salesflow.text import Text

TODAY = date(2026, 11, 21)
FACTS = STANDARD_FACTS.extended([Fact("met_at", FactKind.INSTANT), Fact("budget", FactKind.MONEY)])

SENTENCES = [
    ("amount >= 100_000", "amount is at least 100,000", "amount 不低于 100,000"),
    ("not amount >= 100_000", "amount is less than 100,000", "amount 低于 100,000"),
    ("amount != 5", "amount is other than 5", "amount 不为 5"),
    ("amount <= budget", "amount is at most budget", "amount 不高于 budget"),
    (
        "10 <= amount < 20",
        "amount is at least 10 and amount is less than 20",
        "amount 不低于 10，且 amount 低于 20",
    ),
    ('owner == "li.wei"', 'owner is "li.wei"', "owner 为“li.wei”"),
    (
        'account.tier in ("named", "strategic")',
        'account.tier is "named" or "strategic"',
        "account.tier 为“named”或“strategic”",
    ),
    (
        'account.tier not in ("named", "strategic")',
        'account.tier is other than "named" and "strategic"',
        "account.tier 不为“named”或“strategic”",
    ),
    (
        'closed_on >= date("2026-01-31")',
        "closed_on is on or after 2026-01-31",
        "closed_on 不早于 2026-01-31",
    ),
    ("closed_on < today", "closed_on is before today", "closed_on 早于今天"),
    ("closed_on > created_on", "closed_on is after created_on", "closed_on 晚于 created_on"),
    (
        'today < date("2027-01-01")',
        "today is before 2027-01-01",
        "今天早于 2027-01-01",
    ),
    (
        "days_since(closed_on) <= 30",
        "closed_on is at most 30 days ago",
        "closed_on 距今至多 30 天",
    ),
    (
        "days_until(closed_on) > 1",
        "closed_on is more than 1 day ahead",
        "closed_on 离现在超过 1 天",
    ),
    ("ended", "ended is yes", "ended 为“是”"),
    ("not ended", "ended is no", "ended 为“否”"),
    ("known(amount)", "amount is known", "amount 已知"),
    ("not known(amount)", "amount is not known", "amount 未知"),
    ('reached("close")', 'stage "close" is reached', "阶段“close”已到达"),
    ("True", "nothing is asked", "无条件成立"),
    ("False", "this can never hold", "此条永远无法成立"),
    (
        "not (ended and on_hold)",
        "ended is no or on_hold is no",
        "ended 为“否”，或 on_hold 为“否”",
    ),
    (
        "ended or on_hold and known(owner)",
        "ended is yes or (on_hold is yes and owner is known)",
        "ended 为“是”，或（on_hold 为“是”，且 owner 已知）",
    ),
    (
        "at_least(2, ended, on_hold, known(owner))",
        "at least 2 of (ended is yes; on_hold is yes; owner is known)",
        "以下至少 2 项成立（ended 为“是”；on_hold 为“是”；owner 已知）",
    ),
    (
        "not at_least(2, ended, on_hold, known(owner))",
        "at least 2 of (ended is no; on_hold is no; owner is not known)",
        "以下至少 2 项成立（ended 为“否”；on_hold 为“否”；owner 未知）",
    ),
]


SENTENCES += [
    *(
        (f"amount {op} 5", f"amount is {en}", f"amount {zh}")
        for op, (en, zh) in {
            "==": ("5", "为 5"),
            "!=": ("other than 5", "不为 5"),
            "<": ("less than 5", "低于 5"),
            "<=": ("at most 5", "不高于 5"),
            ">": ("more than 5", "高于 5"),
            ">=": ("at least 5", "不低于 5"),
        }.items()
    ),
    *(
        (f"{fact} {op} today", f"{fact} is {en}", f"{fact} {zh}")
        for op, (en, zh) in {
            "==": ("today", "为今天"),
            "!=": ("other than today", "不为今天"),
            "<": ("before today", "早于今天"),
            "<=": ("on or before today", "不晚于今天"),
            ">": ("after today", "晚于今天"),
            ">=": ("on or after today", "不早于今天"),
        }.items()
        for fact in ("closed_on", "met_at")
    ),
    *(
        (f"days_since(closed_on) {op} 1_500", f"closed_on is {en}", f"closed_on {zh}")
        for op, (en, zh) in {
            "==": ("exactly 1,500 days ago", "距今正好 1,500 天"),
            "!=": ("other than 1,500 days ago", "距今不是 1,500 天"),
            "<": ("less than 1,500 days ago", "距今不到 1,500 天"),
            "<=": ("at most 1,500 days ago", "距今至多 1,500 天"),
            ">": ("more than 1,500 days ago", "距今超过 1,500 天"),
            ">=": ("at least 1,500 days ago", "距今至少 1,500 天"),
        }.items()
    ),
    *(
        (f'date("2027-01-01") {op} today', f"today is {en}", f"今天{zh}")
        for op, (en, zh) in {
            "==": ("2027-01-01", "为 2027-01-01"),
            "<": ("after 2027-01-01", "晚于 2027-01-01"),
            ">=": ("on or before 2027-01-01", "不晚于 2027-01-01"),
        }.items()
    ),
    ("amount == 1234567.5", "amount is 1,234,567.5", "amount 为 1,234,567.5"),
    ("amount >= -0", "amount is at least 0", "amount 不低于 0"),
    ("amount > -5", "amount is more than -5", "amount 高于 -5"),
    ("days_since(closed_on) == -1", "closed_on is exactly -1 days ago", "closed_on 距今正好 -1 天"),
    ("amount in (1,)", "amount is 1", "amount 为 1"),
    (
        "amount in (1, 2, 3, 4, 5, 6, 7, 8)",
        "amount is 1, 2, 3, 4, 5, 6, 7 or 8",
        "amount 为 1、2、3、4、5、6、7 或 8",
    ),
    (
        "amount in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
        "amount is 1, 2, 3, 4, 5, 6, 7, 8 or 2 others",
        "amount 为 1、2、3、4、5、6、7、8 或其他 2 个值",
    ),
    (
        "10 <= amount < 20 or ended",
        "(amount is at least 10 and amount is less than 20) or ended is yes",
        "（amount 不低于 10，且 amount 低于 20），或 ended 为“是”",
    ),
    (
        "not 10 <= amount < 20 or ended",
        "amount is less than 10 or amount is at least 20 or ended is yes",
        "amount 低于 10，或 amount 不低于 20，或 ended 为“是”",
    ),
    (
        "not (ended or on_hold and known(owner))",
        "ended is no and (on_hold is no or owner is not known)",
        "ended 为“否”，且（on_hold 为“否”，或 owner 未知）",
    ),
    (
        "at_least(1, ended and on_hold, known(owner)) and ended",
        "at least 1 of (ended is yes and on_hold is yes; owner is known) and ended is yes",
        "以下至少 1 项成立（ended 为“是”，且 on_hold 为“是”；owner 已知），且 ended 为“是”",
    ),
    (
        "not at_least(1, ended, on_hold)",
        "at least 2 of (ended is no; on_hold is no)",
        "以下至少 2 项成立（ended 为“否”；on_hold 为“否”）",
    ),
    (
        "not (False or not True)",
        "nothing is asked and nothing is asked",
        "无条件成立，且无条件成立",
    ),
]


@pytest.mark.parametrize(("text", "en", "zh"), SENTENCES)
def test_a_rule_reads_as_a_sentence(text: str, en: str, zh: str) -> None:
    rule = Rule.parse(text, FACTS)
    assert rule.sentence() == en
    assert rule.sentence("zh") == zh
    assert rule.describe() == Text(en=en, zh=zh)


def test_facts_can_be_called_by_their_titles() -> None:
    names = {"amount": Text(en="Amount", zh="金额"), "ended": Text(en="Over", zh="已结束")}
    rule = Rule.parse("amount >= 5 and ended")
    assert rule.sentence("en", names) == "Amount is at least 5 and Over is yes"
    assert rule.sentence("zh", names) == "金额不低于 5，且已结束为“是”"


CALLED: list[tuple[str, dict[str, Text], str, str]] = [
    (
        "ended and on_hold",
        {
            "ended": Text(en="whether it is over", zh="项目是否已结束"),
            "on_hold": Text(en="whether it rests", zh="是否暂缓"),
        },
        "it is over and it rests",
        "项目已结束，且暂缓",
    ),
    (
        "not ended and known(on_hold)",
        {
            "ended": Text(en="whether it is over", zh="项目是否已结束"),
            "on_hold": Text(en="whether it rests", zh="是否暂缓"),
        },
        "whether it is over is no and whether it rests is known",
        "项目是否已结束为“否”，且是否暂缓已知",
    ),
    (
        "amount > budget",
        {
            "amount": Text(en="the amount (old)", zh="金额A"),
            "budget": Text(en="(new) budget", zh="(B)预算(C)"),
        },
        "the amount (old) is more than (new) budget",
        "金额A 高于 (B)预算(C)",
    ),
    (
        "ended",
        {"ended": Text(en="the answer to whether it is over", zh="“是否结束”一栏")},
        "the answer to whether it is over is yes",
        "“是否结束”一栏为“是”",
    ),
    (
        'account.tier == "named" and account.tier in ("named", "regular")',
        {
            "account.tier": Text(en="Tier", zh="级别"),
            "account.tier=named": Text(en="Named account", zh="指名客户"),
        },
        'Tier is "Named account" and Tier is "Named account" or "regular"',
        "级别为“指名客户”，且级别为“指名客户”或“regular”",
    ),
    (
        "amount > budget and amount > 5 and amount in (5, 6) and closed_on > created_on",
        {IN_CURRENCY: Text(en="CNY")},
        (
            "amount is more than budget and amount is more than 5 CNY and amount is 5 CNY or 6 CNY"
            " and closed_on is after created_on"
        ),
        (
            "amount 高于 budget，且 amount 高于 5 元，且 amount 为 5 元或 6 元，"
            "且 closed_on 晚于 created_on"
        ),
    ),
    (
        'reached("close") and not reached("start")',
        {"reached.close": Text(en="The end", zh="终点")},
        'The end is reached and stage "start" is not reached',
        "终点已到达，且阶段“start”未到达",
    ),
]


@pytest.mark.parametrize(("text", "names", "en", "zh"), CALLED)
def test_a_sentence_calls_things_by_their_titles(
    text: str, names: dict[str, Text], en: str, zh: str
) -> None:
    rule = Rule.parse(text, FACTS)
    assert (rule.sentence("en", names), rule.sentence("zh", names)) == (en, zh)
    assert rule.describe(names) == Text(en=en, zh=zh)


@pytest.mark.parametrize(
    ("written", "read"),
    [("x" * 60, "x" * 60), ("x" * 61, "x" * 59 + "…"), (" x" * 40, " x" * 29 + "…")],
)
def test_a_long_value_is_cut(written: str, read: str) -> None:
    assert Rule.parse(f'owner == "{written}"').sentence() == f'owner is "{read}"'


def test_a_long_title_is_cut() -> None:
    def called(letters: int) -> str:
        return Rule.parse("ended").sentence("en", {"ended": Text(en="x" * letters)})

    assert called(200) == f"{'x' * 200} is yes"
    assert called(201) == f"{'x' * 199}… is yes"


def test_a_long_sentence_is_cut_in_a_description_only() -> None:
    rule = Rule.parse(" and ".join(["amount > 5"] * 60))
    whole = rule.sentence()
    assert whole.count(" and ") == 59
    assert rule.describe().en == whole[:999].rstrip() + "…"
