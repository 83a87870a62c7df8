"""Rules as people write them who know another notation: each slip is told once, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow._translation import translated
from salesflow.errors import Problem, RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules._notations import han_number
from salesflow.rules._slips import mended
from salesflow.text import Language, Text, both
from tests.rules.strategies import FACTS as DRAWN
from tests.rules.strategies import trees

FACTS: Final = STANDARD_FACTS.extended(
    [
        Fact("stage", FactKind.CHOICE, ("qualify", "close")),
        Fact("net_arr", FactKind.MONEY),
        Fact("margin", FactKind.NUMBER),
        Fact("order_no", FactKind.TEXT),
    ],
    {
        "net_arr": both(en="Net ARR", zh="净年费"),
        "margin": both(en="Margin", zh="毛利率"),
        "order_no": Text(zh="订单号", de="Auftragsnummer"),
    },
)

# What was written, what it means, and every message.
ONE_SLIP: Final = [
    ("amount >= 100万", "amount >= 1_000_000", '11: "100万" is not a number; write 1_000_000'),
    ("amount >= 1.5亿", "amount >= 1.5e8", '11: "1.5亿" is not a number; write 150_000_000'),
    ("amount >= 5千", "amount >= 5000", '11: "5千" is not a number; write 5000'),
    ("amount >= 十二万", "amount >= 120000", '11: "十二万" is not a number; write 120_000'),
    ("amount > １００", "amount > 100", '10: "１００" is not a number; write 100'),
    ("amount ＞ 100", "amount > 100", '8: "＞" is not part of the rule language; write >'),
    ("amount >＝ 100", "amount >= 100", '8: ">＝" is not part of the rule language; write >='),
    ("amount ≥ 100", "amount >= 100", '8: "≥" is not part of the rule language; write >='),
    ("amount：5", "amount == 5", '7: "：" is not part of the rule language; write =='),
    ("amount = 5", "amount == 5", '8: "=" is not part of the rule language; write =='),
    ("amount ~= 5", "amount != 5", '8: "~=" is not part of the rule language; write !='),
    ("ended 且 on_hold", "ended and on_hold", '7: "且" is not part of … write "and"'),
    ("ended 并且 on_hold", "ended and on_hold", '7: "并且" is not part of … write "and"'),
    ("ended 或 on_hold", "ended or on_hold", '7: "或" is not part of … write "or"'),
    ("非 ended", "not ended", '1: "非" is not part of the rule language; write "not"'),
    ("不是 ended", "not ended", '1: "不是" is not part of the rule language; write "not"'),
    ("amount 不是 5", "amount != 5", '8: "不是" is not part of the rule language; write !='),
    ("amount 等于 5", "amount == 5", '8: "等于" is not part of the rule language; write =='),
    ("amount 大于等于 5", "amount >= 5", '8: "大于等于" is not part of … write >='),
    ("amount 不超过 5", "amount <= 5", '8: "不超过" is not part of the rule language; write <='),
    ("ended == 是", "ended", '10: "是" is not part of the rule language; write True'),
    ("金额 > 5", "amount > 5", '1: "金额" is what the fact is called … its name is amount'),
    ("净年费 > 5", "net_arr > 5", '1: "净年费" is what the fact is called … its name is net_arr'),
    (
        'Auftragsnummer == "5"',
        'order_no == "5"',
        '1: "Auftragsnummer" is what the fact is called in sentences; its name is order_no',
    ),
    ("Net ARR > 5", "net_arr > 5", '1: "Net ARR" is what the fact … its name is net_arr'),
    ("the amount > 5", "amount > 5", '1: "the amount" is what the … its name is amount'),
    ("known(预计成交日期)", "known(expected_close_on)", '7: "预计成交日期" is … expected_close_on'),
    (
        "created_on >= 2026-01-05",
        'created_on >= date("2026-01-05")',
        '15: "2026-01-05" is not part of the rule language; write date("2026-01-05")',
    ),
    (
        "created_on >= date(2026/1/5)",
        'created_on >= date("2026-01-05")',
        '15: "date(2026/1/5)" is not part of the rule language; write date("2026-01-05")',
    ),
    (
        "created_on >= 2026年1月5日",
        'created_on >= date("2026-01-05")',
        '15: "2026年1月5日" is not part of the rule language; write date("2026-01-05")',
    ),
    ("probability >= 50%", "probability >= 0.5", '16: "50%" is not a number; write 0.5'),
    ("probability >= 0,5", "probability >= 0.5", '16: "0,5" is not a number; write 0.5'),
    ("amount > 50k", "amount > 50_000", '10: "50k" is not a number; write 50_000'),
    ("amount > 1.2m", "amount > 1_200_000", '10: "1.2m" is not a number; write 1_200_000'),
    ("amount > 3 million", "amount > 3e6", '10: "3 million" is not a number; write 3_000_000'),
    ("amount > 100,000", "amount > 100_000", '10: "100,000" is not a number; write 100_000'),
    ("amount > 100，500", "amount > 100_500", '10: "100，500" is not a number; write 100_500'),
    ("amount > 1'000'000", "amount > 1e6", "10: \"1'000'000\" is not a number; write 1_000_000"),
    ("amount > 100 000", "amount > 100_000", '10: "100 000" is not a number; write 100_000'),
    ("amount in (100,000)", None, '12: "100,000" is not a number; write 100_000'),
    ("amount > $100", "amount > 100", '10: "$100" names a currency, and a … write 100'),
    ("amount > 100 USD", "amount > 100", '10: "100 USD" names a currency, and … write 100'),
    ("amount > 100万元", "amount > 1e6", '10: "100万元" names a currency, and … write 1_000_000'),
    ("days_since(created_on) > 30 days", "days_since(created_on) > 30", '26: "30 days" … write 30'),
    ("days_since(created_on) > 4 weeks", "days_since(created_on) > 28", '26: "4 weeks" … write 28'),
    (
        "days_since(created_on) > 3个月",
        "days_since(created_on) > 90",
        '26: "3个月" is no fixed number of days; write the days, for instance 90',
    ),
    ("amount > 5 AND ended", "amount > 5 and ended", '12: there is no operator "AND"; write "and"'),
    ("NOT ended", "not ended", '1: there is no operator "NOT"; write "not"'),
    ("amount is 5", "amount == 5", '8: "is" is not part of the rule language; write =='),
    ("amount is not 5", "amount != 5", '8: "is not" is not part of the rule language; write !='),
    ("amount is at least 5", "amount >= 5", '8: "is at least" is not part of … write >='),
    ("amount not less than 5", "amount >= 5", '8: "not less than" is not part of … write >='),
    ("owner == 李伟", 'owner == "李伟"', '10: "李伟" is a text, and has no … write "李伟"'),
    ("owner == “李伟”", 'owner == "李伟"', '10: the quotation marks of “李伟” … write "李伟"'),
    (
        "amount between 5 and 10",
        "5 <= amount <= 10",
        '1: there is no operator "between"; write 5 <= amount <= 10',
    ),
    (
        "if amount > 5 then ended",
        "not amount > 5 or ended",
        "1: a rule has no if: it says what ought to hold; write not (amount > 5) or ended",
    ),
    (
        "if ended then on_hold else amount > 5",
        "ended and on_hold or not ended and amount > 5",
        "1: a rule has no if: … write ended and on_hold or not ended and (amount > 5)",
    ),
    (
        "ended implies on_hold",
        "not ended or on_hold",
        '1: there is no operator "implies"; write not ended or on_hold',
    ),
    ("ended unless on_hold", "ended or on_hold", '7: there is no operator "unless"; write "or"'),
    (
        "owner is not null",
        "known(owner)",
        "1: a missing value is not compared; write known(owner)",
    ),
    ("owner == None", "not known(owner)", "1: a missing value is … write not known(owner)"),
    ("amount exists", "known(amount)", "1: a missing value is not compared; write known(amount)"),
    (
        "created_on < today - 30",
        "days_since(created_on) > 30",
        "1: a rule does not calculate; write days_since(created_on) > 30",
    ),
    (
        "expected_close_on < today + 14",
        "days_until(expected_close_on) < 14",
        "1: a rule does not calculate; write days_until(expected_close_on) < 14",
    ),
    (
        "days_since created_on > 30",
        "days_since(created_on) > 30",
        "1: the name of a fact stands in brackets behind a function; write days_since(created_on)",
    ),
    (
        "at least 2 of (ended, on_hold)",
        "at_least(2, ended, on_hold)",
        "1: some of several things are counted by at_least; write at_least(2, …)",
    ),
]


def problems_of(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        Rule.parse(text, FACTS)
    return [str(problem).removeprefix("column ") for problem in caught.value.problems]


def reads(told: str, expected: str) -> bool:
    """Whether a message is as expected; `…` stands for any words, once a message was seen whole."""
    pattern = ".*".join(map(re.escape, expected.split(" … ")))
    return told == expected or re.fullmatch(pattern, told) is not None


@pytest.mark.parametrize(("written", "meant", "expected"), ONE_SLIP, ids=[it[0] for it in ONE_SLIP])
def test_a_slip_is_told_once_with_what_to_write(
    written: str, meant: str | None, expected: str
) -> None:
    told, *more = problems_of(written)
    assert reads(told, expected), told
    if meant is None:
        return
    assert not more
    text = mended(written, FACTS).text
    assert Rule.parse(text, FACTS) == Rule.parse(meant, FACTS)


def test_what_else_is_wrong_is_told_beside_the_slips_in_the_order_of_columns() -> None:
    assert problems_of("金额大于100万且客户级别等于“nmed”") == [
        '1: "金额" is what the fact is called in sentences; its name is amount',
        '3: "大于" is not part of the rule language; write >',
        '5: "100万" is not a number; write 1_000_000',
        '9: "且" is not part of the rule language; write "and"',
        '10: "客户级别" is what the fact is called in sentences; its name is account.tier',
        '10: account.tier is never "nmed"; did you mean "named"?',
        '14: "等于" is not part of the rule language; write ==',
        '16: the quotation marks of “nmed” are not those of the rule language; write "nmed"',
    ]


def test_what_is_told_beside_slips_has_the_column_of_what_was_written() -> None:
    assert problems_of("金额 > 5 and amout > 5 and ended ＝ True and ownr == 5") == [
        '1: "金额" is what the fact is called in sentences; its name is amount',
        '12: there is no fact "amout"; did you mean amount?',
        '32: "＝" is not part of the rule language; write ==',
        '43: there is no fact "ownr"; did you mean owner?',
    ]


@pytest.mark.parametrize("slips", [19, 20])
def test_of_slips_and_of_what_is_told_beside_them_the_first_twenty_are_told(slips: int) -> None:
    first, *more = problems_of(" and ".join(["amout > 5", *["金额 > 5"] * slips]))
    assert first == '1: there is no fact "amout"; did you mean amount?'
    assert more == [
        f'{15 + n * 11}: "金额" is what the fact is called in sentences; its name is amount'
        for n in range(19)
    ]


@pytest.mark.parametrize(("letters", "beside"), [(3_968, True), (3_969, False)])
def test_a_text_that_would_be_too_long_without_its_slips_is_told_these_only(
    letters: int, beside: bool
) -> None:
    # Four characters more are written where the name of the fact is.
    text = f'amout > 5 and 金额 > 5 and owner=="{"x" * (letters - 6)}"'
    assert len(mended(text, FACTS).text) == 4_000 + (not beside)
    *told, last = problems_of(text)
    assert last == '15: "金额" is what the fact is called in sentences; its name is amount'
    assert told == (['1: there is no fact "amout"; did you mean amount?'] if beside else [])


REMEDIES: Final = [
    (
        "account.tier == named",
        '17: there is no fact "named"; a text stands in quotes; write "named"',
    ),
    ("account.tier in (nmed,)", '18: there is no fact "nmed"; a text … write "named"'),
    ("owner == li.wei", '10: there is no fact "li.wei"; a text stands in quotes; write "li.wei"'),
    ("stage == close", '10: there is no fact "close"; a text stands in quotes; write "close"'),
    ("ended == yes", '10: there is no fact "yes"; write True'),
    (
        "account > 5",
        '1: there is no fact "account"; there are account.tier, account.name, account.industry',
    ),
    ("deal.amount > 5", '1: there is no fact "deal.amount"; did you mean amount?'),
    ("created_on == now()", '15: there is no function "now"; write today, without brackets'),
    ("all(ended, on_hold)", '1: there is no function "all"; write "and" between the rules'),
    (
        'owner contains "x"',
        "7: a rule compares whole texts only; write == or in (…), or declare a flag",
    ),
    ('probability > "50%"', '1: probability is a number; it … "50%"; write 0.5 without quotes'),
    ('probability > "0,5"', '1: probability is a number; it … "0,5"; write 0.5 without quotes'),
    ('amount > "100,000"', '1: amount is an … with "100,000"; write 100_000 without quotes'),
    ('amount > "50kx"', '1: amount is an … with "50kx"; write a number, as in 100_000'),
    (
        "created_on > 30",
        "1: created_on is a day; it cannot … for an age, days_since(created_on) > 30",
    ),
    (
        "created_on > 05.01.2026",
        '14: "05.01.2026" is not a day; write it as date("2026-01-31"), the year first',
    ),
    (
        "created_on > 2026-13-05",
        '14: "2026-13-05" is not a day; write it as date("2026-01-31"), the year first',
    ),
    (
        "预算 > 5",
        '1: "预算" cannot stand here; names are written in ASCII; a text stands … as in "北京"',
    ),
]


@pytest.mark.parametrize(("written", "expected"), REMEDIES, ids=[it[0] for it in REMEDIES])
def test_a_mistake_of_meaning_is_told_with_its_remedy(written: str, expected: str) -> None:
    told, *more = problems_of(written)
    assert reads(told, expected), told
    assert not more


@pytest.mark.parametrize(
    "text",
    [
        'owner == "100万 且 (amount：5)"',
        "owner == 'if x then y between 5 and 10'",
        "amount in (100,200)",
        "at_least(1,ended,on_hold)",
        "amount > 100_0000",
        "amount > 1e5",
    ],
)
def test_what_is_a_rule_is_no_slip(text: str) -> None:
    assert Rule.parse(text, FACTS).text


@given(st.integers(1, 10**13))
def test_numbers_in_characters_are_read(number: int) -> None:
    assert han_number(in_characters(number)) == number


def in_characters(number: int) -> str:
    digits = "零一二三四五六七八九"
    for unit, sign in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            rest = number % unit
            gap = "零" if 0 < rest < unit // 10 else ""
            return (
                f"{in_characters(number // unit)}{sign}{gap}{in_characters(rest) if rest else ''}"
            )
    for unit, sign in ((1_000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            rest = number % unit
            gap = "零" if 0 < rest < unit // 10 else ""
            return f"{digits[number // unit]}{sign}{gap}{in_characters(rest) if rest else ''}"
    return digits[number]


# -- the law: what is proposed means what was written --------------------------------------------

TITLED: Final = DRAWN.extended(
    [], {name: both(en=f"Title of {n}", zh=f"第{n}个") for n, name in enumerate(DRAWN)}
)
_TOKEN: Final = re.compile(
    r'date\("(?P<day>[0-9-]+)"\)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<list>not in|in) \([^()]*\)'
    r"|(?P<number>(?<![\w.-])[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.+-]))"
    r"|(?P<word>[a-z_][a-z_.0-9]*)|(?P<op>[<>=!]+)|(?P<bracket>[()])|."
)
_WORDS: Final = {
    "and": ("且", "AND", "&&", "同时"),
    "or": ("或", "OR", "||", "或者"),
    "not": ("非 ", "NOT", "! "),
}
_OPS: Final = {
    "==": ("＝", "等于", "equals", "＝＝"),
    "!=": ("≠", "不等于", "<>"),
    "<": ("＜", "小于", "less than"),
    "<=": ("≤", "不高于", "=<"),
    ">": ("＞", "大于", "more than"),
    ">=": ("≥", "至少", "=>"),
}


def otherwise(rule: Rule, choose: Callable[[int], int]) -> str:
    """The rule as somebody may write it who knows another notation."""

    def one(*ways: str) -> str:
        return ways[choose(len(ways))]

    def written(token: re.Match[str]) -> str:
        text = token[0]
        if token["day"]:
            year, month, day = token["day"].split("-")
            return one(text, f"{year}/{month}/{day}", f"{year}年{int(month)}月{int(day)}日")
        if token["string"] and re.fullmatch(r'"\w+"', text):
            return one(text, f"“{text[1:-1]}”")
        if token["number"]:
            value = float(text)
            ways = [text, text.translate(str.maketrans("0123456789", "０１２３４５６７８９"))]
            ways += [f"{value / 1e4:g}万"] if value >= 1e4 and value % 100 == 0 else []
            return one(*ways, f"{value * 100:.10g}%" if value < 10 else text)
        if token["op"]:
            return one(text, *_OPS[text])
        if token["word"] in _WORDS:
            return one(text, *_WORDS[text])
        if token["word"] in TITLED:
            title = TITLED.titles[text]
            return one(text, title.get("zh"), title.get("en"))
        return text

    return _TOKEN.sub(written, rule.text)


@given(trees(size=6).map(lambda node: Rule.of(node, TITLED)), st.data())
def test_what_is_proposed_means_what_was_written(rule: Rule, data: st.DataObject) -> None:
    written = otherwise(rule, lambda ways: data.draw(st.integers(0, ways - 1)))
    try:
        read = Rule.parse(written, TITLED)
    except RuleError as error:
        told = error.problems
    else:
        assert read == rule
        return
    assert all(problem.hint for problem in told)
    found = mended(written, TITLED)
    if len(found.problems) < 20:
        assert Rule.parse(found.text, TITLED) == rule


@pytest.mark.parametrize(
    ("page", "lang"), [("rule-language.md", "en"), ("rule-language.zh.md", "zh")]
)
def test_the_page_shows_what_is_told(page: str, lang: Language) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ((?:column|第) .+) \|$", text, re.MULTILINE)
    assert len(rows) > 12
    for written, expected in rows:
        with pytest.raises(RuleError) as caught:
            Rule.parse(written)
        assert [told(problem, lang) for problem in caught.value.problems] == [expected]


def told(problem: Problem, lang: Language) -> str:
    """What is told of a problem: its column, what is wrong, what to write."""
    if lang == "en":
        return str(problem)
    chinese = translated(problem, lang)
    return f"第 {problem.path.removeprefix('column ')} 列：{chinese.message}；{chinese.hint}"
