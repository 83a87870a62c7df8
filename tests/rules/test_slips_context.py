"""Slips beside others: what stands before and behind one tells what it stands for."""

from __future__ import annotations

from typing import Final

import pytest

from salesflow.errors import RuleError
from salesflow.facts import Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules._slips import mended
from salesflow.text import both
from tests.rules.test_slips import FACTS, problems_of

# What was written as a construction that the language does not have, and what it means.
CONSTRUCTIONS: Final = [
    ("owner == '李伟' and amount between 5 and 10", 'owner == "李伟" and 5 <= amount <= 10'),
    ("amount not between 5 and 10", "not 5 <= amount <= 10"),
    ("if\n ended then\n on_hold", "not ended or on_hold"),
    ("如果 ended 则 on_hold 否则 amount > 5", "ended and on_hold or not ended and amount > 5"),
    ("ended ? on_hold : amount > 5", "ended and on_hold or not ended and amount > 5"),
    ("ended -> on_hold", "not ended or on_hold"),
    ("ended → on_hold", "not ended or on_hold"),
    ("owner != null", "known(owner)"),
    ("owner is not None", "known(owner)"),
    ("owner is  not  null", "known(owner)"),
    ("owner isn't null", "known(owner)"),
    ("owner is not equal to blank", "known(owner)"),
    ("owner is None", "not known(owner)"),
    ("owner is equal to null", "not known(owner)"),
    ("owner equals null", "not known(owner)"),
    ("owner 为空", "not known(owner)"),
    ("owner 是 空值", "not known(owner)"),
    ("owner 等于 None", "not known(owner)"),
    ("owner 不为空", "known(owner)"),
    ("owner 不是空", "known(owner)"),
    ("owner 非空", "known(owner)"),
    ("owner is not known", "not known(owner)"),
    ("owner 未填写", "not known(owner)"),
    ("owner 已知", "known(owner)"),
    ("已知 owner", "known(owner)"),
]


@pytest.mark.parametrize(("written", "meant"), CONSTRUCTIONS, ids=[it[0] for it in CONSTRUCTIONS])
def test_a_construction_is_told_once_and_as_a_whole(written: str, meant: str) -> None:
    assert len(problems_of(written)) == 1
    assert Rule.parse(mended(written, FACTS).text, FACTS) == Rule.parse(meant, FACTS)


# What was written, what is read, and at which columns something is told.
PLACES: Final = [
    ('"li.wei" is owner', '"li.wei" == owner', [10]),
    ("amount isn't 5", "amount != 5", [8]),
    ("owner 是空调", 'owner == "空调"', [7, 8]),
    ("owner 是空且ended", "not known(owner) and ended", [1, 9]),
    ("如果owner是空则ended", "not (not known(owner)) or ended", [1, 3]),
    ("已知(owner) 且 ended", "known(owner) and ended", [1, 11]),
    ("is not ended", "not ended", [1]),
    ("今天是 closed_on", "today == closed_on", [1, 3]),
    ("真 是 ended", "True == ended", [1, 3]),
    ("假 不是 ended", "False != ended", [1, 3]),
    ("if ended then 不是 on_hold", "not ended or not on_hold", [1, 15]),
    ("if 不是 ended then on_hold", "not not ended or on_hold", [1, 4]),
    (
        "if ended then known(owner) else 不是 on_hold",
        "ended and known(owner) or not ended and not on_hold",
        [1, 33],
    ),
    ("ended implies 不是 on_hold", "not ended or not on_hold", [1, 15]),
    ("ended unless 不是 on_hold", "ended or not on_hold", [7, 14]),
    ("amount between 三 and 五", "3 <= amount <= 5", [1, 16, 22]),
    ("next step == “x”", 'next_step == "x"', [1, 14]),
    ("amount > $ 且 ended", None, [10, 12]),
    ("amount is at least unknown", None, [8, 20]),
    ("amount 大于空", None, [1, 8, 10]),
    ("days_since(created_on) 至少 30", "days_since(created_on) >= 30", [24]),
    ("days_since（created_on）至少 30", "days_since(created_on) >= 30", [11, 22, 23]),
    ("ended或者on_hold", "ended or on_hold", [6]),
    ("owner == 李伟且ended", 'owner == "李伟" and ended', [10, 12]),
    ("owner in （李伟，王芳）", 'owner in ("李伟", "王芳")', [10, 11, 13, 14, 16]),
    ("owner 不属于 (李伟, 王芳)", 'owner not in ("李伟", "王芳")', [7, 12, 16]),
    ("owner is not in (李伟, 王芳)", 'owner not in ("李伟", "王芳")', [7, 18, 22]),
    ("owner in (李伟,) 且 amount > 100,500", None, [11, 16, 27]),
    ("(amount > 100,500) and ended", "amount > 100_500 and ended", [11]),
    ("known(owner) and amount > 100,500", "known(owner) and amount > 100_500", [27]),
    ("at_least(1,100, ended) 且 ended", None, [12, 24]),
    ("amount ≥= 5", "amount >= 5", [8]),
    ("amount ≤＝ 5", "amount <= 5", [8]),
    ("amount > －5", "amount > -5", [10]),
    ("net＿arr > 5", "net_arr > 5", [4]),
    ("account。tier == “named”", 'account.tier == "named"', [8, 17]),
    ("ended\u3000and on_hold", "ended and on_hold", [6]),
]


@pytest.mark.parametrize(("written", "meant", "columns"), PLACES, ids=[it[0] for it in PLACES])
def test_a_slip_is_read_by_what_stands_around_it(
    written: str, meant: str | None, columns: list[int]
) -> None:
    told = problems_of(written)
    assert [int(problem.partition(":")[0]) for problem in told] == columns
    if meant is not None:
        assert Rule.parse(mended(written, FACTS).text, FACTS) == Rule.parse(meant, FACTS)


NOT_OURS: Final = "is not part of the rule language"
FOREIGN: Final = (
    'cannot stand here; names are written in ASCII; a text stands in quotes, as in "北京"'
)
EXACTLY: Final = [
    ("amount 不属于 (5, 6)", [f'8: "不属于" {NOT_OURS}; write "not in"']),
    ("ended\u3000and on_hold", [f"6: the space U+3000 {NOT_OURS}; write a plain space"]),
    ("foo 不是 5", ['1: there is no fact "foo"', f'5: "不是" {NOT_OURS}; write !=']),
    ("on_hold且x", [f'8: "且" {NOT_OURS}; write "and"', '9: there is no fact "x"']),
    ("ended且_x", [f'6: "且" {NOT_OURS}; write "and"', '7: there is no fact "_x"']),
    ("amount > : 5", [f'10: ":" {NOT_OURS}']),
    ("amount ＜＜ 5", [f'8: "＜" {NOT_OURS}', f'9: "＜" {NOT_OURS}']),
    ("(预算 > 5)", [f'2: "预算" {FOREIGN}']),
    ("known(预算)", [f'7: "预算" {FOREIGN}']),
    (
        "owner == 北京 三里屯",
        [
            '10: "北京" is a text, and has no quotation marks; write "北京"',
            f'13: "三里屯" {FOREIGN}',
        ],
    ),
    (
        "ended) 且 amount > 100,500",
        [
            '6: ")" has no "(" before it; leave it out',
            f'8: "且" {NOT_OURS}; write "and"',
            '19: "100,500" is not a number; write 100_500',
        ],
    ),
    (
        "if owner == “a”且ended then on_hold",
        [
            (
                "1: a rule has no if: it says what ought to hold;"
                ' write not (owner == "a" and ended) or on_hold'
            ),
            '13: the quotation marks of “a” are not those of the rule language; write "a"',
            f'16: "且" {NOT_OURS}; write "and"',
        ],
    ),
]


@pytest.mark.parametrize(("written", "expected"), EXACTLY, ids=[it[0] for it in EXACTLY])
def test_this_is_told_and_nothing_else(written: str, expected: list[str]) -> None:
    assert problems_of(written) == expected


def test_the_name_of_a_fact_is_no_word_for_an_operator() -> None:
    facts = FACTS.extended([Fact("exceeds", FactKind.MONEY)])
    with pytest.raises(RuleError, match='an operator is missing before "exceeds"'):
        Rule.parse("amount exceeds 5", facts)
    assert mended("amount exceeds 5", FACTS).text == "amount > 5"


TITLES: Final = FACTS.extended(
    [Fact(name, FactKind.FLAG) for name in ("seat", "renewal", "b", "odd", "no", "due")],
    {
        "seat": both(en="Net ARR per seat", zh="每席净年费"),
        "renewal": both(en="Up (soon)", zh="待续约"),
        "b": both(en="Plan B", zh="备选方案"),
        "odd": both(en="the ", zh="奇"),
        "no": both(en="Not", zh="否"),
        "due": both(en="Amount due", zh="应付"),
    },
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("net arr per seat", "seat"),
        ("NET ARR > 5", "net_arr > 5"),
        ("amount due 且 ended", "due and ended"),
        ("amount > 5 且 ended", "amount > 5 and ended"),
        ("up (soon)and ended", "renewal and ended"),
        ("plan B且ended", "b and ended"),
        ("not ended 且 on_hold", "not ended and on_hold"),
    ],
)
def test_the_longest_title_counts_and_no_operator_is_one(written: str, meant: str) -> None:
    assert Rule.parse(mended(written, TITLES).text, TITLES) == Rule.parse(meant, TITLES)


def test_a_title_is_one_as_a_whole_word_only() -> None:
    assert mended("plan bx 且 ended", TITLES).text == "plan bx and ended"


def test_a_word_of_a_construction_that_names_a_fact_is_that_fact() -> None:
    facts = FACTS.extended([Fact("unless", FactKind.FLAG)])
    found = mended("unless = True and ended UNLESS on_hold", facts)
    assert found.text == "unless == True and ended or on_hold"
    assert [problem.path for problem in found.problems] == ["column 8", "column 25"]


def test_the_end_of_a_mended_rule_is_the_end_of_what_was_written() -> None:
    assert problems_of("金额 >")[1:] == [
        "5: the rule ends too early; a fact or a value is missing here"
    ]


def test_what_is_shown_of_a_slip_is_no_longer_than_forty_characters() -> None:
    for length, shown in ((40, "京" * 40), (41, "京" * 39 + "…")):
        text = "京" * length
        expected = f'10: "{shown}" is a text, and has no quotation marks; write "{text}"'
        assert problems_of(f"owner == {text}") == [expected]


def test_what_to_write_is_shown_up_to_two_hundred_characters() -> None:
    for length in (200, 201):
        instead = f'not (owner == "{"x" * (length - 26)}") or ended'
        assert len(instead) == length
        hint = instead if length == 200 else 'not (…) or …, or give the criterion a "when"'
        (told,) = problems_of(f"if {instead[5:-10]} then ended")
        assert told.partition("; ")[2] == f"write {hint}"


def test_slips_are_looked_for_in_texts_of_a_length_that_a_rule_may_have() -> None:
    text = "ended 且 on_hold"
    assert problems_of(text.ljust(4_000)) == problems_of(text)
    (told,) = problems_of(text.ljust(4_001))
    assert told.startswith("1: the rule has 4,001 characters")
