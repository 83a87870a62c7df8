"""Every function of the rule language says what it decides.

A sentence is read back here as a person reads it, without a look at how it was made, and has to
hold of exactly the deals of which the rule holds. Whoever adds a function adds how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.rules import Rule, Verdict
from salesflow.rules._functions import FUNCTIONS
from salesflow.rules.ast import AgeFunction
from salesflow.text import LANGUAGES, Language

TODAY = date(2026, 11, 21)

Record = Mapping[str, Any]
Read = re.Match[str]
HOLDS: Final = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
OF_A_NUMBER: Final = {
    "exactly": "==",
    "other than": "!=",
    "less than": "<",
    "at most": "<=",
    "more than": ">",
    "at least": ">=",
    "正好": "==",
    "不是": "!=",
    "不到": "<",
    "至多": "<=",
    "超过": ">",
    "至少": ">=",
}
OF_A_DAY: Final = {
    "": "==",
    "other than": "!=",
    "before": "<",
    "on or before": "<=",
    "after": ">",
    "on or after": ">=",
    "为": "==",
    "不为": "!=",
    "早于": "<",
    "不晚于": "<=",
    "晚于": ">",
    "不早于": ">=",
}
DAYS_APART: Final = st.one_of(st.integers(-3, 3), st.integers(-40_000, 40_000))
DAYS: Final[Mapping[Language, str]] = {"en": "days?", "zh": "天"}
STAGES: Final = ("first", "second")


def number(read: Read) -> int:
    return int(read["n"].replace(",", ""))


def compared(value: Any, read: Read, words: Mapping[str, str], limit: Any) -> bool:
    return bool(HOLDS[words[read["op"]]](value, limit))


@dataclass(frozen=True)
class Reading:
    """How a person reads what is said of a function.

    Attributes:
        rule: The rule, with places for its operator and its number.
        en: The sentence, from which the operator and the number are read; it names the unit.
        zh: The same in Chinese.
        holds: Whether a sentence that was read so is true of a deal.
        numbers: What may stand in the place of the number.
        pair: Two neighbours among them.
        age: The value of the function, where a blocker tells one: from how long ago it was.
        unit: The unit in which the blocker tells it.
    """

    rule: str
    en: str
    zh: str
    holds: Callable[[Record, Read], bool]
    numbers: st.SearchStrategy[Any]
    pair: tuple[Any, Any]
    age: Callable[[int], int] | None = None
    unit: Mapping[Language, str] = field(default_factory=dict)


READINGS: Final[Mapping[str, Reading]] = {
    "known": Reading(
        "known({n})",
        r"(?P<n>\w+) is known",
        r"(?P<n>\w+) 已知",
        lambda facts, read: facts[read["n"]] is not None,
        st.sampled_from(["owner", "source"]),
        ("owner", "source"),
    ),
    "reached": Reading(
        'reached("{n}")',
        r'stage "(?P<n>\w+)" is reached',
        r"阶段“(?P<n>\w+)”已到达",
        lambda facts, read: facts[f"reached.{read['n']}"],
        st.sampled_from(STAGES),
        STAGES,
    ),
    "at_least": Reading(
        "at_least({n}, ended, on_hold, known(owner))",
        r"at least (?P<n>\d+) of \(ended is yes; on_hold is yes; owner is known\)",
        r"以下至少 (?P<n>\d+) 项成立（ended 为“是”；on_hold 为“是”；owner 已知）",
        lambda facts, read: (
            number(read) <= facts["ended"] + facts["on_hold"] + (facts["owner"] is not None)
        ),
        st.integers(1, 3),
        (1, 2),
    ),
    "days_since": Reading(
        "days_since(closed_on) {op} {n}",
        r"closed_on is (?P<op>[a-z ]+) (?P<n>-?[\d,]+) days? ago",
        r"closed_on 距今(?P<op>[^ \d-]+) ?(?P<n>-?[\d,]+) 天",
        lambda facts, read: compared(
            (TODAY - facts["closed_on"]).days, read, OF_A_NUMBER, number(read)
        ),
        DAYS_APART,
        (30, 31),
        lambda days_ago: days_ago,
        DAYS,
    ),
    "days_until": Reading(
        "days_until(closed_on) {op} {n}",
        r"closed_on is (?P<op>[a-z ]+) (?P<n>-?[\d,]+) days? ahead",
        r"closed_on 离现在(?P<op>[^ \d-]+) ?(?P<n>-?[\d,]+) 天",
        lambda facts, read: compared(
            (facts["closed_on"] - TODAY).days, read, OF_A_NUMBER, number(read)
        ),
        DAYS_APART,
        (30, 31),
        lambda days_ago: -days_ago,
        DAYS,
    ),
    "date": Reading(
        'closed_on {op} date("{n}")',
        r"closed_on is (?P<op>[a-z ]*?) ?(?P<n>\d{4}-\d\d-\d\d)",
        r"closed_on (?P<op>\D+?) ?(?P<n>\d{4}-\d\d-\d\d)",
        lambda facts, read: compared(
            facts["closed_on"], read, OF_A_DAY, date.fromisoformat(read["n"])
        ),
        DAYS_APART.map(lambda days: TODAY + timedelta(days)),
        (date(2026, 1, 31), date(2026, 2, 1)),
    ),
}
functions = pytest.mark.parametrize("function", READINGS)
deals = st.fixed_dictionaries(
    {
        "ended": st.booleans(),
        "on_hold": st.booleans(),
        "owner": st.sampled_from(["li.wei", None]),
        "source": st.sampled_from(["fair", None]),
        "reached.first": st.booleans(),
        "reached.second": st.booleans(),
        "closed_on": DAYS_APART.map(lambda days: TODAY + timedelta(days)),
    }
)


def read_back(reading: Reading, words: str, lang: Language) -> Read:
    read = re.fullmatch(reading.en if lang == "en" else reading.zh, words)
    assert read is not None, words
    return read


def test_every_function_of_the_language_is_read_back_here() -> None:
    assert set(READINGS) == set(FUNCTIONS)


@functions
@given(data=st.data(), op=st.sampled_from(list(HOLDS)), deal=deals)
def test_a_sentence_is_true_of_the_deals_of_which_its_rule_holds(
    function: str, data: st.DataObject, op: str, deal: Record
) -> None:
    reading = READINGS[function]
    rule = Rule.parse(reading.rule.format(op=op, n=data.draw(reading.numbers)))

    holds = rule.verdict(deal, TODAY) is Verdict.YES
    for lang in LANGUAGES:
        words = rule.sentence(lang)
        assert reading.holds(deal, read_back(reading, words, lang)) is holds, words


@functions
@pytest.mark.parametrize("lang", LANGUAGES)
def test_neighbours_have_different_sentences(function: str, lang: Language) -> None:
    reading = READINGS[function]
    rules = {Rule.parse(reading.rule.format(op=op, n=n)) for op in HOLDS for n in reading.pair}

    assert len(rules) >= 2
    assert len({rule.sentence(lang) for rule in rules}) == len(rules)


@functions
@given(data=st.data(), op=st.sampled_from(list(HOLDS)), deal=deals)
def test_what_stands_in_the_way_is_called_as_the_sentence_calls_it(
    function: str, data: st.DataObject, op: str, deal: Record
) -> None:
    reading = READINGS[function]
    rule = Rule.parse(reading.rule.format(op=op, n=data.draw(reading.numbers)))

    blockers = rule.evaluate(deal, TODAY).blockers()
    assert bool(blockers) is (rule.verdict(deal, TODAY) is not Verdict.YES)
    if len(rule.facts) == 1:
        assert all(blocker.title == rule.describe() for blocker in blockers)
    else:
        assert {blocker.needed or 1 for blocker in blockers} <= {1, 2, 3}


MUST: Final[Mapping[Language, str]] = {"en": "; it must be ", "zh": "，须"}
SUBJECT: Final[Mapping[Language, str]] = {"en": "closed_on is ", "zh": "closed_on "}
AGES: Final[Mapping[Language, str]] = {
    "en": r", (?:today|(?P<n>[\d,]+) {unit} (?:(?P<ago>ago)|ahead))$",
    "zh": r"（(?:今天|(?:(?P<ago>距今)|离现在) (?P<n>[\d,]+) {unit})）$",
}


@pytest.mark.parametrize("function", [name for name, reading in READINGS.items() if reading.age])
@given(n=DAYS_APART, op=st.sampled_from(list(HOLDS)), deal=deals)
def test_a_blocker_tells_the_age_seen_and_the_age_wanted_in_one_unit(
    function: str, n: int, op: str, deal: Record
) -> None:
    reading = READINGS[function]
    rule = Rule.parse(f"{function}(closed_on) {op} {n}")
    assert reading.age is not None

    for blocker in rule.evaluate(deal, TODAY).blockers():
        for lang in LANGUAGES:
            seen, _, wanted = blocker.fix.get(lang).partition(MUST[lang])
            assert SUBJECT[lang] + wanted == rule.sentence(lang)
            read = re.search(AGES[lang].format(unit=reading.unit[lang]), seen)
            assert read is not None, seen
            units = number(read) if read["n"] else 0
            age = reading.age(units if read["ago"] else -units)
            same = Rule.parse(f"{function}(closed_on) == {age}")
            assert same.verdict(deal, TODAY) is Verdict.YES, seen


def test_every_function_that_computes_an_age_is_read_in_its_unit() -> None:
    assert {name for name, reading in READINGS.items() if reading.age} == set(get_args(AgeFunction))
