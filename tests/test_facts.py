"""What a fact may be: limits, units, forms; and what people are told to enter instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow._pattern import LINE_BREAKS, expression_of
from salesflow.errors import FactError, InvalidPlaybook
from salesflow.facts import Fact, FactKind

NOW: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OFFER: Final = """
id = "offer"
version = "1"
title = "Offer"
[[facts]]
name = "discount"
kind = "number"
unit = "percent"
title = { en = "The discount", zh = "折扣" }
[[facts]]
name = "term"
kind = "number"
unit = "days"
max = 90
[[facts]]
name = "list_price"
kind = "money"
min = 1
[[facts]]
name = "contract"
kind = "text"
pattern = "C-##*"
[[scorecards]]
key = "fit"
title = "Fit"
items = [{ key = "cheap", title = "Cheap", rule = "discount <= 0.3" }]
bands = [{ key = "any", title = "Any", min = 0 }]
[[stages]]
key = "quote"
title = "Quote"
  [[stages.exit]]
  key = "small"
  title = "The discount is small"
  rule = "discount <= 0.3"
"""
PLAYBOOK: Final = sf.Playbook.from_toml(OFFER)
ENGINE: Final = sf.StageEngine(PLAYBOOK)


def started(**facts: object) -> sf.Opportunity:
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "Lifts", "facts": facts})
    return ENGINE.decide(deal, sf.Start(by="li"), at=NOW).require()


def test_a_percentage_of_twenty_is_refused_with_what_to_enter() -> None:
    amend = sf.Amend(by="li", changes={"facts": {"discount": 20, "contract": "12"}})

    decision = ENGINE.decide(started(), amend, at=NOW)

    assert {blocker.code for blocker in decision.blockers} == {"fact_value"}
    discount, contract = decision.blockers
    assert discount.fix.en == "20 was given; enter 0.2, not 20"
    assert discount.fix.zh == "收到的是20；请填写 0.2，而不是 20"
    assert discount.title.en == "The discount is a share from 0 to 1 (0.2 is 20 %)"
    assert "C-##*" in contract.fix.get("en")


def test_what_was_wrong_before_does_not_stop_other_changes() -> None:
    deal = started(discount=20)

    amend = sf.Amend(by="li", changes={"facts": {"discount": 20, "term": 30}})

    assert ENGINE.decide(deal, amend, at=NOW).accepted


def test_a_value_outside_its_limits_counts_as_missing_and_is_told() -> None:
    (blocker,) = ENGINE.review(started(discount=20), at=NOW).blockers

    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert blocker.fix.en == "“The discount” is 20; enter 0.2, not 20"
    assert ENGINE.score(started(discount=20), "fit", at=NOW).unknown == ("discount",)
    assert ENGINE.review(started(discount=0.2), at=NOW).blockers == ()


def test_a_supposed_answer_keeps_to_the_limits_too() -> None:
    score = ENGINE.score(started(), "fit", at=NOW)

    assert score.if_answered({"discount": 0.2}).low == 1
    with pytest.raises(FactError, match=r"enter 0\.2, not 20"):
        score.if_answered({"discount": 20})


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("discount", [0, 0.5, 1], [-0.01, 1.01, 20]),
        ("term", [0, 90], [-1, 90.5]),
        ("list_price", [1, 1e9], [0.99]),
        ("contract", ["C-12", "C-12 b"], ["C-1", "xC-12", "c-12"]),
    ],
)
def test_the_limits_themselves_are_allowed(
    name: str, inside: list[object], outside: list[object]
) -> None:
    rule = sf.Rule.parse(f"known({name})", PLAYBOOK.facts)

    assert {rule.verdict({name: value}) for value in inside} == {sf.Verdict.YES}
    assert {rule.verdict({name: value}) for value in outside} == {sf.Verdict.NO}


def test_the_catalogue_says_the_range_of_every_number() -> None:
    names = ("score.fit.high", "probability", "term", "contacts.total", "owner")

    ends = [(PLAYBOOK.facts[name].low, PLAYBOOK.facts[name].high) for name in names]

    assert ends == [(0, 1), (0, 1), (0, 90), (0, None), (None, None)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max = 90", "max = -1", "max is below min"),
        ("max = 90", "min = 91\nmax = 90", "max is below min, 91"),
        ('unit = "percent"', 'unit = "percent"\nmax = 100', "write 1 for 100 %"),
        ('unit = "days"', 'unit = "currency"', "currency is a unit of the kind money"),
        ('unit = "days"', 'unit = "day"', 'did you mean "days"'),
        ('pattern = "C-##*"', 'pattern = "*C*"', "one * at most"),
        ('pattern = "C-##*"', "max = 1", "only a fact of kind number or money has max"),
        ("min = 1\n", 'pattern = "#"\n', "only a fact of kind text has pattern"),
    ],
)
def test_limits_that_do_not_fit_are_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        sf.Playbook.from_toml(OFFER.replace(old, new))

    assert says in str(caught.value)


forms = st.text("#@?C-(.[^$", min_size=1, max_size=6).map(str.strip).filter(bool)


def matches(pattern: str, text: str) -> bool:
    """The form of a text without any regular expression."""
    before, star, behind = pattern.partition("*")
    if star:
        tail = text[len(text) - len(behind) :] if behind else ""
        enough = len(text) >= len(before) + len(behind)
        return enough and matches(before, text[: len(before)]) and matches(behind, tail)
    return len(pattern) == len(text) and all(map(fits, pattern, text))


def fits(want: str, sign: str) -> bool:
    if want == "#":
        return sign in "0123456789"
    return want in ("?", sign) or (want == "@" and sign.isascii() and sign.isalpha())


@pytest.mark.law
@given(
    st.one_of(forms, st.tuples(forms, forms).map("*".join)),
    st.text("0aC-(.[^$ 北\n\u2028", max_size=9),
)
def test_a_form_is_read_sign_by_sign(pattern: str, text: str) -> None:
    lines = any(sign in LINE_BREAKS for sign in text)
    admitted = Fact("code", FactKind.TEXT, pattern=pattern).admits(text)

    assert admitted == (matches(pattern, text) and not lines)
    assert lines or admitted == bool(re.fullmatch(expression_of(pattern), text))
