"""Numbers as people write them: with units, currencies and commas, in lists and in characters."""

from __future__ import annotations

from typing import Final

import pytest

from salesflow.errors import RuleError
from salesflow.facts import Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules._notations import han_number
from salesflow.rules._slips import mended
from tests.rules.test_slips import FACTS, problems_of

AGE: Final = "days_since(created_on) > "
CURRENCY: Final = "names a currency, and a rule only a number"

SAID: Final = [
    ("amount > $5m", 10, f'"$5m" {CURRENCY}; write 5_000_000'),
    ("amount > ¥5万", 10, f'"¥5万" {CURRENCY}; write 50_000'),
    ("amount > US$5", 10, f'"US$5" {CURRENCY}; write 5'),
    ("amount > USD 5", 10, f'"USD 5" {CURRENCY}; write 5'),
    ("amount > USD 5k", 10, f'"USD 5k" {CURRENCY}; write 5000'),
    ("amount > 5 人民币", 10, f'"5 人民币" {CURRENCY}; write 5'),
    (f"{AGE}3 天", 26, '"3 天" is not part of the rule language; write 3'),
    (f"{AGE}2周", 26, '"2周" is not part of the rule language; write 14'),
    (f"{AGE}3 个月", 26, '"3 个月" is no fixed number of days; … for instance 90'),
    (f"{AGE}2 years", 26, '"2 years" is no fixed number of days; … for instance 730'),
    ("amount > 1000万亿", 10, '"1000万亿" is not a number; write 1e+15'),
    ("amount > 1.000.000", 10, '"1.000.000" is not a number; write 1_000_000'),
    ("amount > 万", 10, '"万" is not a number; write 10_000'),
    ("amount in (100,050,200)", 12, '"100,050,200" is not a number; write 100_050_200'),
    ("amount in (１,200)", 12, '"１" is not a number; write 1'),
]


@pytest.mark.parametrize(("written", "column", "expected"), SAID, ids=[it[0] for it in SAID])
def test_a_number_is_told_with_its_unit_and_its_currency(
    written: str, column: int, expected: str
) -> None:
    told = problems_of(written)[0]
    assert told == f"{column}: {expected.replace('…', 'write the days,')}"


# What was written, with one slip in it that has nothing to do with the number, and what is read.
BESIDE: Final = [
    ("amount in (100,200) 且 ended", "amount in (100,200) and ended"),
    ("amount in (1,200,30) 且 ended", "amount in (1,200,30) and ended"),
    ("amount > 100元且ended", "amount > 100 and ended"),
    ("amount > 100人民币且ended", "amount > 100 and ended"),
    ("amount > 100万and ended", "amount > 1_000_000 and ended"),
    ("close_date_pushes > 30天and ended", "close_date_pushes > 30 and ended"),
    ("amount > 100美元或ended", "amount > 100 or ended"),
]


@pytest.mark.parametrize(("written", "meant"), BESIDE, ids=[it[0] for it in BESIDE])
def test_a_number_ends_where_a_list_or_the_next_word_goes_on(written: str, meant: str) -> None:
    assert mended(written, FACTS).text == meant
    assert Rule.parse(meant, FACTS).text


# No rule can say these, so nobody is told to write another number than the one that was meant.
UNSAYABLE: Final = [
    "amount > １２３４５６７８９０１２３４５６ 且 ended",
    "amount > 123,456,789,012,345,678 且 ended",
    "amount > 123 456 789 012 345 678 且 ended",
    "amount > 一二三四五六七八九一二三四五六七八九 且 ended",
    "margin > ０.１２３４５６７８９０１２３４５６ 且 ended",
    "margin > 0,1234567890123456789 且 ended",
    "margin > 12.345678901234567% 且 ended",
    "amount > 1234567890123456万 且 ended",
    "amount > 50kx 且 ended",
    "amount > $50kx 且 ended",
    "amount > １００abc 且 ended",
    "amount > 5 USDX 且 ended",
]


@pytest.mark.parametrize("text", UNSAYABLE)
def test_no_number_is_proposed_that_was_not_written(text: str) -> None:
    assert mended(text, FACTS).text == text.replace("且", "and")


def test_what_a_fact_is_called_is_no_unit_and_no_currency() -> None:
    named = [Fact(name, FactKind.NUMBER) for name in ("days", "EUR")]
    facts = FACTS.extended(named)
    for text in ("amount > 5 days", "amount > 5 EUR"):
        with pytest.raises(RuleError, match=f'an operator is missing before "{text[11:]}"'):
            Rule.parse(text, facts)
        assert mended(text, FACTS).problems


def test_a_point_without_a_zero_before_it_does_not_hide_what_else_is_wrong() -> None:
    assert problems_of("margin > .5 and amout > 5") == [
        '10: ".5" is not a number; write 0.5',
        '17: there is no fact "amout"; did you mean amount?',
    ]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("二〇二六", 2026),
        ("一百零五", 105),
        ("十", 10),
        ("百万", 1_000_000),
        ("万", 10_000),
        ("亿", 100_000_000),
        ("三亿五千万", 350_000_000),
        ("一万亿", 10**12),
        ("一万二千亿零三", 1_200_000_000_003),
    ],
)
def test_a_number_in_characters_is_what_its_characters_say(words: str, number: int) -> None:
    assert han_number(words) == number
