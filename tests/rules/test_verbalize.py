"""What is said of a rule, in English and in Chinese."""

from __future__ import annotations

from datetime import date

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind
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
